"""Whether readers fit their shares, and the same role in several shares is told in one way."""

from __future__ import annotations

import re
from typing import Any

from lakeshare.catalogue import nearest
from lakeshare.spec.draft import Draft, DraftAccount, DraftReader, DraftShare, Word
from lakeshare.spec.fields import KNOWN_SERVICES
from lakeshare.spec.principal_checks import check_people, check_principal
from lakeshare.spec.readers import called
from lakeshare.spec.tree import Fields, Findings, Items, Node, Place, Scalar

_ROLE_ARN = re.compile(r"arn:[^:]*:iam::(?P<account>[0-9]{12}):role(?P<path>/(?:.*/)?)[^/]+")

# A service as close as this to one that runs code is a slip ("lamda"); IAM would refuse it only when the role is made.
_SLIP = 0.8


def check_readers(share: DraftShare, draft: Draft, findings: Findings) -> None:
    """Tell readers that are given twice, those of another account, and what contradicts a role."""
    first: dict[str, Place] = {}
    consumer = draft.account(share.consumer)
    for reader in share.readers:
        _check_service(reader.create, findings)
        _check_service(reader.complete, findings)
        _check_boundary(reader, consumer, findings)
        check_people(reader, consumer, findings)
        if reader.who is None or reader.sort is None:
            continue
        name = called(reader.sort, reader.who.text).lower()
        if name in first:
            where = f"first in line {first[name].line}"
            findings.add(reader.who.place, f'"{reader.who.shown}" reads shares.{share.name} twice; {where}')
        first.setdefault(name, reader.who.place)
        check_principal(reader, reader.who, share, draft, findings)
        if reader.sort == "role":
            _check_arn(reader, reader.who, share, draft, findings)


def _check_arn(reader: DraftReader, role: Word, share: DraftShare, draft: Draft, findings: Findings) -> None:
    arn = _ROLE_ARN.fullmatch(role.text)
    consumer = draft.account(share.consumer)
    if arn is None:
        return
    if consumer and consumer.id and arn["account"] != consumer.id.text:
        message = f"the role is in account {arn['account']}; expected one in the consumer's, {consumer.id.shown}"
        findings.add(role.place, message)
    if reader.create is None:
        return
    path = reader.create.get("path")
    written = path.value if isinstance(path, Scalar) else "/"
    if arn["path"] != written:
        place = path.place if path else role.place
        findings.add(place, f'the role\'s ARN has the path "{arn["path"]}", its create the path "{written}"')


def _check_boundary(reader: DraftReader, consumer: DraftAccount | None, findings: Findings) -> None:
    """Tell a boundary that is another account's: IAM takes those of its own and of AWS."""
    boundary = reader.create.get("permissions_boundary") if reader.create else None
    if not isinstance(boundary, Scalar) or not isinstance(boundary.value, str) or findings.is_spoilt(boundary):
        return
    account = boundary.value.split(":")[4:5]
    if consumer and consumer.id and account not in ([consumer.id.text], ["aws"]):
        message = f"the boundary is in account {account[0]}; expected one in the consumer's, {consumer.id.shown}"
        findings.add(boundary.place, message)


def _check_service(making: Node | None, findings: Findings) -> None:
    service = making.get("service") if isinstance(making, Fields) else None
    if not isinstance(service, Scalar) or not isinstance(service.value, str) or findings.is_spoilt(service):
        return
    # Only the names are compared: any two of three letters are alike when .amazonaws.com is part of both.
    name, _, domain = service.value.partition(".amazonaws.")
    names = [known.partition(".amazonaws.")[0] for known in KNOWN_SERVICES]
    guess = nearest(name, names, cutoff=_SLIP)
    if guess and name not in names:
        meant = f"{guess}.amazonaws.{domain}"
        findings.add(service.place, f'there is no service "{service.shown}"; did you mean "{meant}"?')


def check_creations(draft: Draft, findings: Findings) -> None:
    """Tell a role that one share makes in another way than the next, or that only one of them makes."""
    first: dict[tuple[str, str], tuple[str, Any]] = {}
    for share in draft.shares:
        consumer = draft.account(share.consumer)
        if consumer is None or consumer.id is None:
            continue
        for reader in share.readers:
            if reader.role is None:
                continue
            key = (consumer.id.text, called("role", reader.role.text).lower())
            name, before = first.setdefault(key, (share.name, _making(reader)))
            if before != _making(reader) and name != share.name:
                making = reader.create or reader.complete
                place = making.place if making else reader.role.place
                findings.add(
                    place,
                    f'"{reader.role.shown}" is made in another way in shares.{name}; '
                    "expected the same create, complete and prove_by in both",
                )


def _making(reader: DraftReader) -> Any:
    if reader.create is None and reader.complete is None:
        return None
    made, completed = (None if node is None else _content(node) for node in (reader.create, reader.complete))
    return made, completed, reader.prove_by.text if reader.prove_by else "query"


def _content(node: Node) -> Any:
    if isinstance(node, Fields):
        return {key: _content(entry.node) for key, entry in node.entries.items()}
    return [_content(item) for item in node.items] if isinstance(node, Items) else node.value
