"""`python -m tests.e2e.bad_input.crashing FOLDER HOME`: paints, has a slot and a thread break, paints on, and dies.

Prints one JSON object of what was on screen, in the clipboard and in the log.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from fcn_gui.app import _log_to, _report_crashes
from tests.e2e.alone import desk_alone
from tests.e2e.desk import LEFT, Desk


def wheel_came_off() -> None:
    raise RuntimeError("a wheel came off")


def copy_button(desk: Desk) -> QPushButton:
    buttons = desk.window.messages.findChildren(QPushButton)
    return next(button for button in buttons if button.text() == "Copy report" and button.isVisible())


def main() -> None:
    folder, home = Path(sys.argv[1]), Path(sys.argv[2])
    desk = desk_alone(home)
    _log_to(desk.user_data)
    _report_crashes(desk.program)
    clipboard = QApplication.clipboard()
    clipboard.setText("the person's own words")
    desk.open(folder)
    desk.paint((5.5, 5.5), label=2)
    desk.model.mask_changed.connect(lambda _: wheel_came_off())
    desk.paint((10.5, 10.5), label=2)
    shown = desk.window.messages
    desk.until(lambda: shown.isVisible() and "wheel" in shown.accessibleName())
    told = {"message": shown.accessibleName(), "clipboard before": clipboard.text()}
    QTest.mouseClick(copy_button(desk), LEFT)
    told |= {"clipboard": clipboard.text(), "then": shown.accessibleName()}
    desk.window.messages.dismiss()
    thread = threading.Thread(target=wheel_came_off)
    thread.start()
    thread.join()
    desk.until(lambda: shown.isVisible() and "wheel" in shown.accessibleName())
    desk.paint((20.5, 10.5), label=1)
    desk.show("p1.png")
    desk.paint((7.5, 7.5), label=1)
    told["log"] = desk.user_data.log_path.read_text()
    print(json.dumps(told), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
