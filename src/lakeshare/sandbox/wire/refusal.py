"""An error in each protocol's own form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias
from xml.sax.saxutils import escape

from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.rules import RefusalError
from lakeshare.sandbox.wire.http import Answer, Request
from lakeshare.sandbox.wire.models import Shape, error_shape, protocol, service_model, wire_name
from lakeshare.sandbox.wire.serialise import json_value

_CONTENT_TYPES = {
    "cbor": "application/cbor",
    "ec2": "text/xml",
    "json": "application/x-amz-json-1.1",
    "query": "text/xml",
    "rest-json": "application/json",
    "rest-xml": "text/xml",
    "s3": "application/xml",
}
Form: TypeAlias = Literal["json", "rest-json", "query", "ec2", "rest-xml", "s3", "cbor"]

_SPOKEN: Mapping[str, Form] = {"query": "query", "rest-xml": "rest-xml"}


def refuse(service: str, request: Request, error: ServiceError, request_id: str) -> Answer:
    """Return *error* as a caller of *service* expects to parse it, with the modelled status where there is one."""
    shape = error_shape(service, error.code)
    headers: tuple[tuple[str, str], ...] = (("x-amzn-RequestId", request_id),)
    if isinstance(error, RefusalError):
        headers = (*headers, ("x-lakeshare-rule", error.rule.id))

    form = _form(service, request)
    if form in {"json", "rest-json"}:
        body = json.dumps(_json_body(error, shape, form)).encode()
        headers = (*headers, ("x-amzn-ErrorType", error.code))
    elif form == "cbor":
        body = _cbor({"__type": error.code, "message": error.message})
        headers = (*headers, ("smithy-protocol", "rpc-v2-cbor"))
    else:
        body = _XML_FORMS[form](service, error, request_id).encode()
    content = b"" if request.method == "HEAD" else body
    return Answer(_modelled_status(shape) or error.status, (("Content-Type", _CONTENT_TYPES[form]), *headers), content)


def _form(service: str, request: Request) -> Form:
    """What the request speaks, for several services speak more than one protocol."""
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return "cbor"
    if "X-Amz-Target" in request.headers:
        return "json"
    if "Action" in request.form:
        return "ec2" if service == "ec2" else "query"
    if service in {"s3", "s3express"}:
        return "s3"
    return _SPOKEN.get(protocol(service), "rest-json")


def _modelled_status(shape: Shape | None) -> int | None:
    return None if shape is None else (shape.metadata.get("error") or {}).get("httpStatusCode")


def _json_body(error: ServiceError, shape: Shape | None, form: Form) -> dict[str, Any]:
    body: dict[str, Any] = {"__type": error.code} if form == "json" else {}
    members = {} if shape is None else shape.members
    said = next((wire_name(name, member) for name, member in members.items() if name.lower() == "message"), "message")
    body[said] = error.message
    for name, value in error.fields.items():
        if name in members:
            body[wire_name(name, members[name])] = json_value(members[name], value)
    return body


def _xml_error(error: ServiceError, *more: str) -> str:
    return f"<Error>{''.join(more)}<Code>{error.code}</Code><Message>{escape(error.message)}</Message></Error>"


def _query(service: str, error: ServiceError, request_id: str) -> str:
    model = service_model(service)
    namespace = "" if model is None else model.metadata.get("xmlNamespace", "")
    fault = "Receiver" if error.status >= 500 else "Sender"
    told = _xml_error(error, f"<Type>{fault}</Type>")
    return f'<ErrorResponse xmlns="{namespace}">{told}<RequestId>{request_id}</RequestId></ErrorResponse>'


def _ec2(_service: str, error: ServiceError, request_id: str) -> str:
    return f"<Response><Errors>{_xml_error(error)}</Errors><RequestID>{request_id}</RequestID></Response>"


def _s3(_service: str, error: ServiceError, request_id: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>{_xml_error(error, f"<RequestId>{request_id}</RequestId>")}'


def _cbor(members: Mapping[str, str]) -> bytes:
    """Write a map of texts as CBOR (RFC 8949): all that an error of Smithy's RPC needs."""
    written = b"".join(_cbor_text(name) + _cbor_text(value) for name, value in members.items())
    return bytes([0xA0 | len(members)]) + written


def _cbor_text(text: str) -> bytes:
    content = text.encode()
    return b"\x7a" + len(content).to_bytes(4, "big") + content


_XML_FORMS = {"query": _query, "rest-xml": _query, "ec2": _ec2, "s3": _s3}
