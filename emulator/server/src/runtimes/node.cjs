// The runtime of nodejs* functions: loads the handler that _HANDLER names and serves it events from
// the Runtime API, one at a time. How a handler is found, how it may answer and how it may fail is
// as in Lambda's own Node.js runtimes before Node 24, those that know callbacks.
"use strict";

const fs = require("node:fs");
const http = require("node:http");
const Module = require("node:module");
const net = require("node:net");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { isNativeError } = require("node:util").types;

const env = process.env;
const [runtimeHost, runtimePort] = env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

/** The invocation that runs, or undefined. */
let current;
/** What to do when the handler has nothing left to do. */
let whenIdle;
/** What to say to whom the code cannot be loaded. */
let lastWords = "";

function call(method, route, body, headers) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: runtimeHost, port: runtimePort, method, path: `/2018-06-01/runtime/${route}`, agent, headers },
      (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const { statusCode: status, headers } = response;
          resolve({ status, headers, text: Buffer.concat(chunks).toString() });
        });
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

// The hosts that the local cloud stands in for lead to it, by whatever library they are reached.
function leadHostsHere() {
  if (!env.HERALD_CLOUD) return;
  const [host, port] = env.HERALD_CLOUD.split(":");
  const names = (env.HERALD_CLOUD_HOSTS ?? "").split(",").filter(Boolean);
  const isLed = (name) => names.some((n) => (n.startsWith(".") ? name.endsWith(n) : name === n));
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    // net.connect hands over all arguments in one array, put in order already.
    const normalized = Array.isArray(args[0]) ? args[0] : net._normalizeArgs(args);
    const options = normalized[0];
    if (typeof options.host === "string" && isLed(options.host.toLowerCase())) {
      // A copy: TLS goes on to check the certificate against the name in the original.
      normalized[0] = { ...options, host, port: Number(port), lookup: undefined };
    }
    return connect.call(this, normalized);
  };
}

// Lambda lets ES modules import what NODE_PATH has; Node itself does so for CommonJS only.
function resolveImportsByNodePath() {
  if (!env.NODE_PATH || !Module.register) return;
  const hook = `
    import { pathToFileURL } from "node:url";
    export async function resolve(specifier, context, next) {
      try {
        return await next(specifier, context);
      } catch (error) {
        if (error.code !== "ERR_MODULE_NOT_FOUND" || /^[./#]|^[a-z]+:/.test(specifier)) throw error;
        for (const folder of ${JSON.stringify(env.NODE_PATH.split(path.delimiter))}) {
          try {
            const beside = pathToFileURL(folder + "/../noname.js").href;
            return await next(specifier, { ...context, parentURL: beside });
          } catch {}
        }
        throw error;
      }
    }`;
  Module.register(`data:text/javascript,${encodeURIComponent(hook)}`);
}

async function loadHandler() {
  const whole = env._HANDLER;
  if (whole.includes("..")) {
    const why = `'${whole}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`;
    throw named("Runtime.MalformedHandlerName", why);
  }
  const name = path.basename(whole);
  const dot = name.indexOf(".");
  if (dot < 1) throw named("Runtime.MalformedHandlerName", "Bad handler");
  const folder = whole.slice(0, whole.length - name.length);
  const loaded = await loadModule(path.resolve(env.LAMBDA_TASK_ROOT, folder, name.slice(0, dot)));
  const exported = name.slice(dot + 1).split(".");
  const handler = exported.reduce((object, key) => object?.[key], loaded);
  if (typeof handler !== "function") {
    throw named("Runtime.HandlerNotFound", `${whole} is undefined or not exported`);
  }
  return handler;
}

async function loadModule(file) {
  const isFile = (f) => fs.statSync(f, { throwIfNoEntry: false })?.isFile();
  const found = ["", ".js", ".mjs", ".cjs"].map((end) => file + end).find(isFile);
  try {
    if (!found) throw named("Runtime.ImportModuleError", `Cannot find module '${file}'`);
    return found.endsWith(".mjs") ? await import(pathToFileURL(found)) : await requireOrImport(found);
  } catch (error) {
    if (error instanceof SyntaxError) error.name = "Runtime.UserCodeSyntaxError";
    else if (/MODULE_NOT_FOUND$/.test(error?.code)) {
      error.name = "Runtime.ImportModuleError";
      const sdk = /'(@aws-sdk\/[^'/]+)/.exec(error.message)?.[1];
      if (sdk) {
        lastWords =
          `Lambda brings ${sdk} along, this machine does not. Where package.json is, type: npm install --save-dev ${sdk}\n` +
          "or name a node_modules folder that has it in the environment variable NODE_PATH.";
      }
    }
    throw error;
  }
}

async function requireOrImport(file) {
  try {
    return require(file);
  } catch (error) {
    if (!["ERR_REQUIRE_ESM", "ERR_REQUIRE_ASYNC_MODULE"].includes(error?.code)) throw error;
    return import(pathToFileURL(file));
  }
}

function named(name, message) {
  return Object.assign(new Error(message), { name });
}

function describe(error) {
  if (!isNativeError(error) && !(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  const trace = String(error.stack ?? "").split("\n");
  return { errorType: String(error.name), errorMessage: String(error.message), trace };
}

function fail(route, error) {
  console.error(error);
  const failure = describe(error);
  // A header cannot carry everything that a name can.
  const type = failure.errorType.replace(/[^\x20-\x7e]/g, "?");
  return call("POST", route, JSON.stringify(failure), { "Lambda-Runtime-Function-Error-Type": type });
}

// What nobody catches ends the environment, after its error is told.
function endByUncaught() {
  const end = (code) => (error) => {
    const route = current ? `invocation/${current}/error` : "init/error";
    fail(route, error).catch(() => {}).finally(() => process.exit(code));
  };
  const endByException = end(129);
  const endByRejection = end(128);
  process.on("uncaughtException", endByException);
  process.on("unhandledRejection", (reason) => {
    const error = named("Runtime.UnhandledPromiseRejection", String(reason));
    if (reason?.stack) error.stack = `${error.name}: ${reason.stack}`;
    endByRejection(error);
  });
}

function contextOf(headers, done) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const clientContext = headers["lambda-runtime-client-context"];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: clientContext && JSON.parse(clientContext),
    identity: undefined,
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
    succeed: (result) => done(null, result),
    fail: (error) => done(error ?? "handled"),
    done,
  };
}

// A promise answers as soon as it is settled. A callback does so when nothing is left to do, unless
// the handler says not to wait for that; and when nothing is left to do without any answer, that is
// an answer as well: null.
function invoke(handler, event, headers) {
  return new Promise((resolve, reject) => {
    whenIdle = () => resolve(null);
    const context = contextOf(headers, done);
    function done(error, result) {
      if (error !== null && error !== undefined) reject(error);
      else if (context.callbackWaitsForEmptyEventLoop) whenIdle = () => resolve(result);
      else resolve(result);
    }
    const returned = handler(event, context, done);
    if (typeof returned?.then === "function") returned.then(resolve, reject);
  });
}

async function serve(handler) {
  for (;;) {
    const { status, headers, text } = await call("GET", "invocation/next");
    // This environment is at its end.
    if (status !== 200) process.exit(0);
    current = headers["lambda-runtime-aws-request-id"];
    env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"] ?? "";
    try {
      const result = await invoke(handler, JSON.parse(text), headers);
      await call("POST", `invocation/${current}/response`, JSON.stringify(result) ?? "null");
    } catch (error) {
      await fail(`invocation/${current}/error`, error);
    }
    whenIdle = undefined;
    current = undefined;
  }
}

async function main() {
  leadHostsHere();
  resolveImportsByNodePath();
  endByUncaught();
  process.on("beforeExit", () => whenIdle?.());
  let handler;
  try {
    handler = await loadHandler();
  } catch (error) {
    const told = fail("init/error", error);
    if (lastWords) console.error(lastWords);
    await told;
    process.exit(1);
  }
  await serve(handler);
}

// The Runtime API has hung up: there is nobody left to serve.
main().catch(() => process.exit(0));
