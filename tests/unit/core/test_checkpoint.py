import dataclasses

import numpy as np
import pytest

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.label_map import voc_label_map


def test_a_checkpoint_is_never_changed_in_place() -> None:
    checkpoint = Checkpoint({"w": np.zeros(3, np.float32)}, "mobilenet_v2", (16, 8), voc_label_map(), {})
    with pytest.raises(dataclasses.FrozenInstanceError):
        checkpoint.trunk = "vgg16"  # type: ignore[misc]
    child = dataclasses.replace(checkpoint, parent="a" * 16)
    assert (child.parent, checkpoint.parent, checkpoint.id) == ("a" * 16, None, "")
