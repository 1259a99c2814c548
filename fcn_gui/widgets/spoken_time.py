"""Seconds as people say them."""

from __future__ import annotations


def spoken_seconds(seconds: float) -> str:
    """`41 s`, `4 min 20 s`, `1 h 15 min`."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def spoken_estimate(seconds: float) -> str:
    """No finer than an estimate can be: `40 s`, `12 min`, `1 h 30 min`."""
    if seconds < 100:
        return f"{round(seconds / 10) * 10 or 10} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    minutes = round(seconds / 600) * 10
    return f"{minutes // 60} h {minutes % 60} min"
