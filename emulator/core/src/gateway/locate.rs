//! Which API and stage a request is for: by host name, by path, or both.
//!
//! One port serves every API, so besides AWS's own host names these paths are understood:
//! `/{stage}…` (the first API that has the stage) and `/_aws/execute-api/{apiId}/{stage}…`.

use crate::topology::{Api, Stage, Topology};

/// Where a request goes.
pub(super) struct Place<'a> {
    pub(super) api: &'a Api,
    pub(super) stage: &'a Stage,
    /// The custom domain name it came by, if it did.
    pub(super) domain: Option<&'a str>,
    /// The path behind the stage, with its `/`, or empty.
    pub(super) rest: &'a str,
}

/// Paths that name the API themselves begin so.
const EXPLICIT: &str = "/_aws/execute-api/";

pub(super) fn locate<'a>(
    topology: &'a Topology,
    host: Option<&str>,
    path: &'a str,
) -> Option<Place<'a>> {
    let host = host.unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
    if let Some((name, domain)) = topology.domains.get_key_value(&host) {
        let (key, rest) = first_segment(path);
        let (target, rest) = match domain.mappings.get(key) {
            Some(target) => (target, rest),
            None => (domain.mappings.get("")?, path),
        };
        let api = topology.apis.get(&target.0)?;
        return Some(Place { api, stage: api.stages.get(&target.1)?, domain: Some(name), rest });
    }
    if let Some(explicit) = path.strip_prefix(EXPLICIT) {
        let (id, rest) = explicit.split_once('/').unwrap_or((explicit, ""));
        return of_api(topology.apis.get(id)?, rest);
    }
    let without_slash = path.strip_prefix('/')?;
    if let Some((id, _)) = host.split_once(".execute-api.") {
        return of_api(topology.apis.get(id)?, without_slash);
    }
    topology.apis.values().find_map(|api| of_api(api, without_slash))
}

/// `path` has no leading slash.
fn of_api<'a>(api: &'a Api, path: &'a str) -> Option<Place<'a>> {
    if api.default_endpoint_disabled {
        return None;
    }
    let end = path.find('/').unwrap_or(path.len());
    let stage = api.stages.get(&path[..end])?;
    Some(Place { api, stage, domain: None, rest: &path[end..] })
}

fn first_segment(path: &str) -> (&str, &str) {
    let path = path.strip_prefix('/').unwrap_or(path);
    let end = path.find('/').unwrap_or(path.len());
    path.split_at(end)
}
