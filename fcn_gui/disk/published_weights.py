"""Weights that others published: where each is, what it must look like, and on which terms it may be used.

The one place for such addresses. Google Drive's ids and md5 sums are from wkentaro/pytorch-fcn, the others from
torchvision and from jcjohnson/pytorch-vgg; a sum that is short is the start of the whole, as their file names have it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fcn_gui.core.errors import DownloadError

_DRIVE = "https://drive.usercontent.google.com/download?id={}&export=download&confirm=t"
_TORCHVISION = "https://download.pytorch.org/models/"
_FCN_LICENCE = "unrestricted use (shelhamer/fcn.berkeleyvision.org), converted by wkentaro/pytorch-fcn (MIT)"
_VGG_LICENCE = "CC BY 4.0 (Oxford VGG)"


@dataclass(frozen=True)
class Published:
    """One file. `digest` is `sha256:` or `md5:` and hex digits; `size` in bytes, 0 where nobody says."""

    name: str
    file: str
    url: str
    digest: str
    licence: str
    size: int = 0
    form: str = ""
    """Which of the forms that look alike it has, as `net/foreign_vgg.py` calls them."""
    older: tuple[str, ...] = ()
    """Digests of the same file as it was published before."""


_ROWS = (
    Published(
        "fcn32s",
        "fcn32s_from_caffe.pth",
        _DRIVE.format("11k2Q0bvRQgQbT6-jYWeh6nmAsWlSCY3f"),
        "md5:d3eb467a80e7da0468a20dfcbc13e6c8",
        _FCN_LICENCE,
        older=("md5:8acf386d722dc3484625964cbe2aba49",),
    ),
    Published(
        "fcn16s",
        "fcn16s_from_caffe.pth",
        _DRIVE.format("1bctu58B6YH9bu6lBBSBB2rUeGlGhYLoP"),
        "md5:a2d4035f669f09483b39c9a14a0d6670",
        _FCN_LICENCE,
        older=("md5:991ea45d30d632a01e5ec48002cac617",),
    ),
    Published(
        "fcn8s",
        "fcn8s_from_caffe.pth",
        _DRIVE.format("1ieXWyoG68xqoHJPWdyrDyaIaaWlfmUxI"),
        "md5:de93e540ec79512f8770033849c8ae89",
        _FCN_LICENCE,
        form="staged",
        older=("md5:dbd9bbb3829a3184913bccc74373afbb",),
    ),
    Published(
        "fcn8s-atonce",
        "fcn8s-atonce_from_caffe.pth",
        _DRIVE.format("0B9P1L--7Wd2vblE1VUIxV1o2d2M"),
        "md5:bfed4437e941fef58932891217fe6464",
        _FCN_LICENCE,
        form="at-once",
    ),
    Published(
        "vgg16-caffe",
        "vgg16_from_caffe.pth",
        _DRIVE.format("1adDBTGY3GcEB_47dvcibajyzi872RAs3"),
        "md5:aa75b158f4181e7f6230029eb96c1b13",
        _VGG_LICENCE,
        form="caffe",
    ),
    Published(
        "vgg16-jcjohnson",
        "vgg16-00b39a1b.pth",
        "https://s3-us-west-2.amazonaws.com/jcjohns-models/vgg16-00b39a1b.pth",
        "sha256:00b39a1b",
        _VGG_LICENCE,
        form="caffe",
    ),
    Published(
        "vgg16",
        "vgg16-397923af.pth",
        f"{_TORCHVISION}vgg16-397923af.pth",
        "sha256:397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
        "BSD 3-Clause (torchvision)",
        553_433_881,
        form="torchvision",
    ),
    Published(
        "vgg16-features",
        "vgg16_features-amdegroot-88682ab5.pth",
        f"{_TORCHVISION}vgg16_features-amdegroot-88682ab5.pth",
        "sha256:88682ab5",
        "BSD 3-Clause (torchvision), from amdegroot/ssd.pytorch (MIT)",
        form="features",
    ),
)
PUBLISHED = {row.name: row for row in _ROWS}


def published(name: str) -> Published:
    """The file of that name. Raises DownloadError that says which there are."""
    if name not in PUBLISHED:
        raise DownloadError(f"No published weights are called {name!r} here (there are: {', '.join(PUBLISHED)}).")
    return PUBLISHED[name]


def recognised(path: Path) -> Published | None:
    """The published file that this one is, by its content; None for another one. Raises OSError."""
    kinds = {kind: hashlib.new(kind, usedforsecurity=False) for kind in ("md5", "sha256")}
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            for digest in kinds.values():
                digest.update(chunk)
    found = {kind: digest.hexdigest() for kind, digest in kinds.items()}
    for row in _ROWS:
        for kind, _, wanted in (text.partition(":") for text in (row.digest, *row.older)):
            if found[kind].startswith(wanted):
                return row
    return None


def named_like(path: Path) -> Published | None:
    """The published file that this one is called after; None for another name."""
    rows = sorted(_ROWS, key=lambda row: -len(_stem(row)))
    return next((row for row in rows if path.name.startswith(_stem(row))), None)


def _stem(row: Published) -> str:
    """What names of copies of it begin with: as pytorch-fcn has it, `fcn8s` and `fcn8s-atonce`."""
    return row.name if row.name.startswith("fcn") else row.file.removesuffix(".pth")
