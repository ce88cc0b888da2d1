//! The checks: their codes, how bad a finding is, and why it is one.
//!
//! HR0 form, HR1 schemas, HR2 references, HR3 names, HR4 WebSocket APIs, HR5 policies. A code is
//! never given to another check.

use super::Severity::{self, Error, Info, Warning};

/// One check.
#[derive(Debug)]
pub struct Check {
    /// `HR102`.
    pub code: &'static str,
    /// Of all its findings.
    pub severity: Severity,
    /// In a few words.
    pub title: &'static str,
    /// Why it matters, and what to do.
    pub rationale: &'static str,
}

/// A constant for each, and the list of all.
macro_rules! checks {
    ($($name:ident = $code:literal $severity:ident $title:literal: $rationale:literal;)*) => {
        $(pub(super) const $name: Check = Check {
            code: $code,
            severity: $severity,
            title: $title,
            rationale: $rationale,
        };)*

        /// All checks, by code.
        pub const CHECKS: &[Check] = &[$($name),*];
    };
}

checks! {
    FORM = "HR001" Error "not of the form of a template":
        "CloudFormation reads a map of sections, of which Resources is required, and in it maps with a Type. Anything else it refuses before it looks at a resource.";
    NULL = "HR002" Error "null value":
        "CloudFormation refuses a template with a null anywhere. Leave the key out, or give AWS::NoValue where a condition decides.";
    LIMIT = "HR003" Error "more than CloudFormation takes":
        "A template has at most 1 MB, 500 resources, 200 parameters, 200 mappings and 200 outputs (Understand CloudFormation quotas). Beyond that, split the stack.";
    UPLOAD = "HR004" Info "too long to be sent inline":
        "A request carries a template of at most 51,200 bytes; a longer one must be uploaded to S3 first, as deploying tools do by themselves.";
    ID = "HR005" Error "not a logical ID":
        "A logical ID is letters and digits, at most 255, and one is used once among resources and parameters.";
    UNKNOWN_TYPE = "HR101" Error "unknown resource type":
        "The service is known here and has no resource of this type. CloudFormation refuses the template as a whole.";
    UNKNOWN_PROPERTY = "HR102" Error "unknown property":
        "The schema of the resource type has no such property, or it is one that only AWS sets. CloudFormation refuses the resource.";
    MISSING_PROPERTY = "HR103" Error "missing property":
        "The schema requires the property; there is no default.";
    KIND = "HR104" Error "wrong kind of value":
        "The schema asks for another kind of value. Texts that read as a number or as true and false are taken for them, as CloudFormation does.";
    UNKNOWN_VALUE = "HR105" Error "unknown value":
        "The property has a closed set of values. If AWS has added one since, take up its schema: cargo xtask codegen --add TYPE.";
    RULE = "HR106" Error "value out of bounds":
        "The schema bounds length, range, count or form of the value. Values that CloudFormation computes are not checked.";
    BETWEEN = "HR107" Error "properties that do not go together":
        "The schema requires one of several properties, or one because of another.";
    DANGLING = "HR201" Error "reference to nothing":
        "Ref and Fn::Sub name a parameter, a resource or a pseudo parameter of the same template. Other templates are reached by Fn::ImportValue.";
    DANGLING_ATTRIBUTE = "HR202" Error "attribute of nothing":
        "Fn::GetAtt takes an attribute of a resource of the same template. A parameter has none.";
    UNKNOWN_ATTRIBUTE = "HR203" Error "unknown attribute":
        "The resource type gives no such attribute to Fn::GetAtt. What it is given as a property can be repeated, not asked for.";
    DANGLING_DEPENDENCY = "HR204" Error "dependency on nothing":
        "DependsOn names resources of the same template.";
    DANGLING_CONDITION = "HR205" Error "condition that is not there":
        "Condition and Fn::If name an entry of Conditions.";
    CIRCLE = "HR206" Error "circle of references":
        "Each resource waits for what it refers to. In a circle, all wait for each other: break it, often by writing a name where an attribute was taken.";
    UNUSED_PARAMETER = "HR207" Warning "unused parameter":
        "Whoever deploys has to give a value that nobody reads.";
    UNUSED_CONDITION = "HR208" Warning "unused condition":
        "Nothing depends on the condition; perhaps something should.";
    DANGLING_MAPPING = "HR209" Error "mapping that is not there":
        "Fn::FindInMap names an entry of Mappings.";
    SAME_NAME = "HR301" Error "one name for two resources":
        "The name is unique in an account and Region: the second resource cannot be made, and the stack is rolled back.";
    TARGET = "HR401" Error "route without an integration":
        "The target of a WebSocket route is integrations/ and the ID of an integration of the same API. Without one, API Gateway has nothing to call.";
    INTEGRATION_URI = "HR402" Error "integration URI of another form":
        "A WebSocket API calls Lambda by arn:PARTITION:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations. The bare ARN of a function is the form of HTTP APIs.";
    PERMISSION = "HR403" Error "API Gateway may not call the function":
        "Lambda refuses the call unless a permission names the function, the principal apigateway.amazonaws.com and a source that covers the route (or the integration names a role). Clients see the message Internal server error, and nothing is logged by the function.";
    AUTHORIZER = "HR404" Error "authorizer of another kind of API":
        "WebSocket APIs have REQUEST authorizers only, which are Lambda functions; JWT is for HTTP APIs. A token is checked in the function.";
    ROUTE_KEY = "HR405" Error "reserved route key":
        "Of the keys that begin with $ there are $connect, $disconnect and $default. Others are refused.";
    THROTTLED = "HR406" Warning "throttle of zero":
        "A rate or burst limit of 0 refuses every message. To close an API, delete the stage or its permissions; to leave it unlimited, leave the property out.";
    TWO_DEPLOYMENTS = "HR407" Error "AutoDeploy beside DeploymentId":
        "A stage either deploys every change itself or shows the deployment it names. AWS refuses both together.";
    NO_DEPLOYMENT = "HR408" Error "stage that serves nothing":
        "Without AutoDeploy and without DeploymentId a stage has no routes: every connection is refused with 403.";
    LOG_ROLE = "HR409" Info "logging needs a role of the account":
        "API Gateway writes logs with one role per account and Region (AWS::ApiGateway::Account, CloudWatchRoleArn). Where it was never set, AWS refuses a stage with an access log or a logging level.";
    OPEN_ROUTE = "HR410" Info "anyone may connect":
        "The route $connect asks for no authorization, so anyone who knows the URL holds a connection that costs. That is right where the first message carries a ticket that the function checks.";
    LATE_AUTHORIZATION = "HR411" Error "authorization after connecting":
        "A WebSocket API authorizes on $connect only; the connection is then what is trusted. AWS refuses it on other routes.";
    SAME_ROUTE = "HR412" Error "route key given twice":
        "An API has one route for a key; the second is refused.";
    EARLY_DEPLOYMENT = "HR413" Warning "deployment that does not wait for its routes":
        "A deployment is a snapshot. It refers to the API alone, so CloudFormation may take it before the routes are there; let it depend on them.";
    SELECTION = "HR414" Error "no way to select a route":
        "A WebSocket API requires RouteSelectionExpression, such as $request.body.action.";
    SLOW_FUNCTION = "HR415" Warning "function that may outlast its integration":
        "API Gateway waits 29 seconds at most and then reports an error, while the function runs on and is paid for. Answer sooner and go on asynchronously.";
    ALL_ACTIONS = "HR501" Error "all actions allowed":
        "The action * is every action of every service, those of IAM included: whoever has it can give itself anything.";
    MANY_ACTIONS = "HR502" Warning "wildcard in an action":
        "The wildcard takes in what AWS adds later. Name what is needed.";
    ALL_RESOURCES = "HR503" Warning "all resources allowed":
        "The actions can be narrowed to resources, and are allowed on all of the account. (Actions known to have no resource are not reported.)";
    ANYONE = "HR504" Warning "anyone is allowed":
        "The principal * is everybody with an AWS account, and without one. Name accounts or services, or narrow it by a condition.";
    ALL_BUT = "HR505" Warning "everything but something is allowed":
        "Allow with NotAction, NotResource or NotPrincipal allows all else, and what AWS adds later. Name what is needed.";
    ANY_API = "HR506" Warning "any API may call the function":
        "Without SourceArn or SourceAccount the permission holds for every API of every account (the confused deputy problem).";
}
