"""botocore's service models, each loaded when a call first needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, TypeAlias

Shape: TypeAlias = Any
"""A botocore shape: botocore itself is untyped."""
OperationModel: TypeAlias = Any

# Signing names under which botocore files no service model of that name.
_BOTOCORE_NAMES = {
    "access-analyzer": "accessanalyzer",
    "elasticloadbalancing": "elbv2",
    "email": "sesv2",
    "execute-api": "apigatewaymanagementapi",
    "monitoring": "cloudwatch",
    "s3express": "s3",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}


@lru_cache(maxsize=1)
def _loader() -> Any:
    from botocore.loaders import Loader

    return Loader()


@lru_cache(maxsize=64)
def service_model(service: str) -> Any | None:
    """Return the model of the service that signs as *service*; None when botocore has none."""
    from botocore.exceptions import UnknownServiceError
    from botocore.model import ServiceModel

    name = _BOTOCORE_NAMES.get(service, service)
    try:
        return ServiceModel(_loader().load_service_model(name, "service-2"), name)
    except UnknownServiceError:
        return None


@lru_cache(maxsize=4096)
def operation_model(service: str, operation: str) -> OperationModel | None:
    """Return the model of one operation; None when the service or the operation is unknown."""
    model = service_model(service)
    if model is None or operation not in model.operation_names:
        return None
    return model.operation_model(operation)


@lru_cache(maxsize=1024)
def error_shape(service: str, code: str) -> Shape | None:
    """Return the modelled shape of the error *code*; None where AWS answers with an undeclared one."""
    model = service_model(service)
    return None if model is None else model.shape_for_error_code(code)


def protocol(service: str) -> str:
    """Return the protocol that botocore speaks to *service*: json, rest-json, query, ec2 or rest-xml."""
    model = service_model(service)
    return "rest-json" if model is None else str(model.protocol)


def wire_name(name: str, member: Shape) -> str:
    """How a structure's member *name* is spelt on the wire."""
    return str(member.serialization.get("name", name))


@cache
def members_of(shape: Shape) -> Mapping[str, tuple[str, Shape]]:
    """Return a structure's members by name, each with how it is spelt on the wire."""
    return {name: (wire_name(name, member), member) for name, member in shape.members.items()}


def operation_models(service: str) -> Iterator[OperationModel]:
    """Yield the models of all operations of *service*, by name; nothing when the service is unknown."""
    model = service_model(service)
    if model is not None:
        yield from (model.operation_model(name) for name in model.operation_names)
