"""Which machine a target's address leads to, before it is called: no name may lead into a network of ours unnoticed.

A name is looked up once, every address that it has is checked, and the call goes to the address that was checked; a
name server that answers differently a moment later changes nothing. TLS still demands the certificate of the name.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bot.errors import VendorError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host. Raises OSError."""

_NAT64 = ip_network("64:ff9b::/96")
_LOOPBACK_NAMES = frozenset({"localhost"})


@dataclass(frozen=True, slots=True)
class Way:
    """How a target is called: at an address that was checked, by the name that its certificate has to carry."""

    url: str
    headers: dict[str, str]
    extensions: dict[str, Any]


async def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host by the machine's own resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


async def way_to(url: str, *, private: bool, resolve: Resolve = look_up) -> Way:
    """How that address is called. Raises VendorError: no such host, or none that may be called."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if parts.scheme != "https" and not (parts.scheme == "http" and _names_loopback(host)):
        raise VendorError("insecure_address", permanent=True)
    try:
        addresses = [ip_address(text.partition("%")[0]) for text in await resolve(host, port)]
    except (OSError, ValueError) as error:
        raise VendorError("unreachable", type(error).__name__) from None
    if not addresses:
        raise VendorError("unreachable", "no address")
    if not all(may_be_called(address, host, private=private) for address in addresses):
        raise VendorError("private_address", permanent=True)
    shown = f"[{addresses[0]}]" if addresses[0].version == 6 else str(addresses[0])  # noqa: PLR2004 - IPv6
    return Way(
        url=urlunsplit((parts.scheme, f"{shown}:{port}", parts.path or "/", parts.query, "")),
        headers={"host": parts.netloc},
        extensions={"sni_hostname": host},
    )


def may_be_called(address: IPv4Address | IPv6Address, host: str, *, private: bool) -> bool:
    """Whether that address of that host may be called. private: networks of our own are allowed."""
    address = _carried(address)
    if address.is_loopback:
        return _names_loopback(host)
    if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
        return False
    return address.is_global or private


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for."""
    if not isinstance(address, IPv6Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _names_loopback(host: str) -> bool:
    """Whether whoever wrote the host meant this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in _LOOPBACK_NAMES
