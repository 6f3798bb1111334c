"""One identity at AWS: the way its calls go out, are counted, repeated, and fail."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lakeshare.aws.counts import Counts
from lakeshare.aws.failures import Failure, Sort
from lakeshare.errors import CallError

if TYPE_CHECKING:
    from lakeshare.aws.clients import Clients, Signature

T = TypeVar("T")

# (in the answer, in the next question), as botocore's paginators have them. Looked for in this order.
_TOKENS: Sequence[tuple[str, str]] = (
    ("NextToken", "NextToken"),
    ("nextToken", "nextToken"),
    ("NextContinuationToken", "ContinuationToken"),
    ("Marker", "Marker"),
)


class Pace(Protocol):
    """Sends one call under limits and retries; ``lakeshare.engine.pace.Pace`` is the real one."""

    def run(
        self,
        account: str,
        region: str,
        service: str,
        operation: str,
        send: Callable[[], T],
        sort: Callable[[Exception], Failure],
        *,
        entries: int = 1,
    ) -> T:
        """
        Return what *send* returns, or raise what it raised last; *sort* says what each exception means.

        *entries* are those of a batch, which AWS may count one by one.
        """


class Actor:
    """
    Calls AWS as one identity. Safe to use from many threads.

    ``alias`` and ``account_id`` say whose name stands in errors, and under which account the calls are limited and
    counted. ``clients`` has its credentials, and the pool that identities assumed from it share.
    """

    def __init__(self, alias: str, account_id: str, *, clients: Clients, pace: Pace, counts: Counts) -> None:
        self.alias = alias
        self.account_id = account_id
        self.clients = clients
        self._pace = pace
        self._counts = counts

    def call(self, region: str, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """
        Call *operation* (boto3's snake_case) and return its answer without ``ResponseMetadata``.

        Throttles, races, broken connections and AWS's own faults are repeated, every operation alike: the ones used
        here are either harmless to repeat, or carry an idempotency token (one token for all attempts of a call), or
        answer a repeat with AlreadyExists or NotFound, which is the caller's to judge by looking; the error's
        ``broke_before`` then says that an earlier attempt broke, or ended in a
        fault of AWS's own. Expired credentials are renewed once.

        Raises CallError (ThrottledError when patience ran out on throttles), or IdentityError when there are no
        credentials.
        """
        answer = self.answer(region, service, operation, **params)
        answer.pop("ResponseMetadata", None)
        return answer

    def answer(self, region: str, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """Call *operation* as ``call`` does and return its answer with ``ResponseMetadata``, which has the headers."""
        return self._answer(region, service, operation, params, is_patient=True)

    def _answer(
        self, region: str, service: str, operation: str, params: dict[str, Any], *, is_patient: bool
    ) -> dict[str, Any]:
        from lakeshare.aws.raising import Place, may_have_acted, sort_exception, translated

        place = Place(self.alias, self.account_id, region, service, operation, operation)
        has_broken = False

        def sort(error: Exception) -> Failure:
            nonlocal has_broken
            has_broken = has_broken or may_have_acted(error)
            failure = sort_exception(error, operation)
            return failure if is_patient or failure.is_throttle else replace(failure, sort=Sort.CALLER)

        try:
            client = self.clients.get(service, region)
            self.clients.open()  # what cannot be had is not AWS's refusal, and not repeated
            api_name = client.meta.method_to_api_mapping[operation]
            # Limits, counts and errors call a service as IAM does, and as it signs: access-analyzer.
            service = str(client.meta.service_model.signing_name)
            place = Place(self.alias, self.account_id, region, service, operation, api_name)
            params = _with_idempotency_token(client, api_name, params)
            answer = self._pace.run(
                self.account_id,
                region,
                service,
                operation,
                lambda: self._send(client, service, operation, params),
                sort,
                entries=max(1, len(params.get("Entries", ()))),
            )
        except Exception as error:
            ours = translated(error, place, has_broken_before=has_broken)
            if ours is error:
                raise
            raise ours from error
        return answer

    def pages(self, region: str, service: str, operation: str, items: str, **params: Any) -> Iterator[dict[str, Any]]:
        """
        Yield the members of *items* from every page of *operation*.

        A page may be empty and still name a next one: Lake Formation filters after it has cut the pages (observed).
        Raises what ``call`` raises, and CallError when AWS sends the same token twice, which would go on for ever.
        """
        return self._pages(region, service, operation, items, params, is_patient=True)

    def advice(self, region: str, service: str, operation: str, items: str, **params: Any) -> Iterator[dict[str, Any]]:
        """
        Yield as ``pages`` does what we can do without: but for throttles, a failure is told at once and not repeated.

        A service that is out of reach (a network with endpoints for some services only) costs one attempt.
        """
        return self._pages(region, service, operation, items, params, is_patient=False)

    def _pages(
        self, region: str, service: str, operation: str, items: str, params: dict[str, Any], *, is_patient: bool
    ) -> Iterator[dict[str, Any]]:
        last: object = None
        while True:
            answer = self._answer(region, service, operation, params, is_patient=is_patient)
            yield from answer.get(items, ())
            token, parameter = _next_page(answer)
            if token is None:
                return
            if token == last:
                raise CallError(
                    f"{service}:{operation} in {self.alias}: AWS names the same next page twice",
                    account=self.account_id,
                    region=region,
                    operation=f"{service}:{operation}",
                )
            last = token
            params = {**params, parameter: token}

    def _send(self, client: Any, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        from lakeshare.aws.raising import EXPIRED, aws_code

        signature = self.clients.signature()
        try:
            return self._send_once(client, signature, service, operation, params)
        except Exception as error:
            if aws_code(error) not in EXPIRED:
                raise
        self.clients.renew(signature)
        return self._send_once(client, self.clients.signature(), service, operation, params)

    def _send_once(
        self, client: Any, signature: Signature, service: str, operation: str, params: dict[str, Any]
    ) -> dict[str, Any]:
        from lakeshare.aws.clients import signed_by

        self._counts.add(self.account_id, f"{service}:{client.meta.method_to_api_mapping[operation]}")
        with signed_by(signature):
            answer: dict[str, Any] = getattr(client, operation)(**params)
        return answer


def _with_idempotency_token(client: Any, api_name: str, params: dict[str, Any]) -> dict[str, Any]:
    """
    Fill in the token that botocore would make up for each attempt anew.

    With one token for all attempts AWS sees that a repeat after a broken connection is the same call.
    """
    model = client.meta.service_model.operation_model(api_name)
    missing = [name for name in model.idempotent_members if name not in params]
    return {**params, **{name: str(uuid.uuid4()) for name in missing}} if missing else params


def _next_page(answer: dict[str, Any]) -> tuple[Any, str]:
    for told, asked in _TOKENS:
        if answer.get(told) and answer.get("IsTruncated", True):
            return answer[told], asked
    return None, ""
