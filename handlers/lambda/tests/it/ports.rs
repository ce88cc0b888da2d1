//! Other functions and the queue of what was given up, as AWS sees what is asked of it.

use crate::lambda::{SECRET, client};
use crate::server::{Request, Server, response};
use crate::sigv4::verified_scope;
use expect_test::{Expect, expect};
use herald_contract::payload::{Message, RunJob, SendShard, Targets};
use herald_contract::{Function, Millis};
use herald_core::ports::{DeadLetter, DeadLetters as _, Invoker as _, PortError};
use herald_lambda::{Functions, Queue};

const JOB: &str = "01M86FZ3MM000000000000000A";

fn run_job() -> RunJob {
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned();
    RunJob { job_id: JOB.parse().unwrap(), traceparent: Some(traceparent.try_into().unwrap()) }
}

/// What is sent where each request is answered so, and what comes of it.
async fn check<F: Future<Output = Result<(), PortError>>>(
    status: &'static str,
    body: &'static str,
    ask: impl FnOnce(String) -> F,
    expected: Expect,
) {
    let server = Server::start(move |_| response(status, &[], body));
    let result = ask(format!("http://{}", server.address)).await;
    let requests = server.stop();
    let Request { method, path, headers, body } = &requests[0];
    let header = |name: &str| headers.get(name).map_or("-", String::as_str);
    expected.assert_eq(&format!(
        "{} x {method} {path}\n{} {}\n{body}\n{}\n{result:?}\n",
        requests.len(),
        header("x-amz-invocation-type"),
        header("x-amz-target"),
        verified_scope(&requests[0], SECRET).unwrap(),
    ));
}

async fn invoke(endpoint: String) -> Result<(), PortError> {
    let client = client(&[("AWS_ENDPOINT_URL", &endpoint)]);
    let functions = Functions::new(&client, [(Function::Worker, "herald-prod-Worker".to_owned())]);
    functions.invoke(&run_job()).await
}

#[tokio::test]
async fn a_function_is_invoked_without_waiting_for_it() {
    check("202 Accepted", "", invoke, expect![[r#"
        1 x POST /2015-03-31/functions/herald-prod-Worker/invocations
        Event -
        {"jobId":"01M86FZ3MM000000000000000A","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
        eu-central-1/lambda/aws4_request
        Ok(())
    "#]]).await;
}

#[tokio::test]
async fn a_function_that_cannot_be_invoked_is_said_why() {
    let body = r#"{"Message":"User is not authorized to perform: lambda:InvokeFunction"}"#;
    check("403 Forbidden", body, invoke, expect![[r#"
        1 x POST /2015-03-31/functions/herald-prod-Worker/invocations
        Event -
        {"jobId":"01M86FZ3MM000000000000000A","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
        eu-central-1/lambda/aws4_request
        Err(PortError { what: "invoke worker", why: "Invoke: HTTP 403: User is not authorized to perform: lambda:InvokeFunction", retryable: false })
    "#]]).await;
    check("503 Service Unavailable", "", invoke, expect![[r#"
        3 x POST /2015-03-31/functions/herald-prod-Worker/invocations
        Event -
        {"jobId":"01M86FZ3MM000000000000000A","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
        eu-central-1/lambda/aws4_request
        Err(PortError { what: "invoke worker", why: "Invoke: HTTP 503: no message", retryable: true })
    "#]]).await;
}

#[tokio::test]
async fn a_function_that_is_not_known_is_not_invoked() {
    let functions = Functions::new(&client(&[]), [(Function::Worker, "w".to_owned())]);
    let payload = SendShard {
        message: Message::Inbox { user: "ada".parse().unwrap(), seq: 1.try_into().unwrap() },
        targets: Targets::Only(Vec::new()),
        attempt: 0,
        traceparent: None,
    };
    let error = functions.invoke(&payload).await.unwrap_err();
    expect!["failed to invoke sender: its name is not known here"].assert_eq(&error.to_string());
}

#[tokio::test]
async fn a_job_that_was_given_up_is_put_where_people_look() {
    let put = |endpoint: String| async move {
        let client = client(&[("AWS_ENDPOINT_URL_SQS", &endpoint)]);
        let url = "https://sqs.eu-central-1.amazonaws.com/123456789012/dead-letters";
        let letter = DeadLetter {
            job_id: JOB.parse().unwrap(),
            kind: "report.csv".to_owned(),
            user: "ada".parse().unwrap(),
            attempts: 3,
            error: "no such column".to_owned(),
            at: Millis::new(1_795_514_407_000),
            traceparent: None,
        };
        Queue::new(&client, url.to_owned()).put(&letter).await
    };
    check("200 OK", r#"{"MessageId":"m","MD5OfMessageBody":"x"}"#, put, expect![[r#"
        1 x POST /
        - AmazonSQS.SendMessage
        {"MessageBody":"{\"jobId\":\"01M86FZ3MM000000000000000A\",\"kind\":\"report.csv\",\"user\":\"ada\",\"attempts\":3,\"error\":\"no such column\",\"at\":1795514407000}","QueueUrl":"https://sqs.eu-central-1.amazonaws.com/123456789012/dead-letters"}
        eu-central-1/sqs/aws4_request
        Ok(())
    "#]]).await;
}
