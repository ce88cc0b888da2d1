//! S3, Lambda, API Gateway and CloudWatch Logs, as far as a deployment needs them.

use super::cloudformation::physical_id;
use super::world::World;
use super::{Answer, text};
use hyper::Method;
use hyper::body::Bytes;
use hyper::http::request::Parts;
use serde_json::json;
use std::collections::BTreeMap;

/// A request, and which operation it is.
pub(super) struct Call {
    pub(super) operation: String,
    pub(super) is_form: bool,
    pub(super) is_head: bool,
    pub(super) form: BTreeMap<String, String>,
    path: Vec<String>,
    query: String,
    owner: String,
    sum: String,
    body: Bytes,
}

impl Call {
    pub(super) fn new(head: &Parts, body: Bytes) -> Self {
        let header = |name: &str| {
            let value = head.headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        assert!(header("authorization").starts_with("AWS4-HMAC-SHA256 "), "unsigned");
        let is_form = header("content-type").starts_with("application/x-www-form-urlencoded");
        let form = if is_form { parse(&body) } else { BTreeMap::new() };
        let path: Vec<_> =
            head.uri.path().split('/').filter(|s| !s.is_empty()).map(unescaped).collect();
        let query = head.uri.query().unwrap_or_default().to_owned();
        let target = header("x-amz-target");
        let operation = match (form.get("Action"), target.rsplit_once('.')) {
            (Some(action), _) => action.clone(),
            (None, Some((_, name))) => name.to_owned(),
            (None, None) => rest(&head.method, &path, &query),
        };
        let is_head = head.method == Method::HEAD;
        let owner = header("x-amz-expected-bucket-owner");
        let sum = header("x-amz-checksum-sha256");
        Self { operation, is_form, is_head, form, path, query, owner, sum, body }
    }
}

fn rest(method: &Method, path: &[String], query: &str) -> String {
    let path: Vec<_> = path.iter().map(String::as_str).collect();
    match (method.as_str(), &path[..]) {
        ("GET", ["account"]) => "GetAccount",
        ("PATCH", ["account"]) => "UpdateAccount",
        ("GET", [_]) if query.starts_with("list-type=2") => "ListObjectsV2",
        ("GET", [_]) => "GetBucketSetting",
        ("PUT", [_]) if query.is_empty() => "CreateBucket",
        ("PUT", [_]) => "PutBucketSetting",
        ("DELETE", [_, ..]) => "DeleteObject",
        ("GET", ["2016-08-19", "account-settings"]) => "GetAccountSettings",
        ("GET", ["2015-03-31", "functions", _, "configuration"]) => "GetFunctionConfiguration",
        ("PUT", ["2015-03-31", "functions", _, "code"]) => "UpdateFunctionCode",
        ("HEAD", [_]) => "HeadBucket",
        ("HEAD", _) => "HeadObject",
        ("PUT", _) => "PutObject",
        other => panic!("the stand-in knows no {other:?}"),
    }
    .to_owned()
}

fn parse(body: &[u8]) -> BTreeMap<String, String> {
    let text = std::str::from_utf8(body).unwrap();
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap();
        (unescaped(key), unescaped(value))
    };
    text.split('&').map(pair).collect()
}

fn unescaped(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

pub(super) fn answer(world: &mut World, call: &Call) -> Answer {
    let key = || call.path[1..].join("/");
    match call.operation.as_str() {
        "GetAccount" => {
            let role = "arn:aws:iam::123456789012:role/api-gateway-logs";
            let body =
                if world.has_log_role { json!({"cloudwatchRoleArn": role}) } else { json!({}) };
            Ok(text(200, body.to_string()))
        }
        "UpdateAccount" => {
            world.has_log_role = true;
            Ok(text(200, "{}".to_owned()))
        }
        "CreateBucket" => {
            world.has_bucket = true;
            Ok(text(200, String::new()))
        }
        "PutBucketSetting" => {
            assert_eq!(call.sum, deployer::s3::sha256(&call.body), "the sum is another");
            let body = String::from_utf8(call.body.to_vec()).unwrap();
            world.bucket_settings.insert(call.query.clone(), body);
            Ok(text(200, String::new()))
        }
        "GetBucketSetting" => match world.bucket_settings.get(&call.query) {
            Some(body) => Ok(text(200, body.clone())),
            None => Err((404, "NoSuchConfiguration", "There is none".to_owned())),
        },
        "ListObjectsV2" => Ok(text(200, listing(world))),
        "DeleteObject" => {
            world.objects.remove(&key());
            Ok(text(204, String::new()))
        }
        "HeadBucket" | "HeadObject" | "PutObject" if !world.has_bucket => {
            Err((404, "NoSuchBucket", "The specified bucket does not exist".to_owned()))
        }
        "HeadBucket" | "HeadObject" | "PutObject" if call.owner != world.bucket_owner => {
            Err((403, "AccessDenied", "Access Denied".to_owned()))
        }
        "HeadBucket" => Ok(text(200, String::new())),
        "HeadObject" => match world.objects.get(&key()) {
            Some(sum) => {
                let mut answer = text(200, String::new());
                answer.headers_mut().insert("x-amz-checksum-sha256", sum.parse().unwrap());
                Ok(answer)
            }
            None => Err((404, "NotFound", "Not Found".to_owned())),
        },
        "PutObject" => {
            assert_eq!(call.sum, deployer::s3::sha256(&call.body), "the sum is another");
            world.objects.insert(key(), call.sum.clone());
            Ok(text(200, String::new()))
        }
        "GetAccountSettings" => {
            let limit = json!({"UnreservedConcurrentExecutions": world.unreserved});
            Ok(text(200, json!({"AccountLimit": limit}).to_string()))
        }
        "GetFunctionConfiguration" => function(world, &call.path[2]),
        "UpdateFunctionCode" => {
            let body: serde_json::Value = serde_json::from_slice(&call.body).unwrap();
            let sum = world.objects[body["S3Key"].as_str().unwrap()].clone();
            world.functions.insert(call.path[2].clone(), sum);
            function(world, &call.path[2])
        }
        "FilterLogEvents" => {
            let event = |(index, line): (usize, &&str)| json!({"eventId": index.to_string(), "timestamp": 0, "message": line});
            let events: Vec<_> = world.log_lines.iter().enumerate().map(event).collect();
            Ok(text(200, json!({"events": events}).to_string()))
        }
        other => panic!("the stand-in knows no {other}"),
    }
}

/// Put there on the day before yesterday.
fn listing(world: &World) -> String {
    let contents = world.objects.keys().map(|key| {
        format!("<Contents><Key>{key}</Key><LastModified>2025-12-30T12:00:00.000Z</LastModified><Size>5</Size></Contents>")
    });
    format!("<ListBucketResult>{}</ListBucketResult>", contents.collect::<String>())
}

fn function(world: &World, name: &str) -> Answer {
    let Some(sum) = world.functions.get(name) else {
        return Err((404, "ResourceNotFoundException", format!("Function not found: {name}")));
    };
    let body = json!({
        "FunctionName": name,
        "CodeSha256": sum,
        "CodeSize": 1000,
        "LastUpdateStatus": "Successful",
        "Environment": world.environments.get(name),
        "LoggingConfig": {"LogGroup": format!("/log/{}", physical_id("Socket"))},
    });
    Ok(text(200, body.to_string()))
}
