"""The keys that a person gave to actions, read from the settings and kept there."""

from __future__ import annotations

from fcn_gui.core.settings import Settings
from fcn_gui.widgets.actions import ACTION_BY_ID, Overrides

KEYS = "keys"
BETWEEN, NO_KEY = "; ", "none"


def key_overrides(settings: Settings) -> Overrides:
    """Keys that the person changed, by action id; what no action has is left out: it may come from a file."""
    return {
        name: () if text == NO_KEY else tuple(text.split(BETWEEN))
        for name, text in settings.keys().items()
        if name in ACTION_BY_ID
    }


def store_overrides(settings: Settings, overrides: Overrides) -> None:
    """Keep the keys that the person changed, and forget all others."""
    for name in list(settings.keys()):
        settings.reset(f"{KEYS}.{name}")
    for name, keys in overrides.items():
        settings.set(f"{KEYS}.{name}", BETWEEN.join(keys) or NO_KEY)
