"""No option of the schema is without a test, and no test is about what is none."""

from importlib import import_module
from pkgutil import iter_modules

import tests.options
from notify_core.policy.schema import CONFIG_SCHEMA
from notify_core.schemas import public_schema
from tests.options.removal import NOTHING, Removal, covers
from tests.options.schema import options

#: What has no test, with the reason.
EXEMPT = {"version": "it has one value, and nothing else is valid"}

#: What the schema lets a configuration leave out, but not alone, with the reason.
NOT_ALONE = {
    "outbox.url.env": "a reference says where it leads",
    "outbox.url.file": "a reference says where it leads",
    "policies.*.reasons.*": "a mapping of reasons has one at least",
    "privacy.hash_key.env": "a reference says where it leads",
    "privacy.hash_key.file": "a reference says where it leads",
    "providers.*.webhook.tokens[].env": "a reference says where it leads",
    "providers.*.webhook.tokens[].file": "a reference says where it leads",
    **{
        f"routes.match.{field}": "a match has one condition at least"
        for field in public_schema(CONFIG_SCHEMA)["$defs"]["match"]["properties"]
    },
    "routes.match.labels.*": "a match has one condition at least",
    "templates.*.bindings.*.template_id": "mode id has one",
    "templates.*.default_locale": "texts in several languages have one",
    "templates.*.html.*": "a mapping of languages has one at least",
    "templates.*.subject.*": "a mapping of languages has one at least",
    "templates.*.text.*": "a mapping of languages has one at least",
}

OPTIONS = options()


def _marked() -> list[Removal]:
    names = [m.name for m in iter_modules(tests.options.__path__, "tests.options.")]
    values = [value for n in names for value in vars(import_module(n)).values()]
    marks = [mark for value in values for mark in getattr(value, "pytestmark", ())]
    return [Removal.of(mark) for mark in marks if mark.name == "option"]


MARKED = _marked()


def test_every_option_has_a_test_that_fails_without_it() -> None:
    tested = [removal.pattern for removal in MARKED]

    untested = [w for w in OPTIONS if not any(covers(p, w) for p in tested)]

    assert untested == list(EXEMPT)


def test_a_test_of_an_option_is_about_one_of_the_schema() -> None:
    patterns = {removal.pattern for removal in MARKED}

    unknown = [p for p in patterns if not any(covers(p, way) for way in OPTIONS)]

    assert unknown == []


def test_an_option_that_can_be_left_out_is_left_out() -> None:
    replaced = {r.pattern for r in MARKED if r.instead is not NOTHING}
    met = {w: o for w, o in OPTIONS.items() if any(covers(p, w) for p in replaced)}

    spared = {way for way, option in met.items() if not option.required}

    assert spared == NOT_ALONE.keys()
