"""The network as the window gets it."""

import gc
import time

from fcn_gui.app import _torch_segmenter
from fcn_gui.core.settings import Settings


def test_garbage_is_not_looked_for_in_what_was_imported_for_it() -> None:
    assert _torch_segmenter(Settings())() is not None
    try:
        begun = time.thread_time()
        gc.collect()
        after = time.thread_time() - begun
    finally:
        gc.unfreeze()
    begun = time.thread_time()
    gc.collect()
    assert after < (time.thread_time() - begun) / 3
