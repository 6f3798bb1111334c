"""
The contact centre as it is configured: who works there, in which teams, for which queues.

Everything here is drawn once from the instance and the seed, and never changes while contacts come in; the dimension
tables are this, and the event tables point at it.
"""

from __future__ import annotations

from dataclasses import dataclass

from lakeshare.sandbox.synthesis import vocabulary
from lakeshare.sandbox.synthesis.chance import Chance


@dataclass(frozen=True, slots=True)
class Instance:
    """A Connect instance: its id, the account that owns it, its Region."""

    id: str
    account: str
    region: str

    @property
    def arn(self) -> str:
        """The instance's ARN, under which everything in it is named."""
        return f"arn:aws:connect:{self.region}:{self.account}:instance/{self.id}"

    def arn_of(self, kind: str, id: str) -> str:  # noqa: A002 - it is what the thing is called
        """Return the ARN of a thing in the instance; *kind* as Connect spells it, ``queue`` or ``agent``."""
        return f"{self.arn}/{kind}/{id}"


@dataclass(frozen=True, slots=True)
class Named:
    """Anything of the instance that has an id, an ARN and a name: a queue, a flow, a status, a hierarchy group."""

    id: str
    arn: str
    name: str


@dataclass(frozen=True, slots=True)
class RoutingProfile(Named):
    """Which queues an agent serves."""

    description: str
    queues: tuple[Named, ...]

    @property
    def default_outbound_queue(self) -> Named:
        """The queue that the agent's own calls count for."""
        return self.queues[0]


@dataclass(frozen=True, slots=True)
class Agent(Named):
    """A user who takes contacts; ``name`` is the user name. ``groups`` are the hierarchy groups from level 1 down."""

    first_name: str
    last_name: str
    email: str
    routing_profile: RoutingProfile
    groups: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Bot:
    """A Lex bot that contacts meet before a queue: intents by name, each with its slots."""

    id: str
    alias_id: str
    version: str
    intents: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Centre:
    """The whole configuration of one instance."""

    instance: Instance
    queues: tuple[Named, ...]
    routing_profiles: tuple[RoutingProfile, ...]
    groups: tuple[Named, ...]
    agents: tuple[Agent, ...]
    statuses: tuple[Named, ...]
    flows: tuple[Named, ...]
    modules: tuple[Named, ...]
    bot: Bot
    evaluators: tuple[str, ...]
    security_profiles: tuple[Named, ...]

    def status(self, name: str) -> Named:
        """Return the agent status called *name*."""
        return next(status for status in self.statuses if status.name == name)


def build_centre(instance: Instance, agents: int, seed: int) -> Centre:
    """Return the contact centre of *instance* with so many *agents*."""
    chance = Chance(seed, instance.id, "centre")
    queues = _named(instance, chance, "queue", vocabulary.QUEUES)
    profiles = _routing_profiles(instance, chance, queues)
    groups, teams = _hierarchy(instance, chance, agents)
    return Centre(
        instance=instance,
        queues=queues,
        routing_profiles=profiles,
        groups=groups,
        agents=tuple(_agent(instance, chance, number, profiles, teams) for number in range(agents)),
        statuses=_named(instance, chance, "agent-state", vocabulary.STATUSES),
        flows=_named(instance, chance, "contact-flow", vocabulary.FLOWS),
        modules=_named(instance, chance, "flow-module", vocabulary.MODULES),
        bot=Bot(f"BOT{chance.getrandbits(32):08X}", f"ALIAS{chance.getrandbits(24):06X}", "3", vocabulary.INTENTS),
        evaluators=tuple(instance.arn_of("agent", chance.uuid()) for _ in range(3)),
        security_profiles=_named(
            instance, chance, "security-profile", ("Agent", "CallCenterManager", "QualityAnalyst")
        ),
    )


def _named(instance: Instance, chance: Chance, kind: str, names: tuple[str, ...]) -> tuple[Named, ...]:
    return tuple(
        Named(own, instance.arn_of(kind, own), name) for own, name in [(chance.uuid(), name) for name in names]
    )


def _routing_profiles(instance: Instance, chance: Chance, queues: tuple[Named, ...]) -> tuple[RoutingProfile, ...]:
    """Return a profile that serves every queue, the first, and one specialist profile for each later pair of queues."""
    served = [("General", "Serves every queue", queues)]
    served += [
        (f"{pair[0].name} specialists", f"Serves {' and '.join(queue.name for queue in pair)}", pair)
        for pair in (queues[at : at + 2] for at in range(0, len(queues), 2))
    ]
    profiles = []
    for name, description, own in served:
        identifier = chance.uuid()
        arn = instance.arn_of("routing-profile", identifier)
        profiles.append(RoutingProfile(identifier, arn, name, description, tuple(own)))
    return tuple(profiles)


def _hierarchy(
    instance: Instance, chance: Chance, agents: int
) -> tuple[tuple[Named, ...], tuple[tuple[Named, ...], ...]]:
    """Return every group, and the path of groups from level 1 to 5 for each team of about eight agents."""
    division, *rest = _named(instance, chance, "agent-group", ("Customer operations", *vocabulary.SITES))
    sites = rest[: max(1, min(len(rest), agents // 16))]
    every, teams = [division, *sites], []
    for number in range(max(2, agents // 8)):
        site = sites[number % len(sites)]
        below = _named(
            instance,
            chance,
            "agent-group",
            (f"{site.name} floor {number % 3 + 1}", f"Team {number + 1}", f"Team {number + 1} pod A"),
        )
        every.extend(below)
        teams.append((division, site, *below))
    return tuple(every), tuple(teams)


def _agent(
    instance: Instance,
    chance: Chance,
    number: int,
    profiles: tuple[RoutingProfile, ...],
    teams: tuple[tuple[Named, ...], ...],
) -> Agent:
    """Return agent *number*; every other serves all queues, so that none is ever without one."""
    identifier = chance.uuid()
    first, last = chance.choice(vocabulary.FIRST_NAMES), chance.choice(vocabulary.LAST_NAMES)
    username = f"{first}.{last}{number:03d}".lower()
    return Agent(
        id=identifier,
        arn=instance.arn_of("agent", identifier),
        name=username,
        first_name=first,
        last_name=last,
        email=f"{username}@example.com",
        routing_profile=profiles[0 if number % 2 == 0 else 1 + number // 2 % (len(profiles) - 1)],
        groups=teams[number % len(teams)][: 5 if number % 4 else 4],
    )
