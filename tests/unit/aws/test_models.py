"""botocore's service models, read faster, are the same models."""

from __future__ import annotations

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from lakeshare.aws.models import ModelLoader


@pytest.mark.parametrize("service", ["sts", "lakeformation", "ram", "s3"])
@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1", "paginators-1"])
def test_models_are_those_of_botocore(service: str, kind: str) -> None:
    """A model is what botocore's own loader makes of the same file, its extras included."""
    model = ModelLoader().load_service_model(service, kind)

    assert model == Loader().load_service_model(service, kind)


def test_a_service_that_is_none_is_named() -> None:
    """A name that is no service is refused as botocore refuses it."""
    loader = ModelLoader()

    with pytest.raises(UnknownServiceError, match="lakeformations"):
        loader.load_service_model("lakeformations", "service-2")


def test_what_is_read_ahead_is_there() -> None:
    """What was read ahead is the very thing that is handed out later."""
    loader = ModelLoader()

    loader.read_ahead(["sts"])

    first = loader.load_service_model("sts", "service-2", api_version=None)
    assert first is loader.load_service_model("sts", "service-2")
