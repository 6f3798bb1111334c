"""
What ``moved: {from: old-name}`` may say.

A name that something still goes by cannot be the old one of something else: then nobody could tell whose the things are
that were made under it. That is also why two parts cannot swap their names in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lakeshare.spec.draft import Draft, Word
from lakeshare.spec.tree import Findings


def check_moves(draft: Draft, findings: Findings) -> None:
    """Tell of old names that are the part's own, still in use, or given twice."""
    accounts = {name: account.before for name, account in draft.accounts.items()}
    _check("accounts", "an account", accounts, draft.account_names or (), findings)
    shares = {share.name: share.before for share in draft.shares}
    _check("shares", "a share", shares, shares, findings)


def _check(
    section: str, noun: str, before: Mapping[str, Word | None], names: Iterable[str], findings: Findings
) -> None:
    used, first = frozenset(names), dict[str, str]()
    for name, word in before.items():
        if word is None:
            continue
        old, where = word.text, f"{section}.{name}.moved"
        other = before.get(old)
        if old == name:
            findings.add(word.place, f"{where} gives the name that it has; expected the one that it had before")
        elif other is not None and other.text == name:
            message = f"{where}: {name} and {old} cannot swap their names at once"
            findings.add(word.place, f"{message}; give one of them a third name, apply, then give both the right ones")
        elif old in used:
            message = f'{where}: there still is {noun} "{word.shown}"'
            findings.add(word.place, f"{message}; expected a name that nothing goes by any more")
        elif old in first:
            message = f'{where}: {section}.{first[old]} says already that it was called "{word.shown}"'
            findings.add(word.place, f"{message}; expected one of the two to say so")
        else:
            first[old] = name
