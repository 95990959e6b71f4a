"""Addresses of servers and databases as others may see them."""

from __future__ import annotations

import re
from urllib.parse import unquote

HIDDEN = "***"
# What stands before a secret, the secret, and what stands after it. A password with an '@' or '/' that is not encoded
# ends at the last '@': rather too much is hidden than a part of it shown.
SECRETS = (
    re.compile(r"^([^/]*//[^:/?#]*:)(.+)(@)"),
    re.compile(r"([?&][^=&#]*(?:pass|pwd|secret|token)[^=&#]*=)([^&]+)()", re.IGNORECASE),
)


def hide(address: str) -> str:
    """Return the address with every password and token replaced by stars."""
    for secret in SECRETS:
        address = secret.sub(rf"\1{HIDDEN}\3", address)
    return address


def scrub(text: str, address: str) -> str:
    """Return ``text`` without the address's secrets, for messages that other libraries wrote."""
    for found in (match[2] for secret in SECRETS for match in secret.finditer(address)):
        text = text.replace(found, HIDDEN).replace(unquote(found), HIDDEN)
    return text
