"""The dimensions: users, routing profiles, hierarchy groups, and the tags on resources."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import DAY, moment
from lakeshare.sandbox.synthesis.records.fields import Row, hierarchy


def users(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a row per agent; the last one of a larger centre has left."""
    agents = history.centre.agents
    for agent in agents:
        profiles = chance.some(history.centre.security_profiles, 2) or [history.centre.security_profiles[0]]
        lowest = agent.groups[-1]
        yield {
            "user_id": agent.id,
            "user_arn": agent.arn,
            "agent_hierarchy_group_id": lowest.id,
            "agent_hierarchy_group_arn": lowest.arn,
            **hierarchy(agent, "agent_hierarchy_group_level_{}_{}", "id"),
            "agent_email": agent.email,
            "agent_secondary_email": f"{agent.first_name}@example.org".lower() if chance.happens(0.3) else None,
            "first_name": agent.first_name,
            "last_name": agent.last_name,
            "mobile": f"+61491570{chance.randrange(1000):03d}" if chance.happens(0.5) else None,
            "agent_username": agent.name,
            "agent_routing_profile_id": agent.routing_profile.id,
            "agent_routing_profile_arn": agent.routing_profile.arn,
            "agent_security_profile_ids": [profile.id for profile in profiles],
            "agent_security_profile_arns": [profile.arn for profile in profiles],
            "last_modified_timestamp": moment(history.begins - chance.randrange(90 * DAY)),
            "after_contact_work_time_limit": chance.choice((0, 60, 120)),
            "auto_accept": chance.happens(0.7),
            "desk_phone_number": f"+61255501{chance.randrange(1000):03d}" if chance.happens(0.3) else None,
            "phone_type": chance.weighted({"SOFT_PHONE": 9, "DESK_PHONE": 1}),
            "is_active": len(agents) < 20 or agent is not agents[-1],
            "agent_voice_enhancement_mode": chance.choice(("VOICE_ISOLATION", "NOISE_SUPPRESSION", "NONE")),
        }


def routing_profiles(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a row per routing profile."""
    for profile in history.centre.routing_profiles:
        yield {
            "agent_routing_profile_id": profile.id,
            "agent_routing_profile_arn": profile.arn,
            "routing_profile_name": profile.name,
            "agent_availability_timer": chance.choice(("TIME_SINCE_LAST_ACTIVITY", "TIME_SINCE_LAST_INBOUND")),
            "default_outbound_queue_id": profile.default_outbound_queue.id,
            "routing_profile_description": profile.description,
            "last_modified_timestamp": moment(history.begins - chance.randrange(90 * DAY)),
            "is_active": True,
        }


def agent_hierarchy_groups(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a row per hierarchy group."""
    for group in history.centre.groups:
        yield {
            "agent_hierarchy_group_id": group.id,
            "agent_hierarchy_group_arn": group.arn,
            "agent_hierarchy_group_name": group.name,
            "last_modified_timestamp": moment(history.begins - chance.randrange(90 * DAY)),
            "is_active": True,
        }


def amazon_connect_resource_tags(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the history of tags: what each resource carried at first and, for some, what replaced it."""
    centre = history.centre
    for resource in (*centre.queues, *centre.routing_profiles, *centre.flows, *centre.agents):
        created = history.begins - 30 * DAY - chance.randrange(60 * DAY)
        for revision in range(2 if chance.happens(0.3) else 1):
            yield {
                "resource_arn": resource.arn,
                "record_creation_timestamp": moment(created + revision * 20 * DAY),
                "tags": {"cost-centre": f"CC-{chance.randint(100, 120)}", "stage": ("pilot", "live")[revision]},
            }


RECORDS = {
    "users": users,
    "routing_profiles": routing_profiles,
    "agent_hierarchy_groups": agent_hierarchy_groups,
    "amazon_connect_resource_tags": amazon_connect_resource_tags,
}
