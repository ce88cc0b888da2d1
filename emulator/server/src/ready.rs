//! The addresses of a running local cloud, and the file that tells scripts that it runs.

use anyhow::Context as _;
use gateway_core::topology::Topology;
use serde::Serialize;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Where everything is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ready {
    /// For WebSocket clients; of the first API and stage, if there are several.
    pub(crate) url: String,
    /// For `@connections`: the endpoint of an SDK's `apigatewaymanagementapi` client.
    pub(crate) callback_url: String,
    /// For a browser.
    pub(crate) console_url: String,
    /// For every other AWS client: `AWS_ENDPOINT_URL`.
    pub(crate) endpoint_url: String,
    pub(crate) region: String,
    pub(crate) account_id: String,
    /// What a client that speaks TLS has to trust, as PEM.
    pub(crate) ca_file: PathBuf,
    pub(crate) pid: u32,
}

/// One stage of one API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StageAddress {
    pub(crate) api: String,
    pub(crate) api_id: String,
    pub(crate) stage: String,
    pub(crate) url: String,
    pub(crate) callback_url: String,
    pub(crate) routes: Vec<String>,
}

/// All stages of all APIs. A stage whose name another API has as well is reached by a longer path.
pub(crate) fn stages(topology: &Topology, domain_name: &str) -> Vec<StageAddress> {
    let mut addresses: Vec<StageAddress> = Vec::new();
    for api in topology.apis.values() {
        for stage in api.stages.keys() {
            let short = !addresses.iter().any(|known| known.stage == *stage);
            let path =
                if short { stage.clone() } else { format!("_aws/execute-api/{}/{stage}", api.id) };
            addresses.push(StageAddress {
                api: if api.name.is_empty() { api.logical_id.clone() } else { api.name.clone() },
                api_id: api.id.clone(),
                stage: stage.clone(),
                url: format!("ws://{domain_name}/{path}"),
                callback_url: format!("http://{domain_name}/{path}"),
                routes: api.routes.keys().cloned().collect(),
            });
        }
    }
    addresses
}

impl Ready {
    pub(crate) fn new(
        topology: &Topology,
        first: &StageAddress,
        domain_name: &str,
        ca_file: &Path,
    ) -> Self {
        Self {
            url: first.url.clone(),
            callback_url: first.callback_url.clone(),
            console_url: format!("http://{domain_name}/"),
            endpoint_url: format!("http://{domain_name}"),
            region: topology.region.clone(),
            account_id: topology.account_id.clone(),
            ca_file: ca_file.to_owned(),
            pid: std::process::id(),
        }
    }
}

/// The file, as long as this value lives.
#[derive(Debug)]
pub(crate) struct ReadyFile(PathBuf);

impl ReadyFile {
    pub(crate) fn write(path: &Path, ready: &Ready) -> anyhow::Result<Self> {
        write(path, ready)?;
        Ok(Self(path.to_owned()))
    }
}

/// Whoever sees the file sees all of it.
fn write(path: &Path, ready: &Ready) -> anyhow::Result<()> {
    let failed = || format!("the ready file {} cannot be written", path.display());
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.tmp", ready.pid));
    let mut text = serde_json::to_string_pretty(ready).with_context(failed)?;
    text.push('\n');
    let written = fs::File::create(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        _ = fs::remove_file(&beside);
    }
    written.with_context(failed)
}

/// What has been said about where everything is.
#[derive(Debug)]
pub(crate) struct Announced {
    pub(crate) domain_name: String,
    pub(crate) ready: Ready,
    pub(crate) file: Option<PathBuf>,
}

impl Announced {
    /// Says it again when the first stage has another address, and gives that. A template without a
    /// stage leaves nothing to say.
    pub(crate) fn update(&mut self, topology: &Topology) -> anyhow::Result<Option<&str>> {
        let stages = stages(topology, &self.domain_name);
        let Some(first) = stages.into_iter().next().filter(|first| first.url != self.ready.url)
        else {
            return Ok(None);
        };
        (self.ready.url, self.ready.callback_url) = (first.url, first.callback_url);
        if let Some(file) = &self.file {
            write(file, &self.ready)?;
        }
        Ok(Some(&self.ready.url))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        _ = fs::remove_file(&self.0);
    }
}
