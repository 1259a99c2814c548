"""What is read from a receipt, which may come from a file."""

from fcn_gui.session.checkpoints import CheckpointEntry
from fcn_gui.widgets.learning_panel import checkpoint_series
from fcn_gui.widgets.receipt import receipt_facts, signed

RECEIPT = {
    "live": 0.7,
    "candidate": 0.75,
    "reason": "mean IU 0.700 → 0.750 is not lower",
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


def test_the_curve_joins_live_checkpoints_and_crosses_refused_ones() -> None:
    entries = [entry(0, {}), entry(1, RECEIPT), entry(2, {**RECEIPT, "candidate": 0.6}, True)]
    live, refused = checkpoint_series(entries)
    assert live.points == ((0.0, 0.7), (1.0, 0.75)) and live.is_joined
    assert refused.points == ((2.0, 0.6),) and refused.mark == "cross" and not refused.is_joined


def test_without_a_receipt_there_is_no_curve() -> None:
    assert all(not series.points for series in checkpoint_series([entry(0, {})]))


def test_a_first_candidate_that_was_refused_stands_beside_what_it_was_compared_with() -> None:
    live, refused = checkpoint_series([entry(0, {}), entry(1, {**RECEIPT, "candidate": 0.6}, True)])
    assert live.points == ((0.0, 0.7),)
    assert refused.points == ((1.0, 0.6),)
