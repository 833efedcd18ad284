"""A template rendered for nobody: how it reads, and what each provider would bill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from notify_core.cli.output import doubtful, faint, heading, plain
from notify_core.config.snapshot import ProviderSettings
from notify_core.errors import InvalidMessage, Problem
from notify_core.estimate import Estimate, estimate
from notify_core.model.channel import Channel, Kind
from notify_core.model.recipient import Recipient
from notify_core.model.segments import Encoding, count_segments, encoding_of
from notify_core.provider import BoundTemplate, Submission
from notify_core.routing.eligibility import why_not
from notify_core.template.bindings import bound
from notify_core.template.catalogue import CompiledTemplate
from notify_core.template.wording import Rendered


@attrs.frozen(kw_only=True)
class Offer:
    """What one provider would make of it."""

    provider: str
    #: Why it would not take the message; None when it would.
    why_not: str | None
    #: The vendor's template with the values; None: the text is sent.
    template: BoundTemplate | None
    sender: str | None
    #: None where it would not take the message.
    billed: Estimate | None

    def line(self) -> str:
        """Return the text for people."""
        if self.billed is None:
            return f"  {self.provider}  {doubtful(plain(self.why_not or ''))}"
        return f"  {self.provider}  {self._sent()}  {faint(_told(self.billed))}"

    def _sent(self) -> str:
        if self.template is None:
            return "the text"
        values = ", ".join(f"{name}={value}" for name, value in self.template.params)
        return plain(f"template {self.template.id} ({values})")


@attrs.frozen(kw_only=True)
class Preview:
    """A rendered template."""

    template: str
    kind: Kind
    #: The language that was chosen; None: one text for everybody.
    locale: str | None
    #: The recipient, masked.
    to: str
    text: str | None
    subject: str | None
    html: str | None
    #: Of the text.
    characters: int
    #: The alphabet of the text as SMS.
    encoding: Encoding | None
    #: Parts as SMS, by GSM-7 and UCS-2; a vendor may count otherwise.
    segments: int | None
    providers: tuple[Offer, ...]

    def lines(self) -> Iterator[str]:
        """Yield the text for people."""
        facts = ", ".join(fact for fact in (self.kind, self.locale) if fact)
        yield f"{heading(self.template)}  {faint(f'{facts}, to {self.to}')}"
        for name in ("subject", "text", "html"):
            said: str | None = getattr(self, name)
            for number, line in enumerate((said or "").split("\n") if said else ()):
                yield f"  {plain(line)}" if number else f"  {name}: {plain(line)}"
        if self.encoding is not None:
            size = f"{self.characters} characters, {self.encoding.upper()}"
            yield f"  {faint(f'{size}, {_parts(self.segments or 1)}')}"
        yield heading("Providers")
        yield from (offer.line() for offer in self.providers)


@attrs.frozen(kw_only=True)
class Previewing:
    """What a template is rendered with."""

    template: CompiledTemplate
    params: Mapping[str, Any] = attrs.field(repr=False)
    locale: str | None
    channel: Channel
    recipient: Recipient

    def preview(self, providers: Iterable[ProviderSettings]) -> Preview:
        """Render the template, and ask what each provider would make of it.

        Raises:
            InvalidMessage: The params do not fit the template.
        """
        rendered = self._rendered()
        content, text = rendered.content, rendered.text
        is_sms = self.channel is Channel.SMS and text is not None
        return Preview(
            template=self.template.template.name,
            kind=self.template.template.kind,
            locale=self.template.wording(self.locale).locale,
            to=self.recipient.masked,
            text=text,
            subject=content.subject if content else None,
            html=content.html if content else None,
            characters=len(text or ""),
            encoding=encoding_of(text or "") if is_sms else None,
            segments=count_segments(text or "") if is_sms else None,
            providers=tuple(self._offer(provider, rendered) for provider in providers),
        )

    def _rendered(self) -> Rendered:
        problems = self.template.params.problems(self.params)
        if problems:
            raise InvalidMessage(problems)
        try:
            return self.template.render(self.params, self.locale)
        except ValueError as error:
            why = f"do not fit the template: {error}"
            raise InvalidMessage([Problem(pointer="/params", message=why)]) from None

    def _offer(self, provider: ProviderSettings, rendered: Rendered) -> Offer:
        binding = self.template.binding_for(provider.name, provider.type.name)
        by_id = binding is not None and provider.capabilities.templates
        submission = Submission(
            message="preview",
            reference="preview",
            recipient=self.recipient,
            channel=self.channel,
            kind=self.template.template.kind,
            text=rendered.text,
            content=rendered.content,
            template=bound(binding, self.params) if binding and by_id else None,
            sender=binding.sender if binding else None,
        )
        why = why_not(provider, submission, is_filed=binding is not None)
        return Offer(
            provider=provider.name,
            why_not=why,
            template=submission.template,
            sender=submission.sender,
            billed=estimate(provider, submission) if why is None else None,
        )


def _told(billed: Estimate) -> str:
    cost = "" if billed.cost is None else f", {billed.cost} {billed.currency}"
    return f"{_parts(billed.segments)}{cost}"


def _parts(number: int) -> str:
    return f"{number} segment{'' if number == 1 else 's'}"
