"""Whether those whom a share names are ones to whom it can be granted, and who may assume a role that is made."""

from __future__ import annotations

from lakeshare.spec.draft import Draft, DraftAccount, DraftReader, DraftShare, Word
from lakeshare.spec.model import DEFAULT_LOCATION_ROLE, partition_of
from lakeshare.spec.tree import Fields, Findings, Items, Node, Scalar

_NO_ROLES = "IAM Identity Center alone changes its roles; give the permission set what it needs"
_SSO = "AWSReservedSSO_"


def check_principal(reader: DraftReader, who: Word, share: DraftShare, draft: Draft, findings: Findings) -> None:
    """Tell a reader to whom Lake Formation would refuse the grants, with the reason."""
    consumer = draft.account(share.consumer)
    if reader.sort == "account":
        _check_account(reader, who, share, draft, findings)
        return
    check_arn(who, consumer, findings, is_of_account=reader.sort in ("user", "saml", "quicksight"))
    for making in (reader.create, reader.complete):
        if making is not None and who.text.rpartition("/")[2].startswith(_SSO):
            findings.add(making.place, f'"{who.shown}" is kept by AWS: {_NO_ROLES}')


def check_arn(word: Word, account: DraftAccount | None, findings: Findings, *, is_of_account: bool) -> None:
    """Tell an ARN of another account than the consumer's, or of another partition than its Region's."""
    if not word.text.startswith("arn:") or account is None:
        return
    _arn, partition, _service, _region, number, _path = word.text.split(":", 5)
    if is_of_account and account.id and number != account.id.text:
        message = f"{word.shown} is of account {number}; expected one of the consumer's, {account.id.shown}"
        findings.add(word.place, message)
    elif account.region and partition != partition_of(account.region.text):
        expected = partition_of(account.region.text)
        message = f"{word.shown} is of the partition {partition}; {account.region.shown} is in {expected}"
        findings.add(word.place, message)


def check_keys(share: DraftShare, draft: Draft, findings: Findings) -> None:
    """Tell a KMS key of another Region or partition: a bucket, or a catalog, is encrypted with one of its own."""
    consumer = draft.account(share.consumer)
    for key in share.keys:
        check_arn(key, consumer, findings, is_of_account=False)
        region = key.text.split(":")[3:4]
        if consumer and consumer.region and region != [consumer.region.text]:
            message = f"the key {key.shown} is in {region[0]}; expected one in {consumer.region.shown}"
            findings.add(key.place, message)


def _check_account(reader: DraftReader, who: Word, share: DraftShare, draft: Draft, findings: Findings) -> None:
    """
    Tell an account that cannot be granted the tables.

    A consumer passes what it was given on to principals of its own account only, and Connect's lake is owned by an
    account that grants nothing at anybody's word (documented).
    """
    producer, consumer = draft.account(share.producer), draft.account(share.consumer)
    if not consumer or not consumer.id:
        return
    if who.text == consumer.id.text:
        if reader.tables is not None or reader.columns:
            message = (
                f"the consumer's account {who.shown} has all tables of the share as soon as they are shared;"
                " expected neither tables nor columns"
            )
            findings.add(who.place, message)
    elif share.is_connect:
        message = (
            f"Connect's lake reaches account {who.shown} only by data sets that are associated with it: a consumer may"
            " pass them on within its own account alone; expected a share of its own, to that account"
        )
        findings.add(who.place, message)
    elif producer and producer.id and who.text == producer.id.text:
        findings.add(who.place, f"the tables are account {who.shown}'s own; expected another account")


def check_people(reader: DraftReader, consumer: DraftAccount | None, findings: Findings) -> None:
    """Tell who cannot be let into a role that is made for people."""
    people = reader.create.get("people") if reader.create else None
    if not isinstance(people, Fields):
        return
    for node in (*_items(people.get("roles")), people.get("saml")):
        if isinstance(node, Scalar) and isinstance(node.value, str) and not findings.is_spoilt(node):
            word = Word(node.value, node.shown, node.place, node)
            check_arn(word, consumer, findings, is_of_account=True)
    outside = people.get("accounts")
    for name, entry in outside.entries.items() if isinstance(outside, Fields) else ():
        if consumer and consumer.id and name == consumer.id.text:
            message = f"account {name} is the role's own; expected people.roles or people.sso for principals of it"
            findings.add(entry.key_place, message)


def _items(node: Node | None) -> list[Node]:
    return node.items if isinstance(node, Items) else []


def check_location_roles(draft: Draft, findings: Findings) -> None:
    """
    Tell a role for registered places in an account that no share is from or to: nobody would make it. And two that
    would be one: a name is an account's, whatever the Region, and each is let in for one Region.
    """
    used = {word.text for share in draft.shares for word in (share.producer, share.consumer) if word}
    for name, account in draft.accounts.items():
        entry = account.keys.get("location_role")
        if entry and draft.shares and name not in used:
            message = f"accounts.{account.name}.location_role has no use: no share is from or to {account.name}"
            findings.add(entry.key_place, message)
    first: dict[tuple[str, str], str] = {}
    for account in draft.accounts.values():
        entry = account.keys.get("location_role")
        if entry is None or account.id is None:
            continue
        role = account.location_role.text if account.location_role else DEFAULT_LOCATION_ROLE
        other = first.setdefault((account.id.text, role), account.name)
        if other != account.name:
            findings.add(
                account.location_role.place if account.location_role else entry.key_place,
                f"accounts.{account.name}.location_role is the role {role} of account {account.id.shown}, and so is"
                f" that of accounts.{other}; expected a name of its own, for each is of one Region",
            )
