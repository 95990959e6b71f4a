"""What is seen of an address that holds secrets."""

from __future__ import annotations

import pytest

from bythebook.passwords import hide, scrub


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://me:canary@host:5000/x", "http://me:***@host:5000/x"),
        ("postgresql://me:canary@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me@company:canary@host/db", "postgresql://me@company:***@host/db"),
        ("postgresql://host/db?user=me&password=canary", "postgresql://host/db?user=me&password=***"),
        ("https://host/a?api_Token=can%2Fary&b=c#d", "https://host/a?api_Token=***&b=c#d"),
        ("https://host/a?token=can#ary", "https://host/a?token=***"),
        ("http://host:5000", "http://host:5000"),
        ("http://[::1]:5000/x", "http://[::1]:5000/x"),
        ("http://[half:canary@host", "http://[half:***@host"),
        ("sqlite:////a/b.db", "sqlite:////a/b.db"),
        ("no address", "no address"),
    ],
)
def test_passwords_are_hidden(address: str, shown: str) -> None:
    assert hide(address) == shown
    assert scrub(f"cannot reach {address}", address) == f"cannot reach {shown}"


@pytest.mark.parametrize("password", ["p@canary", "p@canary/x", "p/@canary@", "p#canary", "p?canary", "p:canary"])
def test_of_a_password_with_marks_that_are_not_encoded_nothing_is_shown(password: str) -> None:
    assert hide(f"postgresql://me:{password}@host/db") == "postgresql://me:***@host/db"


def test_a_password_is_taken_out_of_a_message_as_it_is_written_and_as_it_is_meant() -> None:
    address = "postgresql://me:can%40ary@host/db?token=a%2Fb"
    assert scrub("neither can%40ary nor can@ary, a%2Fb or a/b", address) == "neither *** nor ***, *** or ***"
