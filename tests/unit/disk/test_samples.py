"""The sample photographs and their reference masks."""

import numpy as np
import pytest

from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map_text import read_label_map
from fcn_gui.core.raster import VOID
from fcn_gui.disk.bundled import samples_dir
from fcn_gui.disk.mask_file import read_voc_mask
from fcn_gui.disk.samples import copy_samples, reference_mask


def test_a_copy_has_all_photographs_and_keeps_what_was_there(tmp_path):
    names = copy_samples(tmp_path / "sample")
    assert len(names) >= 16
    assert {path.name for path in (tmp_path / "sample").iterdir()} == set(names)
    kept = tmp_path / "sample" / names[0]
    kept.write_bytes(b"mine")
    copy_samples(tmp_path / "sample")
    assert kept.read_bytes() == b"mine"


@pytest.mark.parametrize("folder", ["photos", "series"])
def test_every_photograph_has_a_reference_mask_and_a_line_with_its_source(folder):
    label_map = read_label_map(samples_dir() / "labelmap.txt")
    sources = (samples_dir() / "SOURCES.md").read_text("utf-8")
    for photo in sorted((samples_dir() / folder).glob("*.jpg")):
        mask = read_voc_mask(reference_mask(photo.name), label_map, read_image(photo).image.shape[:2])
        labels = set(np.unique(mask).tolist()) - {0, VOID}
        assert labels, photo
        assert (label_map.index("windmill") in labels) == (folder == "series")
        assert f"| {folder}/{photo.name} |" in sources
