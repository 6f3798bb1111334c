"""Who holds the ledger, and whether that process is still there."""

from __future__ import annotations

import getpass
import json
import os
import socket
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class LockOwner:
    """
    The process that holds a ledger.

    A pid means something only within one boot of one host and one pid namespace (containers), and even there it is
    handed out again: the process's own start tells two bearers of one pid apart. Fields that a system does not tell
    are empty.
    """

    host: str
    boot_id: str
    pid_namespace: str
    pid: int
    process_start: str
    user: str
    run_id: str

    @classmethod
    def current(cls, run_id: str) -> LockOwner:
        """Describe this process, on behalf of the run *run_id*."""
        return cls(
            host=host(),
            boot_id=_boot_id(),
            pid_namespace=_pid_namespace(),
            pid=os.getpid(),
            process_start=process_start(os.getpid()) or "",
            user=user(),
            run_id=run_id,
        )

    def to_json(self) -> str:
        """Return the one text of this owner."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> LockOwner:
        """Read what ``to_json`` wrote."""
        return cls(**json.loads(text))

    def describe(self, since: float) -> str:
        """Say who holds the lock, where and since when."""
        began = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        return f"{self.user} on {self.host}, pid {self.pid}, run {self.run_id}, since {began}"

    def is_gone(self) -> bool:
        """
        Whether this process certainly runs no more, as seen from here.

        Of other hosts and other pid namespaces nothing is certain. A host that has booted since runs nothing of before.
        """
        if self.host != host():
            return False
        if self.boot_id and _boot_id() and self.boot_id != _boot_id():
            return True
        if self.pid_namespace != _pid_namespace():
            return False
        start = process_start(self.pid)
        if start is None:
            return True
        return bool(start and self.process_start) and start != self.process_start


def host() -> str:
    """Return the name of this host."""
    return socket.gethostname()


def user() -> str:
    """Return the name of the user, or the number where the system has no name for it (containers)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def process_start(pid: int) -> str | None:
    """
    Return a text that tells the process *pid* from any other that has had or will have that pid; None when there is
    none.

    Empty when the process exists but nothing more can be seen. A zombie counts as gone: it acts no more.
    """
    if _PROC.joinpath("self", "stat").exists():
        return _process_start_from_proc(pid)
    return _process_start_from_ps(pid)


def _process_start_from_proc(pid: int) -> str | None:
    try:
        stat = _PROC.joinpath(str(pid), "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "" if _exists(pid) else None  # other users' processes may be hidden (hidepid)
    # The second field is the command in parentheses, which may hold spaces and parentheses itself.
    fields = stat[stat.rindex(")") + 2 :].split()
    state, start_ticks = fields[0], fields[19]
    return None if state in {"Z", "X"} else start_ticks


def _process_start_from_ps(pid: int) -> str | None:
    answer = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, start = answer.stdout.strip().partition(" ")
    if not state:
        return "" if _exists(pid) else None
    return None if state.startswith("Z") else start.strip()


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _boot_id() -> str:
    try:
        return _PROC.joinpath("sys", "kernel", "random", "boot_id").read_text().strip()
    except OSError:
        return ""


def _pid_namespace() -> str:
    try:
        return str(_PROC.joinpath("self", "ns", "pid").readlink())
    except OSError:
        return ""
