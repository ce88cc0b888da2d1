//! A CloudFormation template, its intrinsic functions evaluated for the local cloud.
//!
//! What AWS would refuse is a [`Problem`]; what it accepts and then fails at is a warning of the
//! topology. Nothing is looked up outside the template: what would be known only after deployment
//! gets a plausible stand-in.

mod apigateway;
mod asynchronous;
mod destinations;
mod domains;
mod eval;
mod functions;
mod integrations;
mod intrinsics;
mod logs;
mod mappings;
mod parameters;
mod properties;
mod queue_policies;
mod queues;
mod references;
mod roles;
mod routes;
mod rules;
mod schedules;
mod stack;
mod stages;
mod stand_in;
mod tables;
mod transform;

use crate::topology::Topology;
use eval::Evaluator;
use serde_json::Value;
use std::collections::BTreeMap;

/// Where the template is thought to be deployed.
#[derive(Clone, Debug)]
pub struct Place {
    /// `AWS::AccountId`.
    pub account_id: String,
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::StackName`.
    pub stack_name: String,
    /// Values of parameters; one without a default and without a value here gets a stand-in.
    pub parameters: BTreeMap<String, String>,
    /// Tags of the stack.
    pub tags: BTreeMap<String, String>,
}

impl Place {
    /// `AWS::StackId`.
    pub(crate) fn stack_id(&self) -> String {
        let Self { account_id, region, stack_name, .. } = self;
        format!("arn:aws:cloudformation:{region}:{account_id}:stack/{stack_name}/local")
    }
}

/// What AWS would refuse: where and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// For example `Resources.Route.Properties.Target`.
    pub at: String,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// Reads a template (JSON, or YAML already turned into JSON with long-form intrinsics).
///
/// ```
/// use gateway_core::template::{Place, read};
///
/// let template = serde_json::json!({ "Resources": {
///     "Api": { "Type": "AWS::ApiGatewayV2::Api", "Properties": {
///         "Name": "chat", "ProtocolType": "WEBSOCKET",
///         "RouteSelectionExpression": "$request.body.action" } },
///     "Stage": { "Type": "AWS::ApiGatewayV2::Stage", "Properties": {
///         "ApiId": { "Ref": "Api" }, "StageName": "dev", "AutoDeploy": true } },
/// }});
/// let place = Place {
///     account_id: "123456789012".into(),
///     region: "eu-central-1".into(),
///     stack_name: "chat".into(),
///     parameters: Default::default(),
///     tags: Default::default(),
/// };
/// let topology = read(&template, &place).unwrap();
/// assert!(topology.apis.values().next().unwrap().stages.contains_key("dev"));
/// ```
///
/// # Errors
/// Every problem found, when AWS would refuse the template or when it has no WebSocket API.
pub fn read(template: &Value, place: &Place) -> Result<Topology, Vec<Problem>> {
    if let Some(problem) = transform::untransformed(template) {
        return Err(vec![problem]);
    }
    let mut evaluator = Evaluator::new(template, place);
    references::check(&mut evaluator);
    let mut topology = Topology {
        account_id: place.account_id.clone(),
        region: place.region.clone(),
        ..Topology::default()
    };
    functions::read(&mut evaluator, &mut topology);
    roles::read(&mut evaluator, &mut topology);
    tables::read(&mut evaluator, &mut topology);
    queues::read(&mut evaluator, &mut topology);
    rules::read_buses(&mut evaluator, &mut topology);
    asynchronous::read(&mut evaluator, &mut topology);
    mappings::read(&mut evaluator, &mut topology);
    rules::read(&mut evaluator, &mut topology);
    schedules::read(&mut evaluator, &mut topology);
    apigateway::read(&mut evaluator, &mut topology);
    logs::read(&mut evaluator, &mut topology);
    topology.stack = stack::read(&mut evaluator, template);
    topology.not_emulated = evaluator
        .resources
        .iter()
        .filter(|(_, resource)| !EMULATED.contains(&resource.kind))
        .map(|(id, resource)| ((*id).to_owned(), resource.kind.to_owned()))
        .collect();
    topology.warnings.append(&mut evaluator.warnings);
    let mut problems = evaluator.problems;
    if topology.apis.is_empty() && problems.is_empty() {
        problems.push(Problem {
            at: "Resources".into(),
            message: "there is no WebSocket API; add an AWS::ApiGatewayV2::Api with ProtocolType WEBSOCKET".into(),
        });
    }
    problems.sort();
    problems.dedup();
    if problems.is_empty() { Ok(topology) } else { Err(problems) }
}

/// Types that are emulated, or that need nothing at run time.
const EMULATED: [&str; 35] = [
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::UsagePlanKey",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Deployment",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::IntegrationResponse",
    "AWS::ApiGatewayV2::Model",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::RouteResponse",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CDK::Metadata",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "AWS::Route53::RecordSet",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
    "AWS::Scheduler::ScheduleGroup",
];
