//! `stages.yaml`, parsed once into types. What a key means is said here; what it may be, in `raw`.

mod domain;
mod explain;
mod raw;

pub use domain::Domain;

use herald_contract::CallbackUrl;
use herald_contract::functions::AuthMode;
use serde::Deserialize;
use std::collections::BTreeMap;

/// All stages, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    stages: BTreeMap<String, Stage>,
}

/// One deployable copy of the system.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// The key in `stages.yaml`: letters, digits, `_` and `-`, at most 64; also the API's stage and
    /// so the path of its URL.
    pub name: String,
    /// AWS Region, for example `eu-central-1`.
    pub region: String,
    /// What the functions are built for.
    pub architecture: Architecture,
    /// Memory of a function, 128 to 10240 MB.
    pub memory_mb: u32,
    /// Time-out of a function that a client waits for, 1 to 29 s: no WebSocket integration waits
    /// longer.
    pub timeout_seconds: u32,
    /// The function that runs jobs.
    pub worker: Worker,
    /// Executions of `sender` at the same time, kept for it alone; unlimited if not given. More of
    /// them than the account's rate of posts feeds only makes the gateway refuse.
    pub sender_concurrency: Option<u32>,
    /// How long logs are kept, in days; one of the values CloudWatch Logs knows.
    pub log_retention_days: u32,
    /// Requests the stage lets through.
    pub throttle: Throttle,
    /// How changed routes go live.
    pub deployment: Deployment,
    /// Base URL for PostToConnection, where `https://{domain}/{stage}` is not it: behind a custom
    /// domain the path is the mapping key. With `domain` it follows from that.
    pub callback_url: Option<CallbackUrl>,
    /// The host of our own, where there is one.
    pub domain: Option<Domain>,
    /// What is asked of whoever connects.
    pub auth: AuthMode,
    /// Origins whose pages may connect, such as `https://app.example.com`; all, if there are none.
    pub allowed_origins: Vec<String>,
    /// What tokens must say, where `auth` takes tokens.
    pub jwt: Option<Jwt>,
    /// Whether the table stays when its stack is deleted.
    pub retain_data: bool,
    /// Whether functions send traces to X-Ray.
    pub tracing: bool,
    /// Whether functions write metrics of their own, which cost by the month.
    pub metrics: bool,
    /// Whether CloudWatch watches.
    pub alarms: bool,
    /// The SNS topic that alarms are told to.
    pub alarm_topic: Option<String>,
}

impl Stage {
    /// Whether somebody says who may connect.
    pub fn has_authorizer(&self) -> bool {
        self.auth != AuthMode::None
    }

    /// Whether tickets open a connection.
    pub fn takes_tickets(&self) -> bool {
        matches!(self.auth, AuthMode::Ticket | AuthMode::Optional)
    }
}

/// The function that runs jobs: what differs from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Worker {
    /// Memory, 128 to 10240 MB; processor time comes in proportion.
    pub memory_mb: u32,
    /// Time-out, 10 to 900 s. A job that takes longer goes on in the next invocation.
    pub timeout_seconds: u32,
}

/// What a JWT must say, and by whose word.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jwt {
    /// Its `iss`.
    pub issuer: String,
    /// What its `aud` has in it.
    pub audience: String,
    /// Where the issuer's keys are fetched.
    pub jwks_url: String,
}

/// Processor architecture of a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    /// Graviton: cheaper, the default.
    #[default]
    Arm64,
    /// `x86_64`.
    #[serde(rename = "x86_64")]
    X86,
}

impl Architecture {
    /// As Lambda spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86 => "x86_64",
        }
    }
}

/// A token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// Requests a second in the long run; more than 0, since 0 refuses everything with 429.
    pub rate: f64,
    /// Requests at once.
    pub burst: u32,
}

/// How changed routes go live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deployment {
    /// The stage deploys every change by itself (`AutoDeploy`).
    #[default]
    Auto,
    /// A `Deployment` resource whose logical ID carries a hash of routes and integrations.
    Hashed,
}

/// What is wrong with `stages.yaml`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {message}", position.map(|(l, c)| format!(":{l}:{c}")).unwrap_or_default())]
pub struct SettingsError {
    file: String,
    position: Option<(usize, usize)>,
    message: String,
}

impl Settings {
    /// Parses the text of `file`; the name is used in messages only.
    ///
    /// # Errors
    /// The first thing wrong, with its line where YAML gives one; for an unknown key also the
    /// nearest known one.
    pub fn parse(text: &str, file: &str) -> Result<Self, SettingsError> {
        let raw: raw::File = serde_yaml::from_str(text).map_err(|e| SettingsError {
            file: file.to_owned(),
            position: e.location().map(|l| (l.line(), l.column())),
            message: explain::explain(&e.to_string()),
        })?;
        let bad = |message| SettingsError { file: file.to_owned(), position: None, message };
        if raw.stages.is_empty() {
            return Err(bad("no stage is defined; add one below `stages:`".to_owned()));
        }
        let mut stages = BTreeMap::new();
        for (name, raw) in raw.stages {
            let stage = raw.check(&name).map_err(bad)?;
            stages.insert(name, stage);
        }
        domain::not_shared(stages.values()).map_err(bad)?;
        Ok(Self { stages })
    }

    /// The stages in the order of their names.
    pub fn stages(&self) -> impl Iterator<Item = &Stage> {
        self.stages.values()
    }

    /// The stage of this name.
    ///
    /// # Errors
    /// A message that lists the stages there are.
    pub fn stage(&self, name: &str) -> Result<&Stage, String> {
        self.stages.get(name).ok_or_else(|| {
            let known: Vec<_> = self.stages.keys().map(|k| format!("`{k}`")).collect();
            format!("there is no stage `{name}` in stages.yaml; it has {}", known.join(", "))
        })
    }
}

#[cfg(test)]
mod tests;
