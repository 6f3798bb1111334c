"""
What takes more than one field to judge: names that must exist, parts that must fit each other.

Every check gets the draft and adds what it finds. None of them asks AWS anything: what only AWS knows (does the role
exist, is the table there) is for the plan to find out.
"""

from __future__ import annotations

from collections.abc import Iterable

from lakeshare.catalogue import nearest
from lakeshare.spec.draft import Draft, DraftAccount, DraftShare, Word
from lakeshare.spec.model import DEFAULT_LINKS
from lakeshare.spec.moved_checks import check_moves
from lakeshare.spec.principal_checks import check_keys, check_location_roles
from lakeshare.spec.reader_checks import check_creations, check_readers
from lakeshare.spec.sign_in_checks import check_sign_ins
from lakeshare.spec.table_checks import Offer, check_reader_tables, check_tables, offer_of
from lakeshare.spec.tree import Findings, brief


def run_checks(draft: Draft, findings: Findings) -> None:
    """Add to *findings* all that does not fit together in *draft*."""
    check_sign_ins(draft, findings)
    for share in draft.shares:
        _check_account_names(share, draft, findings)
        _check_regions(share, draft, findings)
        _check_two_accounts(share, draft, findings)
    _check_one_name([share.producer for share in draft.shares], draft, findings)
    _check_one_name([share.consumer for share in draft.shares], draft, findings)
    offers = [_check_contents(share, draft, findings) for share in draft.shares]
    check_creations(draft, findings)
    check_moves(draft, findings)
    check_location_roles(draft, findings)
    _check_links(draft, offers, findings)
    _check_limited_accounts(draft, findings)


def _check_contents(share: DraftShare, draft: Draft, findings: Findings) -> Offer:
    check_tables(share, findings)
    offer = offer_of(share)
    check_readers(share, draft, findings)
    check_keys(share, draft, findings)
    for reader in share.readers:
        check_reader_tables(reader, share, offer, findings)
    return offer


def _check_account_names(share: DraftShare, draft: Draft, findings: Findings) -> None:
    if draft.account_names is None:
        return
    for word in (share.producer, share.consumer):
        if word is not None and word.text not in draft.account_names:
            findings.add(word.place, f'there is no account "{word.shown}"; {_instead(word.text, draft.account_names)}')


def _check_limited_accounts(draft: Draft, findings: Findings) -> None:
    for name, place in draft.limited_accounts.items():
        if draft.account_names is not None and name not in draft.account_names:
            findings.add(place, f'there is no account "{brief(name)}"; {_instead(name, draft.account_names)}')


def _instead(name: str, names: Iterable[str]) -> str:
    known = tuple(names)
    guess = nearest(name, known)
    return f'did you mean "{guess}"?' if guess else f"accounts has {', '.join(known) or 'none'}"


def _check_regions(share: DraftShare, draft: Draft, findings: Findings) -> None:
    producer, consumer = draft.account(share.producer), draft.account(share.consumer)
    if not producer or not consumer or not share.consumer or not producer.region or not consumer.region:
        return
    if producer.region.text == consumer.region.text:
        return
    because = (
        "Connect's lake is shared in its own Region" if share.is_connect else "sharing across Regions is not built yet"
    )
    findings.add(
        share.consumer.place,
        f"shares.{share.name} goes from {producer.name} in {producer.region.shown} to {consumer.name} in "
        f"{consumer.region.shown}; expected one Region: {because}",
    )


def _check_two_accounts(share: DraftShare, draft: Draft, findings: Findings) -> None:
    producer, consumer = draft.account(share.producer), draft.account(share.consumer)
    if share.is_connect or not producer or not consumer or not share.consumer or not producer.id or not consumer.id:
        return
    if producer.id.text == consumer.id.text:
        message = f"shares.{share.name} goes from account {producer.id.shown} to itself; expected two accounts"
        findings.add(share.consumer.place, f"{message}: its readers can be granted the tables where they are")


def _check_one_name(sides: Iterable[Word | None], draft: Draft, findings: Findings) -> None:
    """
    On one side of the shares, an account in one Region goes by one name.

    Two names would be two addresses for each bucket, workgroup or association, each of which exists once. A name on
    either side is fine: an account that receives from itself may sign in differently for each part.
    """
    first: dict[tuple[str, str], DraftAccount] = {}
    for word in sides:
        account = draft.account(word)
        if word is None or account is None or account.id is None or account.region is None:
            continue
        there = first.setdefault((account.id.text, account.region.text), account)
        if there.name != account.name:
            where = f"account {account.id.shown} in {account.region.shown}"
            findings.add(
                word.place, f"{account.name} is {where}, which other shares call {there.name}; expected one name for it"
            )


def _check_links(draft: Draft, offers: list[Offer], findings: Findings) -> None:
    """Two shares may fill one database, but not with links of one name; one share cannot collide with itself."""
    makers: dict[tuple[str, str, str], str] = {}
    for share, offer in zip(draft.shares, offers, strict=True):
        target = _database_of(share, draft)
        if target is None or share.database is None or share.template is None:
            continue
        links = [share.template.replace(DEFAULT_LINKS, name) for name in offer.names]
        _check_length(share, links, findings)
        taken = [link for link in links if (*target, link) in makers]
        if taken:
            _tell_collision(share.database, share.name, makers[*target, taken[0]], taken, findings)
        for link in links:
            makers.setdefault((*target, link), share.name)


def _database_of(share: DraftShare, draft: Draft) -> tuple[str, str] | None:
    consumer = draft.account(share.consumer)
    if consumer is None or consumer.id is None or share.database is None:
        return None
    return f"{consumer.id.text}/{consumer.region.text if consumer.region else ''}", share.database.text


def _check_length(share: DraftShare, links: list[str], findings: Findings) -> None:
    longest = max(links, key=len, default="")
    if share.links and len(longest) > _LONGEST_NAME:
        message = f"shares.{share.name}.to.links makes names of {len(longest)} characters; Glue takes {_LONGEST_NAME}"
        findings.add(share.links.place, message)


_LONGEST_NAME = 255


def _tell_collision(database: Word, name: str, other: str, links: list[str], findings: Findings) -> None:
    more = f" and {len(links) - 1} more" if len(links) > 1 else ""
    findings.add(
        database.place,
        f"shares.{name} and shares.{other} both make the link {links[0]}{more} in {database.shown}; "
        "expected another database or another links: for one of them",
    )
