"""
How botocore's service models are read: the same models, in a third of the time.

The models are megabytes of JSON, and reading them is most of what a short run does by itself. botocore makes an
OrderedDict of each object in them, though dictionaries have kept their order since Python 3.7, and looks into the
folders of all four hundred services before it reads the first.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader, Loader


class ModelLoader(Loader):  # type: ignore[misc]
    """botocore's loader; a name that is no service is found out when its model is looked for."""

    def __init__(self) -> None:
        super().__init__(extra_search_paths=[], file_loader=_PlainFiles())
        self._turn = threading.RLock()

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """Return a model; threads that want the same one at the same time read it once."""
        with self._turn:
            return super().load_service_model(service_name, type_name, api_version=api_version)

    def read_ahead(self, services: Iterable[str]) -> None:
        """Read what making clients of *services* takes, so that it is there when they are made."""
        for service in services:
            for kind in ("service-2", "endpoint-rule-set-1"):
                self.load_service_model(service, kind)

    def list_available_services(self, type_name: str) -> list[str]:
        """List the services that there is a folder of; botocore would look for *type_name* in each."""
        del type_name
        return self._folders

    @cached_property
    def _folders(self) -> list[str]:
        paths = (Path(path) for path in self.search_paths)
        return sorted({entry.name for path in paths if path.is_dir() for entry in path.iterdir()})


class _PlainFiles(JSONFileLoader):  # type: ignore[misc]
    def _load_file(self, full_path: str, open_method: Any) -> Any:
        try:
            with open_method(full_path, "rb") as file:
                return json.loads(file.read())
        except FileNotFoundError:
            return None
