"""Refuses texts that are too long, or that say what they must not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from html import unescape
from typing import Any
from unicodedata import is_normalized, normalize

import attrs

from notify_core.errors import Problem
from notify_core.model.checked import Facts
from notify_core.model.outcome import Reason
from notify_core.model.segments import count_segments
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.policy import Compilation, PolicyType
from notify_core.policy.schema import built_in_schema
from notify_core.policy.take import Refused, Take

#: Letters of scripts with capital letters, and digits: there a word ends where they do.
_OF_WORDS = "0-9a-z\u00df-\u024f\u0370-\u052f\u1e00-\u1fff"
#: Signs that steer how others are shown (general category Cf), and hide in words.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]"
)
#: Pictographs, and in the planes before them what is shown in colour (UTS #51,
#: Emoji_Presentation) or is made a picture by a selector (U+FE0F) or a key cap.
_EMOJI = re.compile(
    "[\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653"
    "\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2"
    "\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757"
    "\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\ufe0f\u20e3"
    "\U0001f000-\U0001faff]"
)

#: Chinese punctuation, and what NFKC makes of it. Few Chinese texts have more that is
#: not normal, and without these they are seen to be: that takes a tenth of the time.
_WIDE_MARKS = tuple((mark, normalize("NFKC", mark)) for mark in "，：！？；（）")

#: Returns what is wrong with a message; None: nothing.
Check = Callable[[Facts], str | None]


@attrs.frozen(kw_only=True)
class ContentRules:
    """Rejects what breaks a rule."""

    checks: tuple[Check, ...]

    def needs(self, facts: Facts) -> tuple[Take, ...]:
        """Return nothing."""
        return ()

    def decide(self, facts: Facts, now: datetime, refused: Refused) -> Decision:
        """Allow, or reject; the text itself is never told."""
        for check in self.checks:
            if (why := check(facts)) is not None:
                return Decision(
                    verdict=Verdict.REJECT, reason=Reason.POLICY_CONTENT, why=why
                )
        return ALLOW


def _longest(most: int) -> Check:
    def check(facts: Facts) -> str | None:
        length = len(facts.text or "")
        return f"the text is longer than {most} characters" if length > most else None

    return check


def _most_segments(most: int) -> Check:
    def check(facts: Facts) -> str | None:
        parts = count_segments(facts.text or "")
        return f"the text takes more than {most} segments" if parts > most else None

    return check


def _no_emoji(facts: Facts) -> str | None:
    if any(not s.isascii() and _EMOJI.search(s) for s in _sayings(facts)):
        return "an emoji is in it"
    return None


def _forbidden(words: Iterable[str]) -> Check:
    patterns = {_folded(word): re.compile(_pattern(word)) for word in words}

    def is_in(said: str) -> bool:
        text = _folded(said)
        # Looked for plainly first: that takes a tenth of the time.
        return any(word in text and patterns[word].search(text) for word in patterns)

    def check(facts: Facts) -> str | None:
        if any(map(is_in, _sayings(facts))):
            return "a forbidden word is in it"
        return None

    return check


def _pattern(word: str) -> str:
    """Match a word whole, but wherever it stands in scripts such as Chinese."""
    word = _folded(word)
    before = f"(?<![{_OF_WORDS}])" if re.match(f"[{_OF_WORDS}]", word) else ""
    after = f"(?![{_OF_WORDS}])" if re.search(rf"[{_OF_WORDS}]\Z", word) else ""
    return before + re.escape(word) + after


def _folded(text: str) -> str:
    """Return a text as words are compared: one form, one case, nothing invisible."""
    if text.isascii():
        return text.casefold()
    visible = _INVISIBLE.sub("", text)
    for wide, narrow in _WIDE_MARKS:
        visible = visible.replace(wide, narrow)
    return _normal(_normal(visible).casefold())


def _normal(text: str) -> str:
    return text if is_normalized("NFKC", text) else normalize("NFKC", text)


def _sayings(facts: Facts) -> Iterator[str]:
    """Yield all that the recipient reads."""
    if facts.text is not None:
        yield facts.text
    else:
        # The vendor has the text; what goes into it is ours.
        yield from map(str, facts.message.params.values())
    content = facts.content
    if content is not None and content.subject is not None:
        yield content.subject
    if content is not None and content.html is not None:
        yield unescape(content.html)


def _compile(settings: Mapping[str, Any], _: Compilation) -> ContentRules:
    checks: list[Check] = []
    if "max_length" in settings:
        checks.append(_longest(settings["max_length"]))
    if "max_segments" in settings:
        checks.append(_most_segments(settings["max_segments"]))
    if settings["emoji"] == "reject":
        checks.append(_no_emoji)
    if settings["forbid"]:
        checks.append(_forbidden(settings["forbid"]))
    return ContentRules(checks=tuple(checks))


def _problems(settings: Mapping[str, Any]) -> Iterator[Problem]:
    for index, word in enumerate(settings["forbid"]):
        if not _folded(word).strip():
            why = "has nothing in it that can be seen, so every text would have it"
            yield Problem(pointer=f"/forbid/{index}", message=why)


CONTENT = PolicyType(
    name="content",
    summary="Refuses texts that are too long, or that say what they must not",
    schema=built_in_schema("content"),
    compile=_compile,
    problems=_problems,
)
