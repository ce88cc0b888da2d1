"""The runtime of python* functions: loads the handler that _HANDLER names and serves it events
from the Runtime API, one at a time. Connections to the AWS hosts that the local cloud stands in
for are led to it, so handlers run as they are."""

import http.client
import importlib
import json
import os
import socket
import sys
import time
import traceback


def lead_aws_hosts_here():
    cloud = os.environ.get("HERALD_CLOUD")
    if not cloud:
        return
    address, port = cloud.rsplit(":", 1)
    resolve = socket.getaddrinfo

    def getaddrinfo(host, *args, **kwargs):
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith((".amazonaws.com", ".amazonaws.com.cn")):
            return resolve(address, int(port), *args[1:], **kwargs)
        return resolve(host, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo


class RuntimeApi:
    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address)

    def call(self, method, route, body=None, headers=None):
        self.connection.request(method, "/2018-06-01/runtime/" + route, body, headers or {})
        response = self.connection.getresponse()
        return response.headers, response.read()

    def fail(self, route, error):
        kind = getattr(error, "lambda_type", type(error).__name__)
        body = {
            "errorMessage": str(error),
            "errorType": kind,
            "stackTrace": traceback.format_tb(error.__traceback__),
        }
        headers = {"Lambda-Runtime-Function-Error-Type": kind}
        self.call("POST", route, json.dumps(body), headers)


class LoadError(Exception):
    def __init__(self, kind, message):
        super().__init__(message)
        self.lambda_type = kind


def load(handler):
    module, _, function = handler.rpartition(".")
    if not module:
        raise LoadError("Runtime.MalformedHandlerName", f"handler '{handler}' is not of the form module.function")
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    try:
        loaded = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        raise LoadError("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}") from error
    if not callable(getattr(loaded, function, None)):
        raise LoadError("Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{module}'")
    return getattr(loaded, function)


class Context:
    def __init__(self, headers):
        env = os.environ
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = env.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = env.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = env.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = env.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = env.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.client_context = None
        self.identity = None
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))


def main():
    lead_aws_hosts_here()
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load(os.environ["_HANDLER"])
    except BaseException as error:
        traceback.print_exc()
        api.fail("init/error", error)
        sys.exit(1)
    while True:
        headers, event = api.call("GET", "invocation/next")
        request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        try:
            result = json.dumps(handler(json.loads(event), Context(headers)))
        except Exception as error:
            traceback.print_exc()
            api.fail(f"invocation/{request_id}/error", error)
        else:
            api.call("POST", f"invocation/{request_id}/response", result)


main()
