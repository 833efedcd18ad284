"""The platform's checks, in one table that gives their order."""

from __future__ import annotations

import re
from collections.abc import Callable

from notify_ihuyi.emulator.accounts import within
from notify_ihuyi.emulator.calls import Call
from notify_ihuyi.emulator.codes import Refusal
from notify_ihuyi.emulator.ledger import cost
from notify_ihuyi.emulator.passwords import HASHED, dynamic_fault, is_static
from notify_ihuyi.emulator.templates import Template, template_fault

Check = Callable[[Call], Refusal | None]

#: Characters that are shown as emoji by default (Unicode 16, emoji-data), joiners and
#: the emoji variation selector.
_EMOJI = re.compile(
    "[\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653"
    "\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2"
    "\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757"
    "\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\ufe0f\u20e3"
    "\U0001f000-\U0001faff]"
)


def _given(code: int, parameter: str) -> Check:
    def check(call: Call) -> Refusal | None:
        return None if call.field(parameter) else Refusal(code)

    return check


def address_allowed(call: Call) -> Refusal | None:
    """400: barred by the platform; 4052: not on the account's list."""
    if within(call.remote, call.settings.blocked_ips):
        return Refusal(400)
    allowed = call.account.settings.ips if call.account else ()
    if allowed and not within(call.remote, allowed):
        return Refusal(4052)
    return None


def password_right(call: Call) -> Refusal | None:
    """405, 40501, 40502."""
    if call.account is None:
        return Refusal(405)
    key, password = call.account.settings.api_key, call.field("password")
    if is_static(password, key):
        return None
    time, hashed = call.field("time"), HASHED.get(call.operation)
    if not time or hashed is None:
        return Refusal(405)
    given = call.field("account") + key + "".join(map(call.field, hashed))
    fault = dynamic_fault(
        password, given, time, call.now, call.settings.password_window
    )
    return Refusal(fault) if fault else None


def account_active(call: Call) -> Refusal | None:
    """4050."""
    return Refusal(4050) if call.known_account().settings.frozen else None


def numbers_well_formed(call: Call) -> Refusal | None:
    """406."""
    if all(map(call.product.mobile.fullmatch, call.numbers)):
        return None
    return Refusal(406)


def numbers_not_blocked(call: Call) -> Refusal | None:
    """4030."""
    return (
        Refusal(4030) if any(map(call.known_account().blocks, call.numbers)) else None
    )


def no_emoji(call: Call) -> Refusal | None:
    """4074."""
    return Refusal(4074) if _EMOJI.search(call.content) else None


def no_sensitive_words(call: Call) -> Refusal | None:
    """407."""
    words = call.settings.sensitive_words
    return Refusal(407) if any(word in call.content for word in words) else None


def short_enough(call: Call) -> Refusal | None:
    """4073."""
    longest = call.product.max_length or call.settings.max_length
    return Refusal(4073) if len(call.content) > longest else None


def signature_in_order(call: Call) -> Refusal | None:
    """4070, 4075: the platform adds the signature, only marketing texts carry it."""
    account, product = call.known_account().settings, call.product
    signature = f"【{account.signature}】"
    if product.opt_out and not call.content.endswith(f"退订回T{signature}"):
        return Refusal(4070)
    if product.signed and (not account.signature or _carries(call.content, signature)):
        return Refusal(4070)
    if (product.signed or product.opt_out) and not account.signature_approved:
        return Refusal(4075)
    return None


def _carries(content: str, signature: str) -> bool:
    return content.startswith(signature) or content.endswith(signature)


def template_matches(call: Call) -> Refusal | None:
    """4071, 4072, 40722; notes the template and the text in the call."""
    if not call.product.templates:
        return _content_matches(call)
    templates = _templates(call)
    refusal = Refusal(4072 if templates else 4071)
    for template in templates:
        values = _values(call, template)
        if values is None:
            continue
        limit = template.max_variable_length or call.settings.max_variable_length
        if all(len(value) <= limit for value in values):
            call.template, call.text = template, template.fill(values) or ""
            return None
        refusal = Refusal(40722, limit)
    return refusal


def _templates(call: Call) -> list[Template]:
    wanted = call.field("templateid")
    approved = call.known_account().approved()
    return [t for t in approved if t.id == wanted] if wanted else approved


def _values(call: Call, template: Template) -> tuple[str, ...] | None:
    if not call.field("templateid"):
        return template.match(call.content)
    values = tuple(call.content.split("|"))
    return values if template.fill(values) is not None else None


def _content_matches(call: Call) -> Refusal | None:
    wanted = call.product.content
    return Refusal(4072) if wanted and not wanted.fullmatch(call.content) else None


def within_limits(call: Call) -> Refusal | None:
    """4080, 4086, 4082, 4085, 4084, 408: what one number may get."""
    if call.exempt or not call.product.limits:
        return None
    account = call.known_account()
    for sending in call.sendings():
        refusal = account.limits.refusal(sending)
        if refusal and refusal.code == 408:  # noqa: PLR2004 (whose words say so)
            account.block(sending.number)
        if refusal:
            return refusal
    return None


def balance_enough(call: Call) -> Refusal | None:
    """4051."""
    return Refusal(4051) if call.known_account().balance < cost(call) else None


def template_well_formed(call: Call) -> Refusal | None:
    """407: the only code that AddTemplate has for a content it does not like."""
    return Refusal(407) if template_fault(call.content) else None


_ACCOUNT: tuple[Check, ...] = (
    _given(401, "account"),
    _given(402, "password"),
    address_allowed,
)

#: Every operation's checks. Only "account first" was seen; the rest is a choice.
CHECKS: dict[str, tuple[Check, ...]] = {
    "Submit": (
        *_ACCOUNT,
        _given(403, "mobile"),
        _given(404, "content"),
        password_right,
        account_active,
        numbers_well_formed,
        numbers_not_blocked,
        no_emoji,
        no_sensitive_words,
        short_enough,
        signature_in_order,
        template_matches,
        within_limits,
        balance_enough,
    ),
    "GetNum": (*_ACCOUNT, password_right, account_active),
    "AddTemplate": (
        *_ACCOUNT,
        _given(404, "content"),
        password_right,
        account_active,
        no_sensitive_words,
        template_well_formed,
    ),
}


def refusal_of(call: Call) -> Refusal | None:
    """Return the first check's refusal, or None."""
    for check in CHECKS[call.operation]:
        if refusal := check(call):
            return refusal
    return None
