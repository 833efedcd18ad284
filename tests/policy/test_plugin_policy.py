"""A plugin's policy is written, checked and asked like the built-in ones."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from notify_core.config import composed_schema
from notify_core.errors import PluginError, Problem
from notify_core.model.checked import Facts
from notify_core.model.event import PluginFailed
from notify_core.model.outcome import Reason
from notify_core.plugins import Plugins
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.policy import Compilation, PolicyType
from notify_core.policy.take import NOTHING_REFUSED, Refused, Take
from notify_core.schemas import validator
from tests.builders import NOON, Seen, record
from tests.policy.configured import bench, errors, loaded, own, plugin, written


@attrs.frozen
class Initial:
    """Rejects messages to ids that begin with a letter."""

    letter: str
    limit: int

    def needs(self, facts: Facts) -> tuple[Take, ...]:
        return ()

    def decide(self, facts: Facts, now: datetime, refused: Refused) -> Decision:
        if facts.message.id.startswith(self.letter):
            return Decision(verdict=Verdict.REJECT, reason=Reason.POLICY_BLOCKED)
        return ALLOW


def compiled(settings: Any, _: Compilation) -> Initial:
    return Initial(settings["letter"], settings["limit"])


def told(settings: Any) -> list[Problem]:
    if settings["letter"] == "q":
        return [Problem(pointer="/letter", message="is rare; write another")]
    return []


INITIAL = PolicyType(
    name="initial",
    summary="Rejects by the first letter",
    schema={
        "type": "object",
        "required": ["letter"],
        "properties": {
            "letter": {"$ref": "#/$defs/letter"},
            "limit": {"type": "integer", "default": 3},
        },
        "$defs": {"letter": {"type": "string", "maxLength": 1}},
    },
    compile=compiled,
    problems=told,
    recurs=True,
)


def failing(*_: Any) -> Any:
    raise ValueError("+8613800138000")


def test_it_is_asked_after_the_built_in_ones_with_its_defaults(tmp_path: Path) -> None:
    policies = {"used": {"initial": {"letter": "a"}, "sandbox": {}}}

    used = loaded(bench(tmp_path, INITIAL), policies)

    order = ["sandbox", "suppression", "initial"]
    assert [named.name for named in used.admission] == order
    assert [named.name for named in used.recurring] == order
    assert "letter='a', limit=3" in repr(used.admission[-1].policy)
    assert (used.origins["initial"], used.origins["sandbox"]) == ("used", "used")


def test_it_decides(tmp_path: Path) -> None:
    policies = {"used": {"initial": {"letter": "0"}}}
    [named] = own(loaded(bench(tmp_path, INITIAL), policies))

    decision = named.policy.decide(record(), NOON, NOTHING_REFUSED)

    assert decision.verdict is Verdict.REJECT


def test_it_is_taken_from_another_set_and_taken_away(tmp_path: Path) -> None:
    policies = {
        "base": {"initial": {"letter": "a"}},
        "used": {"extends": "base"},
        "without": {"extends": "base", "initial": None},
    }
    here = bench(tmp_path, INITIAL)

    taken, without = (loaded(here, policies, name) for name in ("used", "without"))

    assert [named.name for named in own(taken)] == ["initial"]
    assert own(without) == []


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"letter": "ab"}, "initial.letter is longer than 1 characters"),
        ({"leter": "a"}, "initial.leter is unknown; did you mean 'letter'?"),
        ({"letter": "q"}, "initial.letter is rare; write another"),
    ],
)
def test_its_settings_are_checked_in_their_place(
    settings: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    found = errors(bench(tmp_path, INITIAL), {"used": {"initial": settings}})

    assert f"policies.used.{expected}" in found


def test_it_is_named_where_a_policy_type_is_misspelt(tmp_path: Path) -> None:
    found = errors(bench(tmp_path, INITIAL), {"used": {"inital": {}}})

    assert found == ["policies.used.inital is unknown; did you mean 'initial'?"]


def test_it_stands_in_the_schema_for_editors(tmp_path: Path) -> None:
    here = bench(tmp_path, INITIAL)
    schema = composed_schema(here.plugins)
    right = written({"a": {"initial": {"letter": "a"}}})
    wrong = written({"a": {"initial": {"letter": 1}}})
    removed = written({"a": {}, "b": {"extends": "a", "initial": None}})

    assert validator(schema).is_valid(right)
    assert validator(schema).is_valid(removed)
    assert not validator(schema).is_valid(wrong)


def test_a_broken_schema_is_told_where_it_is_used(tmp_path: Path) -> None:
    broken = attrs.evolve(INITIAL, schema={"type": "letter"})
    here = bench(tmp_path, broken)

    [error] = errors(here, {"used": {"initial": {"letter": "a"}}})

    assert error.startswith(
        "policies.used.initial cannot be used, its settings schema is broken: /type"
    )
    assert errors(here, {"other": {}}) == []


def test_one_that_cannot_be_made_is_a_problem_of_the_configuration(
    tmp_path: Path,
) -> None:
    here = bench(tmp_path, attrs.evolve(INITIAL, compile=failing))

    [error] = errors(here, {"used": {"initial": {"letter": "a"}}})

    assert error.startswith("policies.used.initial cannot be made: ValueError")


def test_a_name_that_policy_sets_have_anyhow_is_refused(tmp_path: Path) -> None:
    for name in ("limits", "deadline", "extends"):
        with pytest.raises(PluginError, match=f"policy type '{name}' is offered by"):
            bench(tmp_path, attrs.evolve(INITIAL, name=name))


def test_a_name_that_another_plugin_has_is_refused() -> None:
    with pytest.raises(PluginError, match="policy type 'initial' is offered by"):
        Plugins(extra={"one": plugin(INITIAL), "two": plugin_of_policies(INITIAL)})


def plugin_of_policies(*policies: PolicyType) -> SimpleNamespace:
    both = plugin(*policies)
    return SimpleNamespace(notify_register_policies=both.notify_register_policies)


def test_what_is_no_policy_type_leaves_the_plugin_out() -> None:
    plugins = Plugins(extra={"here": plugin("working-days")})

    assert isinstance(plugins.failures["here"], TypeError)
    assert plugins.policy_types == {}


END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@attrs.frozen
class Faulty:
    """Does what a policy must not."""

    answer: Any = ALLOW
    needed: Any = ()

    def needs(self, facts: Facts) -> Any:
        return self.needed() if callable(self.needed) else self.needed

    def decide(self, facts: Facts, now: datetime, refused: Refused) -> Any:
        return self.answer() if callable(self.answer) else self.answer


@pytest.mark.parametrize(
    "policy",
    [
        Faulty(answer=failing),
        Faulty(needed=failing),
        Faulty(answer="allow"),
        Faulty(answer=Decision(verdict=Verdict.DEFER)),
        Faulty(answer=Decision(verdict=Verdict.DEFER, until=datetime(2026, 1, 1))),
        Faulty(answer=Decision(verdict=Verdict.DEFER, until=NOON)),
        Faulty(answer=Decision(verdict=Verdict.DEFER, until=END_OF_TIME)),
        Faulty(needed=None),
        Faulty(needed=("recipient",)),
    ],
    ids=[
        *("decide", "needs", "no decision", "no end", "no time zone", "no later"),
        *("no near end", "no takes", "what is no take"),
    ],
)
def test_one_that_fails_lets_no_message_through_and_is_told(
    policy: Faulty, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    type_ = attrs.evolve(INITIAL, compile=lambda *_: policy, problems=None)
    seen = Seen()
    here = attrs.evolve(
        bench(tmp_path),
        plugins=Plugins(extra={"here": plugin(type_), "seen": seen}),
    )
    [named] = own(loaded(here, {"used": {"initial": {"letter": "a"}}}))

    assert named.policy.needs(record()) == ()
    decision = named.policy.decide(record(), NOON, NOTHING_REFUSED)

    assert decision.verdict is Verdict.REJECT
    assert decision.reason is Reason.POLICY_BLOCKED
    [failed] = seen.of(PluginFailed)
    assert (failed.plugin, failed.hook) == ("here", "decide")
    assert "138" not in caplog.text + decision.why


def test_what_a_sound_one_decides_is_left_as_it_is(tmp_path: Path) -> None:
    later = Decision(
        verdict=Verdict.DEFER,
        reason=Reason.POLICY_QUIET_HOURS,
        until=NOON + timedelta(hours=1),
    )
    type_ = attrs.evolve(INITIAL, compile=lambda *_: Faulty(answer=later))
    used = loaded(bench(tmp_path, type_), {"used": {"initial": {"letter": "a"}}})
    [named] = own(used)

    assert named.policy.decide(record(), NOON, NOTHING_REFUSED) is later


def test_one_that_gives_no_reason_is_given_one(tmp_path: Path) -> None:
    policy = Faulty(answer=Decision(verdict=Verdict.SUPPRESS))
    type_ = attrs.evolve(INITIAL, compile=lambda *_: policy)
    used = loaded(bench(tmp_path, type_), {"used": {"initial": {"letter": "a"}}})
    [named] = own(used)

    decision = named.policy.decide(record(), NOON, NOTHING_REFUSED)

    assert decision.reason is Reason.POLICY_BLOCKED
