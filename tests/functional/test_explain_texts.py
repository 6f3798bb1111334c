"""explain of an error text, on the command line: no spec, no AWS."""

from __future__ import annotations

from tests.functional.command_line import lakeshare


def test_a_known_text_is_explained_without_a_spec() -> None:
    """Code, quotes and the CLI's prefix make no difference; names of the text stand in what to do."""
    text = (
        "An error occurred (AccessDeniedException) when calling the GetTable operation: Insufficient Lake Formation"
        " permission(s): Required Describe on 'users_link'"
    )

    ran = lakeshare("explain", "--json", text)

    first = ran.document["explanations"][0]
    assert ran.code == 0
    assert first["id"] == "read.lake-permission"
    assert "users_link" in first["fix"]
    assert ran.document["names"] == {"table": "users_link", "permission": "Describe"}
    assert ran.document["checks"] == []


def test_an_unknown_text_says_so_and_names_the_nearest() -> None:
    """Nothing is made up about a text that is not known."""
    ran = lakeshare("explain", "the resource link creation was refused for want of luck")

    assert ran.code == 0
    assert "This text is not known." in ran.out
    assert "resource link" in ran.out
