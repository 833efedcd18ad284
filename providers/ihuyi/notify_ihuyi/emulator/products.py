"""What differs between the vendor's products."""

from __future__ import annotations

import re

import attrs

_MAINLAND = re.compile(r"1[3-9][0-9]{9}")


@attrs.frozen(kw_only=True)
class Product:
    """One product of the vendor."""

    #: As the settings call it.
    name: str
    #: `sms` or `voice`.
    channel: str = "sms"
    #: The script under `/webservice/`.
    script: str = "sms.php"
    #: The operations of the newer host, `/<name>/<operation>.json`.
    json_operations: tuple[str, ...] = ()
    #: The vendor's host names contain this, where a script serves two products.
    host: str = ""
    #: The operations of the script.
    operations: tuple[str, ...] = ("Submit", "GetNum")
    #: The field that carries the message's id.
    id_field: str = "smsid"
    #: How a recipient must look.
    mobile: re.Pattern[str] = _MAINLAND
    #: Whether `mobile` may hold several, separated by commas.
    many: bool = False
    #: How the content must look; None: free.
    content: re.Pattern[str] | None = None
    #: The product's own longest content; None: the setting `max_length`.
    max_length: int | None = None
    #: Whether the content must match an approved template.
    templates: bool = True
    #: Whether the platform adds the signature.
    signed: bool = True
    #: Whether the content must end with `退订回T【signature】`.
    opt_out: bool = False
    #: Whether the limits for one number hold.
    limits: bool = True
    #: Whether a delivery receipt follows by itself.
    receipts: bool = True
    #: Whether a handset can answer.
    replies: bool = True


PRODUCTS = {
    product.name: product
    for product in (
        Product(
            name="sms",
            host="106.ihuyi",
            json_operations=("Submit", "GetNum"),
            operations=("Submit", "GetNum", "AddTemplate"),
        ),
        Product(
            name="voice",
            channel="voice",
            script="voice.php",
            host="api.voice.",
            id_field="voiceid",
            content=re.compile(r"[0-9]{4,6}"),
            templates=False,
            signed=False,
            receipts=False,
            replies=False,
        ),
        Product(
            name="vm",
            channel="voice",
            script="voice.php",
            json_operations=("Submit",),
            host="api.vm.",
            id_field="voiceid",
            mobile=re.compile(r"1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}"),
            max_length=180,
            signed=False,
            receipts=False,
            replies=False,
        ),
        Product(
            name="isms",
            script="isms.php",
            json_operations=("Submit",),
            id_field="ismsid",
            mobile=re.compile(r"[1-9][0-9]{0,3} [0-9]{4,14}"),
            limits=False,
            replies=False,
        ),
        Product(
            name="yx",
            host="api.yx.",
            many=True,
            templates=False,
            signed=False,
            opt_out=True,
            limits=False,
        ),
    )
}


def paths() -> dict[str, tuple[str, tuple[Product, ...]]]:
    """Return each path with its operation (empty: see `method`) and its products."""
    found: dict[str, tuple[str, tuple[Product, ...]]] = {}
    for product in PRODUCTS.values():
        script = f"/webservice/{product.script}"
        others = found[script][1] if script in found else ()
        found[script] = ("", (*others, product))
        for operation in product.json_operations:
            found[f"/{product.name}/{operation}.json"] = (operation, (product,))
    return found
