"""Calls services with Cloudforet's own client, as its services do: one call for each line of JSON on stdin.

{"id", "endpoint", "method": "Plugin.get_plugin_endpoint", "params", "token", "x_domain_id", "timeout"} is answered by
{"id", "ok": ...} or {"id", "error": {"class", "error_code", "status_code", "message"}}, and "seconds". Without a method
the answer is what the client has learnt by reflection: the methods of each service.
"""

import json
import sys
import time

from spaceone.core.connector.space_connector import SpaceConnector
from spaceone.core.error import ERROR_BASE


def call(request: dict):
    connector = SpaceConnector(
        endpoint=request["endpoint"],
        token=request.get("token"),
        timeout=request.get("timeout"),
    )
    if "method" not in request:
        return connector.client.api_resources
    return connector.dispatch(
        request["method"],
        request.get("params"),
        x_domain_id=request.get("x_domain_id"),
    )


def answer(request: dict) -> dict:
    began = time.monotonic()
    try:
        told = {"ok": call(request)}
    except ERROR_BASE as error:
        told = {
            "error": {
                "class": type(error).__name__,
                "error_code": error.error_code,
                "status_code": error.status_code,
                "message": error.message,
            }
        }
    return {"id": request["id"], "seconds": time.monotonic() - began, **told}


print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
