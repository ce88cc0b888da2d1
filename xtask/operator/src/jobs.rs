//! `jobs`: submitted and cancelled by function `publish`, listed and watched in the table.

mod watch;

use crate::cli::{CancelJob, JobsCommand, ListJobs, SubmitJob};
use crate::cloud::Cloud;
use crate::items::{Item, Items, Query};
use crate::publish::publisher;
use crate::ui::{Failure, Result, Ui, ago, table};
use anyhow::{Context as _, anyhow};
use herald_client::{Answer, Command, ticket};
use herald_contract::table::{Index, Key, Kind, attr};
use herald_contract::wire::JobState;
use herald_contract::{JobId, Millis, UserId};
use serde::Serialize;
use serde_json::Value;
use std::io::Read as _;
use std::path::Path;

/// The most that is read of an input; the service says what it takes, which is less.
const INPUT_BYTES_MAX: u64 = 6 * 1024 * 1024;

pub(crate) async fn run(command: JobsCommand, cloud: &Cloud, ui: &Ui) -> Result {
    match command {
        JobsCommand::Submit(args) => submit(args, cloud, ui).await,
        JobsCommand::List(args) => list(args, cloud, ui).await,
        JobsCommand::Watch(args) => watch::run(&args.job, cloud, ui).await,
        JobsCommand::Cancel(args) => cancel(args, cloud, ui).await,
    }
}

/// A job as the table has it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    job_id: JobId,
    user: UserId,
    kind: String,
    state: JobState,
    percent: u64,
    attempt: u64,
    updated_at: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
}

impl Job {
    fn of_item(id: JobId, item: &Item) -> Option<Self> {
        Some(Self {
            job_id: id,
            user: item.text(attr::USER)?.parse().ok()?,
            kind: item.text(attr::KIND)?.to_owned(),
            state: item.text(attr::STATE).and_then(JobState::of_str)?,
            percent: item.number(attr::PERCENT)?.min(100),
            attempt: item.number(attr::ATTEMPT)?,
            updated_at: Millis::new(item.number(attr::UPDATED_AT)?),
            error: item.text(attr::ERROR).map(str::to_owned),
            result: item.text(attr::RESULT).and_then(|text| serde_json::from_str(text).ok()),
        })
    }

    async fn read(items: &Items<'_>, id: &JobId) -> Result<Self> {
        let item = items.get(&Key::job(id), ticket::now()).await?;
        let item = item.ok_or_else(|| {
            Failure::new(anyhow!("there is no job {id}"))
                .hint("`cargo xtask jobs list --user NAME` lists those of a user")
        })?;
        Self::of_item(id.clone(), &item).ok_or_else(|| unreadable(id))
    }
}

fn unreadable(id: &JobId) -> Failure {
    Failure::new(anyhow!("the item of job {id} is not of this version of Herald"))
        .hint("deploy this version, or check out the one that is deployed")
}

async fn submit(args: SubmitJob, cloud: &Cloud, ui: &Ui) -> Result {
    let SubmitJob { user, kind, input, key, watch, place: _ } = args;
    let input = read(&input)?;
    let job = herald_client::SubmitJob {
        idempotency_key: key,
        ..herald_client::SubmitJob::new(user, kind, input)
    };
    let answer = publisher(cloud)?.send(&Command::SubmitJob(job)).await?;
    let Answer::Job { job_id, state } = &answer else {
        return Err(anyhow!("a job was submitted, and the answer is about none: {answer:?}").into());
    };
    if watch {
        ui.say(format_args!("job {job_id}"));
        return watch::run(job_id, cloud, ui).await;
    }
    ui.print(&answer, || job_id.to_string())?;
    if !ui.is_json() {
        ui.say(format_args!("{state}; `cargo xtask jobs watch {job_id}` follows it"));
    }
    Ok(())
}

async fn cancel(args: CancelJob, cloud: &Cloud, ui: &Ui) -> Result {
    let items = Items::of(cloud)?;
    let Job { user, .. } = Job::read(&items, &args.job).await?;
    let job = herald_client::CancelJob { user, job_id: args.job };
    let answer = publisher(cloud)?.send(&Command::CancelJob(job)).await?;
    ui.print(&answer, || match &answer {
        Answer::Job { state: JobState::Running, job_id } => {
            format!("{job_id} is asked to end; its worker learns of it within ten seconds")
        }
        Answer::Job { state, job_id } => format!("{job_id} is {state}"),
        other => format!("{other:?}"),
    })
}

async fn list(args: ListJobs, cloud: &Cloud, ui: &Ui) -> Result {
    let items = Items::of(cloud)?;
    let now = ticket::now();
    let query = Query {
        index: Some(Index::UserJobs),
        pk: Key::user_jobs(&args.user),
        prefix: "J#",
        latest_first: true,
        limit: usize::try_from(args.limit)?,
    };
    let keys: Vec<_> = items.query(query, now).await?.into_iter().map(|(key, _)| key).collect();
    let found = items.get_all(&keys, now).await?;
    let mut jobs = Vec::new();
    for key in &keys {
        if let (Kind::Job(id), Some(item)) = (key.kind(), found.get(key)) {
            let job = Job::of_item(id.clone(), item).ok_or_else(|| unreadable(&id))?;
            // A result is for `jobs watch`: there may be 256 KB of each.
            jobs.push(Job { result: None, ..job });
        }
    }
    ui.print(&jobs, || {
        let rows = jobs.iter().map(|job| {
            let Job { job_id, kind, state, percent, attempt, updated_at, error, .. } = job;
            let error = error.clone().unwrap_or_default();
            let since = ago(now.since(*updated_at));
            vec![
                job_id.to_string(),
                kind.clone(),
                state.to_string(),
                format!("{percent}%"),
                attempt.to_string(),
                since,
                error,
            ]
        });
        let rows: Vec<_> = rows.collect();
        table(&["JOB", "KIND", "STATE", "DONE", "ATTEMPT", "CHANGED", "ERROR"], &rows)
    })
}

/// JSON from a file or from standard input.
fn read(path: &Path) -> Result<Value> {
    let mut text = String::new();
    let (name, read) = if path.as_os_str() == "-" {
        let read = std::io::stdin().lock().take(INPUT_BYTES_MAX).read_to_string(&mut text);
        ("standard input".to_owned(), read)
    } else {
        let read = std::fs::File::open(path)
            .and_then(|file| file.take(INPUT_BYTES_MAX).read_to_string(&mut text));
        (path.display().to_string(), read)
    };
    read.with_context(|| format!("failed to read {name}"))?;
    Ok(serde_json::from_str(&text).with_context(|| format!("{name} is not JSON"))?)
}
