"""What the provider type `ihuyi` declares."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from notify_core.errors import Problem
from notify_core.model.channel import Channel
from notify_core.provider import (
    Capabilities,
    ProviderType,
    ReceiptMode,
    SenderMode,
    Settings,
    Submission,
    TextMode,
)
from notify_core.schemas import package_schema
from notify_ihuyi.codes import CODES
from notify_ihuyi.limits import RECOMMENDED_LIMITS
from notify_ihuyi.products import PRODUCTS, Signing
from notify_ihuyi.provider import IhuyiProvider
from notify_ihuyi.refusals import refusal
from notify_ihuyi.templates import template_faults

#: Every character counts 1; the signature and its brackets count too. One screenshot
#: of the vendor's says 66 where its guide says 67.
_ONE_PART = 70
_LONG_PART = 67


def account_key(settings: Settings) -> str:
    """Return what identifies the account at the vendor: `sms:C12345678`."""
    return f"{settings['product']}:{settings['api_id']}"


def account_capabilities(settings: Settings) -> Capabilities:
    """Return what an account can do: that of its product at its host."""
    product = PRODUCTS[settings["product"]]
    _, interface = product.interface(settings.get("host"))
    return Capabilities(
        channels=frozenset({product.channel}),
        text=product.text,
        templates=interface.templates,
        receipts=product.receipts,
        receipt_match_recipient=product.id_tells_time,
        inbound=product.inbound,
        sender=SenderMode.FIXED,
        sender_name=settings.get("signature"),
        countries=product.countries,
        balance="GetNum" in interface.methods,
    )


def problems(settings: Settings) -> Iterator[Problem]:
    """Yield what no schema can tell is wrong with the settings."""
    # Imported here: the metadata takes 0.05 s.
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415

    region = settings["region"]
    if region not in SUPPORTED_REGIONS:
        known = "codes are ISO 3166, as CN or GB"
        why = f"{region!r} is no country with telephones; {known}"
        yield Problem(pointer="/region", message=why)


def segments(settings: Settings, submission: Submission) -> int:
    """Return how many parts the vendor bills.

    Where the whole text of a template is not known here, its variables are counted.
    """
    product = PRODUCTS[settings["product"]]
    if product.channel is Channel.VOICE:
        return 1
    length = _text_length(submission)
    if product.signing is Signing.ADDED and "signature" in settings:
        length += len(settings["signature"]) + len("【】")
    return 1 if length <= _ONE_PART else -(-length // _LONG_PART)


def _text_length(submission: Submission) -> int:
    if submission.text is not None or submission.template is None:
        return len(submission.text or "")
    return sum(len(value) for _, value in submission.template.params)


IHUYI = ProviderType(
    name="ihuyi",
    summary="ihuyi (互亿无线): SMS and voice in mainland China, international SMS",
    capabilities=Capabilities(
        channels=frozenset({Channel.SMS, Channel.VOICE}),
        text=TextMode.APPROVED,
        templates=True,
        receipts=ReceiptMode.PUSH,
        receipt_match_recipient=True,
        inbound=True,
        sender=SenderMode.FIXED,
        balance=True,
    ),
    settings_schema=package_schema("notify_ihuyi"),
    create=IhuyiProvider,
    account_key=account_key,
    codes=CODES,
    account_capabilities=account_capabilities,
    problems=problems,
    refuses=refusal,
    template_faults=template_faults,
    segments=segments,
    recommended_limits=RECOMMENDED_LIMITS,
    emulator="notify_ihuyi.emulator:create_emulator",
    demo=files("notify_ihuyi") / "demo",
)
