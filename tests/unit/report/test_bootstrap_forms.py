"""The forms of the operator role for other tools: nothing of the spec is a template of theirs."""

from __future__ import annotations

import pytest
import yaml

from lakeshare.errors import UsageError
from lakeshare.planning.bootstrap import Bootstrap
from lakeshare.report.bootstrap import RENDERERS
from lakeshare.resources.trust import Trustee


def bootstrap(path: str) -> Bootstrap:
    """Return the operator role at *path*, trusting another one at that path."""
    policy = {"Version": "2012-10-17", "Statement": []}
    trusted = Trustee("principal", f"arn:aws:iam::999999999999:role{path}ci")
    arn = f"arn:aws:iam::222222222222:role{path}lakeshare"
    return Bootstrap("consumer", "222222222222", "eu-west-2", "sales", arn, trusted, policy, ())


def test_terraform_reads_no_template() -> None:
    """What would begin a template is doubled; the one reference is that of the ExternalId."""
    text = RENDERERS["terraform"](bootstrap("/${var.x}%{if}/"))

    assert 'path                 = "/$${var.x}%%{if}/"' in text
    assert '"AWS": "arn:aws:iam::999999999999:role/$${var.x}%%{if}/ci"' in text
    assert text.count("${") == text.count("$${") == 2
    assert '"sts:ExternalId": var.external_id' in text


def test_cloudformation_takes_texts_as_they_are() -> None:
    """Nothing is put in the place of ``${...}``, for nothing is a Fn::Sub."""
    text = RENDERERS["cloudformation"](bootstrap("/${AWS::Region}/"))

    role = yaml.safe_load(text)["Resources"]["Operator"]["Properties"]
    assert role["Path"] == "/${AWS::Region}/"
    assert "Fn::Sub" not in text


def test_cloudformation_is_given_no_dynamic_reference() -> None:
    """It would read a secret of the account into a name, and nothing escapes it."""
    with pytest.raises(UsageError, match="resolve"):
        RENDERERS["cloudformation"](bootstrap("/{{resolve:ssm:/x}}/"))
