"""Whether there is a screen for a window: where there is none, Qt would end the process without a word of ours."""

import os
import sys
from collections.abc import Mapping, MutableMapping

from fcn_gui.core.errors import DisplayError

PLATFORM = "QT_QPA_PLATFORM"
_SERVERS = ("DISPLAY", "WAYLAND_DISPLAY")


def is_missing(environment: Mapping[str, str], system: str = sys.platform) -> bool:
    """No screen: on Linux neither X nor Wayland is named, and nobody chose what Qt draws on."""
    return system.startswith("linux") and not any(environment.get(name) for name in (PLATFORM, *_SERVERS))


def demand() -> None:
    """Raise DisplayError where a window could not be shown."""
    if is_missing(os.environ):
        raise DisplayError(
            "there is no display for the window (neither DISPLAY nor WAYLAND_DISPLAY is set); "
            "start it on a desktop, or use the commands that need none, such as 'fcn-gui predict'"
        )


def do_without(environment: MutableMapping[str, str] = os.environ) -> None:
    """Where there is no screen let Qt draw into memory; for windows that nobody has to see."""
    if is_missing(environment):
        environment[PLATFORM] = "offscreen"
