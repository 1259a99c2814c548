"""A JPEG without what is said about its making, its pixels untouched.

Segments as in ITU-T T.81, annex B. Kept: JFIF, the colour profile (ICC) and Adobe's note on colours, since they decide
how the picture looks. Left out: EXIF with GPS and preview, XMP, IPTC, comments, and whatever follows the picture.
"""

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_COMMENT = 0xFE
_APPLICATION = range(0xE0, 0xF0)


def without_metadata(data: bytes) -> bytes:
    """The bytes of the first picture in `data`. Raises ValueError for what is no sound JPEG."""
    if data[:2] != bytes((0xFF, _START)):
        raise ValueError("not a JPEG")
    kept = [data[:2]]
    position = 2
    while True:
        position, marker = _marker(data, position)
        if marker == _END:
            return b"".join([*kept, bytes((0xFF, _END))])
        length = int.from_bytes(data[position : position + 2], "big")
        if length < 2 or position + length > len(data):
            raise ValueError("a segment is cut short")
        segment = data[position : position + length]
        if _is_kept(marker, segment[2:]):
            kept.append(bytes((0xFF, marker)) + segment)
        position += length
        if marker == _SCAN:
            end = _end_of_scan(data, position)
            kept.append(data[position:end])
            position = end


def _marker(data: bytes, position: int) -> tuple[int, int]:
    """Position after the next marker, and the marker; fill bytes are passed over."""
    if data[position : position + 1] != b"\xff":
        raise ValueError("a marker is missing")
    while position < len(data) and data[position] == 0xFF:
        position += 1
    if position >= len(data):
        raise ValueError("the end is missing")
    return position + 1, data[position]


def _end_of_scan(data: bytes, position: int) -> int:
    """Where the coded pixels end: at a marker that is neither a stuffed zero nor a restart."""
    while True:
        position = data.find(b"\xff", position)
        if position < 0 or position + 1 >= len(data):
            raise ValueError("the end is missing")
        if data[position + 1] != 0 and not 0xD0 <= data[position + 1] <= 0xD7 and data[position + 1] != 0xFF:
            return position
        position += 2 if data[position + 1] != 0xFF else 1


def _is_kept(marker: int, content: bytes) -> bool:
    if marker == _COMMENT:
        return False
    if marker not in _APPLICATION:
        return True
    return (marker, content[:5]) in ((0xE0, b"JFIF\0"), (0xEE, b"Adobe")) or (
        marker == 0xE2 and content.startswith(b"ICC_PROFILE\0")
    )
