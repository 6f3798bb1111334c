"""Every account of a spec, ready to be called: what the rest of the house knows of AWS."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar

from lakeshare.aws.accounts import AccountAccess, Identity, no_narrowing
from lakeshare.aws.actor import Actor, Pace
from lakeshare.aws.counts import Counts
from lakeshare.aws.parallel import Begun, Pool
from lakeshare.errors import CallError, IdentityError

if TYPE_CHECKING:
    from botocore.credentials import Credentials

    from lakeshare.aws.clients import ClientPool, Clients

__all__ = ["AccountAccess", "Actor", "Aws", "Begun", "Identity"]

A = TypeVar("A")
B = TypeVar("B")


class Aws:
    """
    The accounts of a spec, by alias. Safe to use from many threads; close it, or use it in a ``with``.

    *pace* limits and repeats (``engine.pace.Pace(Quotas().rate, clock=..., listener=..., stop=...)``). *run_id* stands
    in session names and user agents, so that CloudTrail can be joined to the ledger. *credentials* gives an
    account's own or ambient credentials; by default botocore finds them. *external_id* tells an account's ExternalId
    when its role is about to be assumed (by default what its access has); it may call `outside`. *narrowing* gives, by
    account, the session policies that may narrow the session there, the first that fits. Nothing is called, and
    botocore is not even imported, before it is needed. The first use of an account checks that it is the account that
    the spec means.
    """

    def __init__(
        self,
        accounts: Mapping[str, AccountAccess],
        *,
        run_id: str,
        pace: Pace,
        endpoint_url: str | None = None,
        workers: int = 16,
        credentials: Callable[[AccountAccess], Credentials] | None = None,
        external_id: Callable[[str], str | None] | None = None,
        narrowing: Callable[[str], Sequence[str]] = no_narrowing,
    ) -> None:
        self._accounts = dict(accounts)
        self._external_id = external_id or (lambda alias: self._accounts[alias].external_id)
        self._narrowing = narrowing
        self._run_id = run_id
        self._pace = pace
        self._endpoint_url = endpoint_url
        self._credentials = credentials
        self._counts = Counts()
        self._pool = Pool(workers)
        self._lock = threading.Lock()
        self._turns = {alias: threading.RLock() for alias in accounts}
        self._entered: dict[str, Actor] = {}
        self._arns: dict[str, str] = {}
        self._identities: dict[str, Identity] = {}
        self._bases: dict[str | None, Clients] = {}
        self._opened: list[Clients] = []

    def call(self, alias: str, region: str, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """Call *operation* in the account *alias*; see ``Actor.call``. Raises CallError, or IdentityError."""
        return self._actor(alias).call(region, service, operation, **params)

    def pages(
        self, alias: str, region: str, service: str, operation: str, items: str, **params: Any
    ) -> Iterator[dict[str, Any]]:
        """Yield the members of *items* from every page of *operation*; see ``Actor.pages``."""
        return self._actor(alias).pages(region, service, operation, items, **params)

    def advice(
        self, alias: str, region: str, service: str, operation: str, items: str, **params: Any
    ) -> Iterator[dict[str, Any]]:
        """Yield what can be done without, as ``pages`` does but with no patience; see ``Actor.advice``."""
        return self._actor(alias).advice(region, service, operation, items, **params)

    def sign_in(self, alias: str) -> None:
        """
        Make sure that we are in the account *alias*; done once, and by every first call there.

        Raises IdentityError as `identity` does.
        """
        self._actor(alias)

    def expect(self, *services: str) -> None:
        """Read the models of *services*, which will be called, while others wait for AWS: signing in leaves time."""
        # Imported before there are threads: two that import botocore at once can meet it half made.
        from lakeshare.aws.clients import LOADER

        self._pool.begin(lambda: LOADER.read_ahead(services))

    def identity(self, alias: str) -> Identity:
        """
        Return who we are in the account *alias*; asked once.

        Raises IdentityError when there are no credentials, when the role may not be assumed, and when we are
        somewhere else than the spec says.
        """
        from lakeshare.aws.identity import principal_of

        actor = self._actor(alias)
        with self._turns[alias]:
            if alias not in self._identities:
                self._identities[alias] = principal_of(self._arns[alias], actor, self._accounts[alias].region)
            return self._identities[alias]

    def outside(self, alias: str) -> Actor:
        """
        Return who assumes the role of the account *alias*: somebody in the account that it is entered via, or whoever
        its profile or the environment has credentials of. Nobody has looked which account that is.
        """
        access = self._accounts[alias]
        return self._actor(access.via) if access.via else self.ambient(alias)

    def ambient(self, alias: str) -> Actor:
        """Return whoever the profile of the account *alias*, or the environment, has credentials of, as they are."""
        access = self._accounts[alias]
        return self._new_actor(access, self._base_clients(access))

    def acting_as(
        self, alias: str, role_arn: str, *, external_id: str | None, session_name: str, policy: str | None = None
    ) -> Actor:
        """
        Return an actor that is *role_arn*, assumed from the session of the account *alias*.

        Its credentials renew themselves; *policy* narrows what it may do. Raises CallError when the role may not be
        assumed.
        """
        from lakeshare.aws.clients import Clients
        from lakeshare.aws.session import assumed_credentials

        actor = self._actor(alias)
        region = self._accounts[alias].region

        def assume(**params: Any) -> Mapping[str, Any]:
            return actor.call(region, "sts", "assume_role", **params)

        clients = self._keep(
            Clients(
                actor.clients.pool,
                lambda: assumed_credentials(
                    assume,
                    role_arn=role_arn,
                    session_name=session_name,
                    external_id=external_id,
                    policies=(policy,) if policy else (),
                ),
                run_id=self._run_id,
            )
        )
        clients.open()
        return Actor(alias, role_arn.split(":")[4], clients=clients, pace=self._pace, counts=self._counts)

    def in_parallel(self, function: Callable[[A], B], items: Iterable[A]) -> list[B]:
        """
        Return ``function(item)`` for each item, in order, worked on by up to ``workers`` threads.

        The first item's error is raised after all have ended. May be called from within *function*.
        """
        return self._pool.map(function, items)

    def begin(self, function: Callable[[], B]) -> Begun[B]:
        """Begin *function* beside whatever else is done, and return where its result will be; ``result()`` waits."""
        return self._pool.begin(function)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return the calls sent so far, repeats included: ``{account_id: {"lakeformation:GrantPermissions": 3}}``."""
        return self._counts.as_dict()

    def close(self) -> None:
        """Close all connections and let the workers go."""
        self._pool.close()
        with self._lock:
            for clients in self._opened:
                clients.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _actor(self, alias: str) -> Actor:
        """Return the actor of *alias*, known to be in the right account."""
        found = self._entered.get(alias)
        if found is not None:
            return found
        with self._turns[alias]:
            if alias not in self._entered:
                actor = self._enter(self._accounts[alias])
                self._arns[alias] = self._checked_arn(actor, self._accounts[alias])
                self._entered[alias] = actor
            return self._entered[alias]

    def _enter(self, access: AccountAccess) -> Actor:
        from lakeshare.aws.clients import Clients
        from lakeshare.aws.session import assumed_credentials, role_arn

        base = self.outside(access.alias)
        if access.role is None:
            return base
        arn = role_arn(access, access.role)
        external_id = self._external_id(access.alias)

        def assume(**params: Any) -> Mapping[str, Any]:
            try:
                return base.call(access.region, "sts", "assume_role", **params)
            except CallError as error:
                raise _cannot_assume(access, arn, error, is_shown=external_id is not None) from error

        policies = self._narrowing(access.alias)

        def credentials() -> Credentials:
            name = f"{access.session_name}-{self._run_id}"
            return assumed_credentials(
                assume, role_arn=arn, session_name=name, external_id=external_id, policies=policies
            )

        return self._new_actor(access, self._keep(Clients(base.clients.pool, credentials, run_id=self._run_id)))

    def _checked_arn(self, actor: Actor, access: AccountAccess) -> str:
        answer = actor.call(access.region, "sts", "get_caller_identity")
        if answer["Account"] == access.account_id:
            return str(answer["Arn"])
        how = f"role {access.role}" if access.role else f"profile {access.profile}" if access.profile else "environment"
        raise IdentityError(
            f"{access.alias}: the spec says account {access.account_id}, but the credentials ({how}) are "
            f"{answer['Arn']} in account {answer['Account']}",
            hint=f"correct the id of {access.alias}, or give it the profile or role that leads there",
            account=access.account_id,
            region=access.region,
            operation="sts:GetCallerIdentity",
        )

    def _new_actor(self, access: AccountAccess, clients: Clients) -> Actor:
        return Actor(access.alias, access.account_id, clients=clients, pace=self._pace, counts=self._counts)

    def _base_clients(self, access: AccountAccess) -> Clients:
        """Return the clients of *access*'s profile, whose credentials are looked for once for all its accounts."""
        from lakeshare.aws.clients import Clients, pool_for
        from lakeshare.aws.session import found_credentials

        def open_pool() -> ClientPool:
            return pool_for(access.profile, self._endpoint_url)

        given = self._credentials
        if given is not None:
            return self._keep(Clients(open_pool, lambda: given(access), run_id=self._run_id))
        with self._lock:
            found = self._bases.get(access.profile)
            if found is None:
                found = Clients(open_pool, lambda: found_credentials(access.profile), run_id=self._run_id)
                self._bases[access.profile] = found
                self._opened.append(found)
            return found

    def _keep(self, clients: Clients) -> Clients:
        """Remember *clients* as ours to close."""
        with self._lock:
            self._opened.append(clients)
        return clients


def _cannot_assume(access: AccountAccess, arn: str, error: CallError, *, is_shown: bool) -> IdentityError:
    asked = "asks for the ExternalId that is shown" if is_shown else "asks for no ExternalId, for none is shown"
    trust = (
        f"check that the role exists, that its trust policy names the caller and {asked}, and that the caller's own"
        f" policies allow sts:AssumeRole on it; `lakeshare bootstrap --account {access.alias}` makes such a role"
    )
    return IdentityError(
        f"{access.alias}: cannot assume {arn}: {error}",
        hint=trust if error.aws_code.startswith("AccessDenied") else error.hint,
        account=access.account_id,
        region=access.region,
        operation="sts:AssumeRole",
        request_id=error.request_id,
        was_answered=error.status != 0,
    )
