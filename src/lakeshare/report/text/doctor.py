"""Doctor's findings for a person: account by account, what blocks first, each with what mends it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from lakeshare.access.doctor import Checked, Status
from lakeshare.report.doctor_view import AccountView, DoctorView
from lakeshare.report.text.page import Page
from lakeshare.report.words import counted

LONG_COMMAND: Final = 50

STYLES: Final[Mapping[Status, str]] = {"blocker": "red", "warning": "yellow", "ok": "green"}


def render_doctor(view: DoctorView, page: Page, *, lists_all: bool = False) -> None:
    """Write *view* on *page*; *lists_all* shows what is well, too."""
    for account in view.accounts:
        _account(account, page, lists_all=lists_all)
    _totals(view, page, lists_all=lists_all)


def _account(account: AccountView, page: Page, *, lists_all: bool) -> None:
    page.line((account.name, "bold"), (f"  account {account.account_id}", "dim"))
    for status in ("blocker", "warning"):
        for item in account.of(status):
            _finding(item, page)
    well = account.of("ok")
    if lists_all:
        for item in well:
            _finding(item, page)
    elif well:
        page.line((f"{page.signs.passed} ", "green"), f"{counted(len(well), 'check')} ok", indent=2)
    page.blank()


def _finding(item: Checked, page: Page) -> None:
    found = item.finding
    sign = {"blocker": page.signs.failed, "warning": "!", "ok": page.signs.passed}[found.status]
    word = {"blocker": "  blocks an apply", "warning": "  warning", "ok": ""}[found.status]
    page.line((f"{sign} ", STYLES[found.status]), (item.title, "bold"), (word, STYLES[found.status]), indent=2)
    page.folded(found.saw, indent=6)
    if found.detail:
        page.folded(found.detail, indent=6, style="dim")
    if found.fix:
        _to_do(found.fix, page)


def _to_do(fix: str, page: Page) -> None:
    """Write what mends it; a long command stands on a line of its own, unfolded, so that it can be copied."""
    commands: list[str] = []

    def numbered(command: re.Match[str]) -> str:
        if len(command.group(1)) < LONG_COMMAND:
            return command.group()
        commands.append(command.group(1))
        return f"[{len(commands)}]"

    page.folded(f"to do: {re.sub('`([^`]*)`', numbered, fix)}", indent=6, hanging=13)
    for number, command in enumerate(commands, 1):
        page.line((f"[{number}] ", "dim"), command, indent=13)


def _totals(view: DoctorView, page: Page, *, lists_all: bool) -> None:
    blockers, warnings = view.count("blocker"), view.count("warning")
    more = "" if lists_all or not view.count("ok") else " (-v shows them)"
    page.line(
        ("Doctor: ", "bold red" if blockers else "bold green"),
        f"{counted(blockers, 'blocker')}, {counted(warnings, 'warning')}, {view.count('ok')} ok{more}.",
    )
