"""Configurations that use the whole language, of any size."""

from __future__ import annotations

from typing import Any

#: Name of the provider.
PROVIDER = "ihuyi-otp"
#: The policies of a set, in the order in which they are added.
POLICIES: dict[str, Any] = {
    "limits": [
        {"name": "per-number", "key": ["recipient"], "allow": ["9000/1m", "9000/day"]}
    ],
    "dedup": {"key": ["recipient", "template", "params"], "window": "1ms"},
    "quiet_hours": {"from": "03:00", "to": "03:01", "bypass": ["otp"]},
    "suppression": {},
    "content": {"max_length": 500, "emoji": "reject", "forbid": ["casino"]},
    "send_window": {"windows": [{"from": "00:00", "to": "23:59"}]},
    "sandbox": {"allow": ["+86*"]},
    "deadline": "20s",
    "max_attempts": 3,
    "validity": "5m",
}

#: The template of every message.
_TEMPLATE = {
    "kind": "otp",
    "params": {
        "type": "object",
        "properties": {"code": {"type": "string", "pattern": "^[0-9]{4,8}$"}},
        "required": ["code"],
        "additionalProperties": False,
    },
    "text": "您的验证码是：{{ code }}。请不要把验证码泄露给其他人。",
    "bindings": {"ihuyi": {"template_id": "1", "params": ["code"]}},
}


def configuration(
    provider: dict[str, Any], routes: int = 100, policies: int = 5
) -> dict[str, Any]:
    """Return a configuration with so many routes and policies.

    The message of the benchmarks takes the last route but one.

    Args:
        provider: As the section `providers` has it.
        routes: Siblings below the root, two or more; 0: the root alone.
        policies: Of the set that every route has.
    """
    siblings = [
        {"name": f"tenant-{n}", "match": {"labels.tenant": f"t{n}", "kind": "otp"}}
        for n in range(routes - 2)
    ]
    mainland = {"name": "mainland", "match": {"kind": "otp", "country": "CN"}}
    rest = {"name": "rest", "match": {"country": {"exists": True}}}
    below = [*siblings, mainland, rest] if routes else []
    return {
        "version": 1,
        "defaults": {"region": "CN", "timezone": "Asia/Shanghai"},
        "providers": {PROVIDER: provider},
        "policies": {"all": dict(list(POLICIES.items())[:policies])},
        "templates": {
            "login-code": _TEMPLATE,
        },
        "routes": {
            "name": "root",
            "pool": PROVIDER,
            "policy": "all",
            "routes": below,
        },
    }
