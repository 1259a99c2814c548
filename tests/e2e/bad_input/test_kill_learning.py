"""kill -9 in a fine-tune, in the gate and while another checkpoint goes live: nothing is lost, the good one answers.

FCN_GUI_KILLS says how often at each of these moments, at most (1; the release check takes 20).
"""

import os
import random
import time
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.alone import start
from tests.e2e.bad_input.conftest import MakeDesk
from tests.e2e.bad_input.pupil import Slow
from tests.e2e.bad_input.test_kill import check_files
from tests.unit.session.workshop import make_folder, photo

KILLS = int(os.environ.get("FCN_GUI_KILLS", "1"))


def learn_until_killed(folder: Path, home: Path, moment: str, seed: int) -> list[str]:
    """Kill it somewhere behind the first line with that moment; the images that were verified by then."""
    process = start("tests.e2e.bad_input.pupil", folder, home)
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    while not (lines[-1].startswith("!") and moment in lines[-1]):
        assert lines[-1], f"it ended before {moment!r}: {lines}"
        lines.append(process.stdout.readline())
    time.sleep(random.Random(seed).random() * 0.05)  # anywhere in what it does then
    process.kill()
    rest, _ = process.communicate()
    return [line.strip() for line in [*lines, *rest.split("\n")] if line.strip().endswith(".png") and line[0] == "p"]


@pytest.mark.timeout(60 + 60 * KILLS)
@pytest.mark.parametrize("moment", ["Fine-tuning on", "fold", "make live"])
def test_what_was_verified_is_there_and_a_checkpoint_answers(make_desk: MakeDesk, tmp_path: Path, moment: str) -> None:
    for kill in range(KILLS):
        folder = make_folder(tmp_path / f"photos{kill}", 5)
        verified = learn_until_killed(folder, tmp_path / f"home{kill}", moment, kill)
        assert verified
        project = folder / ".fcn-gui"
        check_files(project)
        desk = make_desk(home=tmp_path / f"again{kill}", factory=Slow).open(folder)
        assert not desk.model.is_read_only, "a killed process leaves no lock"
        assert not [message.text for message in desk.told if message.kind == "error"]
        for key in verified:
            document = desk.show(key)
            assert document.is_verified
            assert np.array_equal(document.masked.mask, photo(int(key[1]))[1])
        assert desk.document.prediction is not None, "the last good checkpoint answers"
        live = [entry for entry in desk.model.checkpoints if entry.is_live]
        assert [entry.has_weights for entry in live] == [True]
        assert desk.document.prediction.checkpoint == live[0].id
        desk.close()
        assert not [path.name for path in project.rglob("*") if path.suffix in (".fcn-tmp", ".part")]
