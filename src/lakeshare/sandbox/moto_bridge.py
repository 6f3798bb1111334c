"""
moto, kept at arm's length: the only module that touches its internals.

moto is the storage behind S3 and IAM and answers every service that is not ours. Its state belongs to the whole Python
interpreter and is not safe for threads, so one lock stands before every touch of it, and nothing of it is imported
until something is asked of it that it may know.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lakeshare.sandbox.wire.http import Answer, Request
from lakeshare.sandbox.world import World

_LOCK = threading.RLock()
_PARTITION = "aws"
_AWS_POLICY = "arn:aws:iam::aws:policy/"
# Connection-level headers are aiohttp's to write, and a body that has been read whole has no transfer encoding.
_HOP_BY_HOP = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class ObjectEntry:
    """An S3 object in a listing: ``size`` in bytes, ``etag`` without quotes."""

    key: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """
    An IAM role: ``arn`` has its path; ``trust_policy`` is the document.

    ``created_at`` is in seconds of sandbox time.
    """

    name: str
    arn: str
    trust_policy: dict[str, Any]
    created_at: float
    max_session_seconds: int
    id: str


class Moto:
    """One sandbox's view of moto: identities and objects, by account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._born: dict[str, float] = {}

    # --- S3 ----------------------------------------------------------------------------------------------------------

    def put_object(self, account: str, bucket: str, key: str, body: bytes) -> None:
        """Store *body*, in a bucket of *account* that is made when it is missing."""
        with _backends("s3") as s3:
            if bucket not in s3.bucket_accounts:
                s3[account][_PARTITION].create_bucket(bucket, "us-east-1")
            _, owner = s3.bucket_accounts[bucket]
            s3[owner][_PARTITION].put_object(bucket, key, body)

    def get_object(self, bucket: str, key: str) -> bytes:
        """Return an object's bytes; KeyError when there is no such bucket or key."""
        with _backends("s3") as s3:
            _, owner = s3.bucket_accounts[bucket]
            found = s3[owner][_PARTITION].get_object(bucket, key)
            if found is None:
                raise KeyError(key)
            body: bytes = found.value
            return body

    def list_objects(self, bucket: str, prefix: str) -> list[ObjectEntry]:
        """Return the objects under *prefix* in key order; nothing when there is no such bucket."""
        with _backends("s3") as s3:
            if bucket not in s3.bucket_accounts:
                return []
            _, owner = s3.bucket_accounts[bucket]
            store = s3[owner][_PARTITION]
            keys, *_ = store.list_objects(store.get_bucket(bucket), prefix, None, None, None)
            return [ObjectEntry(key.name, key.size, key.etag.strip('"')) for key in keys]

    def bucket_owner(self, bucket: str) -> str | None:
        """Return the account that owns *bucket*; None when it does not exist."""
        with _backends("s3") as s3:
            found = s3.bucket_accounts.get(bucket)
            return None if found is None else found[1]

    def bucket_policy(self, bucket: str) -> str | None:
        """Return the bucket's policy as the JSON it was put as; None when it has none."""
        with _backends("s3") as s3:
            if bucket not in s3.bucket_accounts:
                return None
            _, owner = s3.bucket_accounts[bucket]
            policy = s3[owner][_PARTITION].get_bucket(bucket).policy
            return None if policy is None else policy.decode()

    # --- IAM ---------------------------------------------------------------------------------------------------------

    def role(self, account: str, name: str) -> RoleEntry | None:
        """Return the role of *account* that is called *name*; None when there is none."""
        with _backends("iam") as iam:
            found = _named(iam[account][_PARTITION].roles.values(), name)
            return None if found is None else self._role_entry(found)

    def role_by_arn(self, arn: str) -> RoleEntry | None:
        """Return the role whose ARN, path and all, is *arn*."""
        found = self.role(account_of(arn), arn.rpartition("/")[2])
        return found if found and found.arn == arn else None

    def principal_exists(self, arn: str) -> bool:
        """Say whether *arn* is a role or a user; the administrator of every account always is."""
        return is_administrator(arn) or self.created_at(arn) is not None

    def created_at(self, arn: str) -> float | None:
        """When the role or user *arn* was made, in sandbox time; None when there is none."""
        if not _is_loaded():
            return None
        with _backends("iam") as iam:
            found = _entity(iam, arn)
            return None if found is None else self._created_at(found)

    def note_birth(self, arn: str) -> None:
        """Remember that *arn* was made now; moto itself knows only real time."""
        self._born[arn] = self._world.clock.now()

    def entity_arn(self, account: str, kind: str, name: str) -> str | None:
        """Return the ARN, path and all, of the ``user``, ``role`` or ``group`` called *name*."""
        with _backends("iam") as iam:
            found = _named(getattr(iam[account][_PARTITION], f"{kind}s").values(), name)
            return None if found is None else str(found.arn)

    def user_of_key(self, access_key: str) -> str | None:
        """Return the ARN of the user to whom CreateAccessKey gave *access_key*; None when nobody has it."""
        if not _is_loaded():
            return None
        with _backends("iam") as iam:
            for account in list(iam.values()):
                key = account[_PARTITION].access_keys.get(access_key)
                if key is not None and key.user_name and key.status == "Active":
                    return str(account[_PARTITION].users[key.user_name].arn)
        return None

    def identity_policies(self, arn: str) -> list[dict[str, Any]]:
        """Return the policies of a role or user as documents, inline and attached, its groups' included."""
        return [json.loads(text) for text in self.identity_policy_texts(arn)]

    def identity_policy_texts(self, arn: str) -> tuple[str, ...]:
        """Return the same as identity_policies, each as the JSON it was put as."""
        with _backends("iam") as iam:
            found = _entity(iam, arn)
            if found is None:
                return ()
            groups = [] if ":role/" in arn else iam[account_of(arn)][_PARTITION].get_groups_for_user(found.name)
            return tuple(text for holder in (found, *groups) for text in _policy_texts(holder))

    def permissions_boundary(self, arn: str) -> str | None:
        """Return the boundary of a role or user as JSON; None when it has none."""
        with _backends("iam") as iam:
            boundary = getattr(_entity(iam, arn), "permissions_boundary_arn", None)
            return None if boundary is None else _managed_text(iam, account_of(arn), boundary)

    def managed_policy_text(self, account: str, arn: str) -> str | None:
        """Return the default version of the managed policy *arn* as *account* sees it; None when there is none."""
        with _backends("iam") as iam:
            return _managed_text(iam, account, arn)

    def tags(self, arn: str) -> Mapping[str, str]:
        """Return the tags of a role or user."""
        if not _is_loaded():
            return {}
        with _backends("iam") as iam:
            tags = getattr(_entity(iam, arn), "tags", None) or []
            return {tag["Key"]: str(tag["Value"]) for tag in tags}

    def organization(self, account: str) -> str | None:
        """Return the id of the organization that *account* is in; None when it is in none."""
        if not _is_loaded():
            return None
        with _backends("organizations") as organizations:
            for management in list(organizations.values()):
                for backend in list(management.values()):
                    if any(one.id == account for one in backend.accounts):
                        return str(backend.org.id)
        return None

    def _role_entry(self, role: Any) -> RoleEntry:
        return RoleEntry(
            name=role.name,
            arn=role.arn,
            trust_policy=json.loads(role.assume_role_policy_document or "{}"),
            created_at=self._created_at(role),
            max_session_seconds=int(role.max_session_duration or 3600),
            id=role.id,
        )

    def _created_at(self, entity: Any) -> float:
        return self._born.get(entity.arn) or float(entity.create_date.timestamp())

    # --- the rest ----------------------------------------------------------------------------------------------------

    def wsgi(self) -> Callable[..., Iterable[bytes]]:
        """Return moto's WSGI application."""
        application: Callable[..., Iterable[bytes]] = _application()
        return application

    def call(self, request: Request, account: str | None) -> Answer:
        """Let moto answer *request* as *account*; None leaves the account to moto. Blocks: call it from a worker."""
        environ = _environ(request, account)
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
            started.append((status, headers))

        with _LOCK:
            if arn := request.form.get("PolicyArn", "") if account else "":
                _admit_aws_policy(account or "", arn)
            body = b"".join(_application()(environ, start_response))
        status, headers = started[-1]
        kept = [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]
        if request.method == "HEAD":  # its Content-Length speaks of a body that is not sent
            kept += [(name, value) for name, value in headers if name.lower() == "content-length"]
        return Answer(int(status.split()[0]), tuple(kept), body)


def is_administrator(arn: str) -> bool:
    """Say whether *arn* is the user that a 12-digit access key stands for."""
    return arn == administrator_arn(account_of(arn))


def administrator_arn(account: str) -> str:
    """Return the ARN of the user that the access key *account* stands for."""
    return f"arn:aws:iam::{account}:user/administrator"


def account_of(arn: str) -> str:
    """Return the account field of *arn*, empty when it has none."""
    fields = arn.split(":", 5)
    return fields[4] if len(fields) == 6 else ""


def reset() -> None:
    """Forget everything moto holds, for every sandbox of this interpreter."""
    if _is_loaded():
        from moto.moto_api._internal.models import moto_api_backend

        with _LOCK:
            moto_api_backend.reset()


# --- moto's insides --------------------------------------------------------------------------------------------------


def _is_loaded() -> bool:
    """Whether anybody has called moto yet: before that it holds nothing, and asking it would cost its import."""
    return _application.cache_info().currsize > 0


@lru_cache(maxsize=1)
def _application() -> Any:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    return DomainDispatcherApplication(create_backend_app)


@contextmanager
def _backends(service: str) -> Iterator[Any]:
    """Give moto's backends of *service* (account -> Region or partition -> backend), with the lock held."""
    with _LOCK:
        _application()
        from moto.backends import get_backend

        yield get_backend(service)


def _named(entities: Iterable[Any], name: str) -> Any | None:
    return next((entity for entity in entities if entity.name == name), None)


def _entity(iam: Any, arn: str) -> Any | None:
    """Find the role or user whose ARN, path and all, is *arn*."""
    account, kind = account_of(arn), arn.rpartition(":")[2].partition("/")[0]
    if not account.isdigit() or kind not in {"role", "user"}:
        return None
    store = iam[account][_PARTITION]
    found = _named((store.roles if kind == "role" else store.users).values(), arn.rpartition("/")[2])
    return found if found is not None and found.arn == arn else None


def _policy_texts(holder: Any) -> Iterator[str]:
    yield from (text if isinstance(text, str) else json.dumps(text) for text in holder.policies.values())
    yield from (_default_version(policy) for policy in holder.managed_policies.values())


def _managed_text(iam: Any, account: str, arn: str) -> str | None:
    _admit_aws_policy(account, arn)
    policy = iam[account][_PARTITION].managed_policies.get(arn)
    return None if policy is None else _default_version(policy)


def _default_version(policy: Any) -> str:
    document = next(version.document for version in policy.versions if version.version_id == policy.default_version_id)
    return document if isinstance(document, str) else json.dumps(document)


def _admit_aws_policy(account: str, arn: str) -> None:
    """Let *account* see the AWS managed policy *arn*; moto's own way loads all 1,500 of them into each account."""
    if not arn.startswith(_AWS_POLICY):
        return
    from moto.iam.models import AWSManagedPolicy

    name = arn.rpartition("/")[2]
    if name in _aws_policies():
        with _backends("iam") as iam:
            known = iam[account][_PARTITION].managed_policies
            if arn not in known:
                policy = AWSManagedPolicy.from_data(name, account, "us-east-1", _aws_policies()[name])
                known[policy.arn] = policy


@lru_cache(maxsize=1)
def _aws_policies() -> Mapping[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    policies: Mapping[str, Any] = json.loads(aws_managed_policies_data)
    return policies


def _environ(request: Request, account: str | None) -> dict[str, Any]:
    """Return the WSGI environment in which moto sees *request*."""
    from urllib.parse import unquote

    from moto.core.request import (
        PRESERVED_HEADER_NAMES_ENVIRON_KEY,
        environ_key_for_header,
        should_preserve_original_header_name,
    )

    host = request.headers.get("Host", "localhost")
    preserved: dict[str, str] = {}
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(request.path).encode().decode("latin-1"),
        "QUERY_STRING": request.target.partition("?")[2],
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_NAME": host.partition(":")[0],
        "SERVER_PORT": host.partition(":")[2] or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        PRESERVED_HEADER_NAMES_ENVIRON_KEY: preserved,
    }
    for name, value in request.headers.items():
        if name.lower() in {"transfer-encoding", "expect"}:
            continue
        key = environ_key_for_header(name)
        if should_preserve_original_header_name(name):
            preserved[key] = name
        environ[key] = value
    environ["CONTENT_LENGTH"] = str(len(request.body))
    if account is not None:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    return environ
