"""The options under `templates`, and `template_files`."""

from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml

from notify_core import Notifier
from notify_core.model.channel import Channel
from notify_core.provider import BoundTemplate, Submission, TextMode
from notify_core.testing import FakeVendor
from tests.builders import code
from tests.options.configured import CODE, LEAST, one

TWO_PARAMS = {
    "type": "object",
    "properties": {"code": {"type": "string"}, "minutes": {"type": "string"}},
    "required": ["code", "minutes"],
}


async def submitted(
    vendor: FakeVendor, template: dict[str, Any], **fields: Any
) -> Submission:
    """Return what the vendor is given of a message with this template."""
    configuration = {"templates": {"code": {**CODE, **template}}}
    result = await one(configuration, code(**fields), vendor=vendor)
    assert result.ok
    return vendor["a"].submissions[0]


async def mailed(vendor: FakeVendor, template: dict[str, Any]) -> Any:
    """Return the content of an e-mail."""
    to = {"to": "jane@example.com", "channel": Channel.EMAIL}
    return (await submitted(vendor, template, **to)).content


@pytest.mark.option("templates.*.kind", instead="marketing")
async def test_a_template_says_what_its_messages_are_for(vendor: FakeVendor) -> None:
    submission = await submitted(vendor, {"kind": "otp"})

    assert submission.kind == "otp"


@pytest.mark.option("templates.*.params")
async def test_a_template_says_what_its_parameters_are_like(
    vendor: FakeVendor,
) -> None:
    template = {**CODE, "text": "Hello."}

    result = await one({"templates": {"code": template}}, code(), vendor=vendor)

    assert result.ok


@pytest.mark.option("templates.*.text")
async def test_a_template_has_a_text(vendor: FakeVendor) -> None:
    template = {"text": "Code {{ code }}", "bindings": {"a": {"template_id": "1"}}}

    submission = await submitted(vendor, template)

    assert submission.text == "Code 1234"


TEXTS = {"zh-CN": "验证码 {{ code }}", "en": "Code {{ code }}"}


@pytest.mark.option("templates.*.text.*", instead="Other text.")
async def test_a_template_has_a_text_for_each_language(vendor: FakeVendor) -> None:
    template = {"text": TEXTS, "default_locale": "en"}

    submission = await submitted(vendor, template, locale="zh-CN")

    assert submission.text == "验证码 1234"


@pytest.mark.option("templates.*.default_locale", instead="en")
async def test_a_template_has_a_language_for_other_messages(
    vendor: FakeVendor,
) -> None:
    template = {"text": TEXTS, "default_locale": "zh-CN"}

    submission = await submitted(vendor, template, locale="fr")

    assert submission.text == "验证码 1234"


@pytest.mark.option("templates.*.subject")
@pytest.mark.option("templates.*.html")
async def test_an_e_mail_has_a_subject_and_html(vendor: FakeVendor) -> None:
    content = await mailed(vendor, {"subject": "A code", "html": "<b>{{ code }}</b>"})

    assert (content.subject, content.html) == ("A code", "<b>1234</b>")


@pytest.mark.option("templates.*.subject.*", instead="Other subject")
@pytest.mark.option("templates.*.html.*", instead="Other HTML")
async def test_an_e_mail_has_them_in_each_language(vendor: FakeVendor) -> None:
    template = {
        "text": TEXTS,
        "subject": {"zh-CN": "验证码", "en": "A code"},
        "html": {"zh-CN": "<p>验证码</p>", "en": "<p>Code</p>"},
        "default_locale": "zh-CN",
    }

    content = await mailed(vendor, template)

    assert (content.subject, content.html) == ("验证码", "<p>验证码</p>")


def taking(mode: TextMode) -> FakeVendor:
    """Return a vendor that takes such texts."""
    can = attrs.evolve(FakeVendor().type.capabilities, text=mode)
    return FakeVendor(capabilities=can)


@pytest.mark.option("templates.*.bindings.*.template_id", instead="SMS_2")
async def test_a_vendor_knows_the_template_by_its_id() -> None:
    bindings = {"a": {"template_id": "SMS_1"}}

    submission = await submitted(taking(TextMode.NONE), {"bindings": bindings})

    assert submission.template == BoundTemplate(id="SMS_1")


@pytest.mark.option("templates.*.bindings.*.mode")
async def test_a_vendor_may_know_the_template_by_its_text() -> None:
    bindings = {"a": {"mode": "text"}}

    submission = await submitted(taking(TextMode.APPROVED), {"bindings": bindings})

    assert (submission.template, submission.text) == (None, "Your code is 1234.")


async def values(params: Any) -> tuple[tuple[str, str], ...]:
    """Return the parameters that a vendor is given, which has this binding."""
    binding = {"template_id": "SMS_1", "params": params}
    template = {"params": TWO_PARAMS, "bindings": {"fake": binding}}
    said = {"code": "1234", "minutes": "5"}
    submission = await submitted(taking(TextMode.NONE), template, params=said)
    assert submission.template is not None
    return submission.template.params


@pytest.mark.option("templates.*.bindings.*.params")
async def test_a_vendor_is_given_the_parameters_in_its_order() -> None:
    told = await values(["minutes", "code"])

    assert told == (("minutes", "5"), ("code", "1234"))


@pytest.mark.option("templates.*.bindings.*.params.*")
async def test_a_vendor_is_given_the_parameters_under_its_names() -> None:
    told = await values({"otp": "code"})

    assert told == (("otp", "1234"),)


@pytest.mark.option("templates.*.bindings.*.sender")
async def test_a_template_is_sent_under_a_sender(vendor: FakeVendor) -> None:
    bindings = {"a": {"template_id": "SMS_1", "sender": "Acme"}}

    submission = await submitted(vendor, {"bindings": bindings})

    assert submission.sender == "Acme"


@pytest.mark.option("template_files")
async def test_templates_may_stand_in_files_of_their_own(
    vendor: FakeVendor, tmp_path: Path
) -> None:
    (tmp_path / "codes.yaml").write_text(yaml.safe_dump({"code": CODE}))
    file = tmp_path / "notify.yaml"
    file.write_text(yaml.safe_dump({**LEAST, "template_files": ["*s.yaml"]}))

    async with Notifier.from_config(file, plugins={"fake": vendor}) as notifier:
        result = await notifier.send(code())

    assert result.ok
