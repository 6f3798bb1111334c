"""The commented ``lakeshare.yaml`` that ``lakeshare init`` writes; it loads as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lakeshare.spec.choice import ALL

# Text that YAML reads as itself without quotes. A word alone may be something else to YAML (yes, null), so two words
# or more are asked for, joined as names are.
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_.-][A-Za-z0-9]+)+")


@dataclass(frozen=True, slots=True)
class AccountChoice:
    """An account for the template. With neither *role* nor *profile* the credentials that are there are used."""

    id: str
    region: str
    role: str | None = None
    profile: str | None = None


TEMPLATE: Final = """\
# yaml-language-server: $schema=./lakeshare.schema.json
# (`lakeshare schema > lakeshare.schema.json` lets your editor complete and check this file.)
version: 1
name: {name}        # goes into tags, and into the names of what is made

# Accounts, by names of your own. Each takes role: (assumed), or profile: (of your AWS configuration), or neither
# (the credentials that are there). When the role's trust asks for an ExternalId, keep it out of this file:
#   external_id: "${{LAKESHARE_EXTERNAL_ID}}"
accounts:
  producer: {producer}
  consumer: {consumer}

shares:
  contact-centre:
    # connect: is Connect's own lake, the database connect_datalake in an account of AWS; that is what is meant even
    # where scripts speak of a "producer database". Tables in a Glue database that you made yourselves are
    #   catalog: {{database: your_database, tables: all}}
    from:
      account: producer
      connect:
        instance: {instance}        # the last part of the instance's ARN
        tables: {tables}        # all, names, patterns ("agent_*"), group:NAME; see `lakeshare tables`
    to:
      account: consumer
      database: {database}
      links: "{{table}}"        # views that name Connect's tables need this; "{{table}}_link" is another choice
    readers:
      # With create: lakeshare makes the role and its policy. Without it the role must exist and is only granted to.
      - role: {reader}
        create: {{service: {service}}}
        # columns: {{contact_record: {{except: [customer_endpoint_address]}}}}
    # prove_denial: true        # a role that is granted nothing, so that `lakeshare verify` shows a refusal
"""


def render_template(
    *,
    name: str = "connect-analytics",
    producer: AccountChoice = AccountChoice("111111111111", "us-east-1"),
    consumer: AccountChoice = AccountChoice("222222222222", "us-east-1"),
    instance: str = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
    tables: Sequence[str] = (),
    database: str = "connect_analytics",
    reader: str = "connect-analytics-reader",
    service: str = "lambda.amazonaws.com",
) -> str:
    """
    Return the file for these choices; no *tables* means all of them.

    Choices are written as they are: a wrong one is told by ``load_spec``, with its place, like any other.
    """
    return TEMPLATE.format(
        name=_scalar(name),
        producer=_account(producer),
        consumer=_account(consumer),
        instance=_scalar(instance),
        tables=f"[{', '.join(map(_scalar, tables))}]" if tables and tuple(tables) != (ALL,) else ALL,
        database=_scalar(database),
        reader=_scalar(reader),
        service=_scalar(service),
    )


def _account(account: AccountChoice) -> str:
    entries = {"id": account.id, "region": account.region, "role": account.role, "profile": account.profile}
    return "{" + ", ".join(f"{key}: {_scalar(value)}" for key, value in entries.items() if value is not None) + "}"


def _scalar(text: str) -> str:
    # JSON's strings are YAML's double-quoted ones, so whatever is given stays one value.
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
