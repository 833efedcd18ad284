"""Why an account cannot take a message, told before anything is sent.

Only what is known to be refused or mangled is checked. The words name the place and
the remedy, never the text, which may be a verification code.
"""

from __future__ import annotations

import re
from typing import cast

from notify_core.model.recipient import Phone
from notify_core.provider import BoundTemplate, Settings, Submission
from notify_ihuyi.products import PRODUCTS, Product, Signing

#: Emoji_Presentation of Unicode's emoji-data.txt, what is a picture by default, and
#: the two marks that make a picture of a plain character.
EMOJI = re.compile(
    "[\U0001f000-\U0001faff\ufe0f\u20e3\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe"
    "\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5"
    "\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c"
    "\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
SIGNED_ENDING = re.compile(r"(?s:.*)退订回T【[^【】]+】")
_SEPARATOR = re.compile(r"[|【】]")


def refusal(settings: Settings, submission: Submission) -> str | None:
    """Return why this account cannot take *submission*; None when it can."""
    product = PRODUCTS[settings["product"]]
    # Both channels of the vendor go to phones only.
    phone = cast("Phone", submission.recipient)
    if product.mobile(phone) is None:
        return f"product {product.name} serves {product.serves}"
    text = submission.text or ""
    if submission.template is None:
        refused = _text_refusal(product, settings, text)
    else:
        refused = _variables_refusal(settings, submission.template)
    if refused is None and (long := _too_long(text, settings, "max_length")):
        refused = f"the text {long}"
    return refused


def _text_refusal(product: Product, settings: Settings, text: str) -> str | None:
    if not text.strip():
        return "the text is empty: give the message or its template a text"
    if product.content is not None and not product.content.fullmatch(text):
        return f"product {product.name} takes {product.takes}"
    if fault := _unsendable(text):
        return f"the text {fault}"
    return _signing_refusal(product.signing, settings.get("signature"), text)


def _signing_refusal(signing: Signing, signature: str | None, text: str) -> str | None:
    match signing:
        case Signing.ADDED if _is_signed(text, signature):
            return "the text carries a signature 【…】: leave it out, ihuyi adds it"
        case Signing.WRITTEN if not _is_marketing_text(text, signature):
            return f"the text must end with 退订回T【{signature or 'signature'}】"
    return None


def _is_signed(text: str, signature: str | None) -> bool:
    if signature is not None and f"【{signature}】" in text:
        return True
    stripped = text.strip()
    return stripped.startswith("【") or stripped.endswith("】")


def _is_marketing_text(text: str, signature: str | None) -> bool:
    if signature is not None:
        return text.endswith(f"退订回T【{signature}】")
    return SIGNED_ENDING.fullmatch(text) is not None


def _variables_refusal(settings: Settings, template: BoundTemplate) -> str | None:
    if not "".join([value for _, value in template.params]).strip():
        return (
            f"template {template.id} has no variable with a value: bind it with"
            " `mode: text`, which sends the whole text"
        )
    for name, value in template.params:
        if fault := _variable_fault(settings, value):
            return f"variable {name!r} {fault}"
    return None


def _variable_fault(settings: Settings, value: str) -> str | None:
    if mark := _SEPARATOR.search(value):
        return (
            f"has {mark[0]!r} at character {mark.start() + 1}: ihuyi separates"
            " and marks variables with it; leave it out"
        )
    return _unsendable(value) or _too_long(value, settings, "variable_length")


def _unsendable(text: str) -> str | None:
    if text.isascii():
        return None
    if found := EMOJI.search(text):
        return (
            f"has an emoji at character {found.start() + 1}: ihuyi refuses"
            " them (4074); leave it out"
        )
    if found := _SURROGATE.search(text):
        return (
            f"has half a character (a lone surrogate) at character"
            f" {found.start() + 1}: it cannot be written as UTF-8; mend its source"
        )
    return None


def _too_long(text: str, settings: Settings, setting: str) -> str | None:
    limit: int | None = settings.get(setting)
    if limit is None or len(text) <= limit:
        return None
    allowed = f"the setting `{setting}` allows {limit}"
    return f"has {len(text)} characters, {allowed}: shorten it"
