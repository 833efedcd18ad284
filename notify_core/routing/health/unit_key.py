"""What may rest of one provider: itself, one of its senders or templates."""

from __future__ import annotations

import attrs

from notify_core.model.health import HealthUnit
from notify_core.model.masking import masked


@attrs.frozen
class UnitKey:
    """One unit of one provider."""

    unit: HealthUnit
    #: The sender or template id; None: the provider, or the account's own sender.
    name: str | None = None

    def told(self) -> str | None:
        """Return the name for people: a sender may be somebody's address."""
        if self.unit is HealthUnit.SENDER and self.name is not None:
            return masked(self.name)
        return self.name


PROVIDER = UnitKey(HealthUnit.PROVIDER)


def units_of(sender: str | None, template_id: str | None) -> tuple[UnitKey, ...]:
    """Return the units that an attempt uses; without a template there is none."""
    units = (PROVIDER, UnitKey(HealthUnit.SENDER, sender))
    if template_id is None:
        return units
    return (*units, UnitKey(HealthUnit.TEMPLATE, template_id))
