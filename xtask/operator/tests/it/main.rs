//! The operator against services that answer as they are told to; against the local cloud it is
//! tested with everything else, by `cargo xtask`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod stand_in;

use expect_test::{Expect, expect};
use herald_contract::Millis;
use herald_contract::ticket::{Secret, Ticket};
use serde_json::{Value, json};
use stand_in::{Answer, Request, StandIn, error, json as answer, stack};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::SystemTime;

const JOB: &str = "01JZ7Y3KQ8W6V5T4R3P2N1M0GH";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

struct Output {
    code: i32,
    data: String,
    talk: String,
}

fn operator(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_operator"));
    command.args(["--stack-name", "herald-dev", "--region", "eu-west-1"]).args(args);
    // Whoever runs the tests may be somebody on AWS.
    command.env_clear();
    command
}

fn run(mut command: Command) -> Output {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (data, talk) = (text(output.stdout), text(output.stderr));
    Output { code: output.status.code().unwrap(), data, talk }
}

/// Runs it against services that answer so.
fn ask(args: &[&str], answers: impl FnMut(&Request) -> Answer + Send + 'static) -> Output {
    let stand_in = StandIn::start(answers);
    run(operator(&[args, &["--endpoint-url", &stand_in.url]].concat()))
}

/// What it says when it does not do it.
#[track_caller]
fn check(args: &[&str], answers: impl FnMut(&Request) -> Answer + Send + 'static, want: Expect) {
    let Output { code, data, talk } = ask(args, answers);
    want.assert_eq(&format!("exit {code}\n{talk}"));
    assert_eq!(data, "", "stdout carries data only");
}

#[test]
fn a_stack_that_is_not_there_comes_with_what_makes_it() {
    let absent =
        |_: &Request| error(400, "ValidationError", "Stack with id herald-dev does not exist");
    let stand_in = StandIn::start(absent);
    let url = stand_in.url.clone();
    let output = run(operator(&["connections", "list", "--endpoint-url", &url]));
    expect![[r#"
        error: the local cloud at URL does not run stack `herald-dev`
        hint: `cargo xtask dev --stage dev` runs it
    "#]]
    .assert_eq(&output.talk.replace(&url, "URL"));

    let mut command = operator(&["connections", "list", "--aws"]);
    command.env("AWS_ENDPOINT_URL", &url);
    command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "secret");
    expect![[r#"
        error: there is no stack `herald-dev` in eu-west-1
        hint: `cargo xtask deploy --stage dev` makes it
    "#]]
    .assert_eq(&run(command).talk);
    let requests = stand_in.requests();
    assert_eq!(requests[0].body, "Action=DescribeStacks&Version=2010-05-15&StackName=herald-dev");
    assert!(requests[1].head.contains("Credential=AKIDEXAMPLE/"), "{}", requests[1].head);
    assert!(requests[1].head.contains("/eu-west-1/cloudformation/"), "{}", requests[1].head);
}

#[test]
fn nobody_in_particular_is_told_to_sign_in() {
    let mut command = operator(&["connections", "list", "--aws"]);
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", env!("CARGO_TARGET_TMPDIR"));
    let Output { code, talk, .. } = run(command);
    assert_eq!(code, 1);
    assert!(talk.starts_with("error: no AWS credentials: "), "{talk}");
    assert!(talk.contains("hint: sign in, for example by `aws sso login`"), "{talk}");
}

#[test]
fn something_else_at_the_port_is_not_taken_for_a_local_cloud() {
    let Output { code, talk, .. } =
        ask(&["connections", "list"], |_| Answer { status: 404, body: "<html>".to_owned() });
    assert_eq!(code, 1);
    assert!(talk.contains("is no local cloud"), "{talk}");
    assert!(talk.contains("--endpoint-url"), "{talk}");
}

#[test]
fn a_stack_of_another_version_is_told_by_what_it_lacks() {
    check(
        &["publish", "--to", "all", "--title", "Hello"],
        |_| stack(&[("WebSocketUrl", "wss://a")]),
        expect![[r#"
            exit 1
            error: stack `herald-dev` has no output `PublishFunction`
            hint: it is of another version of Herald; deploy this one
        "#]],
    );
}

#[test]
fn what_the_caller_may_not_do_is_said_by_the_service() {
    check(
        &["jobs", "list", "--user", "ada"],
        |request| {
            match request.operation() {
            "DescribeStacks" => stack(&[("TableName", "t")]),
            _ => Answer {
                status: 400,
                body: r#"{"__type":"com.amazon.coral.service#AccessDeniedException","message":"not authorized to perform: dynamodb:Query"}"#.to_owned(),
            },
        }
        },
        expect![[r#"
            exit 1
            error: Query: AccessDeniedException: not authorized to perform: dynamodb:Query
        "#]],
    );
}

/// A stage whose authorizer has these variables.
fn with_variables(variables: Value) -> impl FnMut(&Request) -> Answer + Send + 'static {
    move |request| match request.operation() {
        "DescribeStacks" => {
            stack(&[("WebSocketUrl", "wss://a.example/prod"), ("AuthorizerFunction", "auth")])
        }
        "GET /2015-03-31/functions/auth/configuration" => {
            answer(&json!({ "FunctionName": "auth", "Environment": variables }))
        }
        other => panic!("nobody should ask for {other}"),
    }
}

#[test]
fn a_ticket_is_signed_with_the_secret_of_the_authorizer() {
    let variables = json!({ "TABLE_NAME": "t", "AUTH": "ticket", "TICKET_SECRET": SECRET });
    let args = ["ticket", "--user", "ada", "--scope", "topic:private/a", "--session", "8h"];
    let Output { code, data, talk } = ask(&args, with_variables(json!({ "Variables": variables })));
    assert_eq!(code, 0, "{talk}");
    let text = data.trim_end();
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let now = Millis::new(since.as_millis().try_into().unwrap());
    let secret = Secret::new(SECRET.into()).unwrap();
    let ticket = Ticket::verify(text, &[secret], now).unwrap();
    assert_eq!((ticket.user.as_str(), &*ticket.scopes[0]), ("ada", "topic:private/a"));
    let session_ends = ticket.session_ends.unwrap();
    assert!(
        session_ends.since(now) > 7 * 3600 * 1000 && session_ends.since(now) <= 8 * 3600 * 1000
    );
    assert!(talk.contains(&format!("wscat -c 'wss://a.example/prod?ticket={text}'")), "{talk}");
    assert!(!talk.contains(SECRET) && !data.contains(SECRET), "the secret is never shown");
}

#[test]
fn a_stage_that_takes_no_tickets_says_what_it_takes() {
    check(
        &["ticket", "--user", "ada"],
        with_variables(json!({ "Variables": { "TABLE_NAME": "t", "AUTH": "jwt" } })),
        expect![[r#"
            exit 1
            error: this stage takes no tickets
            hint: it asks for a JWT (`auth: jwt`) in Sec-WebSocket-Protocol
        "#]],
    );
    check(
        &["ticket", "--user", "ada"],
        |_| stack(&[("WebSocketUrl", "wss://a.example/prod")]),
        expect![[r#"
            exit 1
            error: this stage asks for nothing (`auth: none`)
            hint: connect without a ticket
        "#]],
    );
}

#[test]
fn who_may_not_read_the_secret_may_not_mint() {
    let error = json!({ "ErrorCode": "AccessDeniedException", "Message": "kms:Decrypt is denied" });
    check(
        &["ticket", "--user", "ada"],
        with_variables(json!({ "Error": error })),
        expect![[r#"
            exit 1
            error: you may not read the environment of auth
            caused by: kms:Decrypt is denied
        "#]],
    );
}

/// Items as DynamoDB writes them.
fn item(pk: &str, sk: &str, rest: Value) -> Value {
    let mut item = json!({ "PK": { "S": pk }, "SK": { "S": sk } });
    item.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    item
}

#[test]
fn connections_are_found_by_the_keys_of_everyone_and_never_by_a_scan() {
    let mut left_out = false;
    let answers = move |request: &Request| match request.operation() {
        "DescribeStacks" => stack(&[("TableName", "t")]),
        "DynamoDB_20120810.Query" => {
            let body = request.json();
            let pk = body["ExpressionAttributeValues"][":pk"]["S"].as_str().unwrap();
            let member = |id: &str, exp: u64| {
                item(pk, &format!("C#{id}"), json!({ "exp": { "N": exp.to_string() } }))
            };
            let from = body.get("ExclusiveStartKey").is_some();
            match (pk, from) {
                ("T#$all#2", false) => answer(&json!({
                    "Items": [member("a=", 9_999_999_999), member("over=", 1)],
                    "LastEvaluatedKey": item(pk, "C#over=", json!({})),
                })),
                ("T#$all#2", true) => answer(&json!({ "Items": [member("b=", 9_999_999_999)] })),
                _ => answer(&json!({ "Items": [] })),
            }
        }
        "DynamoDB_20120810.BatchGetItem" => {
            let keys = request.json()["RequestItems"]["t"]["Keys"].clone();
            let connection = |key: &Value, device: Value| {
                let at = json!({ "user": { "S": "ada" }, "connectedAt": { "N": "5" } });
                let mut item = item(key["PK"]["S"].as_str().unwrap(), "C", at);
                item.as_object_mut().unwrap().extend(device.as_object().unwrap().clone());
                item
            };
            if !left_out {
                left_out = true;
                return answer(&json!({
                    "Responses": { "t": [connection(&keys[0], json!({ "device": { "S": "pc" } }))] },
                    "UnprocessedKeys": { "t": { "Keys": [keys[1]] } },
                }));
            }
            answer(&json!({ "Responses": { "t": [connection(&keys[0], json!({}))] } }))
        }
        other => panic!("nobody should ask for {other}"),
    };
    let Output { code, data, talk } = ask(&["connections", "list", "--format", "json"], answers);
    assert_eq!(code, 0, "{talk}");
    expect![[r#"
        [{"connectionId":"a=","user":"ada","device":"pc","connectedAt":5},{"connectionId":"b=","user":"ada","connectedAt":5}]
    "#]]
    .assert_eq(&data);
}

#[test]
fn a_connection_that_is_gone_is_said_so() {
    check(
        &["connections", "post", "a=", "hello"],
        |request| match request.operation() {
            // Whatever it is called, it is where this very service answers.
            "DescribeStacks" => {
                stack(&[("CallbackUrl", &format!("http://{}/dev", request.host()))])
            }
            "POST /dev/@connections/a%3D" => Answer { status: 410, body: String::new() },
            other => panic!("nobody should ask for {other}"),
        },
        expect![[r#"
            exit 1
            error: connection a= is gone
            hint: `cargo xtask connections list` lists those that are there
        "#]],
    );
}

/// A job that is found so, each time it is looked at.
fn with_states(states: Vec<Value>) -> impl FnMut(&Request) -> Answer + Send + 'static {
    let mut states = states.into_iter();
    move |request| match request.operation() {
        "DescribeStacks" => stack(&[("TableName", "t")]),
        "DynamoDB_20120810.GetItem" => match states.next() {
            Some(state) => {
                let mut job = item(
                    &format!("J#{JOB}"),
                    "J",
                    json!({
                        "user": { "S": "ada" }, "kind": { "S": "report.csv" },
                        "attempt": { "N": "1" }, "updatedAt": { "N": "5" },
                    }),
                );
                job.as_object_mut().unwrap().extend(state.as_object().unwrap().clone());
                answer(&json!({ "Item": job }))
            }
            None => answer(&json!({})),
        },
        other => panic!("nobody should ask for {other}"),
    }
}

#[test]
fn a_job_is_watched_to_its_end_and_its_result_is_the_data() {
    let running = json!({ "state": { "S": "RUNNING" }, "percent": { "N": "40" } });
    let result = json!({ "S": r#"{"rows":2}"# });
    let done =
        json!({ "state": { "S": "SUCCEEDED" }, "percent": { "N": "100" }, "result": result });
    let Output { code, data, talk } =
        ask(&["jobs", "watch", JOB], with_states(vec![running.clone(), done.clone()]));
    expect![[r#"
        report.csv RUNNING 40%
        report.csv SUCCEEDED 100%
    "#]]
    .assert_eq(&talk);
    expect![[r#"
        {
          "rows": 2
        }
    "#]]
    .assert_eq(&data);
    assert_eq!(code, 0);

    let args = ["jobs", "watch", JOB, "--format", "json"];
    let lines = ask(&args, with_states(vec![running, done])).data;
    expect![[r#"
        {"jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH","user":"ada","kind":"report.csv","state":"RUNNING","percent":40,"attempt":1,"updatedAt":5}
        {"jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH","user":"ada","kind":"report.csv","state":"SUCCEEDED","percent":100,"attempt":1,"updatedAt":5,"result":{"rows":2}}
    "#]]
    .assert_eq(&lines);
}

#[test]
fn a_job_that_fails_fails_who_watches_it() {
    let failed = json!({
        "state": { "S": "FAILED" }, "percent": { "N": "40" }, "error": { "S": "no such column" },
    });
    check(
        &["jobs", "watch", JOB],
        with_states(vec![failed]),
        expect![[r#"
            exit 1
            report.csv FAILED 40%
            error: job 01JZ7Y3KQ8W6V5T4R3P2N1M0GH failed
            caused by: no such column
        "#]],
    );
    check(
        &["jobs", "watch", JOB],
        with_states(Vec::new()),
        expect![[r#"
            exit 1
            error: there is no job 01JZ7Y3KQ8W6V5T4R3P2N1M0GH
            hint: `cargo xtask jobs list --user NAME` lists those of a user
        "#]],
    );
}

#[test]
fn who_stops_watching_leaves_the_job_alone() {
    let running = json!({ "state": { "S": "RUNNING" }, "percent": { "N": "40" } });
    let stand_in = StandIn::start(with_states(vec![running; 100]));
    let mut command = operator(&["jobs", "watch", JOB, "--endpoint-url", &stand_in.url]);
    let mut watching = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut talk = BufReader::new(watching.stderr.take().unwrap());
    let mut line = String::new();
    talk.read_line(&mut line).unwrap();
    assert_eq!(line, "report.csv RUNNING 40%\n");
    let pid = watching.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let mut rest = String::new();
    talk.read_to_string(&mut rest).unwrap();
    expect![[r#"
        the job goes on; `cargo xtask jobs watch 01JZ7Y3KQ8W6V5T4R3P2N1M0GH` follows it again
    "#]]
    .assert_eq(&rest);
    assert_eq!(watching.wait().unwrap().code(), Some(130));
}

#[test]
fn an_input_that_is_not_json_is_named_before_it_is_sent() {
    check(
        &["jobs", "submit", "--user", "ada", "--kind", "report.csv", "--input", "/dev/null"],
        |_| stack(&[("PublishFunction", "publish")]),
        expect![[r#"
            exit 1
            error: /dev/null is not JSON
            caused by: EOF while parsing a value at line 1 column 0
        "#]],
    );
}
