// The runtime of nodejs* functions: loads the handler that _HANDLER names and serves it events
// from the Runtime API, one at a time. Connections to the AWS hosts that the local cloud stands in
// for are led to it, so handlers run as they are.
"use strict";

const http = require("node:http");
const net = require("node:net");
const path = require("node:path");
const fs = require("node:fs");
const { pathToFileURL } = require("node:url");

const { AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT, _HANDLER, HERALD_CLOUD } = process.env;
const [runtimeHost, runtimePort] = AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, route, body, headers) {
  return new Promise((resolve, reject) => {
    const options = { host: runtimeHost, port: runtimePort, method, path: `/2018-06-01/runtime/${route}`, agent, headers };
    const request = http.request(options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, text: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

function leadAwsHostsHere() {
  if (!HERALD_CLOUD) return;
  const [host, port] = HERALD_CLOUD.split(":");
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    // net.connect and tls.connect hand over their arguments already in order, as one array.
    const options = Array.isArray(args[0]) ? args[0][0] : args[0];
    if (options && typeof options === "object" && /\.amazonaws\.com(\.cn)?$/.test(options.host ?? "")) {
      Object.assign(options, { host, port: Number(port), lookup: undefined });
    }
    return connect.apply(this, args);
  };
}

async function load() {
  const dot = _HANDLER.lastIndexOf(".");
  if (dot < 1) throw named("Runtime.MalformedHandlerName", `handler "${_HANDLER}" is not of the form file.export`);
  const [file, exported] = [path.resolve(LAMBDA_TASK_ROOT, _HANDLER.slice(0, dot)), _HANDLER.slice(dot + 1)];
  const found = ["", ".js", ".mjs", ".cjs"].map((end) => file + end).find((f) => fs.statSync(f, { throwIfNoEntry: false })?.isFile());
  if (!found) throw named("Runtime.ImportModuleError", `Cannot find module '${file}'`);
  const module = found.endsWith(".mjs") ? await import(pathToFileURL(found)) : await import(pathToFileURL(found)).then((m) => ({ ...m.default, ...m }));
  const handler = exported.split(".").reduce((object, key) => object?.[key], module);
  if (typeof handler !== "function") throw named("Runtime.HandlerNotFound", `${_HANDLER} is undefined or not exported`);
  return handler;
}

function named(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}

function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
}

function contextOf(headers, finish) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const env = process.env;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
    succeed: (result) => finish(null, result),
    fail: (error) => finish(error),
    done: finish,
  };
}

function invoke(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const finish = (error, result) => (error == null ? resolve(result) : reject(error));
    const returned = handler(event, contextOf(headers, finish), finish);
    if (typeof returned?.then === "function") returned.then(resolve, reject);
    // A handler that takes a callback and returns nothing answers by the callback.
    else if (returned !== undefined || handler.length < 3) resolve(returned);
  });
}

async function main() {
  leadAwsHostsHere();
  let handler;
  try {
    handler = await load();
  } catch (error) {
    console.error(error);
    await call("POST", "init/error", JSON.stringify(describe(error)), { "Lambda-Runtime-Function-Error-Type": error.name });
    process.exit(1);
  }
  for (;;) {
    const { headers, text } = await call("GET", "invocation/next");
    const id = headers["lambda-runtime-aws-request-id"];
    process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"] ?? "";
    try {
      const result = await invoke(handler, JSON.parse(text), headers);
      await call("POST", `invocation/${id}/response`, JSON.stringify(result) ?? "null");
    } catch (error) {
      console.error(error);
      const failure = describe(error);
      await call("POST", `invocation/${id}/error`, JSON.stringify(failure), { "Lambda-Runtime-Function-Error-Type": failure.errorType });
    }
  }
}

// A rejection that nobody awaits must not go unseen; Lambda ends the environment too.
main().catch((error) => {
  console.error(error);
  process.exit(1);
});
