"""The rows of receipts that came before their message."""

from __future__ import annotations

from collections.abc import Sequence

from notify_core.outbox.port import Parked
from notify_core.outbox.postgres.names import plain
from notify_core.outbox.postgres.server import Connection
from notify_core.outbox.stored import receipt_from, receipt_json

_PARK = """
INSERT INTO notify_core.parked (provider, account, provider_id, reference, address,
    receipt, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)"""
# One part for each index: a condition over all three would use none.
_WAITING = """
    SELECT place FROM notify_core.parked WHERE account = $1 AND provider_id = $2
    UNION SELECT place FROM notify_core.parked WHERE account = $1 AND reference = $3
    UNION SELECT place FROM notify_core.parked WHERE account = $1 AND address = $4"""
_ARE_ANY = """
SELECT EXISTS (SELECT FROM notify_core.parked AS p
        WHERE p.account = asked.account AND p.provider_id = asked.provider_id)
    OR EXISTS (SELECT FROM notify_core.parked AS p
        WHERE p.account = asked.account AND p.reference = asked.reference)
    OR EXISTS (SELECT FROM notify_core.parked AS p
        WHERE p.account = asked.account AND p.address = asked.address)
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY
    AS asked (account, provider_id, reference, address, n) ORDER BY n"""
_TAKE = f"""
DELETE FROM notify_core.parked WHERE place IN ({_WAITING})
RETURNING place, provider, receipt, received_at"""  # noqa: S608 (a fixed query)

#: Account, the vendor's id, our reference, hash of the address.
Names = tuple[str, str | None, str | None, str | None]


async def park(connection: Connection, parked: Parked, address: str | None) -> None:
    """Keep a receipt, found by its names and the hash of its address."""
    receipt = parked.receipt
    await connection.execute(
        _PARK,
        parked.provider,
        plain(parked.account),
        _plain(receipt.provider_id),
        _plain(receipt.reference),
        address,
        receipt_json(receipt),
        parked.received_at,
    )


async def are_any(connection: Connection, asked: Sequence[Names]) -> list[bool]:
    """Tell for each whether a receipt goes by any of its names."""
    rows = [[_plain(name) for name in names] for names in asked]
    found = await connection.fetch(_ARE_ANY, *map(list, zip(*rows, strict=True)))
    return [is_any for (is_any,) in found]


async def take_parked(
    connection: Connection, account: str, names: tuple[str | None, ...]
) -> list[Parked]:
    """Remove and return the receipts that go by any of these names, oldest first."""
    asked = [_plain(name) for name in names]
    rows = await connection.fetch(_TAKE, plain(account), *asked)
    return [
        Parked(
            provider=provider,
            account=account,
            receipt=receipt_from(receipt),
            received_at=received_at,
        )
        for _, provider, receipt, received_at in sorted(rows, key=_place)
    ]


def _plain(text: str | None) -> str | None:
    return None if text is None else plain(text)


def _place(row: tuple[int, ...]) -> int:
    return row[0]
