"""What keeps a template from being sent through an account, told before it is used.

An error is what the account would refuse for every message; a warning is what it, or
the vendor's review, would refuse for some. Source: the vendor's API v3.3 (Submit, and
AddTemplate for what may be filed); in the comments below by its section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any
from unicodedata import normalize

from notify_core.model.template import Binding, BindingMode, Template
from notify_core.provider import Settings, TemplateFault, TextMode
from notify_core.template.params import allowed
from notify_core.template.wording import compiled_text
from notify_ihuyi.products import PRODUCTS, Product, Signing
from notify_ihuyi.refusals import EMOJI, SIGNED_ENDING

#: The vendor's own template `1`, which every account may use.
DEFAULT_TEMPLATE = "您的验证码是：【变量】。请不要把验证码泄露给其他人。"
_DEFAULT_ID = "1"

_VARIABLE = "【变量】"
_HALF_WIDTH = re.compile(
    r"(?<=[\u4e00-\u9fff])[,.:;!?()]|[,.:;!?()](?=[\u4e00-\u9fff])"
)
_SEPARATORS = "|【】"
#: Values that a schema may let through though they hold what a variable may not.
_SEPARATED = tuple(
    sample.replace("|", mark)
    for mark in _SEPARATORS
    for sample in ("|", "a|", "1|", "a|b", "1|2", "字|字", "aa|aa|aa", "11|11|11")
)
#: What fills a code's place where only digits are taken.
_CODES = ("1234", "12", "")

Words = tuple[str | None, ...]


def template_faults(
    settings: Settings, template: Template, binding: Binding | None
) -> Iterator[TemplateFault]:
    """Yield what is wrong with sending *template* through this account."""
    product = PRODUCTS[settings["product"]]
    _, interface = product.interface(settings.get("host"))
    is_by_id = binding is not None and binding.mode is BindingMode.ID
    if binding is not None and is_by_id and interface.templates:
        yield from _binding_faults(settings, template, binding)
        return
    for pointer, text in template.texts():
        words = compiled_text(text).words
        for message in _text_errors(product, settings, words):
            yield TemplateFault(pointer=pointer, message=message)
        for message in _text_doubts(product, words):
            yield TemplateFault(pointer=pointer, message=message, is_partial=True)


def _text_errors(product: Product, settings: Settings, words: Words) -> Iterator[str]:
    if product.content is not None:
        filled = ("".join(code if w is None else w for w in words) for code in _CODES)
        if not any(product.content.fullmatch(text) for text in filled):
            yield f"product {product.name} takes {product.takes}"
        return
    own = [word for word in words if word is not None]
    if any(map(EMOJI.search, own)):
        yield "has an emoji: ihuyi refuses them (4074); leave it out"
    limit, length = settings.get("max_length"), sum(map(len, own))
    if limit is not None and length > limit:
        yield f"has {length} characters, the setting `max_length` allows {limit}"
    yield from _signing_errors(product.signing, settings.get("signature"), words)


def _signing_errors(
    signing: Signing, signature: str | None, words: Words
) -> Iterator[str]:
    first, last = (words[0] or "", words[-1] or "") if words else ("", "")
    if signing is Signing.ADDED:
        named = signature and any(f"【{signature}】" in (word or "") for word in words)
        if named or first.lstrip().startswith("【") or last.rstrip().endswith("】"):
            yield "carries a signature 【…】: leave it out, ihuyi adds it"
    if signing is Signing.WRITTEN and last and not _may_be_signed(last, signature):
        yield f"must end with 退订回T【{signature or 'signature'}】"


def _may_be_signed(last: str, signature: str | None) -> bool:
    """Tell whether a text whose last words are *last* can end with its signature."""
    if signature is not None:
        ending = f"退订回T【{signature}】"
        return last.endswith(ending) or ending.endswith(last)
    is_whole = SIGNED_ENDING.fullmatch(last) is not None
    return is_whole or (last.endswith("】") and "【" not in last)


def _text_doubts(product: Product, words: Words) -> Iterator[str]:
    """Yield where a whole text can hardly be what was filed, or not be filed at all."""
    if product.text is not TextMode.APPROVED or not words:
        return
    if product.signing is Signing.ADDED:
        yield from _unfiled(words)
    yield from _inexact(words)


def _unfiled(words: Words) -> Iterator[str]:
    """Yield what no template may have that is filed (5, AddTemplate)."""
    if words[0] is None:
        yield "begins with a variable, and no filed template may"
    first, last = words[0] or "", words[-1] or ""
    if first.startswith("[") or last.endswith("]"):
        yield "has [ or ] at an end, and no filed template may"
    inner = "".join(word or "" for word in words).strip().removeprefix("【")
    if re.search("[【】]", inner.removesuffix("】")):
        yield "has 【 or 】, which in a filed template only mark its variables"


def _inexact(words: Words) -> Iterator[str]:
    """Yield what is easily written otherwise than it was filed (3, code 4072)."""
    exactly = "ihuyi compares spaces and punctuation exactly (4072)"
    whole = "".join(_VARIABLE if word is None else word for word in words)
    if whole != whole.strip():
        yield f"begins or ends with a space or line break; {exactly}"
    if _folded(whole) == _folded(DEFAULT_TEMPLATE) and whole != DEFAULT_TEMPLATE:
        pairs = zip(whole, DEFAULT_TEMPLATE, strict=False)
        same = next((n for n, (a, b) in enumerate(pairs) if a != b), len(whole))
        after = repr(whole[max(0, same - 4) : same])
        yield f"is the default template but for what follows {after}; {exactly}"
    elif found := _HALF_WIDTH.search(whole):
        yield f"has a half-width {found[0]!r} beside a Chinese character; {exactly}"


def _folded(text: str) -> str:
    return "".join(normalize("NFKC", text).replace("。", ".").split())


def _binding_faults(
    settings: Settings, template: Template, binding: Binding
) -> Iterator[TemplateFault]:
    names = [ours for _, ours in binding.params]
    if not names:
        why = "has no variable: bind it with `mode: text`, which sends the whole text"
        yield TemplateFault(pointer="/binding", message=why)
    elif binding.template_id == _DEFAULT_ID and len(names) > 1:
        why = f"the default template `1` has one variable, not {len(names)}"
        yield TemplateFault(pointer="/binding/params", message=why, is_partial=True)
    for name in dict.fromkeys(names):
        for message, is_partial in chain(
            _separator_faults(template, name),
            _length_faults(settings.get("variable_length"), template, name),
        ):
            pointer = f"/params/properties/{name}"
            yield TemplateFault(pointer=pointer, message=message, is_partial=is_partial)


def _separator_faults(template: Template, name: str) -> Iterator[tuple[str, bool]]:
    values = _listed(template, name)
    bad = [value for value in values if _is_separated(value)]
    remedy = "ihuyi separates and marks variables with it, and the message is refused"
    if values and len(bad) == len(values):
        yield f"always holds one of {_SEPARATORS}: {remedy}", False
    elif found := next(allowed(template.params, name, bad or _SEPARATED), None):
        mark = next(mark for mark in _SEPARATORS if mark in found)
        yield f"may hold {mark!r}: {remedy}; exclude it with a pattern", True


def _length_faults(
    limit: int | None, template: Template, name: str
) -> Iterator[tuple[str, bool]]:
    """Yield values longer than the account's limit for a variable (7, code 40722)."""
    if limit is None:
        return
    says = f"the setting `variable_length` allows {limit}"
    least = _property(template, name).get("minLength", 0)
    if isinstance(least, int) and least > limit:
        yield f"has {least} characters or more, {says}", False
        return
    long = [letter * (limit + 1) for letter in "a1字"]
    listed = [v for v in _listed(template, name) if len(v) > limit]
    if any(allowed(template.params, name, listed or long)):
        yield f"may have more than {limit} characters, {says}; give it maxLength", True


def _listed(template: Template, name: str) -> list[str]:
    """Return the only values that a parameter has, where its schema lists them."""
    said = _property(template, name)
    values: list[Any] = [said["const"]] if "const" in said else said.get("enum", [])
    return [str(value) for value in values]


def _property(template: Template, name: str) -> dict[str, Any]:
    said = template.params.get("properties", {}).get(name)
    return said if isinstance(said, dict) else {}


def _is_separated(value: str) -> bool:
    return any(mark in value for mark in _SEPARATORS)
