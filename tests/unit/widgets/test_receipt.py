"""What is read from a receipt, which may come from a file."""

from fcn_gui.session.checkpoints import CheckpointEntry
from fcn_gui.session.receipt import receipt_facts
from fcn_gui.widgets.checkpoint_series import checkpoint_series
from fcn_gui.widgets.receipt import gain_role, signed, state_words

RECEIPT = {
    "live": 0.7,
    "candidate": 0.75,
    "reason": "mean IU 0.700 → 0.750 on 3 held-out images.",
    "images": [
        {"path": "a.jpg", "live": 0.5, "candidate": 0.6},
        {"path": "b.jpg", "live": 0.6, "candidate": 0.5},
        {"path": "c.jpg", "live": None, "candidate": 0.5},
    ],
}


def entry(number: int, receipt: dict[str, object], refused: bool = False) -> CheckpointEntry:
    return CheckpointEntry(f"id{number}", number, False, refused, receipt)


def test_images_better_and_worse_are_counted_where_both_figures_are_known() -> None:
    facts = receipt_facts(RECEIPT)
    assert (facts.better, facts.worse, len(facts.images)) == (1, 1, 3)


def test_a_damaged_receipt_says_nothing_instead_of_breaking() -> None:
    facts = receipt_facts({"live": "high", "candidate": True, "images": "none"})
    assert (facts.live, facts.candidate, facts.images) == (None, None, ())


def test_gain_and_loss_carry_a_true_sign() -> None:
    assert (signed(0.016), signed(-0.041)) == ("+0.016", "−0.041")


def test_what_rounds_to_nothing_has_neither_sign_nor_colour() -> None:
    assert (signed(-0.04, 1), signed(0.0), signed(0.0004)) == ("±0", "±0", "±0")
    assert (gain_role(-0.04, 1), gain_role(0.016), gain_role(-0.1, 1)) == ("small", "ok", "error")


def test_the_curve_joins_live_checkpoints_and_crosses_refused_ones() -> None:
    entries = [entry(0, {}), entry(1, RECEIPT), entry(2, {**RECEIPT, "candidate": 0.6}, True)]
    _, live, refused = checkpoint_series(entries)
    assert live.points == ((0.0, 0.7), (1.0, 0.75)) and live.is_joined
    assert refused.points == ((2.0, 0.6),) and refused.mark == "cross" and not refused.is_joined


def test_without_a_receipt_there_is_no_curve() -> None:
    assert all(not series.points for series in checkpoint_series([entry(0, {})]))


def test_a_first_candidate_that_was_refused_stands_beside_what_it_was_compared_with() -> None:
    _, live, refused = checkpoint_series([entry(0, {}), entry(1, {**RECEIPT, "candidate": 0.6}, True)])
    assert live.points == ((0.0, 0.7),)
    assert refused.points == ((1.0, 0.6),)


FULL = {
    **RECEIPT,
    "interval": [0.01, 0.08],
    "seconds_live": 58.0,
    "seconds_candidate": 51.5,
    "seconds_interval": [2.0, 11.0],
    "classes": [
        {"name": "horse", "live": 0.8, "candidate": 0.76, "share": 0.2, "fell": True},
        {"name": "fence", "live": 0.5, "candidate": 0.1, "share": 0.001, "fell": False},
        {"name": "sheep", "live": 0.5, "candidate": 0.6, "share": 0.2, "fell": False},
    ],
    "folds": 4,
    "on": "4 folds of 5 verified images",
}


def test_all_figures_of_a_receipt_are_read() -> None:
    facts = receipt_facts(FULL)
    assert (facts.interval, facts.seconds_interval) == ((0.01, 0.08), (2.0, 11.0))
    assert (facts.seconds_live, facts.seconds_candidate, facts.folds) == (58.0, 51.5, 4)
    assert facts.worst_class is not None and facts.worst_class.name == "horse"


def test_damaged_figures_of_a_receipt_are_left_out() -> None:
    bad = {
        "interval": [1],
        "seconds_interval": ["a", 2],
        "seconds_live": float("nan"),
        "classes": [{"name": "x"}, 3],
        "folds": "many",
    }
    facts = receipt_facts(bad)
    assert (facts.interval, facts.seconds_interval, facts.seconds_live) == (None, None, None)
    assert (facts.classes, facts.folds, facts.worst_class) == ((), 0, None)


def test_the_state_of_a_checkpoint_is_a_word_and_a_sign() -> None:
    same = str
    assert state_words(CheckpointEntry("a", 1, True, False, FULL), same) == ("✓ live", "ok")
    assert state_words(CheckpointEntry("a", 1, False, True, FULL), same) == ("× refused", "warn")
    assert state_words(CheckpointEntry("a", 1, False, False, FULL, is_waiting=True), same)[0] == "waiting"
    assert state_words(CheckpointEntry("a", 1, False, False, FULL), same)[0] == "earlier"


def test_the_curve_has_the_interval_of_what_went_live() -> None:
    _, live, _ = checkpoint_series([entry(0, {}), entry(1, {**RECEIPT, "interval": [0.01, 0.08]})])
    assert live.band[0] == (0.0, 0.7, 0.7)
    assert [round(value, 6) for value in live.band[1]] == [1.0, 0.71, 0.78]


def test_the_seconds_of_an_image_follow_what_went_live() -> None:
    refused = entry(2, {**FULL, "seconds_candidate": 70.0}, True)
    seconds, *_ = checkpoint_series([entry(0, {}), entry(1, FULL), refused])
    assert seconds.points == ((0.0, 58.0), (1.0, 51.5)) and seconds.own_scale
    assert not checkpoint_series([entry(0, {}), entry(1, RECEIPT)])[0].points
