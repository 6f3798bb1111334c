"""Proofs as a JUnit report: a suite for each reader, a case for each proof."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree as ET

from lakeshare.access.proof import Proof
from lakeshare.report.verify_view import VerifyView

# XML 1.0 has no way to write these, not even escaped.
_UNWRITABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(view: VerifyView) -> str:
    """Return *view* as the text of a JUnit XML file. What could not be proved is an error, what is wrong a failure."""
    by_reader: dict[tuple[str, str], list[Proof]] = {}
    for proof in view.proofs:
        by_reader.setdefault((proof.share, proof.reader), []).append(proof)
    root = ET.Element("testsuites", {"name": "lakeshare verify", **_counts(view.proofs)})
    for (share, reader), proofs in by_reader.items():
        suite = ET.SubElement(root, "testsuite", {"name": _written(f"{share}.{reader}"), **_counts(proofs)})
        for proof in proofs:
            _case(suite, proof)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _counts(proofs: tuple[Proof, ...] | list[Proof]) -> dict[str, str]:
    statuses = [proof.status for proof in proofs]
    return {
        "tests": str(len(statuses)),
        "failures": str(statuses.count("fail")),
        "errors": str(statuses.count("not-proved")),
    }


def _case(suite: ET.Element, proof: Proof) -> None:
    thing = f"{proof.link}.{proof.column}" if proof.column else proof.link
    verb = "reads" if proof.expect == "allow" else "is refused"
    case = ET.SubElement(
        suite,
        "testcase",
        classname=_written(f"{proof.account}.{proof.share}.{proof.reader}"),
        name=_written(f"{verb} {thing} ({proof.method})"),
    )
    if proof.status == "pass":
        return
    kind = "failure" if proof.status == "fail" else "error"
    message = _written(proof.error or proof.status)
    ET.SubElement(case, kind, type=proof.expect, message=message).text = message


def _written(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
