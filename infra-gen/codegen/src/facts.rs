//! What the schemas do not say, by hand, from AWS's template reference: what `Ref` returns, which
//! string is the id, name or ARN of what, and which enums and patterns deserve more.
//!
//! A type or property that is not listed is still right, only less typed: a plain string.

/// What `Ref` returns; a type not listed gives a string.
pub(crate) fn reference(type_name: &str) -> Option<&'static str> {
    find(REFERENCES, type_name)
}

const REFERENCES: &[(&str, &str)] = &[
    ("AWS::ApiGatewayV2::Api", "ApiId"),
    ("AWS::ApiGatewayV2::ApiMapping", "ApiMappingId"),
    ("AWS::ApiGatewayV2::Authorizer", "AuthorizerId"),
    ("AWS::ApiGatewayV2::Deployment", "DeploymentId"),
    ("AWS::ApiGatewayV2::DomainName", "CustomDomainName"),
    ("AWS::ApiGatewayV2::Integration", "IntegrationId"),
    ("AWS::ApiGatewayV2::IntegrationResponse", "IntegrationResponseId"),
    ("AWS::ApiGatewayV2::Model", "ModelId"),
    ("AWS::ApiGatewayV2::Route", "RouteId"),
    ("AWS::ApiGatewayV2::RouteResponse", "RouteResponseId"),
    ("AWS::ApiGatewayV2::RoutingRule", "RoutingRuleArn"),
    ("AWS::ApiGatewayV2::Stage", "StageName"),
    ("AWS::ApiGatewayV2::VpcLink", "VpcLinkId"),
    ("AWS::CloudWatch::Alarm", "AlarmName"),
    ("AWS::CloudWatch::Dashboard", "DashboardName"),
    ("AWS::DynamoDB::GlobalTable", "TableName"),
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::Events::EventBus", "EventBusName"),
    ("AWS::Events::Rule", "EventRuleName"),
    ("AWS::IAM::AccessKey", "AccessKeyId"),
    ("AWS::IAM::Group", "GroupName"),
    ("AWS::IAM::InstanceProfile", "InstanceProfileName"),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyArn"),
    ("AWS::IAM::OIDCProvider", "OidcProviderArn"),
    ("AWS::IAM::Role", "RoleName"),
    ("AWS::IAM::SAMLProvider", "SamlProviderArn"),
    ("AWS::IAM::ServerCertificate", "ServerCertificateName"),
    ("AWS::IAM::ServiceLinkedRole", "RoleName"),
    ("AWS::IAM::User", "UserName"),
    ("AWS::IAM::VirtualMFADevice", "MfaDeviceArn"),
    ("AWS::Lambda::Alias", "AliasArn"),
    ("AWS::Lambda::CapacityProvider", "CapacityProviderName"),
    ("AWS::Lambda::CodeSigningConfig", "CodeSigningConfigArn"),
    ("AWS::Lambda::EventSourceMapping", "EventSourceMappingId"),
    ("AWS::Lambda::Function", "FunctionName"),
    ("AWS::Lambda::LayerVersion", "LayerVersionArn"),
    ("AWS::Lambda::Url", "FunctionArn"),
    ("AWS::Lambda::Version", "VersionArn"),
    ("AWS::Logs::Delivery", "DeliveryId"),
    ("AWS::Logs::DeliveryDestination", "DeliveryDestinationName"),
    ("AWS::Logs::DeliverySource", "DeliverySourceName"),
    ("AWS::Logs::Destination", "LogDestinationName"),
    ("AWS::Logs::LogAnomalyDetector", "AnomalyDetectorArn"),
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::Logs::LogStream", "LogStreamName"),
    ("AWS::Logs::QueryDefinition", "QueryDefinitionId"),
    ("AWS::Logs::ScheduledQuery", "ScheduledQueryArn"),
    ("AWS::SQS::Queue", "QueueUrl"),
];

/// The type of a string, by the place where it stands and by its schema's `format`.
///
/// `path` is `Owner/Property`, the owner being the resource or the nested type; `[]` is an item.
pub(crate) fn text(type_name: &str, path: &str, format: Option<&str>) -> Option<&'static str> {
    let service = type_name.split("::").nth(1).unwrap_or_default();
    let property = path.rsplit('/').next().unwrap_or_default();
    find(PLACES, &format!("{service}/{path}"))
        .or_else(|| find(PROPERTIES, &format!("{service}/{property}")))
        .or_else(|| format.and_then(|format| find(FORMATS, format)))
}

/// One property of one type; stronger than the lists below.
const PLACES: &[(&str, &str)] = &[
    ("ApiGatewayV2/ApiMapping/Stage", "StageName"),
    ("ApiGatewayV2/DomainName/DomainName", "CustomDomainName"),
    ("ApiGatewayV2/ApiMapping/DomainName", "CustomDomainName"),
    ("ApiGatewayV2/Integration/ConnectionId", "VpcLinkId"),
    ("ApiGatewayV2/Route/Target", "RouteTarget"),
    ("CloudWatch/Alarm/Arn", "AlarmArn"),
    ("CloudWatch/Alarm/AlarmName", "AlarmName"),
    ("CloudWatch/Dashboard/DashboardName", "DashboardName"),
    ("Events/EventBus/Arn", "EventBusArn"),
    ("Events/EventBus/Name", "EventBusName"),
    ("Events/Rule/Arn", "EventRuleArn"),
    ("Events/Rule/EventBusName", "EventBusName"),
    ("Events/Rule/Name", "EventRuleName"),
    ("Events/Target/Arn", "AnyArn"),
    ("Events/DeadLetterConfig/Arn", "QueueArn"),
    ("DynamoDB/GlobalTable/Arn", "TableArn"),
    ("DynamoDB/GlobalTable/StreamArn", "StreamArn"),
    ("DynamoDB/Table/Arn", "TableArn"),
    ("DynamoDB/Table/StreamArn", "StreamArn"),
    ("IAM/AccessKey/Id", "AccessKeyId"),
    ("IAM/Group/Arn", "GroupArn"),
    ("IAM/InstanceProfile/Arn", "InstanceProfileArn"),
    ("IAM/InstanceProfile/Roles[]", "RoleName"),
    ("IAM/ManagedPolicy/PolicyArn", "ManagedPolicyArn"),
    ("IAM/OIDCProvider/Arn", "OidcProviderArn"),
    ("IAM/SAMLProvider/Arn", "SamlProviderArn"),
    ("IAM/User/Arn", "UserArn"),
    ("IAM/VirtualMFADevice/SerialNumber", "MfaDeviceArn"),
    ("Lambda/Alias/AliasArn", "AliasArn"),
    ("Lambda/CapacityProvider/Arn", "CapacityProviderArn"),
    ("Lambda/DeadLetterConfig/TargetArn", "AnyArn"),
    ("Lambda/EventSourceMapping/Id", "EventSourceMappingId"),
    ("Lambda/Function/Layers[]", "LayerVersionArn"),
    ("Lambda/Function/Role", "RoleArn"),
    ("Lambda/LoggingConfig/LogGroup", "LogGroupName"),
    ("Lambda/OnFailure/Destination", "AnyArn"),
    ("Lambda/OnSuccess/Destination", "AnyArn"),
    ("Lambda/Permission/SourceArn", "AnyArn"),
    // The property says ARN and takes a name as well.
    ("Lambda/Url/TargetFunctionArn", "FunctionName"),
    ("Lambda/Version/FunctionArn", "VersionArn"),
    ("Logs/DeliveryDestination/Arn", "DeliveryDestinationArn"),
    ("Logs/DeliveryDestination/Name", "DeliveryDestinationName"),
    ("Logs/DeliverySource/Name", "DeliverySourceName"),
    ("Logs/Destination/DestinationName", "LogDestinationName"),
    ("Logs/LogGroup/Arn", "LogGroupArn"),
    ("Logs/SubscriptionFilter/DestinationArn", "AnyArn"),
    ("SQS/Queue/QueueUrl", "QueueUrl"),
    ("SQS/QueuePolicy/Queues[]", "QueueUrl"),
];

/// A property of this name, in every type of the service.
const PROPERTIES: &[(&str, &str)] = &[
    ("ApiGatewayV2/ApiId", "ApiId"),
    ("ApiGatewayV2/ApiMappingId", "ApiMappingId"),
    ("ApiGatewayV2/AuthorizerCredentialsArn", "RoleArn"),
    ("ApiGatewayV2/AuthorizerId", "AuthorizerId"),
    ("ApiGatewayV2/CredentialsArn", "RoleArn"),
    ("ApiGatewayV2/DeploymentId", "DeploymentId"),
    ("ApiGatewayV2/DestinationArn", "LogGroupArn"),
    ("ApiGatewayV2/DomainNameArn", "DomainNameArn"),
    ("ApiGatewayV2/IntegrationId", "IntegrationId"),
    ("ApiGatewayV2/IntegrationResponseId", "IntegrationResponseId"),
    ("ApiGatewayV2/ModelId", "ModelId"),
    ("ApiGatewayV2/RegionalHostedZoneId", "HostedZoneId"),
    ("ApiGatewayV2/RouteId", "RouteId"),
    ("ApiGatewayV2/RouteResponseId", "RouteResponseId"),
    ("ApiGatewayV2/RoutingRuleArn", "RoutingRuleArn"),
    ("ApiGatewayV2/StageName", "StageName"),
    ("ApiGatewayV2/VpcLinkId", "VpcLinkId"),
    ("DynamoDB/TableName", "TableName"),
    ("IAM/GroupName", "GroupName"),
    ("IAM/Groups[]", "GroupName"),
    ("IAM/InstanceProfileName", "InstanceProfileName"),
    ("IAM/ManagedPolicyArns[]", "ManagedPolicyArn"),
    ("IAM/PermissionsBoundary", "ManagedPolicyArn"),
    ("IAM/RoleName", "RoleName"),
    ("IAM/Roles[]", "RoleName"),
    ("IAM/ServerCertificateName", "ServerCertificateName"),
    ("IAM/UserName", "UserName"),
    ("IAM/Users[]", "UserName"),
    ("Lambda/CapacityProviderArn", "CapacityProviderArn"),
    ("Lambda/CapacityProviderName", "CapacityProviderName"),
    ("Lambda/CodeSigningConfigArn", "CodeSigningConfigArn"),
    ("Lambda/EventSourceArn", "EventSourceArn"),
    ("Lambda/FunctionName", "FunctionName"),
    ("Lambda/LayerVersionArn", "LayerVersionArn"),
    ("Logs/AnomalyDetectorArn", "AnomalyDetectorArn"),
    ("Logs/DeliveryDestinationArn", "DeliveryDestinationArn"),
    ("Logs/DeliveryId", "DeliveryId"),
    ("Logs/DeliverySourceName", "DeliverySourceName"),
    ("Logs/LogStreamName", "LogStreamName"),
    ("Logs/QueryDefinitionId", "QueryDefinitionId"),
    ("Logs/ScheduledQueryArn", "ScheduledQueryArn"),
    ("Route53/HostedZoneId", "HostedZoneId"),
];

/// Formats that name an attribute of another type.
const FORMATS: &[(&str, &str)] = &[
    ("AWS::ACM::Certificate.Arn", "CertificateArn"),
    ("AWS::EC2::SecurityGroup.Id", "SecurityGroupId"),
    ("AWS::IAM::Role.Arn", "RoleArn"),
    ("AWS::KMS::Key.Arn", "KeyArn"),
    ("AWS::Lambda::Function.Arn", "FunctionArn"),
    ("AWS::Lambda::Function.Name", "FunctionName"),
    ("AWS::Logs::LogGroup.Name", "LogGroupName"),
    ("AWS::S3::Bucket.Name", "BucketName"),
    ("AWS::SQS::Queue.Arn", "QueueArn"),
];

/// Formats that change nothing here.
pub(crate) const PLAIN_FORMATS: &[&str] =
    &["json", "double", "date-time", "uri", "timestamp", "int64"];

/// Whether the format is one of those above, or plain: so are the ids of resources that nothing
/// here refers to.
pub(crate) fn knows_format(format: &str) -> bool {
    PLAIN_FORMATS.contains(&format)
        || format.starts_with("AWS::")
        || find(FORMATS, format).is_some()
}

/// Types that `infra-gen` writes by hand; the second part is their path there.
pub(crate) fn by_hand(type_name: &str, property: &str) -> Option<&'static str> {
    if !type_name.starts_with("AWS::IAM::") {
        return None;
    }
    match property {
        "PolicyDocument" => Some("Policy"),
        "AssumeRolePolicyDocument" => Some("Trust"),
        _ => None,
    }
}

/// Where one kind of text is taken in place of another: the first, where the second is due.
pub(crate) const WIDENINGS: &[(&str, &str)] = &[
    // Lambda takes an ARN wherever it takes a function's name.
    ("AliasArn", "FunctionName"),
    ("FunctionArn", "FunctionName"),
    ("VersionArn", "FunctionName"),
    ("StreamArn", "EventSourceArn"),
];

/// Values of a property that the schema leaves open but the service does not.
pub(crate) fn values(type_name: &str, path: &str) -> Option<&'static [&'static str]> {
    let service = type_name.split("::").nth(1).unwrap_or_default();
    let place = format!("{service}/{path}");
    VALUES.iter().find(|(known, _)| *known == place).map(|(_, values)| *values)
}

const VALUES: &[(&str, &[&str])] = &[
    ("ApiGatewayV2/Api/ProtocolType", &["HTTP", "WEBSOCKET"]),
    ("ApiGatewayV2/Authorizer/AuthorizerType", &["JWT", "REQUEST"]),
    ("ApiGatewayV2/Integration/ConnectionType", &["INTERNET", "VPC_LINK"]),
    ("ApiGatewayV2/Integration/ContentHandlingStrategy", &["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"]),
    (
        "ApiGatewayV2/Integration/IntegrationType",
        &["AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK"],
    ),
    (
        "ApiGatewayV2/Integration/PassthroughBehavior",
        &["NEVER", "WHEN_NO_MATCH", "WHEN_NO_TEMPLATES"],
    ),
    ("ApiGatewayV2/Route/AuthorizationType", &["AWS_IAM", "CUSTOM", "JWT", "NONE"]),
    ("ApiGatewayV2/RouteSettings/LoggingLevel", &["ERROR", "INFO", "OFF"]),
    ("DynamoDB/GlobalTable/BillingMode", &["PAY_PER_REQUEST", "PROVISIONED"]),
    ("DynamoDB/KeySchema/KeyType", &["HASH", "RANGE"]),
    ("DynamoDB/Projection/ProjectionType", &["ALL", "INCLUDE", "KEYS_ONLY"]),
    (
        "DynamoDB/StreamSpecification/StreamViewType",
        &["KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE"],
    ),
    ("DynamoDB/Table/BillingMode", &["PAY_PER_REQUEST", "PROVISIONED"]),
    ("DynamoDB/Table/TableClass", &["STANDARD", "STANDARD_INFREQUENT_ACCESS"]),
];

/// Attributes a schema lists that `Fn::GetAtt` does not give.
pub(crate) const NOT_ATTRIBUTES: &[(&str, &str)] = &[
    // The reference names no attribute of a stage; its `Ref` is its name.
    ("AWS::ApiGatewayV2::Stage", "Id"),
];

/// Properties whose change replaces the resource, although the schema says that it only may.
pub(crate) const CREATE_ONLY: &[(&str, &str)] = &[
    // The template reference: "Update requires: Replacement".
    ("AWS::DynamoDB::Table", "KeySchema"),
];

/// Properties whose change may replace the resource, although the schema says nothing of it; `*`
/// is any item.
pub(crate) const CONDITIONAL_CREATE_ONLY: &[(&str, &str)] = &[
    // Replaced if the attribute is one of a key.
    ("AWS::DynamoDB::Table", "AttributeDefinitions/*/AttributeType"),
];

/// Attributes that `Fn::GetAtt` gives and a schema does not list.
pub(crate) fn more_attributes(type_name: &str) -> &'static [&'static str] {
    match type_name {
        "AWS::Events::EventBus" => &["Name"],
        "AWS::SQS::Queue" => &["QueueName"],
        _ => &[],
    }
}

fn find(table: &[(&str, &'static str)], key: &str) -> Option<&'static str> {
    table.iter().find(|(k, _)| *k == key).map(|(_, value)| *value)
}
