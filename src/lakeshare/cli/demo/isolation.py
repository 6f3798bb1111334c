"""Keeps the demo away from the shell's AWS settings and from every address but this machine's own."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

BASE_ACCOUNT: Final = "999999999999"
"""The account in which the demo's user is; to the sandbox a 12-digit access key is that account's administrator."""

_FOREIGN: Final = ("AWS_", "BOTO_")
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@contextmanager
def isolated() -> Iterator[None]:
    """
    Replace everything that would tell botocore of an account, for as long as the context lasts.

    Call it before boto3 is imported: botocore reads some of the environment as it is loaded.
    """
    before = dict(os.environ)
    for name in before:
        if name.startswith(_FOREIGN) or name.upper() in _PROXIES:
            del os.environ[name]
    os.environ |= {
        "AWS_ACCESS_KEY_ID": BASE_ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    try:
        with _loopback_only():
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class _Fence:
    """Refuses connections to other machines while it is up. An audit hook cannot be taken out again, only rest."""

    is_up = False
    is_built = False

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.is_up and event == "socket.connect" and not _is_here(arguments[1]):
            raise ConnectionRefusedError(f"the demo connects to nothing but itself, and not to {arguments[1]}")


_FENCE: Final = _Fence()


@contextmanager
def _loopback_only() -> Iterator[None]:
    """Refuse, in the whole process, every connection to an address that is not this machine's own."""
    if not _FENCE.is_built:
        sys.addaudithook(_FENCE.audit)
        _FENCE.is_built = True
    _FENCE.is_up = True
    try:
        yield
    finally:
        _FENCE.is_up = False


def _is_here(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a socket in the file system
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return bool(address[0] == "localhost")
