"""What an account's first administrator runs once, for the tool of their choice: one module each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from lakeshare.planning.bootstrap import Bootstrap
from lakeshare.report.bootstrap.awscli import render_awscli
from lakeshare.report.bootstrap.cloudformation import render_cloudformation
from lakeshare.report.bootstrap.terraform import render_terraform

RENDERERS: Final[Mapping[str, Callable[[Bootstrap], str]]] = {
    "awscli": render_awscli,
    "cloudformation": render_cloudformation,
    "terraform": render_terraform,
}
