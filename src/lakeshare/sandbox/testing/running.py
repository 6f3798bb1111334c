"""A sandbox that runs, in this process or in another: what a test may ask of it, all of it over HTTP."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any, Final

ACCOUNT: Final = "111111111111"
REGION: Final = "us-east-1"

# The sandbox is on this machine or near it; a proxy for the world outside has no business in between.
_OPENER: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ControlError(Exception):
    """The sandbox could not be reached, or refused what its control interface was asked."""


class RunningSandbox:
    """
    A sandbox with an ``endpoint_url`` that any AWS client can talk to.

    What is set (limits, latency, delays, faults, switches) replaces what was set before, holds until the next reset,
    and is answered with what now holds; docs/sandbox.md has the forms.
    """

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url.rstrip("/")
        self.clock = RunningClock(self)
        self._clients: list[Any] = []
        self._session: Any = None

    def client(
        self,
        service: str,
        account: str = ACCOUNT,
        region: str = REGION,
        *,
        role: str | None = None,
        config: Any = None,
    ) -> Any:
        """
        Return a boto3 client that acts as the administrator of *account*, or as a *role* (an ARN) that it assumes.

        It tries each call once, so that every refusal is seen, unless its *config* (botocore's) says otherwise. It is
        closed after the test.
        """
        keys = self._keys(account) if role is None else self._assumed(account, region, role)
        return self._client(service, region, keys, config)

    def environment(self, account: str = ACCOUNT, region: str = REGION) -> dict[str, str]:
        """Return the environment in which clients that nobody configures talk to the sandbox as *account*."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "unchecked",
            "AWS_DEFAULT_REGION": region,
        }

    def seed(
        self,
        instance_account: str = ACCOUNT,
        region: str = REGION,
        *,
        tables: Sequence[str] | None = None,
        rows: int = 100,
        **more: Any,
    ) -> dict[str, Any]:
        """Add a Connect instance and its lake: ``{"instance_id", "instance_arn", "lake_account", "tables"}``."""
        asked = {"instance_account": instance_account, "region": region, "rows": rows, **more}
        if tables is not None:
            asked["tables"] = list(tables)
        seeded: dict[str, Any] = self.control("POST", "seed", asked)
        return seeded

    def reset(self) -> None:
        """Empty the world: no accounts, no limits, no faults, no moved clock."""
        self.control("POST", "reset")

    def calls(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return ``{account: {"service:Operation": {"accepted": 3, "throttled": 0, "failed": 1}}}``."""
        counted: dict[str, dict[str, dict[str, int]]] = self.control("GET", "calls")
        return counted

    def forget_calls(self) -> None:
        """Begin to count the calls anew."""
        self.control("DELETE", "calls")

    def set_limits(self, limits: Mapping[str, Mapping[str, Any]]) -> Any:
        """Throttle: ``{"lakeformation:*": {"rate": 5, "burst": 5}}``."""
        return self.control("PUT", "limits", limits)

    def set_latency(self, ms: float) -> Any:
        """Let every call take *ms* longer."""
        return self.control("PUT", "latency", {"ms": ms})

    def set_delays(self, **seconds: float) -> Any:
        """Let AWS take its time: ``iam_s=5, ram_s=3, lf_list_s=2``, by the sandbox's clock."""
        return self.control("PUT", "delays", seconds)

    def set_faults(self, *faults: Mapping[str, Any]) -> Any:
        """Let calls fail: ``{"operation": "glue:CreateTable", "nth": 3, "error": "ThrottlingException"}``."""
        return self.control("PUT", "faults", faults)

    def set_switches(self, positions: Mapping[str, str]) -> Any:
        """Follow another of the sources that contradict each other: ``{"glue.link-storage": "mask"}``."""
        return self.control("PUT", "switches", positions)

    def check_ready(self, patience: float = 5.0) -> None:
        """Raise ControlError where no sandbox answers; one that is starting has *patience* seconds to come."""
        deadline = time.monotonic() + patience
        while True:
            try:
                self.control("GET", "health")
            except ControlError as error:
                is_refused = isinstance(getattr(error.__cause__, "reason", None), ConnectionRefusedError)
                if not is_refused or time.monotonic() > deadline:
                    raise
            else:
                return
            time.sleep(0.1)

    def control(self, method: str, what: str, body: Any = None) -> Any:
        """Ask the control interface; raise ControlError with what it says against it, or when nobody answers."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        try:
            url = f"{self.endpoint_url}/_sandbox/{what}"
            request = urllib.request.Request(url, content, headers, method=method)  # noqa: S310 - the user's own URL
            with _OPENER.open(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ControlError(_told(error) or f"{url} is no sandbox: it answered {error.code}") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise ControlError(f"no sandbox answers at {self.endpoint_url}: {reason}") from error

    def close_clients(self) -> None:
        """Close the connections of the clients that were made."""
        while self._clients:
            self._clients.pop().close()

    def _client(self, service: str, region: str, keys: Mapping[str, str | None], config: Any = None) -> Any:
        from botocore.config import Config

        once = Config(retries={"total_max_attempts": 1}, proxies={})
        if self._session is None:
            import boto3

            self._session = boto3.Session()
        made = self._session.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=region,
            config=once if config is None else once.merge(config),
            **keys,
        )
        self._clients.append(made)
        return made

    @staticmethod
    def _keys(account: str) -> dict[str, str | None]:
        return {"aws_access_key_id": account, "aws_secret_access_key": "unchecked", "aws_session_token": None}

    def _assumed(self, account: str, region: str, role: str) -> dict[str, str | None]:
        sts = self._client("sts", region, self._keys(account))
        issued = sts.assume_role(RoleArn=role, RoleSessionName="lakeshare-sandbox")["Credentials"]
        return {
            "aws_access_key_id": issued["AccessKeyId"],
            "aws_secret_access_key": issued["SecretAccessKey"],
            "aws_session_token": issued["SessionToken"],
        }


class RunningClock:
    """The clock of a sandbox, which invitations, tokens and delays follow."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self._sandbox = sandbox

    @property
    def offset_seconds(self) -> float:
        """How far it is ahead of the real time."""
        return float(self._sandbox.control("GET", "clock")["advance_seconds"])

    def now(self) -> float:
        """Return the sandbox's time, in seconds since the epoch."""
        from datetime import datetime

        return datetime.fromisoformat(self._sandbox.control("GET", "clock")["now"]).timestamp()

    def advance(self, seconds: float) -> None:
        """Move it forward by *seconds*, from where it is."""
        self._sandbox.control("PUT", "clock", {"advance_seconds": self.offset_seconds + seconds})


def _told(error: urllib.error.HTTPError) -> str | None:
    """Return what the control interface has against the question, if it was the sandbox that refused."""
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError, TypeError):
        return None
