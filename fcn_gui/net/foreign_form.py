"""Which of the forms that look alike a file has: the same names and shapes, but another network or other colours.

In this order: the content of a file that is known, the class name that its trainer wrote, the word of the person, its
name. The first two are facts, which the person's word may not contradict.
"""

from __future__ import annotations

from collections.abc import Sequence

from fcn_gui.core.errors import CheckpointError
from fcn_gui.disk.published_weights import Published, named_like, recognised
from fcn_gui.net.foreign_file import ForeignFile

STAGED, AT_ONCE = "staged", "at-once"
"""FCN-8s: trained after 32s and 16s, or in one go with scaled taps."""
TORCHVISION, CAFFE, FEATURES = "torchvision", "caffe", "features"
"""VGG16: colours as torchvision has them, or as Caffe has them, or only its convolutions (amdegroot's, RGB)."""
FORMS = (STAGED, AT_ONCE, TORCHVISION, CAFFE, FEATURES)
_BY_ARCH = {"FCN8s": STAGED, "FCN8sAtOnce": AT_ONCE}


def form_of(file: ForeignFile, choice: Sequence[str], word: str = "") -> tuple[str, Published | None]:
    """Which of `choice` a file is, and which published one where its content is known.

    CheckpointError where nothing says it, or where a fact says otherwise than the person's `word`.
    """
    known = known_file(file)
    fact = known.form if known and known.form else _BY_ARCH.get(file.arch, "")
    if fact and word and fact != word:
        raise CheckpointError(f"{file.path} is {fact}, not {word}: {'its content' if known else file.arch} says so.")
    like = named_like(file.path)
    form = fact or word or (like.form if like else "")
    if form not in choice:
        raise CheckpointError(f"{file.path} does not say which of its forms it has; add --form {' or '.join(choice)}.")
    return form, known


def licence_of(known: Published | None) -> str:
    """The licence of a published file; for another one nobody knows it here."""
    return known.licence if known else "not known: as the file's publisher says"


def known_file(file: ForeignFile) -> Published | None:
    """The published file that this one is by its content, if any. Raises CheckpointError where it can't be read."""
    try:
        return recognised(file.path)
    except OSError as error:
        raise CheckpointError(f"{file.path} can't be read: {error.strerror or error}; choose another file.") from error
