"""The runtime of python* functions: loads the handler that _HANDLER names and serves it events from
the Runtime API, one at a time. How a handler is found, what it may answer and how it may fail is as
in Lambda's own Python runtimes."""

import decimal
import http.client
import importlib
import itertools
import json
import logging
import os
import socket
import sys
import time
import traceback
import types


def lead_hosts_here():
    """The hosts that the local cloud stands in for lead to it, by whatever library they are reached."""
    if "HERALD_CLOUD" not in os.environ:
        return
    address, cloud_port = os.environ["HERALD_CLOUD"].rsplit(":", 1)
    names = [name for name in os.environ.get("HERALD_CLOUD_HOSTS", "").split(",") if name]
    suffixes = tuple(name for name in names if name.startswith("."))
    resolve = socket.getaddrinfo

    def getaddrinfo(host, port, *args, **kwargs):
        name = host.decode("ascii", "replace") if isinstance(host, (bytes, bytearray)) else host
        if isinstance(name, str) and (name.lower() in names or name.lower().endswith(suffixes)):
            return resolve(address, int(cloud_port), *args, **kwargs)
        return resolve(host, port, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo


class Failure(Exception):
    """An error of this runtime's own."""

    last_words = ""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class RuntimeApi:
    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address)

    def call(self, method, route, body=None, headers=None):
        self.connection.request(method, "/2018-06-01/runtime/" + route, body, headers or {})
        response = self.connection.getresponse()
        return response.status, response.headers, response.read()

    def fail(self, route, error, request_id=""):
        kind = error.kind if isinstance(error, Failure) else type(error).__name__
        # Behind the frames of this file, the user's code begins.
        frames = traceback.extract_tb(error.__traceback__)
        frames = itertools.dropwhile(lambda frame: frame.filename == __file__, frames)
        trace = [] if isinstance(error, Failure) else traceback.format_list(frames)
        said = [f"[ERROR] {kind}: {error}\n"]
        if trace:
            said += ["Traceback (most recent call last):\n", *trace]
        # Standard error is quoted when a function does not start.
        print("".join(said), file=sys.stderr, end="")
        if isinstance(error, Failure) and error.last_words:
            print(error.last_words, file=sys.stderr)
        body = {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": trace}
        self.call("POST", route, json.dumps(body), {"Lambda-Runtime-Function-Error-Type": kind})


class RequestIdFilter(logging.Filter):
    request_id = ""

    def filter(self, record):
        record.aws_request_id = self.request_id
        return True


def set_up_logging():
    """What is logged goes to standard output, as soon as the function sets a level that lets it."""
    handler = logging.StreamHandler(sys.stdout)
    formatter = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    request_id_filter = RequestIdFilter()
    handler.addFilter(request_id_filter)
    logging.getLogger().addHandler(handler)
    return request_id_filter


def load(handler):
    module, _, function = handler.rpartition(".")
    if not module:
        raise Failure("Runtime.MalformedHandlerName", f"Bad handler '{handler}': it is not MODULE.FUNCTION")
    # In place of this file's own folder.
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    try:
        loaded = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        failure = Failure("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}")
        if (error.name or "").partition(".")[0] in ("boto3", "botocore"):
            failure.last_words = (
                f"Lambda brings {error.name} along, this machine does not. Type: python3 -m pip install boto3\n"
                "with the python3 that is the first on PATH, or name a folder that has it in PYTHONPATH."
            )
        raise failure from error
    except SyntaxError as error:
        message = f"Syntax error in module '{module}': {error}"
        raise Failure("Runtime.UserCodeSyntaxError", message) from error
    if not hasattr(loaded, function):
        raise Failure("Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{module}'")
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
        self.identity = types.SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        given = headers.get("Lambda-Runtime-Client-Context")
        self.client_context = json.loads(given, object_hook=lambda o: types.SimpleNamespace(**o)) if given else None
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


def number(value):
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def to_json(result):
    try:
        return json.dumps(result, default=number)
    except (TypeError, ValueError) as error:
        raise Failure("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def serve(api, handler, request_id_filter):
    while True:
        status, headers, event = api.call("GET", "invocation/next")
        if status != 200:
            # This environment is at its end.
            return
        request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        request_id_filter.request_id = request_id
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        try:
            result = to_json(handler(json.loads(event), Context(headers)))
        except Exception as error:
            api.fail(f"invocation/{request_id}/error", error, request_id)
        else:
            api.call("POST", f"invocation/{request_id}/response", result)


def main():
    lead_hosts_here()
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    request_id_filter = set_up_logging()
    try:
        handler = load(os.environ["_HANDLER"])
    except Exception as error:
        api.fail("init/error", error)
        sys.exit(1)
    try:
        serve(api, handler, request_id_filter)
    except (ConnectionError, http.client.HTTPException):
        # The Runtime API has hung up: there is nobody left to serve.
        pass


main()
