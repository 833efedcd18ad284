from notify_core.names import nearest


def test_a_name_that_comes_near_is_proposed() -> None:
    assert nearest("cod", ["code", "name"]) == "did you mean 'code'?"


def test_a_few_dozen_names_are_all_told() -> None:
    names = [f"n{number:02}" for number in range(40)]

    assert nearest("elephant", names) == f"there are: {', '.join(names)}"


def test_of_more_names_the_nearest_are_told_first() -> None:
    names = [f"{number:03}" for number in range(900)] + ["welcome"]

    told = nearest("wel-abcdefgh", names)

    assert told.startswith("there are: welcome, ")
    assert told.endswith(", …")
    assert told.count(",") == 12


def test_no_names_are_told_where_there_are_none() -> None:
    assert nearest("cod", []) == "there are none"
