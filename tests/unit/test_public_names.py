"""Nothing is public by accident, and what is public is there."""

from __future__ import annotations

import subprocess
import sys

import pytest

import lakeshare


@pytest.mark.parametrize("name", lakeshare.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    """Each name of ``__all__`` is an attribute of the package."""
    assert getattr(lakeshare, name) is not None


def test_other_names_cannot() -> None:
    """A name that is not public is an AttributeError, as for any module."""
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = lakeshare.nonsense


def test_importing_the_package_imports_nothing_heavy() -> None:
    """``import lakeshare`` loads neither boto3 nor pydantic nor rich."""
    code = "import sys, lakeshare; print([n for n in ('botocore', 'pydantic', 'rich', 'yaml') if n in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"
