"""Nonces that were used: no two requests may have the same."""

from __future__ import annotations

from collections import OrderedDict


class Nonces:
    """The newest *keep* nonces."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._used: OrderedDict[str, None] = OrderedDict()

    def take(self, nonce: str) -> bool:
        """Use a nonce up; False if it was used before."""
        if nonce in self._used:
            return False
        self._used[nonce] = None
        if len(self._used) > self._keep:
            self._used.popitem(last=False)
        return True

    def clear(self) -> None:
        """Forget all."""
        self._used.clear()
