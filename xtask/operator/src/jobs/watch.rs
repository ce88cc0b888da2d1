//! `jobs watch`: a job to its end.
//!
//! It asks the table once a second. A connection of its own would learn of progress sooner, but it
//! would count as one of the user's devices, could push out the oldest of them, and needs a ticket,
//! which not every stage takes.

use super::Job;
use crate::cloud::Cloud;
use crate::items::Items;
use crate::ui::{Failure, Result, Ui};
use anyhow::anyhow;
use herald_contract::JobId;
use herald_contract::wire::JobState;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

const PERIOD: Duration = Duration::from_secs(1);
const BAR: usize = 24;

pub(super) async fn run(id: &JobId, cloud: &Cloud, ui: &Ui) -> Result {
    let items = Items::of(cloud)?;
    let follow = follow(id, &items, ui);
    let job = match first(follow, tokio::signal::ctrl_c()).await {
        Some(job) => job?,
        None => {
            let what = format!("the job goes on; `cargo xtask jobs watch {id}` follows it again");
            return Err(Failure::interrupted(what));
        }
    };
    let Job { state, error, result, .. } = job;
    match state {
        JobState::Succeeded if ui.is_json() => Ok(()),
        JobState::Succeeded => {
            let result = result.unwrap_or_default();
            ui.print(&result, || serde_json::to_string_pretty(&result).unwrap_or_default())
        }
        JobState::Failed => {
            let why = error.unwrap_or_else(|| "nobody knows why".to_owned());
            Err(anyhow!(why).context(format!("job {id} failed")).into())
        }
        _ => Err(anyhow!("job {id} was cancelled").into()),
    }
}

/// Tells every change of a job, until there is none to come.
async fn follow(id: &JobId, items: &Items<'_>, ui: &Ui) -> Result<Job> {
    let begun = Instant::now();
    let mut told = String::new();
    loop {
        let job = Job::read(items, id).await?;
        if ui.is_live() {
            ui.overwrite(&bar(&job, begun.elapsed()));
        } else {
            let line = line(&job);
            if line != told {
                match ui.is_json() {
                    true => ui.print(&job, String::new)?,
                    false => ui.say(&line),
                }
                told = line;
            }
        }
        if job.state.is_final() {
            return Ok(job);
        }
        tokio::time::sleep(PERIOD).await;
    }
}

fn line(job: &Job) -> String {
    let Job { kind, state, percent, attempt, error, .. } = job;
    let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
    let error = error.as_ref().filter(|_| *state == JobState::RetryWait);
    let error = error.map(|error| format!(": {error}")).unwrap_or_default();
    format!("{kind} {state} {percent}%{again}{error}")
}

fn bar(job: &Job, elapsed: Duration) -> String {
    let percent = usize::try_from(job.percent).unwrap_or(100).min(100);
    let full = if job.state == JobState::Succeeded { BAR } else { percent * BAR / 100 };
    let (done, left) = ("█".repeat(full), "░".repeat(BAR - full));
    let seconds = elapsed.as_secs();
    format!("{done}{left} {} {}:{:02}", line(job), seconds / 60, seconds % 60)
}

/// The outcome of `work`, unless `end` comes first.
async fn first<T, E>(work: impl Future<Output = T>, end: impl Future<Output = E>) -> Option<T> {
    let (mut work, mut end) = (pin!(work), pin!(end));
    std::future::poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        end.as_mut().poll(context).map(|_| None)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use herald_contract::Millis;

    fn job(state: JobState, percent: u64, attempt: u64, error: Option<&str>) -> Job {
        Job {
            job_id: "01JZ7Y3KQ8W6V5T4R3P2N1M0GH".parse().unwrap(),
            user: "ada".parse().unwrap(),
            kind: "report.csv".to_owned(),
            state,
            percent,
            attempt,
            updated_at: Millis::new(0),
            error: error.map(str::to_owned),
            result: None,
        }
    }

    #[test]
    fn a_bar_shows_how_far_it_is_and_for_how_long() {
        let at = |seconds| Duration::from_secs(seconds);
        let bars = [
            bar(&job(JobState::Queued, 0, 0, None), at(0)),
            bar(&job(JobState::Running, 50, 1, None), at(9)),
            bar(&job(JobState::RetryWait, 50, 2, Some("busy")), at(61)),
            bar(&job(JobState::Succeeded, 50, 2, None), at(3600)),
        ];
        expect![[r#"
            ░░░░░░░░░░░░░░░░░░░░░░░░ report.csv QUEUED 0% 0:00
            ████████████░░░░░░░░░░░░ report.csv RUNNING 50% 0:09
            ████████████░░░░░░░░░░░░ report.csv RETRY_WAIT 50%, attempt 2: busy 1:01
            ████████████████████████ report.csv SUCCEEDED 50%, attempt 2 60:00
        "#]]
        .assert_eq(&(bars.join("\n") + "\n"));
    }
}
