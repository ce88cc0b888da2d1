//! What `Ref` and `Fn::GetAtt` yield: values that AWS would make up at deployment.
//!
//! They follow from stack name and logical id alone, so they are the same in every run.

use super::eval::Evaluator;
use crate::events::DEFAULT_BUS;
use crate::id::{LOWER, derived};
use crate::topology::STREAM_LABEL;

/// What `Ref` of a resource yields.
pub(super) fn reference(evaluator: &mut Evaluator<'_>, id: &str) -> String {
    let kind = kind_of(evaluator, id);
    let place = evaluator.place;
    let (region, account) = (&place.region, &place.account_id);
    match kind.as_str() {
        "AWS::ApiGatewayV2::Api" => short_id(evaluator, id, 10),
        "AWS::ApiGatewayV2::Stage" => evaluator.name_property(id, "StageName").unwrap_or_default(),
        "AWS::ApiGatewayV2::DomainName" => {
            evaluator.name_property(id, "DomainName").unwrap_or_default()
        }
        "AWS::IAM::ManagedPolicy" => {
            format!("arn:aws:iam::{account}:policy/{}", name(evaluator, id))
        }
        "AWS::SNS::Topic" => format!("arn:aws:sns:{region}:{account}:{}", name(evaluator, id)),
        "AWS::SQS::Queue" => {
            format!("https://sqs.{region}.amazonaws.com/{account}/{}", name(evaluator, id))
        }
        "AWS::Lambda::Version" => format!("{}:1", function_of(evaluator, id)),
        "AWS::Lambda::Alias" => {
            let function = function_of(evaluator, id);
            format!("{function}:{}", evaluator.name_property(id, "Name").unwrap_or_default())
        }
        kind if kind.starts_with("AWS::ApiGatewayV2::") => short_id(evaluator, id, 7),
        _ => name(evaluator, id),
    }
}

/// What `Fn::GetAtt` of a resource yields; `None` when a well-known type has no such attribute.
pub(super) fn attribute(
    evaluator: &mut Evaluator<'_>,
    id: &str,
    attribute: &str,
) -> Option<String> {
    let kind = kind_of(evaluator, id);
    let place = evaluator.place;
    let (region, account) = (&place.region, &place.account_id);
    let value = match (kind.as_str(), attribute) {
        ("AWS::ApiGatewayV2::Api", "ApiId") => short_id(evaluator, id, 10),
        ("AWS::ApiGatewayV2::Api", "ApiEndpoint") => {
            format!("wss://{}.execute-api.{region}.amazonaws.com", short_id(evaluator, id, 10))
        }
        ("AWS::ApiGatewayV2::DomainName", "RegionalDomainName") => {
            format!("d-{}.execute-api.{region}.amazonaws.com", short_id(evaluator, id, 10))
        }
        ("AWS::ApiGatewayV2::DomainName", "RegionalHostedZoneId") => {
            format!("Z{}", derived(region, crate::id::UPPER, 13))
        }
        ("AWS::Lambda::Function", "Arn") => function_arn(evaluator, id),
        ("AWS::IAM::Role", "Arn") => format!("arn:aws:iam::{account}:role/{}", name(evaluator, id)),
        ("AWS::IAM::Role", "RoleId") => format!("AROA{}", derived(id, crate::id::UPPER, 17)),
        ("AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable", "Arn") => {
            format!("arn:aws:dynamodb:{region}:{account}:table/{}", name(evaluator, id))
        }
        ("AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable", "StreamArn") => {
            let table = name(evaluator, id);
            format!("arn:aws:dynamodb:{region}:{account}:table/{table}/stream/{STREAM_LABEL}")
        }
        ("AWS::SQS::Queue", "Arn") => {
            format!("arn:aws:sqs:{region}:{account}:{}", name(evaluator, id))
        }
        ("AWS::SQS::Queue", "QueueName") | ("AWS::SNS::Topic", "TopicName") => name(evaluator, id),
        ("AWS::SQS::Queue", "QueueUrl") | ("AWS::SNS::Topic", "TopicArn") => {
            reference(evaluator, id)
        }
        ("AWS::Events::Rule", "Arn") => rule_arn(evaluator, id),
        ("AWS::Events::EventBus", "Arn") => {
            format!("arn:aws:events:{region}:{account}:event-bus/{}", name(evaluator, id))
        }
        ("AWS::Events::EventBus", "Name") => name(evaluator, id),
        ("AWS::Scheduler::Schedule", "Arn") => {
            let group = evaluator.name_property(id, "GroupName");
            let group = group.unwrap_or_else(|| "default".into());
            format!("arn:aws:scheduler:{region}:{account}:schedule/{group}/{}", name(evaluator, id))
        }
        ("AWS::Scheduler::ScheduleGroup", "Arn") => {
            format!("arn:aws:scheduler:{region}:{account}:schedule-group/{}", name(evaluator, id))
        }
        ("AWS::S3::Bucket", "Arn") => format!("arn:aws:s3:::{}", name(evaluator, id)),
        ("AWS::Logs::LogGroup", "Arn") => {
            format!("arn:aws:logs:{region}:{account}:log-group:{}:*", name(evaluator, id))
        }
        (
            "AWS::ApiGatewayV2::Api"
            | "AWS::IAM::Role"
            | "AWS::DynamoDB::Table"
            | "AWS::SQS::Queue"
            | "AWS::SNS::Topic",
            _,
        ) => return None,
        (kind, attribute) if attribute.ends_with("Arn") => {
            let service = kind.split("::").nth(1).unwrap_or("unknown").to_ascii_lowercase();
            let what = kind.rsplit("::").next().unwrap_or("resource").to_ascii_lowercase();
            format!("arn:aws:{service}:{region}:{account}:{what}/{}", name(evaluator, id))
        }
        (_, attribute) if attribute.ends_with("Name") || attribute.ends_with("Id") => {
            name(evaluator, id)
        }
        (_, attribute) => format!("{}.{attribute}", name(evaluator, id)),
    };
    Some(value)
}

/// The ARN of a function of the template.
pub(super) fn function_arn(evaluator: &mut Evaluator<'_>, id: &str) -> String {
    let name = name(evaluator, id);
    let place = evaluator.place;
    format!("arn:aws:lambda:{}:{}:function:{name}", place.region, place.account_id)
}

/// The ARN of a rule, which names its bus unless that is the default one.
fn rule_arn(evaluator: &mut Evaluator<'_>, id: &str) -> String {
    let name = name(evaluator, id);
    let bus = evaluator.name_property(id, "EventBusName").unwrap_or_default();
    let bus = bus_name(&bus);
    let prefix = if bus == DEFAULT_BUS { String::new() } else { format!("{bus}/") };
    let place = evaluator.place;
    format!("arn:aws:events:{}:{}:rule/{prefix}{name}", place.region, place.account_id)
}

/// The bus an `EventBusName` means: a name, an ARN, or none for the default one.
pub(super) fn bus_name(given: &str) -> &str {
    let name = given.rsplit('/').next().unwrap_or_default();
    if name.is_empty() { DEFAULT_BUS } else { name }
}

/// The name of a resource: its own `FooName` or `Name` property, or one made of stack and id.
pub(super) fn name(evaluator: &mut Evaluator<'_>, id: &str) -> String {
    let kind = kind_of(evaluator, id);
    let what = kind.rsplit("::").next().unwrap_or_default();
    let own = match kind.as_str() {
        "AWS::Events::Rule"
        | "AWS::Events::EventBus"
        | "AWS::Scheduler::Schedule"
        | "AWS::Scheduler::ScheduleGroup" => evaluator.name_property(id, "Name"),
        _ => evaluator.name_property(id, &format!("{what}Name")),
    };
    own.unwrap_or_else(|| format!("{}-{id}", evaluator.place.stack_name))
}

/// An id of lower-case letters and digits.
pub(super) fn short_id(evaluator: &Evaluator<'_>, id: &str, length: usize) -> String {
    derived(&format!("{}/{id}", evaluator.place.stack_name), LOWER, length)
}

/// The ARN of the function a version or alias is of.
fn function_of(evaluator: &mut Evaluator<'_>, id: &str) -> String {
    let function = evaluator.name_property(id, "FunctionName").unwrap_or_default();
    if function.starts_with("arn:") {
        return function;
    }
    let place = evaluator.place;
    format!("arn:aws:lambda:{}:{}:function:{function}", place.region, place.account_id)
}

fn kind_of(evaluator: &Evaluator<'_>, id: &str) -> String {
    evaluator.resources.get(id).map(|resource| resource.kind.to_owned()).unwrap_or_default()
}
