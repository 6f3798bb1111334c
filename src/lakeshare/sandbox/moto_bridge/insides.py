"""How moto is reached: imported when first asked, and never by two threads at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

LOCK = threading.RLock()
PARTITION = "aws"
"""moto keeps S3 and IAM, which are global services, by partition where others have a Region."""


def is_loaded() -> bool:
    """Whether anybody has called moto yet: before that it holds nothing, and asking it would cost its import."""
    return application.cache_info().currsize > 0


@lru_cache(maxsize=1)
def application() -> Any:
    """Return moto's WSGI application, importing moto."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    class Application(DomainDispatcherApplication):  # type: ignore[misc]
        """moto's, which remembers whose a host is: it would list its folders and try its patterns at each call."""

        get_backend_for_host = lru_cache(maxsize=1000)(DomainDispatcherApplication.get_backend_for_host)

    _leave_bucket_policies_to_us()
    _keep_boundaries_out_of_lists()
    return Application(create_backend_app)


def _leave_bucket_policies_to_us() -> None:
    """Keep moto from refusing what a bucket's policy denies: it looks at no principal and no condition, and we do."""
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket

    said = FakeBucket.get_permission

    def get_permission(bucket: Any, action: str, resource: str) -> Any:
        result = said(bucket, action, resource)
        return PermissionResult.NEUTRAL if result == PermissionResult.DENIED else result

    FakeBucket.get_permission = get_permission


def _keep_boundaries_out_of_lists() -> None:
    """ListUsers shows no boundaries (documented: API_ListUsers); moto, which has none of users, knows it of roles."""
    from moto.core.serialize import never_return
    from moto.iam.responses import IamResponse

    IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER["ListUsersResponse.Users.User.PermissionsBoundary"] = never_return


@contextmanager
def backends(service: str) -> Iterator[Any]:
    """Give moto's backends of *service* (account -> Region or partition -> backend), with the lock held."""
    with LOCK:
        application()
        yield _backend(service)


@lru_cache
def _backend(service: str) -> Any:
    """Return moto's backends of *service*, which are the same objects for as long as the interpreter lives."""
    from moto.backends import get_backend

    return get_backend(service)


def reset() -> None:
    """Forget everything moto holds, for every sandbox of this interpreter."""
    if is_loaded():
        from moto.moto_api._internal.models import moto_api_backend

        with LOCK:
            moto_api_backend.reset()
