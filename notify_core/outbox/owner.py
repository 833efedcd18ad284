"""Who works on messages: a process, by a name that tells whether it is still there."""

from __future__ import annotations

import os
import secrets
import socket
from functools import cache
from hashlib import sha256
from pathlib import Path

#: What tells machines, and containers on one, apart where their names do not: since
#: when the machine runs, and whose process numbers these are.
_IDENTITY = (Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid"))


def new_owner() -> str:
    """Return the name of somebody who works in this process: no other has it."""
    return f"{_machine()}-{os.getpid()}-{secrets.token_hex(4)}"


def is_gone(owner: str) -> bool:
    """Tell whether the owner's process has ended; False also where nobody can tell."""
    machine, _, rest = owner.rpartition("-")[0].rpartition("-")
    if machine != _machine() or not rest.isdecimal() or os.name == "nt":
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@cache
def _machine() -> str:
    """Return the name of this machine, and of its run and its process numbers."""
    told = "".join(_told(file) for file in _IDENTITY)
    return f"{socket.gethostname()}-{sha256(told.encode()).hexdigest()[:8]}"


def _told(file: Path) -> str:
    try:
        return str(file.readlink()) if file.is_symlink() else file.read_text()
    except OSError:
        return ""
