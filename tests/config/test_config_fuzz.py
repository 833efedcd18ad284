"""Whatever is written, a snapshot or a configuration error comes of it."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notify_core.config import check
from tests.config.bench import Bench
from tests.config.test_config_corpus import GOOD

TEXTS = [file.read_text(encoding="utf-8") for file in GOOD]
MARKS = ["[", "{", "}", ": ", "- ", "&a ", "*a", "!!int ", "'", '"', "\t", "\n", "|"]
MARKS += ["%", "null", "1e9", "{{", "}}", "{% for x in y %}", "#", "\ufeff", "\u2028"]

fuzzed = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
damages = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 8),
        st.sampled_from(MARKS) | st.text(max_size=3),
    ),
    max_size=5,
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def whole() -> dict[str, Any]:
    """Return a configuration in which everything stands that can be damaged."""
    return {
        "version": 1,
        "defaults": {"region": "CN", "timezone": "UTC"},
        "providers": {
            "one": {
                "type": "filed",
                "settings": {"account": "C1", "key": {"env": "KEY"}, "proxy": {}},
                "webhook": {
                    "tokens": [{"env": "TOKEN"}],
                    "public_url": "https://n.example",
                    "allow_from": ["::1"],
                },
            }
        },
        "outbox": {"url": "sqlite:///fuzz.db"},
        "privacy": {"hash_key": {"env": "KEY"}},
        "retention": {"content": "1d", "address": "2d"},
        "events": [],
        "server": {"listen": "127.0.0.1:8080", "limits": {"rate": "9/s"}},
        "pools": {
            "main": {"strategy": "ordered", "members": ["one"]},
            "share": {"strategy": "weighted", "members": [{"use": "one", "weight": 2}]},
        },
        "policies": {
            "quick": {
                "deadline": "5s",
                "attempt_timeout": {"connect": "1s"},
                "max_attempts": 1,
                "on_unknown": {"settle": ["receipt"], "within": "5s"},
                "receipt_deadline": {"within": "1h", "then": "stop"},
                "validity": "5m",
                "limits": [
                    {
                        "name": "each",
                        "key": ["recipient", "labels.ip"],
                        "allow": ["5/1h", "9/day"],
                        "over": "defer",
                        "kinds": ["otp"],
                    },
                    "recommended",
                ],
                "dedup": {"key": ["recipient"], "window": "60s"},
                "suppression": {"block": ["+86170*"], "bypass": ["otp"]},
            },
            "slow": {
                "extends": "quick",
                "deadline": None,
                "retry": {"first": "1s", "factor": 2, "longest": "2s"},
                "reasons": {"recipient_unreachable": "failover"},
                "quiet_hours": {
                    "from": "22:00",
                    "to": "08:00",
                    "days": ["mon-fri"],
                    "timezone": "Asia/Shanghai",
                },
                "send_window": {"windows": [{"from": "09:00", "to": "18:00"}]},
                "content": {"max_length": 9, "forbid": ["casino"]},
                "sandbox": {"allow": ["+86138*"], "instead": "one"},
            },
        },
        "templates": {
            "code": {
                "kind": "otp",
                "params": {
                    "properties": {"code": {"type": "string", "pattern": "a"}},
                    "required": ["code"],
                },
                "text": "{{ code }}",
                "bindings": {"one": {"template_id": "1", "params": ["code"]}},
            }
        },
        "routes": {
            "name": "root",
            "pool": "main",
            "policy": "quick",
            "routes": [
                {
                    "name": "tenant",
                    "match": {
                        "kind": "otp",
                        "labels.tenant": {"in": ["a1"], "regex": "^a", "prefix": "a"},
                        "recipient": {"not": ["+8613800138000"], "exists": True},
                        "template": "code",
                    },
                    "policy": None,
                    "free_text": True,
                    "by_name": False,
                    "routes": [{"name": "below", "match": {"country": "CN"}}],
                }
            ],
        },
        "tests": [
            {
                "name": "a code is sent",
                "at": "2026-01-01T12:00:00+08:00",
                "given": [{"to": "+8613800138000", "template": "code"}],
                "repeat": 2,
                "every": "1m",
                "when": {"one": ["none"]},
                "expect": {"status": "accepted", "providers": ["one"], "attempts": 1},
            }
        ],
    }


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value."""
    if isinstance(value, dict):
        children = list(value.items())
    else:
        children = list(enumerate(value)) if isinstance(value, list) else []
    inner = [place for key, child in children for place in places(child, (*path, key))]
    return [path, *inner] if path else inner


def put(content: Any, path: tuple[Any, ...], value: Any) -> None:
    """Put a value in its place, if that is still there."""
    for key in path[:-1]:
        try:
            content = content[key]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(content, dict):
        content[path[-1]] = value


@fuzzed
@given(written=st.text() | st.binary(max_size=200))
def test_any_text_or_bytes(bench: Bench, written: str | bytes) -> None:
    path = bench.folder / "fuzz.yaml"
    if isinstance(written, str):
        written = written.encode(errors="surrogatepass")
    path.write_bytes(written)

    report = check(path, bench.plugins, bench.environ)

    assert all(str(problem) for problem in report.errors)
    assert report.errors


@fuzzed
@given(text=st.sampled_from(TEXTS), damaged=damages)
def test_any_damage_to_a_good_file(
    bench: Bench, text: str, damaged: list[tuple[float, int, str]]
) -> None:
    for where, length, mark in damaged:
        at = int(where * len(text))
        text = text[:at] + mark + text[at + length :]
    path = bench.folder / "fuzz.yaml"
    path.write_bytes(text.encode(errors="surrogatepass"))

    report = check(path, bench.plugins, bench.environ)

    assert all(problem.line for problem in report.errors)


def test_what_is_changed_has_no_fault_before(bench: Bench) -> None:
    assert check(whole(), bench.plugins, bench.environ).errors == ()


@fuzzed
@given(st.lists(st.tuples(st.sampled_from(places(whole())), values), max_size=3))
def test_any_value_in_any_place(
    bench: Bench, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    content = whole()
    for path, value in changes:
        put(content, path, value)

    report = check(content, bench.plugins, bench.environ)

    assert all(problem.message for problem in report.errors)
