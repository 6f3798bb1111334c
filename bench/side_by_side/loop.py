"""
The job as a script of plain boto3 calls, one after the other.

    python loop.py CALLS.json ENDPOINT

CALLS.json holds ``[[service, operation, params], ...]``; each is called once, with botocore's own retries.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import boto3


def main() -> None:
    calls = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    clients = {service: boto3.client(service, endpoint_url=sys.argv[2]) for service in {call[0] for call in calls}}
    for service, operation, params in calls:
        getattr(clients[service], operation)(**params)


if __name__ == "__main__":
    main()
