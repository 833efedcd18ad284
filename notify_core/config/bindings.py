"""Checks how templates are bound to providers."""

from __future__ import annotations

from collections.abc import Iterator

from notify_core.config.accounts import Accounts
from notify_core.config.document import Node
from notify_core.config.template_params import Params, Texts, sent
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.names import nearest
from notify_core.provider import Capabilities, SenderMode, TextMode


def binding_problems(
    template: Node, key: str, binding: Node, accounts: Accounts
) -> Iterator[Problem]:
    """Yield what is wrong with a binding, beside what the schema says."""
    if key not in accounts.keys:
        why = "names no provider and no installed provider type"
        yield binding.key_problem(f"{why}; {nearest(key, accounts.keys)}")
    if not isinstance(binding.value, dict):
        return
    can = _capabilities(template, key, accounts)
    match binding["mode"].value:
        case None | "id":
            yield from _id_problems(template, binding, can, _what(key, accounts))
        case "text":
            yield from _text_problems(template, binding, can, _what(key, accounts))


def binding_warnings(
    template: Node, key: str, binding: Node, accounts: Accounts, texts: Texts
) -> Iterator[Problem]:
    """Yield what is allowed in a binding and probably not meant."""
    names = accounts.named(key, template["bindings"].names())
    if not names:
        of_type = key in accounts.written.values()
        why = "each of its providers has a binding by name"
        why = why if of_type else "no provider has this type"
        yield binding.key_problem(f"is of no use: {why}")
    if binding["mode"].text != "text":
        yield from _doubtful_params(template, binding, texts)
    yield from _foreign_sender(binding["sender"], names, accounts)


def _capabilities(template: Node, key: str, accounts: Accounts) -> list[Capabilities]:
    """Return what the binding's providers can do; without any, what its type can."""
    names = accounts.named(key, template["bindings"].names())
    ready = [accounts.ready[name] for name in names if name in accounts.ready]
    type_ = accounts.type_of(key)
    might = [] if type_ is None else [type_.capabilities]
    return [provider.capabilities for provider in ready] or might


def _what(key: str, accounts: Accounts) -> str:
    type_ = accounts.type_of(key)
    return f"type {type_.name!r}" if type_ else "it"


def _id_problems(
    template: Node, binding: Node, can: list[Capabilities], what: str
) -> Iterator[Problem]:
    if can and not any(one.templates for one in can):
        why = f"{what} takes no template ids; write mode: text"
        yield binding.key_problem(why)
    elif binding["template_id"].value is None:
        yield binding.key_problem("has no template_id; give it one, or mode: text")
    params = Params.of(template)
    for node in binding["params"].inside():
        if node.text in params.names and not params.is_single(node.text):
            why = f"{shown(node.text)} is a mapping or a list, and is sent as one value"
            yield node.problem(f"{why}: bind single values")


def _text_problems(
    template: Node, binding: Node, can: list[Capabilities], what: str
) -> Iterator[Problem]:
    for name in ("template_id", "params"):
        if binding[name].value is not None:
            yield binding[name].key_problem("has no meaning with mode: text")
    if template["text"].value is None:
        why = "sends the text of the template, which has none; give it text"
        yield binding["mode"].problem(why)
    if can and all(one.text is TextMode.NONE for one in can):
        yield binding["mode"].problem(f"{what} takes no texts; give it a template_id")


def _doubtful_params(template: Node, binding: Node, texts: Texts) -> Iterator[Problem]:
    params, used = Params.of(template), sent(binding)
    for node in binding["params"].inside():
        if node.text is not None and node.text not in params.required:
            why = f"{shown(node.text)} may be left out, and is sent empty then"
            yield node.problem(f"{why}; require it if the vendor's template needs it")
    in_texts = {name for _, text in texts.values() for name in text.names}
    for name in sorted(in_texts.difference(used)):
        why = f"does not send {shown(name)}, which the text uses"
        yield binding.key_problem(f"{why}; add it to params, if the vendor's does too")


def _foreign_sender(
    sender: Node, names: list[str], accounts: Accounts
) -> Iterator[Problem]:
    """Warn of a sender that none of the binding's providers may use."""
    fixed = [accounts.ready[n].capabilities for n in names if n in accounts.ready]
    if sender.text and fixed and not any(_may_use(can, sender.text) for can in fixed):
        own = " or ".join(sorted({repr(can.sender_name) for can in fixed}))
        why = f"is fixed to {own} there: with another the template is not sent"
        yield sender.problem(why)


def _may_use(can: Capabilities, sender: str) -> bool:
    return can.sender is SenderMode.FREE or sender == can.sender_name
