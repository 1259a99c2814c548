from fcn_gui.session.look_ahead import LookAhead


def test_the_oldest_goes_when_there_are_too_many() -> None:
    store: LookAhead[int] = LookAhead(2, 1000)
    for number in range(3):
        store.put(str(number), number, 10)
    assert list(store) == ["1", "2"]
    assert store.get("0") is None
    assert store.get("2") == 2


def test_the_oldest_goes_when_it_is_too_much_but_one_always_stays() -> None:
    store: LookAhead[str] = LookAhead(9, 100)
    store.put("a", "a", 60)
    store.put("b", "b", 60)
    assert list(store) == ["b"]
    store.put("c", "c", 500)
    assert list(store) == ["c"]
    assert store.nbytes == 500


def test_a_newer_value_takes_the_place_of_an_older_one() -> None:
    store: LookAhead[int] = LookAhead(3, 100)
    store.put("a", 1, 10)
    store.put("a", 2, 20)
    assert (store.get("a"), store.nbytes, len(store)) == (2, 20, 1)
    store.drop("a")
    assert "a" not in store
