//! What a deployment costs besides waiting for the cloud: ours beside `aws cloudformation deploy`,
//! against ministack in the same run.
//!
//! ministack carries out a whole operation before it answers, so that neither of both has anything
//! to wait for: the time that is left is their own, and that of the calls they make.

use super::Setting;
use super::process::{own_children, wait_until};
use super::servers::{READY_MAX, Server, free_ports, generator};
use crate::bundle::pack;
use crate::cargo::{command, show};
use crate::commands::{peers, synth};
use crate::ui::{CommandError, Result, Ui};
use crate::workspace;
use anyhow::{Context as _, anyhow};
use infra_gen::assembly;
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Deployments of each kind; the median counts.
const ROUNDS: usize = 5;
const REGION: &str = "us-east-1";
const ACCOUNT: &str = "000000000000";

/// Types that ministack does not know.
const UNKNOWN: [&str; 3] = [
    "AWS::ApiGatewayV2::IntegrationResponse",
    "AWS::ApiGatewayV2::RouteResponse",
    "AWS::IAM::RolePolicy",
];

/// All figures.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Deploy {
    kinds: Vec<Kind>,
}

/// One kind of deployment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    name: &'static str,
    ours: Cost,
    aws_cli: Cost,
}

/// What it costs, at the median.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    wall_ms: f64,
    /// Of the process alone, not of the cloud.
    processor_ms: f64,
}

pub(super) fn run(bench: &Setting, ui: &Ui) -> Result<Deploy> {
    let Some(venv) = peers::python(ui)? else {
        return Err(CommandError::user(anyhow!("there is nothing to deploy to without ministack")));
    };
    let ports = free_ports(&generator(bench), 1)?;
    let [port] = ports[..] else { return Err(anyhow!("a free port is needed").into()) };
    let url = format!("http://127.0.0.1:{port}");
    let home = bench.work_dir.join("ministack");
    _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&home).context("failed to make a home for ministack")?;
    // By `env`, since the guard hands on words and no variables.
    let mut ministack = command("env");
    ministack.args(["BIND_HOST=127.0.0.1", &format!("GATEWAY_PORT={port}")]);
    ministack.args(["HOME", "TMPDIR"].map(|name| format!("{name}={}", home.display())));
    ministack.arg(venv.join("bin/ministack"));
    let log = bench.work_dir.join("ministack.log");
    let _server = Server::guarded(bench, "ministack", &ministack, || {
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        match wait_until(READY_MAX, || said().contains("Running on http")) {
            Some(_) => Ok(url.clone()),
            None => Err(anyhow!("nobody listens").into()),
        }
    })?;

    let stage = Stage {
        venv,
        url,
        dir: bench.work_dir.join("assembly"),
        bin: bench.bin_dir.join("deployer"),
    };
    stage.ours("bootstrap", &["--yes"])?;
    let mut kinds =
        [("first deployment", vec![]), ("nothing to do", vec![]), ("other code", vec![])];
    for round in 0..ROUNDS {
        ui.say(format_args!("round {} of {ROUNDS}", round + 1));
        stage.assemble(&format!("{round}"))?;
        kinds[0].1.push(stage.both()?);
        kinds[1].1.push(stage.both()?);
        stage.assemble(&format!("{round} again"))?;
        kinds[2].1.push(stage.both()?);
        stage.ours("destroy", &["--yes"])?;
        stage.aws(&["delete-stack", "--stack-name", STACK])?;
    }
    let kinds = kinds.map(|(name, costs)| {
        let (ours, aws_cli): (Vec<_>, Vec<_>) = costs.into_iter().unzip();
        Kind { name, ours: median(ours), aws_cli: median(aws_cli) }
    });
    Ok(Deploy { kinds: kinds.into() })
}

/// The stack of the AWS CLI; ours has a name of its own.
const STACK: &str = "bench-aws-cli";

/// A stage to deploy, and to where.
struct Stage {
    venv: PathBuf,
    url: String,
    dir: PathBuf,
    bin: PathBuf,
}

impl Stage {
    /// Stage dev, with functions that are never called.
    fn assemble(&self, code: &str) -> Result<()> {
        let settings = workspace::settings()?;
        let stage = settings.stage("dev").map_err(|e| CommandError::user(anyhow!(e)))?;
        let dir = synth::write(synth::synthesize(stage)?, &self.dir)?;
        let (mut manifest, mut templates) = assembly::read(&dir).map_err(CommandError::user)?;
        for text in templates.values_mut() {
            *text = known(text)?;
        }
        for stack in &mut manifest.stacks {
            for function in &stack.functions {
                let packed = pack(&function.name, code.as_bytes())?;
                let zip = dir.join("bundle").join(format!("{}.zip", function.name));
                assembly::write_if_changed(&zip, &packed.bytes).context("failed to write a zip")?;
                stack.parameters.insert(function.code_parameter.clone(), packed.key);
            }
        }
        assembly::write(&dir, &manifest, &templates).map_err(CommandError::user)
    }

    /// One deployment by each: first ours, which brings the code that both refer to.
    fn both(&self) -> Result<(Cost, Cost)> {
        let ours = self.ours("deploy", &["--yes"])?;
        let (manifest, _) = assembly::read(&self.dir).map_err(CommandError::user)?;
        let Some(stack) = manifest.stacks.first() else {
            return Err(CommandError::internal(anyhow!("stage dev has no stack")));
        };
        let template = self.dir.join(&stack.template).display().to_string();
        let mut words = vec![
            "deploy".to_owned(),
            "--no-fail-on-empty-changeset".to_owned(),
            format!("--stack-name={STACK}"),
            format!("--template-file={template}"),
            "--capabilities=CAPABILITY_IAM".to_owned(),
            "--parameter-overrides".to_owned(),
            format!("AssetBucket=herald-assets-{ACCOUNT}-{REGION}"),
        ];
        words.extend(stack.parameters.iter().map(|(name, value)| format!("{name}={value}")));
        words.extend(stack.secrets.iter().map(|name| format!("{name}={}", "0".repeat(64))));
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        Ok((ours, self.aws(&words)?))
    }

    fn ours(&self, name: &str, args: &[&str]) -> Result<Cost> {
        let mut deployer = Command::new(&self.bin);
        deployer.args([name, "--region", REGION, "--endpoint-url", &self.url, "--assembly"]);
        cost(deployer.arg(&self.dir).args(args))
    }

    fn aws(&self, args: &[&str]) -> Result<Cost> {
        // It names change sets by the second, and two in one second clash.
        std::thread::sleep(Duration::from_secs(1));
        let mut aws = Command::new(self.venv.join("bin/aws"));
        aws.args(["--region", REGION, "--endpoint-url", &self.url, "cloudformation"]);
        cost(aws.args(args))
    }
}

/// The template without what ministack does not know.
fn known(text: &str) -> Result<String> {
    let mut template: Value = serde_json::from_str(text).context("the template is no JSON")?;
    if let Some(resources) = template["Resources"].as_object_mut() {
        resources.retain(|_, resource| !UNKNOWN.iter().any(|name| resource["Type"] == *name));
    }
    Ok(template.to_string())
}

fn cost(command: &mut Command) -> Result<Cost> {
    let keys = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    command.envs(keys).stdin(Stdio::null());
    let (start, before) = (Instant::now(), own_children());
    let output = command.output().with_context(|| format!("failed to start {}", show(command)))?;
    let (wall, processor) = (start.elapsed(), own_children() - before);
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(CommandError::user(anyhow!(said).context(format!(
            "`{}` ended with {}",
            show(command),
            output.status
        ))));
    }
    Ok(Cost { wall_ms: wall.as_secs_f64() * 1000.0, processor_ms: processor * 1000.0 })
}

fn median(costs: Vec<Cost>) -> Cost {
    let middle = |of: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    Cost { wall_ms: middle(|cost| cost.wall_ms), processor_ms: middle(|cost| cost.processor_ms) }
}

pub(super) fn render(deploy: &Deploy) -> String {
    let mut text = format!(
        "{:<18}{:>12}{:>12}{:>8}{:>18}{:>18}\n",
        "wall, processor", "ours", "aws cli", "ratio", "ours", "aws cli"
    );
    for Kind { name, ours, aws_cli } in &deploy.kinds {
        // Writing to a `String` cannot fail.
        _ = writeln!(
            text,
            "{name:<18}{:>9.0} ms{:>9.0} ms{:>8.2}{:>15.0} ms{:>15.0} ms",
            ours.wall_ms,
            aws_cli.wall_ms,
            ours.wall_ms / aws_cli.wall_ms,
            ours.processor_ms,
            aws_cli.processor_ms
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_no_mean() {
        let cost = |ms| Cost { wall_ms: ms, processor_ms: ms / 2.0 };
        let costs = vec![cost(900.0), cost(1.0), cost(2.0)];
        assert_eq!(median(costs), cost(2.0));
    }
}
