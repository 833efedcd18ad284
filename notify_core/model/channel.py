"""How a message travels, what it is for and how much it matters."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How a message travels. `chat` and `push` are reserved words."""

    #: A text message to a phone.
    SMS = "sms"
    #: A spoken message to a phone.
    VOICE = "voice"
    #: An e-mail.
    EMAIL = "email"
    #: A signed request to a configured endpoint.
    WEBHOOK = "webhook"


class Kind(StrEnum):
    """What a message is for."""

    #: A verification code.
    OTP = "otp"
    #: Something that the recipient has to know.
    NOTICE = "notice"
    #: Something that the sender would like the recipient to know.
    MARKETING = "marketing"


class Importance(StrEnum):
    """How much a message matters, from the least."""

    #: May wait.
    LOW = "low"
    #: The rule.
    NORMAL = "normal"
    #: Before others.
    HIGH = "high"
    #: Before everything.
    CRITICAL = "critical"
