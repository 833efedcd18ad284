"""What differs between the vendor's products: one row each.

Source: the vendor's documents and guides (API v3.3 for `sms`), its demos, and public
client code for `isms`, `yx` and the newer host. What is not known of a product is not
declared here: no receipts for `voice`, `vm` and `yx`, no template ids for `isms`.

The dynamic password of every product covers `mobile` exactly as that product writes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

import attrs

from notify_core.model.channel import Channel
from notify_core.model.recipient import Phone
from notify_core.provider import ReceiptMode, TextMode

_MAINLAND = "86"
_MAINLAND_MOBILE = re.compile(r"1[0-9]{10}")


class Signing(StrEnum):
    """Who puts the signature 【…】 into a text."""

    #: The platform; a text that carries one already would carry two.
    ADDED = "added"
    #: The sender: the text ends with it.
    WRITTEN = "written"
    #: Nobody: it is spoken.
    NONE = "none"


def mainland_mobile(phone: Phone) -> str | None:
    """Write a mainland mobile number: 11 digits. None for any other."""
    if phone.country_code != _MAINLAND:
        return None
    national = phone.national
    return national if _MAINLAND_MOBILE.fullmatch(national) else None


def mainland_phone(phone: Phone) -> str | None:
    """Write a mainland number: a mobile's 11 digits, or area code and landline."""
    if phone.country_code != _MAINLAND:
        return None
    return mainland_mobile(phone) or f"0{phone.national}"


def international(phone: Phone) -> str | None:
    """Write a number as country code, space, number. None for the mainland."""
    if phone.country_code == _MAINLAND:
        return None
    return f"{phone.country_code} {phone.national}"


@attrs.frozen(kw_only=True)
class Interface:
    """One of the interfaces that the vendor has for a product."""

    #: Path and query, with `{method}` where the method's name stands.
    path: str
    #: `Submit`, `GetNum`, `AddTemplate`: those that are known there.
    methods: frozenset[str]
    #: It takes `templateid`.
    templates: bool = False


@attrs.frozen(kw_only=True)
class Product:
    """One product of the vendor."""

    #: What the setting `product` says, and the first half of the account key.
    name: str
    channel: Channel
    #: By host; the first is the default.
    interfaces: Mapping[str, Interface]
    #: Writes `mobile`; None for a number that the product does not serve.
    mobile: Callable[[Phone], str | None]
    #: Which numbers those are, in words.
    serves: str
    #: Names of the serial number in an answer and in a push.
    id_fields: tuple[str, ...] = ("smsid",)
    text: TextMode = TextMode.APPROVED
    signing: Signing = Signing.ADDED
    #: The only contents taken; None: any.
    content: re.Pattern[str] | None = None
    #: What those are, in words.
    takes: str = ""
    countries: frozenset[str] | None = frozenset({"CN"})
    receipts: ReceiptMode = ReceiptMode.NONE
    #: A serial number begins with the second of its submission.
    id_tells_time: bool = False
    #: Replies are pushed.
    inbound: bool = False

    def interface(self, host: str | None) -> tuple[str, Interface]:
        """Return the host to call and its interface; None is the default."""
        chosen = host or next(iter(self.interfaces))
        return chosen, self.interfaces[chosen]


_SMS_PHP = "/webservice/sms.php?method={method}"
_VOICE_PHP = "/webservice/voice.php?method={method}"
_ISMS_PHP = "/webservice/isms.php?method={method}"
_SUBMIT = frozenset({"Submit"})
_SUBMIT_AND_BALANCE = frozenset({"Submit", "GetNum"})
_ALL = frozenset({"Submit", "GetNum", "AddTemplate"})


def _same(interface: Interface, *hosts: str) -> dict[str, Interface]:
    return dict.fromkeys(hosts, interface)


_PRODUCTS = (
    Product(
        name="sms",
        channel=Channel.SMS,
        interfaces={
            **_same(
                Interface(path=_SMS_PHP, methods=_ALL, templates=True),
                "106.ihuyi.com",
                "106.ihuyi.cn",
            ),
            "api.ihuyi.com": Interface(
                path="/sms/{method}.json", methods=_SUBMIT_AND_BALANCE, templates=True
            ),
        },
        mobile=mainland_mobile,
        serves="mainland mobile numbers (+86 and 11 digits)",
        receipts=ReceiptMode.PUSH,
        id_tells_time=True,
        inbound=True,
    ),
    Product(
        name="voice",
        channel=Channel.VOICE,
        interfaces=_same(
            Interface(path=_VOICE_PHP, methods=_SUBMIT_AND_BALANCE),
            "api.voice.ihuyi.com",
        ),
        mobile=mainland_mobile,
        serves="mainland mobile numbers (+86 and 11 digits)",
        id_fields=("voiceid", "smsid"),
        text=TextMode.FREE,
        signing=Signing.NONE,
        content=re.compile(r"[0-9]{4,6}"),
        takes="a code of 4 to 6 digits and nothing else",
    ),
    Product(
        name="vm",
        channel=Channel.VOICE,
        interfaces={
            "api.vm.ihuyi.com": Interface(path=_VOICE_PHP, methods=_SUBMIT_AND_BALANCE),
            "api.ihuyi.com": Interface(
                path="/vm/{method}.json", methods=_SUBMIT, templates=True
            ),
        },
        mobile=mainland_phone,
        serves="mainland numbers (+86)",
        id_fields=("voiceid", "smsid"),
        signing=Signing.NONE,
    ),
    Product(
        name="isms",
        channel=Channel.SMS,
        interfaces={
            **_same(
                Interface(path=_ISMS_PHP, methods=_SUBMIT_AND_BALANCE),
                "api.isms.ihuyi.com",
                "api.isms.ihuyi.cn",
            ),
            "api.ihuyi.com": Interface(path="/isms/{method}.json", methods=_SUBMIT),
        },
        mobile=international,
        serves="numbers outside the mainland; product `sms` serves +86",
        id_fields=("ismsid", "smsid"),
        countries=None,
        receipts=ReceiptMode.PUSH,
    ),
    Product(
        name="yx",
        channel=Channel.SMS,
        interfaces=_same(
            Interface(path=_SMS_PHP, methods=_SUBMIT_AND_BALANCE),
            "api.yx.ihuyi.com",
            "api.yx.ihuyi.cn",
        ),
        mobile=mainland_mobile,
        serves="mainland mobile numbers (+86 and 11 digits)",
        signing=Signing.WRITTEN,
    ),
)

#: By name.
PRODUCTS: Mapping[str, Product] = {product.name: product for product in _PRODUCTS}
