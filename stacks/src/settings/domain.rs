//! A custom domain name as it is written, and the values it is held to.
//!
//! What is refused here would fail at the end of a deployment, after everything else was made.
//! `push/domain.rs` makes resources of it.

use super::Stage;
use herald_contract::CallbackUrl;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The host under which clients and back ends reach the stage, in place of API Gateway's own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// The host, such as `ws.example.com`.
    pub name: String,
    /// Its certificate in ACM, of the stage's Region.
    pub certificate_arn: String,
    /// The mapping key: what stands behind the host in place of the stage's name.
    pub path: Option<String>,
    /// The hosted zone of Route 53 that gets a record of the name; none where DNS is kept elsewhere.
    pub hosted_zone_id: Option<String>,
}

/// The longest name of RFC 1035, and of a label in it.
const NAME_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

/// `SelectionKey` of the API Gateway V2 API reference.
const PATH_BYTES_MAX: usize = 128;

/// `ResourceId` of the Route 53 API reference.
const ZONE_BYTES_MAX: usize = 32;

impl Domain {
    /// Where back ends reach connections.
    pub(super) fn check(&self, at: &str, region: &str) -> Result<CallbackUrl, String> {
        if !is_name(&self.name) {
            return Err(format!(
                "{at}.name is `{}`; write a host in small letters such as ws.example.com, without scheme, path or wildcard",
                self.name
            ));
        }
        self.certificate(at, region)?;
        if let Some(path) = self.path.as_deref().filter(|path| !is_path(path)) {
            return Err(format!(
                "{at}.path is `{path}`; write one segment of letters, digits, `_` or `-` such as v1, without slashes, or leave it out"
            ));
        }
        if let Some(zone) = self.hosted_zone_id.as_deref().filter(|zone| !is_zone(zone)) {
            return Err(format!(
                "{at}.hosted_zone_id is `{zone}`; write the ID alone, such as Z0123456789ABC: aws route53 list-hosted-zones"
            ));
        }
        let path = self.path.as_ref().map(|path| format!("/{path}")).unwrap_or_default();
        let url = format!("https://{}{path}", self.name);
        url.parse().map_err(|error| format!("{at}: {error}"))
    }

    /// A regional domain name takes a certificate of its own Region alone.
    fn certificate(&self, at: &str, region: &str) -> Result<(), String> {
        let arn = &self.certificate_arn;
        let parts: Vec<_> = arn.split(':').collect();
        let of = match parts[..] {
            ["arn", _, "acm", of, _, certificate]
                if certificate.strip_prefix("certificate/").is_some_and(|id| !id.is_empty()) =>
            {
                of
            }
            _ => {
                return Err(format!(
                    "{at}.certificate_arn is `{arn}`; write the ARN of a certificate in ACM: arn:aws:acm:{region}:ACCOUNT:certificate/ID"
                ));
            }
        };
        if of == region {
            return Ok(());
        }
        Err(format!(
            "{at}.certificate_arn is of {of}; the domain takes a certificate of the stage's Region, {region}, alone; write the ARN of one, as this makes it: aws acm request-certificate --region {region} --domain-name {} --validation-method DNS",
            self.name
        ))
    }
}

/// In a Region, a domain name is one resource of one stack.
pub(super) fn not_shared<'s>(stages: impl Iterator<Item = &'s Stage>) -> Result<(), String> {
    let mut owners = BTreeMap::new();
    for stage in stages {
        let Some(Domain { name, .. }) = &stage.domain else { continue };
        if let Some(other) = owners.insert((&stage.region, name), &stage.name) {
            return Err(format!(
                "stages.{}.domain.name is `{name}`, which stage `{other}` of {} has already; write another host, such as {}.{name}",
                stage.name,
                stage.region,
                stage.name.replace('_', "-").to_lowercase()
            ));
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_label = |label: &str| {
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= NAME_BYTES_MAX && name.contains('.') && name.split('.').all(is_label)
}

/// One segment: a WebSocket API is looked up by the first one.
fn is_path(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=PATH_BYTES_MAX).contains(&path.len()) && path.bytes().all(plain)
}

fn is_zone(zone: &str) -> bool {
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    (1..=ZONE_BYTES_MAX).contains(&zone.len()) && zone.bytes().all(plain)
}
