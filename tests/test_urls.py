import pytest

from notify_core.urls import masked_url, names_password, names_user


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:S3cret@127.0.0.1:8106", "http://***@127.0.0.1:8106"),
        ("https://t0ken@h.example/a", "https://***@h.example/a"),
        ("http://user:S3c/r?e#t@x@h.example", "http://***@h.example"),
        ("user:S3cret@h.example", "***@h.example"),
        ("http:user:S3cret@h.example", "***@h.example"),
        (
            "https://h.example/a?key=S3cret&b=&S3cret",
            "https://h.example/a?key=***&***&***",
        ),
        ("https://u:S3cret@h.example/a?key=S3cret", "https://***@h.example/a?key=***"),
        ("https://h.example/a", "https://h.example/a"),
        ("jane@example.com", "jane@example.com"),
        ("what now?", "what now?"),
        ("", ""),
    ],
)
def test_a_masked_url_shows_neither_user_nor_password_nor_what_its_query_says(
    url: str, shown: str
) -> None:
    assert masked_url(url) == shown


@pytest.mark.parametrize(
    ("url", "does"),
    [
        ("http://user:S3cret@h.example", True),
        ("https://t0ken@h.example/a", True),
        ("https://h.example/a@b", False),
        ("https://h.example/?a=b@c", False),
        ("a:b@c", False),
    ],
)
def test_a_user_in_a_url_is_recognised(url: str, does: bool) -> None:
    assert names_user(url) is does


@pytest.mark.parametrize(
    ("url", "does"),
    [
        ("postgresql://u:S3cret@h/x", True),
        ("postgres://:S3c/ret@h/x", True),
        ("postgresql://h/x?user=u&password=S3cret", True),
        ("postgresql:///x?sslpassword=S3cret", True),
        ("postgresql://u@h:5432/x?sslmode=require", False),
        ("postgresql://h:5432/x?application_name=a@b", False),
        ("postgresql://[::1]:5432/x?passfile=/run/pass", False),
        ("sqlite:////var/lib/a:b/notify.db", False),
        ("memory:", False),
    ],
)
def test_a_password_in_the_url_of_a_database_is_recognised(
    url: str, does: bool
) -> None:
    assert names_password(url) is does
