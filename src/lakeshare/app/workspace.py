"""Opens what every command needs: the spec, sessions in its accounts, and the ledger."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

from lakeshare.app.guarding import remembered
from lakeshare.app.ledgers import Patience, held, ledger_at
from lakeshare.app.narrowing import narrowing_of
from lakeshare.app.recalling import recalled
from lakeshare.app.renaming import new_addresses, pending, rename_in_ledger, under_new_names
from lakeshare.app.secrets import Secrets, secrets_of
from lakeshare.aws.access import AccountAccess, Aws
from lakeshare.aws.parameters import ExternalIdParameter
from lakeshare.aws.quotas import Quotas
from lakeshare.engine.clock import Clock, SystemClock
from lakeshare.engine.events import Listener, nobody
from lakeshare.engine.pace import Pace
from lakeshare.engine.retry import Backoff, RetryBudget
from lakeshare.engine.stop import StopSignal
from lakeshare.errors import LakeshareError
from lakeshare.planning.borrowing import is_loan
from lakeshare.planning.build import Ours
from lakeshare.planning.guards import Guard
from lakeshare.planning.moves import account_moves
from lakeshare.resources.kind import Run
from lakeshare.resources.registry import KINDS
from lakeshare.spec import Spec, load_spec, spec_digest
from lakeshare.spec.ways import names_by_role
from lakeshare.state.external_ids import ExternalIds, Keeper
from lakeshare.state.ledger import Ledger, new_run_id


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What the command line, or a program, says beside the spec.

    ``environ`` stands for the process's environment: ``${NAME}`` in the spec comes from it. ``state`` is a ledger's URL
    or path (None: ``.lakeshare/NAME.db`` beside the spec). ``endpoint_url`` sends every call elsewhere than to AWS.
    ``workers`` is how many steps are carried out at once (None: as the spec's limits say). ``lock_timeout_seconds`` is
    for how long a run that writes waits for another one to let go of the ledger; 0: it fails at once.
    """

    spec_path: Path
    state: str | None = None
    endpoint_url: str | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    shown_as: str | None = None
    workers: int | None = None
    lock_timeout_seconds: float = 0.0
    clock: Clock = field(default_factory=SystemClock)
    listener: Listener = nobody
    stop: StopSignal = field(default_factory=StopSignal)


@dataclass(slots=True)
class Ending:
    """How the run ends, for the ledger's history. A run that ends with an error has failed whatever stands here."""

    word: Literal["ended", "failed"] = "ended"


@dataclass(frozen=True, slots=True)
class Workspace:
    """
    An open spec with everything that acting on it takes; *run* carries the sessions, and *secrets* too.

    *removing* are the administrators whose removal was planned, *borrowing* the addresses of the rights that this run
    borrows.
    """

    settings: Settings
    spec: Spec
    ledger: Ledger
    run_id: str
    run: Run
    secrets: Secrets = field(repr=False)
    made_up: ExternalIds = field(repr=False)
    ending: Ending
    removing: set[str] = field(default_factory=set)
    borrowing: set[str] = field(default_factory=set)

    def proving(self) -> Workspace:
        """Return this workspace with the ExternalIds by which readers are acted as, where it was opened without."""
        secrets = secrets_of(self.spec, self.made_up)
        return replace(self, secrets=secrets, run=replace(self.run, secrets=secrets))

    def ours(self) -> Ours:
        """Return what the ledger says is ours, or was about to become so."""
        made, intents = dict(recalled(self.ledger.each_entry())), self.ledger.intents()
        intended = dict(recalled(intents.values()))
        for address, item in intended.items():
            if address in made:
                made[address] = KINDS[item.kind].unfinished(made[address], item)
        # Whatever was last begun with it: only what was seen absent before an intent of ours has that moment in it.
        begun = {
            address: intended[address]
            for address, intent in intents.items()
            if address not in made and intent.observed_absent_at is not None
        }
        return self._lasting(under_new_names(Ours(made, begun, frozenset(intents)), self.renamed()))

    def _lasting(self, ours: Ours) -> Ours:
        """Leave out what is only borrowed: that is given back at the end of a run, and no plan's business."""
        borrowed = {address for address in ours.addresses() if is_loan(ours.last_known(address), self.spec)}
        borrowed |= self.borrowing
        if not borrowed:
            return ours
        return Ours(
            {address: item for address, item in ours.made.items() if address not in borrowed},
            {address: item for address, item in ours.begun.items() if address not in borrowed},
            frozenset(ours.in_doubt) - borrowed,
        )

    def renamed(self) -> dict[str, str]:
        """Return the new names of those renamed accounts, by their old ones, that the ledger knows by the old."""
        return pending(account_moves(self.spec), self.ledger)

    def remembered(self) -> dict[str, Guard]:
        """Return what the ledger remembers about taking things away, by the addresses that they have now."""
        return remembered(self.ledger, self.new_addresses())

    def new_addresses(self) -> dict[str, str]:
        """Return the addresses that renamed things of the ledger have now, by those that it still has them under."""
        return new_addresses(self.ledger, self.renamed())

    def rename(self) -> None:
        """Bring the ledger, and the ExternalIds beside it, to the names that accounts have now."""
        # First the ids: while the ledger still has the old name, a run that died in between is simply repeated.
        self.made_up.keep()
        rename_in_ledger(self.ledger, account_moves(self.spec))
        self.made_up.drop(account_moves(self.spec))
        self.made_up.keep()


@contextmanager
def opened(
    settings: Settings, command: str, *, writes: bool, proves: bool = True, also: Sequence[str] = ()
) -> Iterator[Workspace]:
    """
    Open the spec that *settings* name. With *writes* the ledger is made when it is missing, locked, and remembers the
    run; without, nothing is written here at all. *proves* is False where no reader will be acted as, so that nobody
    need know by which ExternalId. *also* are actions that the command takes beside what sharing does.

    Raises SpecError with every mistake of the spec, LedgerError when the ledger cannot be read, and LockedError when
    another run holds it.
    """
    spec = load_spec(settings.spec_path, settings.environ, shown_as=settings.shown_as)
    beside = settings.spec_path.resolve().parent
    run_id = new_run_id(settings.clock.now())
    with (
        ledger_at(
            settings.state,
            beside,
            spec.name,
            create=writes,
            run_id=run_id,
            endpoint_url=settings.endpoint_url,
        ) as ledger,
        held(ledger, run_id, _patience(settings)) if writes else nullcontext(),
    ):
        narrowing = narrowing_of(spec, ledger, writes=writes, also=also)
        if writes:
            ledger.begin_run(command, spec_digest(spec), run_id)
        with (
            _ended(ledger, run_id, settings.stop) if writes else nullcontext(Ending()) as ending,
            _signed_in(settings, spec, run_id, narrowing, lambda alias: external_id_of(spec, made_up, alias)) as aws,
        ):
            made_up = ExternalIds(
                ledger.store or beside / ".lakeshare" / f"{spec.name}.external-ids",
                _keepers(spec, aws),
                _one_role_each(spec),
            )
            made_up.rename(account_moves(spec), in_use=pending(account_moves(spec), ledger))
            secrets = secrets_of(spec, made_up) if proves else Secrets({})
            run = Run(aws, settings.clock, settings.listener, settings.stop, secrets)
            yield Workspace(settings, spec, ledger, run_id, run, secrets, made_up, ending)


@contextmanager
def _ended(ledger: Ledger, run_id: str, stop: StopSignal) -> Iterator[Ending]:
    """Write down in the end how the run ended. When it ends with an error that is told, and not one of the ledger's."""
    ending = Ending()
    try:
        yield ending
    except BaseException:
        with suppress(LakeshareError):
            ledger.end_run(run_id, "interrupted" if stop.is_requested else "failed")
        raise
    ledger.end_run(run_id, "interrupted" if stop.is_requested else ending.word)


def _patience(settings: Settings) -> Patience:
    return Patience(settings.lock_timeout_seconds, settings.clock, settings.listener, settings.stop)


def _signed_in(
    settings: Settings,
    spec: Spec,
    run_id: str,
    narrowing: Callable[[str], Sequence[str]],
    external_id: Callable[[str], str | None],
) -> Aws:
    pace = Pace(
        _quotas(spec).rate,
        clock=settings.clock,
        listener=settings.listener,
        stop=settings.stop,
        backoff=Backoff(
            spec.limits.retries.base_seconds, spec.limits.retries.cap_seconds, spec.limits.retries.attempts
        ),
        budget=RetryBudget(spec.limits.retries.budget),
    )
    return Aws(
        {alias: _access(spec, alias) for alias in spec.accounts},
        run_id=run_id,
        pace=pace,
        endpoint_url=settings.endpoint_url,
        workers=settings.workers or spec.limits.workers,
        external_id=external_id,
        narrowing=narrowing,
    )


def _quotas(spec: Spec) -> Quotas:
    return Quotas(spec.limits.rates, {spec.accounts[alias].id: rates for alias, rates in spec.limits.accounts.items()})


def _access(spec: Spec, alias: str) -> AccountAccess:
    account = spec.accounts[alias]
    secret = account.external_id.get_secret_value() if account.external_id else None
    name = account.session_name or "lakeshare"
    return AccountAccess(
        alias,
        account.id,
        account.region,
        account.role,
        account.profile,
        external_id=secret,
        via=account.via,
        session_name=name,
    )


def _keepers(spec: Spec, aws: Aws) -> dict[str, Keeper]:
    """Return what keeps the ExternalIds of those accounts for which the spec names an SSM parameter."""
    return {
        alias: ExternalIdParameter(partial(aws.outside, alias), account.region, account.external_id_parameter)
        for alias, account in spec.accounts.items()
        if account.external_id_parameter
    }


def _one_role_each(spec: Spec) -> list[list[str]]:
    """Return the names of each account that the spec has several of, by one role, and leaves the ExternalId to us."""
    accounts = spec.accounts
    left = [
        [name for name in names if not accounts[name].external_id and not accounts[name].external_id_parameter]
        for names in names_by_role(spec)
    ]
    return [names for names in left if len(names) > 1]


def external_id_of(spec: Spec, made_up: ExternalIds, alias: str) -> str | None:
    """Return the ExternalId that the trust of an account's role asks for, if there is any that we know."""
    given = spec.accounts[alias].external_id
    return given.get_secret_value() if given else made_up.known(alias)
