import pytest

from notify_core.model.timezone import timezone_named


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("Asia/Shanghia", "did you mean 'Asia/Shanghai'?"),
        ("asia/shanghai ", "did you mean 'Asia/Shanghai'?"),
        ("Shanghai", "did you mean 'Asia/Shanghai'?"),
        ("Asia/Beijing", "did you mean 'Asia/Shanghai'?"),
        ("America/San Francisco", "did you mean 'America/Los_Angeles'?"),
        ("Asia/Brunoi", "did you mean 'Asia/Brunei'?"),
        ("Asia/Chengdu", "write an IANA name, as Asia/Shanghai"),
        ("Mars/Olympus_Mons", "write an IANA name, as Asia/Shanghai"),
        ("+08:00", "write an IANA name, as Asia/Shanghai"),
    ],
)
def test_an_unknown_zone_is_told_with_the_one_that_was_meant_or_none(
    name: str, remedy: str
) -> None:
    with pytest.raises(ValueError, match="is no known time zone") as raised:
        timezone_named(name)

    assert str(raised.value).endswith(f"; {remedy}")
