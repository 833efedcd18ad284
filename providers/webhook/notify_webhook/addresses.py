"""Which addresses are public.

Python's own `is_global` differs between its patch releases, so the table stands here.
Sources: IANA's IPv4 and IPv6 Special-Purpose Address Registries and IPv6 address space
registry; RFC 6052 for IPv4 addresses inside IPv6 ones.
"""

from __future__ import annotations

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

#: IPv4 that is not globally reachable, or reserved.
_SPECIAL_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network; Linux takes 0.0.0.0 for loopback
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # carriers' shared space
            "127.0.0.0/8",  # loopback
            "168.63.129.16/32",  # Azure's platform, inside every virtual machine there
            "169.254.0.0/16",  # link-local, with the clouds' metadata
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # IETF protocols
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # relays of 6to4, deprecated
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
#: All unicast that is assigned; loopback, link-local, private, multicast lie outside.
_GLOBAL_V6 = IPv6Network("2000::/3")
#: What of it is not globally reachable, or leads to an IPv4 address of any kind.
_SPECIAL_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # IETF protocols, with Teredo
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "3fff::/20",  # documentation
        ),
    )
)
#: Where a gateway writes IPv4 addresses for hosts that have only IPv6.
_NAT64 = IPv6Network("64:ff9b::/96")
_V4_BITS = 0xFFFFFFFF


def is_public(address: str) -> bool:
    """Tell whether everybody's packets to *address* go to the same place outside.

    What is not written as an address is written plainly, such as `2130706433` and
    `127.1`, is not public.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        inside = _v4_inside(parsed)
        return _is_public_v6(parsed) if inside is None else _is_public_v4(inside)
    return _is_public_v4(parsed)


def _v4_inside(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that is meant by an IPv6 one, if there is one."""
    if address in _NAT64:
        return IPv4Address(int(address) & _V4_BITS)
    return address.ipv4_mapped


def _is_public_v4(address: IPv4Address) -> bool:
    return not any(address in network for network in _SPECIAL_V4)


def _is_public_v6(address: IPv6Address) -> bool:
    return address in _GLOBAL_V6 and not any(address in net for net in _SPECIAL_V6)
