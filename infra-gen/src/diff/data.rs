//! What becomes of data when the resource that holds it goes, is replaced, or keeps less.

use super::{Action, PropertyChange};
use crate::node::Node;
use crate::parsed::Resource;
use serde::Serialize;

/// What a resource holds, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// `items`, `messages`.
    pub holds: &'static str,
    /// What becomes of them.
    pub fate: Fate,
    /// Whether that is sure to happen; else it is up to AWS.
    pub certain: bool,
}

/// What becomes of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Fate {
    /// Deleted for good.
    Lost,
    /// Left where it is, in a resource that no longer belongs to the stack.
    Kept,
    /// Deleted after a snapshot of it was taken.
    Snapshot,
}

/// Resource types that hold data, and what it is called.
const HOLDERS: &[(&str, &str)] = &[
    ("AWS::Cognito::UserPool", "users"),
    ("AWS::DynamoDB::GlobalTable", "items"),
    ("AWS::DynamoDB::Table", "items"),
    ("AWS::ECR::Repository", "images"),
    ("AWS::EFS::FileSystem", "files"),
    ("AWS::Events::Archive", "events"),
    ("AWS::KMS::Key", "key material, and with it all that it encrypts"),
    ("AWS::Kinesis::Stream", "records"),
    ("AWS::Logs::LogGroup", "log events"),
    ("AWS::OpenSearchService::Domain", "documents"),
    ("AWS::RDS::DBCluster", "rows"),
    ("AWS::RDS::DBInstance", "rows"),
    ("AWS::S3::Bucket", "objects"),
    ("AWS::SQS::Queue", "messages"),
    ("AWS::SecretsManager::Secret", "secret values"),
];

/// Types that CloudFormation takes a snapshot of when told nothing.
const SNAPSHOT_BY_DEFAULT: &[&str] = &["AWS::RDS::DBCluster"];

/// Properties that say how long data is kept, in numbers, the least first; without them it is kept
/// for this long.
const RETENTIONS: &[(&str, &str, f64)] = &[
    ("AWS::Logs::LogGroup", "RetentionInDays", f64::INFINITY),
    ("AWS::SQS::Queue", "MessageRetentionPeriod", 345_600.0),
];

/// What a resource of this type holds that cannot be made again: `items`; none, if nothing.
pub fn holds(type_name: &str) -> Option<&'static str> {
    HOLDERS.iter().find(|(name, _)| *name == type_name).map(|(_, holds)| *holds)
}

/// The data of a resource to which this happens.
pub(super) fn of(
    action: Action,
    old: Option<Resource<'_>>,
    new: Option<Resource<'_>>,
    changed: &[PropertyChange],
) -> Option<Data> {
    let holder = old?;
    let holds = holds(holder.type_name)?;
    let (says, certain) = match action {
        Action::Add => return None,
        Action::Update => {
            let fate = Fate::Lost;
            return keeps_less(holder, changed).then_some(Data { holds, fate, certain: true });
        }
        // What the last template says, since the new one no longer says anything.
        Action::Remove => (holder.body.get("DeletionPolicy"), true),
        Action::Replace => (new?.body.get("UpdateReplacePolicy"), true),
        Action::MayReplace => (new?.body.get("UpdateReplacePolicy"), false),
    };
    let fate = match says.and_then(Node::as_text) {
        Some("Retain" | "RetainExceptOnCreate") => Fate::Kept,
        Some("Snapshot") => Fate::Snapshot,
        None if SNAPSHOT_BY_DEFAULT.contains(&holder.type_name) => Fate::Snapshot,
        _ => Fate::Lost,
    };
    Some(Data { holds, fate, certain })
}

fn keeps_less(holder: Resource<'_>, changed: &[PropertyChange]) -> bool {
    let known = RETENTIONS.iter().find(|(name, ..)| *name == holder.type_name);
    let Some((_, property, default)) = known else { return false };
    let path = crate::path::Path::new(["Properties", property]);
    changed.iter().filter(|change| change.path == path).any(|change| {
        let [old, new] = [&change.old, &change.new].map(|value| match value {
            Some(value) => value.to_line().parse().ok(),
            None => Some(*default),
        });
        matches!((old, new), (Some(old), Some(new)) if new < old)
    })
}
