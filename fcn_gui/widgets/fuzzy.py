"""Fuzzy matching of what was typed with names: letters in order, better at the start of words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Match:
    """`score`: higher is better; `spans`: [start, end) of the letters that matched, to be marked."""

    score: float
    spans: tuple[tuple[int, int], ...]


def match(typed: str, name: str) -> Match | None:
    """How `typed` lies in `name` (case does not matter); None where its letters do not come in order.

    Whole pieces beat scattered letters: a piece at the start, then at the start of a word, then inside.
    """
    wanted, text = typed.casefold().strip(), name.casefold()
    if not wanted:
        return Match(0.0, ())
    starts = [i for i in range(len(text)) if text.startswith(wanted, i) and _may_begin(wanted, text, i)]
    if starts:
        best = max(starts, key=lambda i: (_is_word_start(text, i), -i))
        score = 3.0 if best == 0 else (2.0 if _is_word_start(text, best) else 1.0)
        return Match(score - len(text) / 1000, ((best, best + len(wanted)),))
    return _scattered(wanted, text)


def _scattered(wanted: str, text: str) -> Match | None:
    spans: list[tuple[int, int]] = []
    at, starts = 0, 0
    for letter in wanted:
        if letter == " ":
            continue
        word = next((i for i in range(at, len(text)) if text[i] == letter and _is_word_start(text, i)), -1)
        found = at if text[at : at + 1] == letter and spans else (word if word >= 0 else text.find(letter, at))
        if found < 0:
            return None
        starts += _is_word_start(text, found)
        if spans and spans[-1][1] == found:
            spans[-1] = (spans[-1][0], found + 1)
        else:
            spans.append((found, found + 1))
        at = found + 1
    # Letters strewn through a name match nearly everything: most must begin a word or lie together.
    if len(spans) > max(starts, 1) + 1:
        return None
    return Match(0.5 - len(spans) / 100 - len(text) / 1000, tuple(spans))


def _may_begin(wanted: str, text: str, index: int) -> bool:
    """One or two letters in the middle of a word are chance."""
    return len(wanted) > 2 or _is_word_start(text, index)


def _is_word_start(text: str, index: int) -> bool:
    return index == 0 or not text[index - 1].isalnum()
