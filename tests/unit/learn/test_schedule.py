from fcn_gui.learn.schedule import schedule_for


def test_more_corrections_get_more_steps_up_to_a_bound() -> None:
    steps = [schedule_for(count, 0, False).steps for count in (1, 3, 6, 9, 500)]
    assert steps == sorted(steps)
    assert steps[0] == 56
    assert steps[-2:] == [120, 120]
    assert schedule_for(3, 7, False).steps == 7
    assert schedule_for(3, 0, True).trunk_rate < schedule_for(3, 0, False).trunk_rate


def test_only_a_network_that_knows_photographs_is_held_to_them() -> None:
    known, own = schedule_for(3, 0, True), schedule_for(3, 0, False)
    assert known.recall > 0
    assert known.ridge.memory > 0
    assert own.recall == own.ridge.memory == 0
