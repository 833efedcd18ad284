"""Reads what templates say: one text for everybody, or one for each language."""

from __future__ import annotations

from collections.abc import Iterator

from notify_core.config.document import Node
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.names import nearest

#: The options of a template that are texts.
PARTS = ("text", "subject", "html")


def said(node: Node) -> Iterator[tuple[str | None, Node]]:
    """Yield each text of a part with its language; None: for everybody."""
    if node.text is not None:
        yield None, node
    for tag, text in node.entries():
        if text.text is not None:
            yield tag, text


def languages(template: Node) -> dict[str, str]:
    """Return the language tags of a template, by their lower case."""
    tags = (tag for part in PARTS for tag, _ in said(template[part]) if tag)
    return {tag.lower(): tag for tag in tags}


def language_problems(template: Node) -> Iterator[Problem]:
    """Yield what is wrong with the languages of a template."""
    default, tags = template["default_locale"], languages(template)
    if tags and default.text is None and default.value is None:
        why = "has texts by language and no default_locale; name one of"
        yield template.key_problem(f"{why} {', '.join(tags.values())}")
    if default.text is not None:
        yield from _default_problems(template, default.text)
    for part in PARTS:
        yield from _twins(template[part])
    if template["text"].value is None:
        for part in PARTS[1:]:
            if template[part].value is not None:
                yield template[part].key_problem("stands without text; give text too")


def language_warnings(template: Node) -> Iterator[Problem]:
    """Yield each language that one part has and another one lacks."""
    tags = languages(template)
    for part in PARTS:
        node = template[part]
        own = {tag.lower() for tag, _ in said(node) if tag}
        for missing in sorted(tags.keys() - own) if own else ():
            why = f"has no {tags[missing]}, which another part has"
            yield node.key_problem(f"{why}: it is sent in a wider language, or default")


def _default_problems(template: Node, default: str) -> Iterator[Problem]:
    node, tags = template["default_locale"], languages(template)
    if not tags:
        yield node.key_problem("has no meaning without texts by language")
    for part in PARTS:
        own = {tag.lower(): tag for tag, _ in said(template[part]) if tag}
        if own and default.lower() not in own:
            why = f"{shown(default)} has no {part}; {nearest(default, own.values())}"
            yield node.problem(why)


def _twins(part: Node) -> Iterator[Problem]:
    seen: set[str] = set()
    for tag, text in said(part):
        if tag is not None and tag.lower() in seen:
            yield text.key_problem("is the same language as one before it")
        seen.add((tag or "").lower())
