//! Names that AWS keeps unique in an account and Region: two resources of one type cannot share
//! one, and a resource cannot be replaced by another that has it too.

/// The property with such a name.
pub(crate) fn name_property(type_name: &str) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == type_name).map(|(_, property)| *property)
}

const NAMES: &[(&str, &str)] = &[
    ("AWS::ApiGatewayV2::DomainName", "DomainName"),
    ("AWS::CloudWatch::Alarm", "AlarmName"),
    ("AWS::CloudWatch::Dashboard", "DashboardName"),
    ("AWS::DynamoDB::GlobalTable", "TableName"),
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::Events::EventBus", "Name"),
    ("AWS::IAM::Group", "GroupName"),
    ("AWS::IAM::InstanceProfile", "InstanceProfileName"),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
    ("AWS::IAM::Role", "RoleName"),
    ("AWS::IAM::User", "UserName"),
    ("AWS::Lambda::CapacityProvider", "CapacityProviderName"),
    ("AWS::Lambda::Function", "FunctionName"),
    ("AWS::Logs::DeliveryDestination", "Name"),
    ("AWS::Logs::DeliverySource", "Name"),
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::S3::Bucket", "BucketName"),
    ("AWS::SNS::Topic", "TopicName"),
    ("AWS::SQS::Queue", "QueueName"),
];
