"""The one function of the template: it reports each event it gets, and does what is wished."""

import json
import os
import socket


def handler(event, context):
    host, port = os.environ["REPORT"].split(":")
    with socket.create_connection((host, int(port))) as report:
        report.sendall(json.dumps(event).encode())
    kind = event["requestContext"]["eventType"]
    wish = (event.get("queryStringParameters") or {}).get("do")
    if wish == "refuse":
        return {"statusCode": 401}
    if wish == "crash" or (kind == "MESSAGE" and event["body"] == "boom"):
        raise Exception("boom")
    if wish == "protocol":
        return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "chat.v2"}}
    return {"statusCode": 200, "body": event.get("body") or ""}
