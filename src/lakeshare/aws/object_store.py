"""S3 as a place for a ledger: objects below ``s3://bucket/key``, written on conditions."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from lakeshare.aws.actor import Actor, Pace
from lakeshare.aws.counts import Counts
from lakeshare.catalogue.nearest import nearest
from lakeshare.errors import CallError, IdentityError, LedgerError, UsageError

if TYPE_CHECKING:
    from lakeshare.aws.clients import Clients

T = TypeVar("T")

_OPTIONS: Final = ("region", "profile")
_A_DELETE: Final = 1000
"""How many keys one DeleteObjects takes (documented: S3 API reference)."""
_READS: Final = 4
_TAKEN: Final = frozenset({"PreconditionFailed", "412"})
_ABSENT: Final = frozenset({"NoSuchKey", "404"})
_RIGHTS: Final = (
    "whoever runs this needs s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject, s3:DeleteObject on {path}/*"
)


@dataclass(frozen=True, slots=True)
class S3Place:
    """
    What ``s3://bucket/key?region=eu-west-1&profile=ops`` says. Objects are called ``key/NAME``.

    Without a region or a profile botocore looks for them where it always does.
    """

    bucket: str
    key: str
    region: str | None = None
    profile: str | None = None

    @classmethod
    def parse(cls, url: str) -> S3Place:
        """Read *url*. Raises UsageError, which says what is wrong and what was probably meant."""
        parts = urlsplit(url)
        options = parse_qsl(parts.query, keep_blank_values=True)
        for name, value in options:
            if name not in _OPTIONS:
                meant = nearest(name, _OPTIONS)
                raise UsageError(
                    f"--state {url}: there is no {name} to say" + (f"; did you mean {meant}?" if meant else ""),
                    hint="what can be said after the ? is region and profile",
                )
            if not value:
                raise UsageError(f"--state {url}: {name} is empty")
        key = unquote(parts.path).strip("/")
        if not parts.netloc or not key or parts.fragment:
            raise UsageError(
                f"--state {url}: a ledger in S3 has a bucket and a key", hint="like s3://BUCKET/lakeshare/NAME"
            )
        return cls(parts.netloc, key, **dict(options))

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class S3ObjectStore:
    """
    The objects of one ledger in S3; see ``lakeshare.state.object_store`` for what is promised.

    The credentials are those of the environment, or of the place's profile: the ledger may lie in an account that the
    spec does not name. *pace* limits and repeats. Raises LedgerError, which says what is wrong with the bucket or with
    the rights there, and IdentityError without credentials.
    """

    def __init__(self, place: S3Place, *, run_id: str, pace: Pace, endpoint_url: str | None = None) -> None:
        self.where = str(place)
        self._place = place
        self._run_id, self._pace, self._endpoint_url = run_id, pace, endpoint_url
        self._opened: tuple[Actor, str, Clients] | None = None

    def get(self, name: str) -> _Read | None:
        """See ``ObjectStore``."""

        def read(actor: Actor, region: str) -> _Read:
            answer = actor.answer(region, "s3", "get_object", Bucket=self._place.bucket, Key=self._key(name))
            headers = answer["ResponseMetadata"]["HTTPHeaders"]
            # Both moments are S3's own, to the second.
            age = (parsedate_to_datetime(headers["date"]) - answer["LastModified"]).total_seconds()
            return _Read(answer["Body"].read(), answer["ETag"], max(age, 0.0))

        return self._unless(_ABSENT, lambda actor, region: _whole(lambda: read(actor, region), self.where))

    def put_if_absent(self, name: str, body: bytes) -> str | None:
        """See ``ObjectStore``."""
        return self._put(name, body, IfNoneMatch="*")

    def put_if_match(self, name: str, body: bytes, etag: str) -> str | None:
        """See ``ObjectStore``."""
        return self._put(name, body, IfMatch=etag)

    def list(self) -> list[str]:
        """See ``ObjectStore``."""

        def names(actor: Actor, region: str) -> list[str]:
            pages = actor.pages(
                region, "s3", "list_objects_v2", "Contents", Bucket=self._place.bucket, Prefix=self._key("")
            )
            return [row["Key"].removeprefix(self._key("")) for row in pages]

        return self._unless(frozenset(), names) or []

    def delete(self, names: Collection[str]) -> None:
        """See ``ObjectStore``."""
        keys = [{"Key": self._key(name)} for name in names]

        def delete(actor: Actor, region: str) -> None:
            for start in range(0, len(keys), _A_DELETE):
                asked = {"Objects": keys[start : start + _A_DELETE], "Quiet": True}
                answer = actor.call(region, "s3", "delete_objects", Bucket=self._place.bucket, Delete=asked)
                for error in answer.get("Errors", ()):
                    raise LedgerError(
                        f"{self.where}: {error['Key']} cannot be deleted: {error['Code']}: {error['Message']}",
                        hint=self._rights(),
                    )

        self._unless(frozenset(), delete)

    def advice(self) -> str | None:
        """Say so when the bucket keeps no versions; nothing when that may not be asked."""
        actor, region = self._actor()
        try:
            answer = actor.call(region, "s3", "get_bucket_versioning", Bucket=self._place.bucket)
        except CallError:
            return None
        if answer.get("Status") == "Enabled":
            return None
        return (
            f"the bucket {self._place.bucket} keeps no versions: a ledger that somebody deletes there is lost. Switch"
            f" them on: `aws s3api put-bucket-versioning --bucket {self._place.bucket}"
            " --versioning-configuration Status=Enabled`"
        )

    def close(self) -> None:
        """Close the connections. Closing twice is fine."""
        if self._opened is not None:
            self._opened[2].close()

    def _put(self, name: str, body: bytes, **condition: str) -> str | None:
        def put(actor: Actor, region: str) -> str:
            answer = actor.call(
                region, "s3", "put_object", Bucket=self._place.bucket, Key=self._key(name), Body=body, **condition
            )
            return str(answer["ETag"])

        # If-Match on an object that is gone answers NoSuchKey (documented: conditional writes).
        return self._unless(_TAKEN | _ABSENT, put)

    def _key(self, name: str) -> str:
        return f"{self._place.key}/{name}"

    def _unless(self, codes: frozenset[str], call: Callable[[Actor, str], T]) -> T | None:
        """Return what *call* returns, None when AWS answers with one of *codes*; raise LedgerError for any other."""
        try:
            return call(*self._actor())
        except CallError as error:
            if error.aws_code in codes:
                return None
            raise self._told(error) from error

    def _actor(self) -> tuple[Actor, str]:
        if self._opened is None:
            from lakeshare.aws.clients import Clients, pool_for
            from lakeshare.aws.session import found_credentials

            bucket, profile = self._place.bucket, self._place.profile
            clients = Clients(
                lambda: pool_for(profile, self._endpoint_url), lambda: found_credentials(profile), run_id=self._run_id
            )
            actor = Actor("the ledger's bucket", bucket, clients=clients, pace=self._pace, counts=Counts())
            self._opened = (actor, self._place.region or _usual_region(profile), clients)
        return self._opened[:2]

    def _told(self, error: CallError) -> LedgerError:
        hint = error.hint
        if error.aws_code == "NoSuchBucket":
            hint = f"make the bucket {self._place.bucket} first (versioned, if you can), or correct --state"
        elif error.status == 403 or error.aws_code.startswith("AccessDenied"):
            hint = self._rights()
        return LedgerError(
            f"ledger {self.where}: {error}",
            hint=hint,
            region=error.region,
            operation=error.operation,
            request_id=error.request_id,
        )

    def _rights(self) -> str:
        return _RIGHTS.format(path=f"arn:aws:s3:::{self._place.bucket}/{self._place.key}")


@dataclass(frozen=True, slots=True)
class _Read:
    """An object as ``state.object_store.Stored`` has it: rooms beside each other share shapes, not types."""

    body: bytes
    etag: str
    age_seconds: float


def _whole(read: Callable[[], T], where: str) -> T:
    """Read an object again whose connection broke in the middle of its body, which no repeated call would mend."""
    from botocore.exceptions import HTTPClientError, IncompleteReadError, ResponseStreamingError

    for _ in range(_READS):
        try:
            return read()
        except (HTTPClientError, IncompleteReadError, ResponseStreamingError) as error:
            last: Exception = error
    raise LedgerError(f"ledger {where}: reading breaks off: {last}", hint="try again") from last


def _usual_region(profile: str | None) -> str:
    from botocore.exceptions import ProfileNotFound

    from lakeshare.aws.session import usual_region

    try:
        # S3 answers from anywhere with where the bucket is, and botocore follows.
        return usual_region(profile) or "us-east-1"
    except ProfileNotFound as error:
        raise IdentityError(
            f"the ledger's bucket: {error}", hint="the profile is what --state or AWS_PROFILE names"
        ) from error
