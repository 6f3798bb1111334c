"""A Terraform configuration."""

from __future__ import annotations

import json
from typing import Any

from lakeshare.planning.bootstrap import Bootstrap

VARIABLE = "external_id"
_REFERENCE = "<external id>"


def render_terraform(wanted: Bootstrap) -> str:
    """
    Return a configuration with the role; the provider is the reader's own, and has to lead into the account.

    HCL takes JSON's objects and lists as they are (documented: expressions, types), so policies stand as they are sent;
    what would begin a template in a text is doubled (documented: strings and templates).
    """
    asks = _VARIABLE if wanted.asks_for_id else ""
    trust = _hcl(wanted.trust(_REFERENCE)).replace(json.dumps(_REFERENCE), f"var.{VARIABLE}")
    return f"""# The operator role of account {wanted.account_id} ({wanted.alias} in the spec {wanted.spec_name}).
{asks}
data "aws_caller_identity" "here" {{
  lifecycle {{
    postcondition {{
      condition     = self.account_id == "{wanted.account_id}"
      error_message = "These are credentials of another account than {wanted.account_id}."
    }}
  }}
}}

resource "aws_iam_role" "lakeshare_operator" {{
  name                 = {_hcl(wanted.role_name)}
  path                 = {_hcl(wanted.path)}
  description          = "Shares data lakes across accounts; made for lakeshare"
  assume_role_policy   = jsonencode({_indented(trust)})
  tags                 = {_indented(_hcl(dict(wanted.tags)))}

  depends_on = [data.aws_caller_identity.here]
}}

resource "aws_iam_role_policy" "lakeshare_operator" {{
  name   = {_hcl(wanted.policy_name)}
  role   = aws_iam_role.lakeshare_operator.name
  policy = jsonencode({_indented(_hcl(wanted.policy))})
}}

output "lakeshare_operator_arn" {{
  value = aws_iam_role.lakeshare_operator.arn
}}
"""


def _hcl(value: Any) -> str:
    return json.dumps(value, indent=2).replace("${", "$${").replace("%{", "%%{")


def _indented(text: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *(f"  {line}" for line in rest)])


_VARIABLE = f"""
variable "{VARIABLE}" {{
  type        = string
  sensitive   = true
  description = "The ExternalId that lakeshare shows when it enters this account"
}}
"""
