"""What a plugin declares of a vendor: facts, and how to make a provider."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib.resources.abc import Traversable
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

import attrs

from notify_core.errors import Problem, UnsupportedFeature
from notify_core.model.template import Binding, Template
from notify_core.provider.capabilities import Capabilities
from notify_core.provider.code import Code
from notify_core.provider.provider import Account, Provider
from notify_core.provider.submission import Submission

if TYPE_CHECKING:
    from notify_core.testing.emulator import Emulator


Settings = Mapping[str, Any]


@attrs.frozen(kw_only=True)
class TemplateFault:
    """What is wrong with a template that a provider is to send."""

    #: JSON pointer from the template, `/text/zh-CN`; what begins with `/binding`
    #: leads into the provider's own binding.
    pointer: str
    #: What is wrong and what to do.
    message: str
    #: Some messages of it can be sent all the same: a warning, not an error.
    is_partial: bool = False


@attrs.frozen(kw_only=True)
class ProviderType:
    """What a plugin offers: a vendor's facts, and how to make a provider of it."""

    #: Lower case; the configuration says it as `type`.
    name: str
    #: One sentence for lists.
    summary: str
    #: What accounts of this type can do at most; the matrix in the documentation.
    capabilities: Capabilities
    #: JSON Schema 2020-12 of the settings; `writeOnly` marks secrets.
    settings_schema: Mapping[str, Any] = attrs.field(repr=False)
    create: Callable[[Account], Provider]
    #: What identifies the account at the vendor, as `C0001`.
    account_key: Callable[[Settings], str]
    #: Vendor code to meaning, with the source of the table beside it.
    codes: Mapping[str, Code] = attrs.field(factory=dict, repr=False)
    #: What one account can do, where its settings narrow it.
    account_capabilities: Callable[[Settings], Capabilities] | None = None
    #: JSON Schema of `extra.<type>` of a message; None: nothing is taken.
    extra_schema: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    #: The options under `extra.<type>` with which a text that is a JSON document is
    #: sent as it is; empty: there are none.
    json_text: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    #: What is wrong with an account's settings that no schema can say; pointers
    #: start at the settings.
    problems: Callable[[Settings], Iterable[Problem]] | None = None
    #: Why this account cannot take a rendered message; None when it can.
    refuses: Callable[[Settings, Submission], str | None] | None = None
    #: What keeps an account from sending messages of a template that is bound to it,
    #: or that it takes without a binding.
    template_faults: (
        Callable[[Settings, Template, Binding | None], Iterable[TemplateFault]] | None
    ) = None
    #: How many parts the vendor bills, where it counts in another way than GSM-7 and
    #: UCS-2 do.
    segments: Callable[[Settings, Submission], int] | None = None
    #: The vendor's caps, in the form that `limits` of a policy set has; taken where
    #: the configuration says `limits: recommended`.
    recommended_limits: tuple[Mapping[str, Any], ...] = attrs.field(
        default=(), repr=False
    )
    #: The place of the function that makes the vendor's emulator from its options,
    #: as `pkgutil.resolve_name` takes it. It takes `push_url` if the vendor pushes.
    emulator: str | None = None
    #: Folder with the `notify.yaml` and `messages.json` that `notify demo` plays.
    demo: Traversable | None = attrs.field(default=None, repr=False)

    def capabilities_for(self, settings: Settings) -> Capabilities:
        """Return what an account with these settings can do."""
        if self.account_capabilities is None:
            return self.capabilities
        return self.account_capabilities(settings)

    def make_emulator(self, options: Mapping[str, Any]) -> Emulator:
        """Make the vendor's emulator, not started.

        Raises:
            UnsupportedFeature: The type has none.
            ValueError: With every fault in *options*.
        """
        if self.emulator is None:
            raise UnsupportedFeature(self.name, "an emulator")
        made: Emulator = resolve_name(self.emulator)(options)
        return made
