//! Functions that bring no executable: what their handlers may look like, answer, and fail with.

use crate::client::{http, unsigned};
use crate::emulator::{Emulator, Setup};
use crate::peers::has;
use expect_test::{Expect, expect};
use serde_json::json;
use std::fs;

const NODE: &str = "nodejs20.x";
const PYTHON: &str = "python3.12";

/// A folder with these files, and a function for each handler in it.
fn setup(name: &str, runtime: &str, files: &[(&str, &str)], handlers: &[&str]) -> Setup {
    let mut setup = Setup::new(name);
    let code = setup.path("code");
    for (file, content) in files {
        let path = code.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    setup.with_function = false;
    for handler in handlers {
        let mut function = setup.template["Resources"]["Fn"].clone();
        function["Properties"]["Runtime"] = json!(runtime);
        function["Properties"]["Handler"] = json!(handler);
        let id = id_of(handler);
        setup.template["Resources"][&id] = function;
        let given = format!("{id}={}", code.display());
        setup.arguments.extend(["--function".to_owned(), given]);
    }
    setup
}

fn id_of(handler: &str) -> String {
    handler.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn invoke(emulator: &Emulator, handler: &str) -> String {
    let path = format!("POST /2015-03-31/functions/local-{}/invocations", id_of(handler));
    let (head, body) = http(emulator, &path, "", r#"{"n":7}"#);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let failed = head.to_ascii_lowercase().contains("x-amz-function-error");
    format!("{handler}: {}{body}\n", if failed { "fails: " } else { "" })
}

/// Invokes each handler in turn and shows what it says. Folders and line numbers are left out.
fn check(name: &str, runtime: &str, files: &[(&str, &str)], handlers: &[&str], expected: &Expect) {
    if !has(program(runtime)) {
        return;
    }
    let emulator = setup(name, runtime, files, handlers).start();
    let said: String = handlers.iter().map(|handler| invoke(&emulator, handler)).collect();
    expected.assert_eq(&cleaned(&said, &emulator.setup));
}

/// Starts functions that cannot start, and shows the message.
fn check_start(
    name: &str,
    runtime: &str,
    files: &[(&str, &str)],
    handler: &str,
    expected: &Expect,
) {
    if !has(program(runtime)) {
        return;
    }
    let setup = setup(name, runtime, files, &[handler]);
    let (code, said) = setup.fails();
    assert_eq!(code, Some(1), "{said}");
    // What follows are lines of the interpreter's own.
    let first = cleaned(&said, &setup);
    let first = first.lines().next().unwrap_or_default();
    expected.assert_eq(first);
}

fn program(runtime: &str) -> &'static str {
    if runtime == NODE { "node" } else { "python3" }
}

/// Without what differs between machines and runs: folders, traces, request IDs.
fn cleaned(text: &str, setup: &Setup) -> String {
    let mut text = text.replace(&*setup.path("code").to_string_lossy(), "CODE");
    let variable = [
        ("\"trace\":[", "]}"),
        ("\"stackTrace\": [", "]}"),
        ("\"requestId\": \"", "\""),
        ("RequestId: ", " "),
    ];
    for (before, after) in variable {
        let mut from = 0;
        while let Some(start) = text[from..].find(before).map(|at| from + at + before.len()) {
            let end = text[start..].find(after).map_or(text.len(), |at| start + at);
            let replacement = if end == start { "" } else { "…" };
            text.replace_range(start..end, replacement);
            from = start;
        }
    }
    text
}

#[test]
fn a_node_handler_may_answer_in_any_way() {
    let commonjs = r#"
        exports.promise = async (event) => ({ n: event.n });
        exports.callback = (event, context, callback) => void setTimeout(() => callback(null, event.n), 1);
        exports.succeed = (event, context) => context.succeed("done");
        exports.undefined = async () => {};
        // Nothing is left to do, and nothing was said.
        exports.silent = () => {};
        exports.forgotten = () => new Promise(() => {});
        // The answer is given when nothing is left to do …
        let late = "early";
        exports.late = (event, context, callback) => {
          setTimeout(() => (late = "late"), 20);
          callback(null, { toString() {}, toJSON: () => late });
        };
        // … or at once.
        exports.impatient = (event, context, callback) => {
          context.callbackWaitsForEmptyEventLoop = false;
          setTimeout(() => {}, 1e9);
          callback(null, "at once");
        };
        exports.deep = { inside: { handler: async () => "deep" } };
        exports.context = async (event, context) => [
          context.functionName, context.functionVersion, context.memoryLimitInMB,
          context.invokedFunctionArn, context.awsRequestId.length, context.getRemainingTimeInMillis() > 1000,
          process.env.LAMBDA_TASK_ROOT === process.cwd(), process.env._X_AMZN_TRACE_ID.startsWith("Root="),
        ];
    "#;
    let files = [
        ("index.js", commonjs),
        ("module.mjs", "const late = await 'top'; export const handler = async () => late;"),
        ("typed/package.json", r#"{"type":"module"}"#),
        ("typed/index.js", "export const handler = async () => import.meta.url.slice(0, 5);"),
        ("common.cjs", "exports.handler = async () => typeof require;"),
    ];
    let handlers = [
        "index.promise",
        "index.callback",
        "index.succeed",
        "index.undefined",
        "index.silent",
        "index.forgotten",
        "index.late",
        "index.impatient",
        "index.deep.inside.handler",
        "index.context",
        "module.handler",
        "typed/index.handler",
        "common.handler",
    ];
    check(
        "node-answers",
        NODE,
        &files,
        &handlers,
        &expect![[r#"
            index.promise: {"n":7}
            index.callback: 7
            index.succeed: "done"
            index.undefined: null
            index.silent: null
            index.forgotten: null
            index.late: "late"
            index.impatient: "at once"
            index.deep.inside.handler: "deep"
            index.context: ["local-indexcontext","$LATEST","128","arn:aws:lambda:us-east-1:000000000000:function:local-indexcontext",36,true,true,true]
            module.handler: "top"
            typed/index.handler: "file:"
            common.handler: "function"
        "#]],
    );
}

#[test]
fn a_node_handler_may_fail_in_any_way() {
    let source = r#"
        class Special extends Error { constructor(m) { super(m); this.name = "Special"; } }
        exports.throws = () => { throw new Special("at once"); };
        exports.rejects = async () => { throw new Special("later"); };
        exports.text = async () => { throw "only text"; };
        exports.callback = (event, context, callback) => callback(new Special("told"));
        exports.circular = async () => { const o = {}; o.o = o; return o; };
        exports.named = async () => { const e = new Error("odd"); e.name = "Größe"; throw e; };
        exports.unhandled = () => { Promise.reject(new Special("nobody waits")); return new Promise((r) => setTimeout(r, 1e6)); };
        exports.uncaught = () => new Promise(() => setTimeout(() => { throw new Special("nobody catches"); }, 1));
        exports.exits = () => process.exit(3);
    "#;
    let handlers = [
        "index.throws",
        "index.rejects",
        "index.text",
        "index.callback",
        "index.circular",
        "index.named",
        "index.unhandled",
        "index.unhandled",
        "index.uncaught",
        "index.exits",
    ];
    check(
        "node-failures",
        NODE,
        &[("index.js", source)],
        &handlers,
        &expect![[r#"
            index.throws: fails: {"errorType":"Special","errorMessage":"at once","trace":[…]}
            index.rejects: fails: {"errorType":"Special","errorMessage":"later","trace":[…]}
            index.text: fails: {"errorType":"string","errorMessage":"only text","trace":[]}
            index.callback: fails: {"errorType":"Special","errorMessage":"told","trace":[…]}
            index.circular: fails: {"errorType":"TypeError","errorMessage":"Converting circular structure to JSON\n    --> starting at object with constructor 'Object'\n    --- property 'o' closes the circle","trace":[…]}
            index.named: fails: {"errorType":"Größe","errorMessage":"odd","trace":[…]}
            index.unhandled: fails: {"errorType":"Runtime.UnhandledPromiseRejection","errorMessage":"Special: nobody waits","trace":[…]}
            index.unhandled: fails: {"errorType":"Runtime.UnhandledPromiseRejection","errorMessage":"Special: nobody waits","trace":[…]}
            index.uncaught: fails: {"errorType":"Special","errorMessage":"nobody catches","trace":[…]}
            index.exits: fails: {"errorMessage":"RequestId: … Error: Runtime exited with error: exit status: 3","errorType":"Runtime.ExitError"}
        "#]],
    );
}

#[test]
fn a_node_handler_that_cannot_be_loaded_is_named() {
    for (name, file, content, handler, expected) in [
        (
            "no-file",
            "other.js",
            "",
            "index.handler",
            expect![
                "error: function local-indexhandler does not start: Runtime.ImportModuleError: Cannot find module 'CODE/index'"
            ],
        ),
        (
            "no-export",
            "index.js",
            "",
            "index.handler",
            expect![
                "error: function local-indexhandler does not start: Runtime.HandlerNotFound: index.handler is undefined or not exported"
            ],
        ),
        (
            "syntax",
            "index.js",
            "exports.handler = (",
            "index.handler",
            expect![
                "error: function local-indexhandler does not start: Runtime.UserCodeSyntaxError: Unexpected end of input"
            ],
        ),
        (
            "throws",
            "index.js",
            "throw new TypeError('at load')",
            "index.handler",
            expect!["error: function local-indexhandler does not start: TypeError: at load"],
        ),
        (
            "form",
            "index.js",
            "",
            "index",
            expect![
                "error: function local-index does not start: Runtime.MalformedHandlerName: Bad handler"
            ],
        ),
        (
            "dots",
            "index.js",
            "",
            "../index.handler",
            expect![
                "error: function local-indexhandler does not start: Runtime.MalformedHandlerName: '../index.handler' is not a valid handler name. Use absolute paths when specifying root directories in handler names."
            ],
        ),
        (
            "package",
            "index.mjs",
            "import 'absent'",
            "index.handler",
            expect![
                "error: function local-indexhandler does not start: Runtime.ImportModuleError: Cannot find package 'absent' imported from CODE/index.mjs"
            ],
        ),
    ] {
        check_start(&format!("node-{name}"), NODE, &[(file, content)], handler, &expected);
    }
}

#[test]
fn whoever_lacks_the_sdk_is_told_how_to_get_it() {
    for (name, runtime, file, content, expected) in [
        (
            "cjs",
            NODE,
            "index.js",
            "require('@aws-sdk/client-s3')",
            "npm install --save-dev @aws-sdk/client-s3",
        ),
        (
            "esm",
            NODE,
            "index.mjs",
            "import '@aws-sdk/client-s3'",
            "npm install --save-dev @aws-sdk/client-s3",
        ),
        (
            "python",
            PYTHON,
            "index.py",
            "raise ImportError('no', name='boto3')",
            "python3 -m pip install boto3",
        ),
    ] {
        if has(program(runtime)) {
            let setup =
                setup(&format!("sdk-{name}"), runtime, &[(file, content)], &["index.handler"]);
            let (_, said) = setup.fails();
            assert!(said.contains(expected), "{said}");
        }
    }
}

#[test]
fn packages_are_found_by_node_path_from_either_kind_of_module() {
    if !has("node") {
        return;
    }
    let files = [
        ("index.js", "exports.handler = async () => require('pack').name;"),
        ("module.mjs", "import { name } from 'pack'; export const handler = async () => name;"),
    ];
    let mut setup = setup("node-path", NODE, &files, &["index.handler", "module.handler"]);
    let modules = setup.path("elsewhere/node_modules");
    fs::create_dir_all(modules.join("pack")).unwrap();
    fs::write(modules.join("pack/index.js"), "exports.name = 'packed';").unwrap();
    setup.environment.push(("NODE_PATH", modules.into()));
    let emulator = setup.start();
    assert_eq!(invoke(&emulator, "index.handler"), "index.handler: \"packed\"\n");
    assert_eq!(invoke(&emulator, "module.handler"), "module.handler: \"packed\"\n");
}

#[test]
fn hosts_of_aws_and_custom_domains_lead_to_the_local_cloud() {
    let node = r#"
        const https = require("node:https");
        const get = (url) => new Promise((resolve, reject) =>
          https.get(url, (r) => { r.resume(); r.on("end", () => resolve(r.statusCode)); }).on("error", reject));
        exports.handler = async () => {
          const own = "https://" + process.env.HERALD_CLOUD + "/dev/x";
          const urls = ["https://abcdefghij.execute-api.eu-west-1.amazonaws.com/dev/x", "https://chat.example.com/x", own];
          return [await Promise.all(urls.map(get)), await Promise.all(urls.map(async (u) => (await fetch(u)).status))];
        };
    "#;
    let python = r#"
import os, urllib.error, urllib.request

def get(url):
    try:
        return urllib.request.urlopen(url).status
    except urllib.error.HTTPError as error:
        return error.code

def handler(event, context):
    own = "https://" + os.environ["HERALD_CLOUD"] + "/dev/x"
    return [get(url) for url in ["https://abcdefghij.execute-api.eu-west-1.amazonaws.com/dev/x", "https://chat.example.com/x", own]]
"#;
    for (name, runtime, file, content, expected) in [
        ("hosts-node", NODE, "index.js", node, "[[403,403,403],[403,403,403]]"),
        ("hosts-python", PYTHON, "index.py", python, "[403, 403, 403]"),
    ] {
        if !has(program(runtime)) {
            continue;
        }
        let mut setup = setup(name, runtime, &[(file, content)], &["index.handler"]);
        setup.template["Resources"]["Name"] = json!({ "Type": "AWS::ApiGatewayV2::DomainName", "Properties": { "DomainName": "chat.example.com" } });
        let emulator = setup.start();
        assert_eq!(invoke(&emulator, "index.handler"), format!("index.handler: {expected}\n"));
    }
}

#[test]
fn a_python_handler_may_answer_and_fail_in_any_way() {
    let source = r#"
import decimal, os, sys

class Special(Exception):
    pass

def answers(event, context):
    return {"n": event["n"], "d": decimal.Decimal("1.5"), "t": (1, None), "u": "ü"}

def nothing(event, context):
    pass

def of_context(event, context):
    return [context.function_name, context.function_version, context.memory_limit_in_mb,
            context.invoked_function_arn, len(context.aws_request_id), context.get_remaining_time_in_millis() > 1000,
            context.identity.cognito_identity_id, context.client_context,
            os.environ["LAMBDA_TASK_ROOT"] == os.getcwd() == sys.path[0], os.environ["_X_AMZN_TRACE_ID"][:5]]

def inner():
    raise Special("at\nonce")

def fails(event, context):
    inner()

def chained(event, context):
    try:
        inner()
    except Special as error:
        raise KeyError("later") from error

def unanswerable(event, context):
    return {1, 2}

def exits(event, context):
    sys.exit(3)
"#;
    let files = [
        ("index.py", source),
        ("package/__init__.py", ""),
        ("package/module.py", "def handler(event, context):\n    return __name__\n"),
    ];
    let handlers = [
        "index.answers",
        "index.nothing",
        "index.of_context",
        "index.fails",
        "index.chained",
        "index.unanswerable",
        "index.exits",
        "package/module.handler",
        "package.module.handler",
    ];
    check(
        "python-answers",
        PYTHON,
        &files,
        &handlers,
        &expect![[r#"
            index.answers: {"n": 7, "d": 1.5, "t": [1, null], "u": "\u00fc"}
            index.nothing: null
            index.of_context: ["local-indexofcontext", "$LATEST", "128", "arn:aws:lambda:us-east-1:000000000000:function:local-indexofcontext", 36, true, null, null, true, "Root="]
            index.fails: fails: {"errorMessage": "at\nonce", "errorType": "Special", "requestId": "…", "stackTrace": […]}
            index.chained: fails: {"errorMessage": "'later'", "errorType": "KeyError", "requestId": "…", "stackTrace": […]}
            index.unanswerable: fails: {"errorMessage": "Unable to marshal response: Object of type set is not JSON serializable", "errorType": "Runtime.MarshalError", "requestId": "…", "stackTrace": []}
            index.exits: fails: {"errorMessage":"RequestId: … Error: Runtime exited with error: exit status: 3","errorType":"Runtime.ExitError"}
            package/module.handler: "package.module"
            package.module.handler: "package.module"
        "#]],
    );
}

#[test]
fn a_python_handler_that_cannot_be_loaded_is_named() {
    for (name, content, handler, expected) in [
        (
            "no-file",
            "",
            "other.handler",
            expect![
                "error: function local-otherhandler does not start: Runtime.ImportModuleError: Unable to import module 'other': No module named 'other'"
            ],
        ),
        (
            "no-function",
            "",
            "index.handler",
            expect![
                "error: function local-indexhandler does not start: Runtime.HandlerNotFound: Handler 'handler' missing on module 'index'"
            ],
        ),
        (
            "syntax",
            "def handler(:",
            "index.handler",
            expect![
                "error: function local-indexhandler does not start: Runtime.UserCodeSyntaxError: Syntax error in module 'index': invalid syntax (index.py, line 1)"
            ],
        ),
        (
            "import",
            "import absent",
            "index.handler",
            expect![
                "error: function local-indexhandler does not start: Runtime.ImportModuleError: Unable to import module 'index': No module named 'absent'"
            ],
        ),
        (
            "raises",
            "raise KeyError('at load')",
            "index.handler",
            expect!["error: function local-indexhandler does not start: KeyError: 'at load'"],
        ),
        (
            "form",
            "",
            "index",
            expect![
                "error: function local-index does not start: Runtime.MalformedHandlerName: Bad handler 'index': it is not MODULE.FUNCTION"
            ],
        ),
    ] {
        check_start(
            &format!("python-{name}"),
            PYTHON,
            &[("index.py", content)],
            handler,
            &expected,
        );
    }
}

#[test]
fn a_python_error_has_the_users_lines_only_and_what_is_logged_is_seen() {
    if !has("python3") {
        return;
    }
    let source = "import logging\nlogging.getLogger().setLevel(\"INFO\")\n\n\
        def handler(event, context):\n    print(\"printed\")\n    logging.info(\"logged %d\", event[\"n\"])\n    return inner()\n\n\
        def inner():\n    raise KeyError(\"lost\")\n";
    let mut emulator =
        setup("python-trace", PYTHON, &[("index.py", source)], &["index.handler"]).start();
    let said = invoke(&emulator, "index.handler");
    let trace =
        r#""stackTrace": ["  File \"CODE/index.py\", line 7, in handler\n    return inner()\n"#;
    let code = emulator.setup.path("code").display().to_string();
    assert!(said.replace(&code, "CODE").contains(trace), "{said}");
    emulator.wait_for("| printed");
    let line = emulator.wait_for("logged 7");
    assert!(line.contains("[INFO]"), "{line}");
    emulator.wait_for("[ERROR] KeyError: 'lost'");
    assert!(!emulator.setup.path("code/__pycache__").exists());
}

#[test]
fn a_service_that_is_not_here_is_named() {
    let mut emulator = Setup::new("absent").start();
    let headers = "Authorization: AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n";
    let (head, body) = unsigned(&emulator, "GET /bucket/key", headers, "");
    assert!(head.starts_with("HTTP/1.1 501 "), "{head}");
    assert!(body.contains("a request to s3 was refused"), "{body}");
    emulator.wait_for("a request to s3 was refused: of AWS, the local cloud has cloudformation,");
}

#[test]
fn inline_code_runs() {
    for (name, runtime, source, expected) in [
        ("inline-node", NODE, "exports.handler = async (e) => e.n + 1;", "8"),
        ("inline-python", PYTHON, "def handler(event, context):\n  return event['n'] + 1\n", "8"),
    ] {
        if !has(program(runtime)) {
            continue;
        }
        let mut setup = setup(name, runtime, &[], &[]);
        let function = &mut setup.template["Resources"]["Fn"]["Properties"];
        function["Runtime"] = json!(runtime);
        function["Handler"] = json!("index.handler");
        function["Code"] = json!({ "ZipFile": source });
        let emulator = setup.start();
        assert_eq!(invoke(&emulator, "Fn"), format!("Fn: {expected}\n"));
    }
}

#[test]
fn a_runtime_that_is_not_run_is_named_and_its_invocations_fail() {
    let mut setup = setup("java", "java21", &[("Main.class", "")], &["Main"]);
    setup.environment.push(("PATH", "/nowhere".into()));
    setup.template["Resources"]["Node"] = setup.template["Resources"]["Fn"].clone();
    setup.template["Resources"]["Node"]["Properties"]["Runtime"] = json!(NODE);
    setup.template["Resources"]["Node"]["Properties"]["Code"] = json!({ "ZipFile": "" });
    let mut emulator = setup.start();
    assert!(emulator.saw("function Main has the runtime java21, which is not run here"));
    assert!(emulator.saw("function Node has the runtime nodejs20.x and needs node, which is not on PATH; get it with: apt-get install nodejs"));
    let said = invoke(&emulator, "Main");
    assert!(said.starts_with("Main: fails: "), "{said}");
    emulator.wait_for("local-Main #1 did not start: Runtime.ExitError");
}

#[test]
fn a_saved_handler_takes_over_and_connections_stay() {
    if !has("node") {
        return;
    }
    let mut setup = setup(
        "node-reload",
        NODE,
        &[("index.js", "exports.handler = async () => 1;")],
        &["index.handler"],
    );
    setup.arguments.retain(|argument| argument != "--no-watch");
    let mut emulator = setup.start();
    assert_eq!(invoke(&emulator, "index.handler"), "index.handler: 1\n");
    fs::write(emulator.setup.path("code/index.js"), "exports.handler = async () => 22;").unwrap();
    emulator.wait_for("reloaded local-indexhandler");
    emulator.wait_for("replaced by a newer one");
    assert_eq!(invoke(&emulator, "index.handler"), "index.handler: 22\n");
}
