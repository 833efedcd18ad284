"""One client's dialogue with the emulator, command by command."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import attrs

from notify_core.testing.emulator import Do, Verdict
from notify_smtp.emulator.envelope import (
    ARGUMENTS,
    Envelope,
    mail_refusal,
    rcpt_refusal,
    read_path,
)
from notify_smtp.emulator.lines import Unreadable
from notify_smtp.emulator.login import MECHANISMS
from notify_smtp.emulator.message import read_letter
from notify_smtp.emulator.orders import MailOrder

if TYPE_CHECKING:
    from notify_smtp.emulator.lines import Lines
    from notify_smtp.emulator.server import SmtpEmulator
    from notify_smtp.emulator.settings import AccountSettings

_NAME = "emulator.invalid"
#: Characters of a command: RFC 5321, 4.5.3.1.4, and RFC 4954, 4; without CRLF.
_LONGEST = 510
_LONGEST_AUTH = 12_286

_UNKNOWN = "500 5.5.2 Syntax error, command unrecognized"
_SEQUENCE = "503 5.5.1 Bad sequence of commands"


class Dialogue:
    """One connection, from its greeting to its end."""

    def __init__(self, lines: Lines, emulator: SmtpEmulator) -> None:
        self._lines = lines
        self._emulator = emulator
        self._settings = emulator.settings
        self._is_encrypted = emulator.settings.security == "tls"
        self._is_greeted = False
        self._is_over = False
        self._account: AccountSettings | None = None
        self._envelope = Envelope()

    async def hold(self) -> None:
        """Talk until one side has enough."""
        with suppress(ConnectionError):
            await self._lines.say(f"220 {_NAME} ESMTP emulator")
            while not self._is_over:
                reply = await self._reply()
                if reply:
                    await self._lines.say(reply)

    async def _reply(self) -> str:
        """Return the reply to the next command; empty: there is nothing to say."""
        try:
            return await self._obeyed(await self._lines.read())
        except TimeoutError:
            self._is_over = True
            return f"421 4.4.2 {_NAME} Timeout, closing transmission channel"
        except Unreadable:
            self._is_over = True
            return _UNKNOWN

    async def _obeyed(self, line: str) -> str:
        verb, _, rest = line.partition(" ")
        command = _COMMANDS.get(verb.upper())
        longest = _LONGEST_AUTH if command is Dialogue.auth else _LONGEST
        if command is None or len(line) > longest:
            return _UNKNOWN
        return await command(self, rest.strip())

    # Who is there.

    async def helo(self, name: str) -> str:
        """Greet a client that knows no extensions."""
        self._is_greeted, self._envelope = bool(name), Envelope()
        return f"250 {_NAME}" if name else ARGUMENTS

    async def ehlo(self, name: str) -> str:
        """Greet a client and list the extensions."""
        if not name:
            return ARGUMENTS
        self._is_greeted, self._envelope = True, Envelope()
        *lines, last = (f"{_NAME} greets {name}", *self._extensions())
        return "\r\n".join([*(f"250-{line}" for line in lines), f"250 {last}"])

    def _extensions(self) -> list[str]:
        return [
            "8BITMIME",
            "ENHANCEDSTATUSCODES",
            *(["SMTPUTF8"] if self._settings.smtputf8 else []),
            *(["STARTTLS"] if self._must_encrypt else []),
            *([f"AUTH {' '.join(MECHANISMS)}"] if self._can_log_in else []),
            f"SIZE {self._settings.max_size}",
        ]

    @property
    def _must_encrypt(self) -> bool:
        return self._settings.security == "starttls" and not self._is_encrypted

    @property
    def _can_log_in(self) -> bool:
        return bool(self._settings.accounts) and not self._must_encrypt

    async def starttls(self, rest: str) -> str:
        """Encrypt what follows, and forget what was said (RFC 3207, 4.2)."""
        trust = self._emulator.trust
        if rest or trust is None or self._is_encrypted:
            return ARGUMENTS if rest else _SEQUENCE
        await self._lines.say("220 2.0.0 Ready to start TLS")
        try:
            await self._lines.encrypt(trust)
        except OSError:  # the client does not trust the certificate
            self._is_over = True
        self._is_encrypted, self._is_greeted = True, False
        return ""

    async def auth(self, rest: str) -> str:
        """Let somebody log in."""
        if not self._is_greeted or self._account or not self._can_log_in:
            return _SEQUENCE
        mechanism, _, initial = rest.partition(" ")
        read = MECHANISMS.get(mechanism.upper())
        if read is None:
            return "504 5.5.4 Unrecognized authentication type"
        try:
            credentials = await read(initial, self._challenged)
        except ValueError:
            return "501 5.5.2 Syntax error in parameters or arguments"
        self._account = self._emulator.account(credentials)
        if self._account is None:
            return self._noted("535 5.7.8 Authentication credentials invalid")
        return "235 2.7.0 Authentication Succeeded"

    async def _challenged(self, challenge: str) -> str:
        await self._lines.say(f"334 {challenge}")
        return await self._lines.read()

    # What is sent.

    async def mail(self, rest: str) -> str:
        """Begin a mail."""
        path = read_path("FROM", rest)
        refusal = self._not_yet() or mail_refusal(path, self._settings, self._account)
        if refusal or path is None:
            return self._noted(refusal or ARGUMENTS)
        self._envelope = Envelope(sender=path.address, takes_utf8=path.takes_utf8)
        return "250 2.1.0 Ok"

    def _not_yet(self) -> str | None:
        if not self._is_greeted or self._envelope.sender:
            return _SEQUENCE
        if self._must_encrypt:
            return "530 5.7.0 Must issue a STARTTLS command first"
        if self._settings.accounts and self._account is None:
            return "530 5.7.0 Authentication required"
        return None

    async def rcpt(self, rest: str) -> str:
        """Add a recipient."""
        path = read_path("TO", rest)
        out_of_turn = None if self._envelope.sender else _SEQUENCE
        refusal = out_of_turn or rcpt_refusal(path, self._settings, self._envelope)
        if refusal or path is None:
            return self._noted(refusal or ARGUMENTS, to=path.address if path else "")
        recipients = (*self._envelope.recipients, path.address)
        self._envelope = attrs.evolve(self._envelope, recipients=recipients)
        return "250 2.1.5 Ok"

    def _noted(self, reply: str, to: str = "") -> str:
        self._emulator.note_refusal(reply, to=to)
        return reply

    async def data(self, rest: str) -> str:
        """Take the mail itself."""
        if rest or not self._envelope.recipients:
            return ARGUMENTS if rest else _SEQUENCE
        await self._lines.say("354 Start mail input; end with <CRLF>.<CRLF>")
        content = await self._lines.content(self._settings.max_size)
        order, self._envelope = self._order(content), Envelope()
        return await self._obey(*self._emulator.judge(order))

    def _order(self, content: bytes) -> MailOrder:
        letter = read_letter(content)
        return MailOrder(
            to=self._envelope.recipients,
            text=f"{letter.subject}\n\n{letter.text}",
            reference=letter.message_id,
            letter=letter,
            sender=self._envelope.sender,
            account=self._account.username if self._account else "",
            settings=self._settings,
            at=self._emulator.clock(),
            queue=self._emulator.queue,
        )

    async def _obey(self, do: Do, verdict: Verdict | None) -> str:
        """Answer as the verdict says, or do what is scripted instead."""
        await asyncio.sleep(do.delay)
        if do.raw:
            await self._lines.write(do.raw.data)
            self._is_over = do.raw.wire
            return ""
        if do.close or verdict is None:
            self._is_over = True
            return ""
        return f"{verdict.code} {verdict.text}"

    # The rest.

    async def rset(self, rest: str) -> str:
        """Forget the mail that was begun."""
        self._envelope = Envelope()
        return ARGUMENTS if rest else "250 2.0.0 Ok"

    async def noop(self, _: str) -> str:
        """Do nothing."""
        return "250 2.0.0 Ok"

    async def vrfy(self, _: str) -> str:
        """Tell nothing about anybody."""
        return "252 2.5.0 Cannot VRFY user, but will accept message"

    async def quit(self, rest: str) -> str:
        """Say goodbye."""
        self._is_over = not rest
        return ARGUMENTS if rest else "221 2.0.0 Service closing transmission channel"


_COMMANDS: Mapping[str, Callable[[Dialogue, str], Awaitable[str]]] = {
    "HELO": Dialogue.helo,
    "EHLO": Dialogue.ehlo,
    "STARTTLS": Dialogue.starttls,
    "AUTH": Dialogue.auth,
    "MAIL": Dialogue.mail,
    "RCPT": Dialogue.rcpt,
    "DATA": Dialogue.data,
    "RSET": Dialogue.rset,
    "NOOP": Dialogue.noop,
    "VRFY": Dialogue.vrfy,
    "QUIT": Dialogue.quit,
}
