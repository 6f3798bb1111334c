"""
Lake Formation's settings document as AWS has it, members that our service model does not know included.

PutDataLakeSettings replaces the whole document (documented). botocore leaves out of an answer what its model does not
name, and refuses to send it: with a model older than the service, getting and putting would silently take settings
away. So answers are read as they came, and what the model does not know is put back into the request.
"""

from __future__ import annotations

import json
from typing import Any

_DOCUMENT = "DataLakeSettings"
_UNKNOWN = "lakeshare_unknown_settings"


def keep_unknown_settings(client: Any) -> None:
    """Have *client*, which is Lake Formation's, read and write the settings document whole."""
    events = client.meta.events
    events.register("before-parse.lakeformation.GetDataLakeSettings", _read_whole)
    events.register("provide-client-params.lakeformation.PutDataLakeSettings", _set_aside)
    events.register("before-call.lakeformation.PutDataLakeSettings", _put_back)


def _read_whole(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    if response_dict["status_code"] >= 300:
        return
    document = json.loads(response_dict["body"])
    if _DOCUMENT in document:
        customized_response_dict[_DOCUMENT] = document[_DOCUMENT]


def _set_aside(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> dict[str, Any]:
    known = model.input_shape.members[_DOCUMENT].members
    document = params.get(_DOCUMENT, {})
    context[_UNKNOWN] = {name: value for name, value in document.items() if name not in known}
    return {**params, _DOCUMENT: {name: value for name, value in document.items() if name in known}}


def _put_back(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    if unknown := context.get(_UNKNOWN):
        body = json.loads(params["body"])
        body[_DOCUMENT] |= unknown
        params["body"] = json.dumps(body).encode()
