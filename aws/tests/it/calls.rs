//! Each protocol: what is sent, signed, and read of the answer.

use crate::server::{Request, Server, response};
use crate::sigv4::verified_scope;
use crate::{GET, SECRET, client};
use aws_wire::{CallError, Method, Operation, Service};
use expect_test::{Expect, expect};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// What is sent in a call that is answered with this body, and what comes of it.
async fn check<A: Debug, F: Future<Output = Result<A, CallError>>>(
    answer: &'static str,
    call: impl FnOnce(aws_wire::Client) -> F,
    expected: Expect,
) {
    let server = Server::start(move |_| response("200 OK", &["x-amzn-requestid: r-1"], answer));
    let result = call(client(server.address)).await;
    let requests = server.stop();
    let [request] = &requests[..] else { panic!("one request is enough") };
    let Request { method, path, headers, body } = request;
    let named = |name: &&str| name.starts_with("x-amz-") || *name == "content-type";
    let told = headers.iter().filter(|(name, _)| named(&name.as_str()) && *name != "x-amz-date");
    let told: Vec<_> = told.map(|(name, value)| format!("{name}: {value}\n")).collect();
    let scope = verified_scope(request, SECRET).unwrap();
    expected.assert_eq(&format!("{method} {path}\n{}{body}\n{scope}\n{result:?}\n", told.concat()));
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetItem {
    table_name: &'static str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "the test shows it by `Debug`")]
struct Item {
    item: Option<String>,
}

#[tokio::test]
async fn json_in_and_out() {
    let call = |client: aws_wire::Client| async move {
        client.json::<_, Item>(&GET, &GetItem { table_name: "t" }).await
    };
    check(
        r#"{"Item":"x","ConsumedCapacity":null}"#,
        call,
        expect![[r#"
        POST /
        content-type: application/x-amz-json-1.0
        x-amz-security-token: a-token
        x-amz-target: DynamoDB_20120810.GetItem
        {"TableName":"t"}
        eu-central-1/dynamodb/aws4_request
        Ok(Item { item: Some("x") })
    "#]],
    )
    .await;
    check(
        "",
        call,
        expect![[r#"
        POST /
        content-type: application/x-amz-json-1.0
        x-amz-security-token: a-token
        x-amz-target: DynamoDB_20120810.GetItem
        {"TableName":"t"}
        eu-central-1/dynamodb/aws4_request
        Ok(Item { item: None })
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_form_in_and_xml_out() {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    #[expect(dead_code, reason = "the test shows it by `Debug`")]
    struct Stack {
        stack_id: String,
    }
    let create =
        Operation::once(Service::CLOUDFORMATION, "CreateStack", "cloudformation:CreateStack");
    let call = |client: aws_wire::Client| async move {
        let body = "a: b & c/d\n".to_owned();
        let input = [("StackName".to_owned(), "s".to_owned()), ("TemplateBody".to_owned(), body)];
        client.query::<Stack>(&create, &input).await
    };
    check(
        "<CreateStackResponse xmlns=\"x\"><CreateStackResult><StackId>arn:s</StackId></CreateStackResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></CreateStackResponse>",
        call,
        expect![[r#"
            POST /
            content-type: application/x-www-form-urlencoded; charset=utf-8
            x-amz-security-token: a-token
            Action=CreateStack&Version=2010-05-15&StackName=s&TemplateBody=a%3A%20b%20%26%20c%2Fd%0A
            eu-central-1/cloudformation/aws4_request
            Ok(Stack { stack_id: "arn:s" })
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_path_with_a_query_is_sent_as_it_is_signed() {
    let list = Operation::idempotent(Service::LAMBDA, "ListTags", "lambda:ListTags");
    let call = |client: aws_wire::Client| async move {
        let arn = aws_wire::segment("arn:aws:lambda:eu-central-1:1:function:f");
        let mut request = aws_wire::Request::new(Method::GET, format!("/2017-03-31/tags/{arn}"));
        request.query = vec![("z".to_owned(), "a b".to_owned()), ("a".to_owned(), "=&".to_owned())];
        client.call(&list, request).await.map(|answer| answer.status)
    };
    check(
        "{}",
        call,
        expect![[r#"
        GET /2017-03-31/tags/arn%3Aaws%3Alambda%3Aeu-central-1%3A1%3Afunction%3Af?z=a%20b&a=%3D%26
        x-amz-security-token: a-token

        eu-central-1/lambda/aws4_request
        Ok(200)
    "#]],
    )
    .await;
}

#[tokio::test]
async fn s3_is_told_the_hash_and_takes_the_path_as_it_is() {
    let put = Operation::idempotent(Service::S3, "PutObject", "s3:PutObject");
    let call = |client: aws_wire::Client| async move {
        let mut request = aws_wire::Request::new(Method::PUT, "/bucket/a%2Bb/../c//d.zip");
        request.body = "PK".into();
        client
            .call(&put, request)
            .await
            .map(|answer| answer.header("x-amzn-requestid").map(str::to_owned))
    };
    check(
        "",
        call,
        expect![[r#"
        PUT /bucket/a%2Bb/../c//d.zip
        x-amz-content-sha256: fcab7fcc2b4cffd9bb45003bfc2e468a04ef6f77ca8200a7341f027631584d25
        x-amz-security-token: a-token
        PK
        eu-central-1/s3/aws4_request
        Ok(Some("r-1"))
    "#]],
    )
    .await;
}

#[tokio::test]
async fn an_operation_goes_where_it_is_told_to() {
    let post = Operation::idempotent(Service::CONNECTIONS, "PostToConnection", "execute-api:x");
    let server = Server::start(|_| response("200 OK", &[], ""));
    let elsewhere = client("127.0.0.1:1".parse().unwrap());
    let endpoint = format!("http://{}/dev", server.address);
    let request = aws_wire::Request::new(Method::POST, "/@connections/a%3D");
    elsewhere.call_at(&post, &endpoint, request).await.unwrap();
    let request = &server.stop()[0];
    assert_eq!(request.path, "/dev/@connections/a%3D");
    assert_eq!(verified_scope(request, SECRET).unwrap(), "eu-central-1/execute-api/aws4_request");
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_said_to_make_none() {
    let call = |client: aws_wire::Client| async move {
        client.json::<_, Item>(&GET, &GetItem { table_name: "t" }).await.inspect_err(|e| {
            assert!(!e.is_retryable(), "it would be the same again");
        })
    };
    check(
        "<html>",
        call,
        expect![[r#"
        POST /
        content-type: application/x-amz-json-1.0
        x-amz-security-token: a-token
        x-amz-target: DynamoDB_20120810.GetItem
        {"TableName":"t"}
        eu-central-1/dynamodb/aws4_request
        Err(Answer { operation: "GetItem", why: "expected value at line 1 column 1" })
    "#]],
    )
    .await;
}
