"""Addresses of endpoints: which may be asked at all, said before anything is sent there."""

import ipaddress
import socket
from urllib.parse import urlsplit

from workbench.errors import BadInputError


def checked_url(text: str, plain_http: bool = False) -> str:
    """Return a base URL without a slash at its end; raises BadInputError where texts and keys should not go there.

    Plain HTTP goes to this machine alone unless plain_http is given; addresses at which clouds keep their secrets never.
    """
    url = text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadInputError("'{text}' is not an address: {error}.", text=text, error=error) from error
    if parts.scheme not in ("http", "https") or not host:
        raise BadInputError(
            "'{text}' is not an address; write one such as http://127.0.0.1:8000/v1.",
            text=text,
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadInputError(
            "The address of {host} must hold no name, key, question or fragment; give the key apart.",
            host=host,
        )
    kinds = [_kind(address) for address in _addresses(host, port or 80)]
    if "refused" in kinds:
        raise BadInputError(
            "{host} is an address that only this machine's own network answers; it is never asked.",
            host=host,
        )
    if parts.scheme == "http" and not plain_http and "elsewhere" in kinds:
        raise BadInputError(
            "{url} would send prompts and key readable over the network; use https, or agree with --plain-http.",
            url=url,
        )
    return url


def _addresses(host: str, port: int) -> list[str]:
    try:
        return [str(info[4][0]) for info in socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)]
    except (OSError, UnicodeError) as error:
        raise BadInputError(
            "There is no host {host} to be found from here: {error}.", host=host, error=error
        ) from error


def _kind(address: str) -> str:
    found = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback:
        return "here"
    if found.is_link_local or found.is_unspecified or found.is_multicast or found.is_reserved:
        return "refused"
    return "elsewhere"
