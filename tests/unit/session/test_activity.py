from fcn_gui.session.activity import IDLE_AFTER_S, ActivityClock


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_time_between_two_things_done_is_counted() -> None:
    hand = Hand()
    clock = ActivityClock(hand)
    clock.note()
    hand.at += 7
    clock.note()
    hand.at += 3
    assert clock.take() == 10


def test_nothing_is_counted_before_anything_was_done() -> None:
    hand = Hand()
    clock = ActivityClock(hand)
    hand.at += 50
    assert clock.take() == 0


def test_counting_stops_when_nothing_is_done_however_often_it_is_asked_for() -> None:
    hand = Hand()
    clock = ActivityClock(hand)
    clock.note()
    total = 0.0
    for _ in range(30):
        hand.at += 5
        total += clock.take()
    assert total == IDLE_AFTER_S


def test_time_without_focus_is_not_counted() -> None:
    hand = Hand()
    clock = ActivityClock(hand)
    clock.note()
    hand.at += 4
    clock.set_focus(False)
    clock.note()
    hand.at += 10
    clock.set_focus(True)
    hand.at += 10
    assert clock.take() == 4
    clock.note()
    hand.at += 2
    assert clock.take() == 2
