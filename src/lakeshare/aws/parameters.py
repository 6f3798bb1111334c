"""An ExternalId in an SSM parameter, in the account from which the role that asks for it is assumed."""

from __future__ import annotations

from collections.abc import Callable

from lakeshare.aws.actor import Actor
from lakeshare.errors import CallError


class ExternalIdParameter:
    """
    Keeps one ExternalId in the SecureString parameter *name* of *region*.

    *outside* returns who reads and writes it. SSM encrypts it with the account's own key for parameters, which needs no
    right of KMS's (documented: SecureString parameters and AWS managed keys).
    """

    def __init__(self, outside: Callable[[], Actor], region: str, name: str) -> None:
        self.where = f"the SSM parameter {name} in {region}"
        which = f"--region {region} --name {name} --with-decryption"
        self.shown_by = f"aws ssm get-parameter {which} --query Parameter.Value --output text"
        self._outside, self._region, self._name = outside, region, name

    def read(self) -> str | None:
        """Return what it holds; None when there is no such parameter. Raises CallError when reading is refused."""
        try:
            answer = self._outside().call(self._region, "ssm", "get_parameter", Name=self._name, WithDecryption=True)
        except CallError as error:
            if error.aws_code == "ParameterNotFound":
                return None
            error.hint = f"the ExternalId is kept in {self.where}, which takes ssm:GetParameter to read"
            raise
        return str(answer["Parameter"]["Value"])

    def put_if_absent(self, secret: str) -> str:
        """Make the parameter with *secret*, unless it is there, and return what it holds then."""
        try:
            self._outside().call(
                self._region,
                "ssm",
                "put_parameter",
                Name=self._name,
                Value=secret,
                Type="SecureString",
                Description="An ExternalId that lakeshare made up",
                Overwrite=False,
            )
        except CallError as error:
            if error.aws_code != "ParameterAlreadyExists":
                error.hint = f"the ExternalId is to be kept in {self.where}, which takes ssm:PutParameter to make"
                raise
        return self.read() or secret
