//! `stages.yaml`, parsed once into types. What a key means is said here and nowhere else.

use herald_contract::CallbackUrl;
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
    /// Time-out of a function, 1 to 29 s: no WebSocket integration waits longer.
    pub timeout_seconds: u32,
    /// How long logs are kept, in days; one of the values CloudWatch Logs knows.
    pub log_retention_days: u32,
    /// Requests the stage lets through.
    pub throttle: Throttle,
    /// How changed routes go live.
    pub deployment: Deployment,
    /// Base URL for PostToConnection, where `https://{domain}/{stage}` is not it: behind a custom
    /// domain the path is the mapping key.
    pub callback_url: Option<CallbackUrl>,
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
        let raw: File = serde_yaml::from_str(text).map_err(|e| SettingsError {
            file: file.to_owned(),
            position: e.location().map(|l| (l.line(), l.column())),
            message: explain(&e.to_string()),
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    stages: BTreeMap<String, RawStage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStage {
    region: String,
    #[serde(default)]
    architecture: Architecture,
    #[serde(default = "defaults::memory_mb")]
    memory_mb: u32,
    #[serde(default = "defaults::timeout_seconds")]
    timeout_seconds: u32,
    #[serde(default = "defaults::log_retention_days")]
    log_retention_days: u32,
    #[serde(default = "defaults::throttle")]
    throttle: Throttle,
    #[serde(default)]
    deployment: Deployment,
    #[serde(default)]
    callback_url: Option<String>,
}

mod defaults {
    pub(super) fn memory_mb() -> u32 {
        128
    }
    pub(super) fn timeout_seconds() -> u32 {
        10
    }
    pub(super) fn log_retention_days() -> u32 {
        30
    }
    pub(super) fn throttle() -> super::Throttle {
        super::Throttle { rate: 100.0, burst: 200 }
    }
}

/// The retention times CloudWatch Logs accepts, in days (API reference, `PutRetentionPolicy`).
const RETENTION_DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

impl RawStage {
    fn check(self, name: &str) -> Result<Stage, String> {
        let at = |key: &str| format!("stages.{name}.{key}");
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return Err(format!(
                "stages.{name}: a stage name is 1 to 64 letters, digits, `_` or `-`, since it is the path of the API's URL"
            ));
        }
        within(&at("memory_mb"), self.memory_mb, 128, 10240, "MB")?;
        within(&at("timeout_seconds"), self.timeout_seconds, 1, 29, "seconds")?;
        if !RETENTION_DAYS.contains(&self.log_retention_days) {
            let nearest = RETENTION_DAYS
                .iter()
                .min_by_key(|d| d.abs_diff(self.log_retention_days))
                .copied()
                .unwrap_or(30);
            return Err(format!(
                "{} is {}, which CloudWatch Logs does not accept; the nearest it does is {nearest}",
                at("log_retention_days"),
                self.log_retention_days
            ));
        }
        if !(self.throttle.rate.is_finite() && self.throttle.rate > 0.0) || self.throttle.burst == 0
        {
            return Err(format!(
                "{}: rate and burst must be more than 0, or the stage answers 429 to everything",
                at("throttle")
            ));
        }
        let callback_url = self.callback_url.as_deref().map(str::parse::<CallbackUrl>).transpose();
        let callback_url = callback_url.map_err(|e| format!("{}: {e}", at("callback_url")))?;
        if !is_region(&self.region) {
            return Err(format!(
                "{} is `{}`; write a Region such as eu-central-1",
                at("region"),
                self.region
            ));
        }
        Ok(Stage {
            name: name.to_owned(),
            region: self.region,
            architecture: self.architecture,
            memory_mb: self.memory_mb,
            timeout_seconds: self.timeout_seconds,
            log_retention_days: self.log_retention_days,
            throttle: self.throttle,
            deployment: self.deployment,
            callback_url,
        })
    }
}

fn within(at: &str, value: u32, least: u32, most: u32, unit: &str) -> Result<(), String> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(format!("{at} is {value}; it goes from {least} to {most} {unit}"))
}

/// `us-east-1`, `us-gov-west-1`: words and a number, joined by `-`.
fn is_region(text: &str) -> bool {
    let mut parts: Vec<_> = text.split('-').collect();
    let number = parts.pop().unwrap_or_default();
    parts.len() >= 2
        && number.parse::<u8>().is_ok()
        && parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase()))
}

/// Adds the nearest known key to serde's "unknown field" message, which lists all of them, and
/// drops the position, which stands in front already.
fn explain(message: &str) -> String {
    let message = message.split_once(" at line ").map_or(message, |(text, _)| text);
    let mut ticked = message.split('`').skip(1).step_by(2);
    let (Some(rest), Some(wrong)) = (message.split_once("unknown "), ticked.next()) else {
        return message.to_owned();
    };
    let kind = if rest.1.starts_with("field") { "key" } else { "value" };
    let nearest = ticked
        .map(|known| (strsim::damerau_levenshtein(wrong, known), known))
        .min()
        .filter(|(distance, known)| *distance <= known.len() / 2);
    match nearest {
        Some((_, known)) => format!("{message}\nthe nearest known {kind} is `{known}`"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check_refused(text: &str, expect: Expect) {
        let error = Settings::parse(text, "stacks/stages.yaml").unwrap_err();
        // A line of its own lets long ones be updated in place.
        expect.assert_eq(&format!("{error}\n"));
    }

    #[test]
    fn a_region_is_enough() {
        let settings = Settings::parse("stages: {dev: {region: eu-central-1}}", "f").unwrap();
        let stage = settings.stage("dev").unwrap();
        assert_eq!((stage.memory_mb, stage.architecture), (128, Architecture::Arm64));
    }

    #[test]
    fn unknown_keys_are_refused_with_place_and_nearest_key() {
        check_refused(
            "stages:\n  dev:\n    region: us-east-1\n    memory: 128\n",
            expect![[r#"
                stacks/stages.yaml:4:5: stages.dev: unknown field `memory`, expected one of `region`, `architecture`, `memory_mb`, `timeout_seconds`, `log_retention_days`, `throttle`, `deployment`, `callback_url`
                the nearest known key is `memory_mb`
            "#]],
        );
        check_refused(
            "stages:\n  dev:\n    region: us-east-1\n    throttle: {rate: 1, bursts: 1}\n",
            expect![[r#"
                stacks/stages.yaml:4:25: stages.dev.throttle: unknown field `bursts`, expected `rate` or `burst`
                the nearest known key is `burst`
            "#]],
        );
        check_refused(
            "stage:\n  dev: {region: us-east-1}\n",
            expect![[r#"
                stacks/stages.yaml:1:1: unknown field `stage`, expected `stages`
                the nearest known key is `stages`
            "#]],
        );
    }

    #[test]
    fn unknown_values_are_refused_with_the_nearest_one() {
        check_refused(
            "stages:\n  dev:\n    region: us-east-1\n    architecture: x86-64\n",
            expect![[r#"
                stacks/stages.yaml:4:19: stages.dev.architecture: unknown variant `x86-64`, expected `arm64` or `x86_64`
                the nearest known value is `x86_64`
            "#]],
        );
        check_refused(
            "stages:\n  dev:\n    region: us-east-1\n    deployment: hash\n",
            expect![[r#"
                stacks/stages.yaml:4:17: stages.dev.deployment: unknown variant `hash`, expected `auto` or `hashed`
                the nearest known value is `hashed`
            "#]],
        );
    }

    #[test]
    fn values_out_of_range_are_refused() {
        let with = |line: &str| format!("stages:\n  dev:\n    region: us-east-1\n    {line}\n");
        check_refused(
            &with("memory_mb: 64"),
            expect![[r#"
                stacks/stages.yaml: stages.dev.memory_mb is 64; it goes from 128 to 10240 MB
            "#]],
        );
        check_refused(
            &with("memory_mb: -5"),
            expect![[r#"
                stacks/stages.yaml:4:16: stages.dev.memory_mb: invalid type: integer `-5`, expected u32
            "#]],
        );
        check_refused(
            &with("timeout_seconds: 30"),
            expect![[r#"
                stacks/stages.yaml: stages.dev.timeout_seconds is 30; it goes from 1 to 29 seconds
            "#]],
        );
        check_refused(
            &with("log_retention_days: 31"),
            expect![[r#"
                stacks/stages.yaml: stages.dev.log_retention_days is 31, which CloudWatch Logs does not accept; the nearest it does is 30
            "#]],
        );
        check_refused(
            &with("log_retention_days: 0"),
            expect![[r#"
                stacks/stages.yaml: stages.dev.log_retention_days is 0, which CloudWatch Logs does not accept; the nearest it does is 1
            "#]],
        );
        check_refused(
            &with("throttle: {rate: 0, burst: 1}"),
            expect![[r#"
                stacks/stages.yaml: stages.dev.throttle: rate and burst must be more than 0, or the stage answers 429 to everything
            "#]],
        );
        check_refused(
            &with("callback_url: http://example.com"),
            expect![[r#"
                stacks/stages.yaml: stages.dev.callback_url: `http://example.com` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)
            "#]],
        );
        check_refused(
            "stages: {dev: {region: frankfurt}}",
            expect![[r#"
                stacks/stages.yaml: stages.dev.region is `frankfurt`; write a Region such as eu-central-1
            "#]],
        );
        check_refused(
            "stages: {'a b': {region: us-east-1}}",
            expect![[r#"
                stacks/stages.yaml: stages.a b: a stage name is 1 to 64 letters, digits, `_` or `-`, since it is the path of the API's URL
            "#]],
        );
        check_refused(
            "stages: {}",
            expect![[r#"
                stacks/stages.yaml: no stage is defined; add one below `stages:`
            "#]],
        );
        check_refused(
            "stages: [",
            expect![[r#"
                stacks/stages.yaml:1:9: stages: invalid type: sequence, expected a map
            "#]],
        );
        check_refused(
            "",
            expect![[r#"
            stacks/stages.yaml:1:1: missing field `stages`
        "#]],
        );
    }

    #[test]
    fn an_unknown_stage_is_answered_with_the_known_ones() {
        let settings =
            Settings::parse("stages: {a: {region: eu-west-1}, b: {region: eu-west-1}}", "f")
                .unwrap();
        expect!["there is no stage `c` in stages.yaml; it has `a`, `b`"]
            .assert_eq(&settings.stage("c").unwrap_err());
    }
}
