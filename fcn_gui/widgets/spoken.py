"""Figures as a person says them."""

from __future__ import annotations


def spoken_seconds(seconds: float) -> str:
    """`41 s`, `4 min 20 s`, `1 h 15 min`."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
