"""A Terraform configuration."""

from __future__ import annotations

import json

from lakeshare.planning.bootstrap import POLICY_NAME, Bootstrap

VARIABLE = "external_id"
_REFERENCE = "<external id>"


def render_terraform(wanted: Bootstrap) -> str:
    """
    Return a configuration with the role; the provider is the reader's own, and has to lead into the account.

    HCL takes JSON's objects and lists as they are (documented: expressions, types), so policies stand as they are sent.
    """
    asks = _VARIABLE if wanted.asks_for_id else ""
    trust = json.dumps(wanted.trust(_REFERENCE), indent=2).replace(json.dumps(_REFERENCE), f"var.{VARIABLE}")
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
  name                 = {json.dumps(wanted.role_name)}
  path                 = {json.dumps(wanted.path)}
  description          = "Shares data lakes across accounts; made for lakeshare"
  assume_role_policy   = jsonencode({_indented(trust)})
  tags                 = {_indented(json.dumps(dict(wanted.tags), indent=2))}

  depends_on = [data.aws_caller_identity.here]
}}

resource "aws_iam_role_policy" "lakeshare_operator" {{
  name   = "{POLICY_NAME}"
  role   = aws_iam_role.lakeshare_operator.name
  policy = jsonencode({_indented(json.dumps(wanted.policy, indent=2))})
}}

output "lakeshare_operator_arn" {{
  value = aws_iam_role.lakeshare_operator.arn
}}
"""


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
