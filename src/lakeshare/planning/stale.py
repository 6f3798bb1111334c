"""Says in words in what two plans for the same purpose differ, so that whoever holds a stale one knows why. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MOST_NAMED = 3


def what_changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return what is different *now* from the document *before*, both as `plan_file.plan_document` makes them."""
    if before["spec_digest"] != now["spec_digest"]:
        return "the spec changed since it was made"
    found = [*_ledger(before, now), *_things(before["rests_on"], now["rests_on"])]
    # What is to be done follows from what is there; on its own it changes with what the spec leaves to AWS to tell.
    return _few(found or [*_steps(before, now), *_blockers(before, now)]) or "it would do something else now"


def _few(sentences: Sequence[str]) -> str:
    more = f"; and {len(sentences) - MOST_NAMED} more" if len(sentences) > MOST_NAMED else ""
    return "; ".join(sentences[:MOST_NAMED]) + more


def _ledger(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    if before["serial"] > now["serial"]:
        yield (
            f"it was made with another ledger (serial {before['serial']}), or this one (serial {now['serial']}) is"
            " an earlier copy of it"
        )
    elif before["serial"] != now["serial"]:
        yield (
            f"the ledger changed since it was made (serial {before['serial']} then, {now['serial']} now;"
            " `lakeshare state history` lists the runs)"
        )


def _things(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for address, then in before.items():
        if address in now and then != now[address]:
            yield f"{address} {_changed(then, now[address])}"


def _changed(then: Any, now: Any) -> str:
    if isinstance(then, dict) and isinstance(now, dict):
        fields = [name for name in now if then.get(name) != now[name]]
        return f"changed since it was made ({', '.join(fields)})"
    return f"was {_word(then)} when it was made, and is {_word(now)} now"


def _word(seen: Any) -> str:
    return "there" if isinstance(seen, dict) else str(seen)


def _steps(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    then = {step["address"]: step for step in before["steps"]}
    steps = {step["address"]: step for step in now["steps"]}
    for address in [*then, *(address for address in steps if address not in then)]:
        if address not in steps:
            yield f"it would not {then[address]['action']} {address} any more"
        elif address not in then:
            yield f"it would now {steps[address]['action']} {address} too"
        elif then[address] != steps[address]:
            yield f"it would {steps[address]['action']} {address} otherwise ({steps[address]['reason']})"


def _blockers(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for address in now["blockers"]:
        if address not in before["blockers"]:
            yield f"{address} is in the way now"
    for address in before["blockers"]:
        if address not in now["blockers"]:
            yield f"{address} is in the way no more"
