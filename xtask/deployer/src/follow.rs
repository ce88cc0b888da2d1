//! Following an operation of CloudFormation to its end, through whatever happens to the line.

use crate::cloudformation::{self, Event};
use crate::news::News;
use crate::screen::Screen;
use crate::{Context, Exit, Failure, Result, state, time};
use aws_wire::CallError;
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

/// How soon it is asked again where something happens.
const SOON: Duration = Duration::from_secs(1);
/// How soon it is asked again where nothing happens for a while.
const LATE: Duration = Duration::from_secs(5);
/// How soon it is asked again where AWS says that it is asked too often.
const LATEST: Duration = Duration::from_secs(30);
/// How long there may be no answer.
const LOST: Duration = Duration::from_secs(600);
/// Answers without news before the stack itself is believed.
const QUIET: u32 = 3;

type Called<T> = std::result::Result<T, CallError>;

/// Which events belong to the operation.
#[derive(Clone, Debug)]
pub enum Since {
    /// Those after this one; all, if there was none.
    Event(Option<String>),
    /// Those of the operation that is running.
    Operation,
}

/// How it ended.
#[derive(Clone, Debug)]
pub struct End {
    /// The status of the stack.
    pub status: String,
    /// AWS's words about it.
    pub reason: Option<String>,
    /// What happened, the oldest first.
    pub events: Vec<Event>,
}

/// The newest event of a stack: those after it belong to what begins now.
///
/// # Errors
/// When the call fails.
pub async fn newest_event(context: &Context, stack: &str) -> Called<Option<String>> {
    let mut first = true;
    let until = |_: &Event| !std::mem::take(&mut first);
    let events = cloudformation::stack_events(&context.client, stack, until).await?;
    Ok(events.into_iter().next().map(|event| event.event_id))
}

/// Follows it; `stack` is an ARN, so that a stack that was deleted is still found.
///
/// # Errors
/// Exit code 130 where it goes on without us: Ctrl-C, no network, credentials that have ended.
pub async fn to_end(
    context: &Context,
    screen: &mut Screen<'_>,
    stack: &str,
    since: Since,
) -> Result<End> {
    let follow = Follow {
        context,
        stack,
        since,
        seen: BTreeSet::new(),
        events: Vec::new(),
        last: None,
        quiet: 0,
    };
    let end = match context.interrupts.or(follow.run(screen)).await {
        Ok(end) => end,
        Err(_) => Err(detached(context, "detached")),
    };
    screen.end();
    end
}

/// It goes on without us.
fn detached(context: &Context, message: &str) -> Failure {
    let command = |more: &str, what: &str| format!("{}  # {what}", context.command("deploy", more));
    Failure::new(format!("{message}; CloudFormation goes on"))
        .exit(Exit::Detached)
        .hint(command("", "takes it up again"))
        .hint(command("--cancel", "undoes it"))
}

struct Follow<'a> {
    context: &'a Context,
    stack: &'a str,
    since: Since,
    seen: BTreeSet<String>,
    /// The oldest first.
    events: Vec<Event>,
    /// The last that happened to the stack itself.
    last: Option<(String, Option<String>)>,
    quiet: u32,
}

impl Follow<'_> {
    async fn run(mut self, screen: &mut Screen<'_>) -> Result<End> {
        let clock = &self.context.clock;
        let mut pause = SOON;
        let mut answered = clock.now();
        let mut is_troubled = false;
        loop {
            let done = self.poll(screen).await;
            if is_troubled && done.is_ok() {
                screen.note("AWS answers again");
            }
            match done {
                Ok(true) => break,
                Ok(false) => {
                    answered = clock.now();
                    pause = SOON.saturating_mul(1 + self.quiet / 2).min(LATE);
                    is_troubled = false;
                }
                Err(error) => {
                    let text = self.trouble(&error, answered)?;
                    if !is_troubled {
                        screen.tell(&News::Trouble { text });
                    }
                    pause = pause.saturating_mul(2).min(LATEST);
                    is_troubled = true;
                }
            }
            self.wait(pause, screen).await;
        }
        let (status, reason) = self.last.unwrap_or_default();
        Ok(End { status, reason, events: self.events })
    }

    /// Lets the time pass, and shows it passing.
    async fn wait(&self, pause: Duration, screen: &mut Screen<'_>) {
        let clock = &self.context.clock;
        let mut left = pause;
        while left > Duration::ZERO {
            let step = left.min(SOON);
            clock.sleep(step).await;
            left -= step;
            screen.draw();
        }
    }

    /// Asks once; whether that was the end.
    async fn poll(&mut self, screen: &mut Screen<'_>) -> Called<bool> {
        let news = self.news().await?;
        self.quiet = if news.is_empty() { self.quiet + 1 } else { 0 };
        for event in news {
            screen.tell(&news_of(&event));
            if event.is_of_stack() {
                self.last =
                    Some((event.resource_status.clone(), event.resource_status_reason.clone()));
            }
            self.events.push(event);
        }
        screen.draw();
        if let Some((status, _)) = &self.last
            && !state::is_running(status)
        {
            return Ok(true);
        }
        // Events may be late, or end with their stack.
        if self.quiet < QUIET {
            return Ok(false);
        }
        let stack = cloudformation::describe_stack(&self.context.client, self.stack).await?;
        let (status, reason) = match stack {
            None => ("DELETE_COMPLETE".to_owned(), None),
            Some(stack) => (stack.stack_status, stack.stack_status_reason),
        };
        if state::is_running(&status) || self.last.is_none() {
            return Ok(false);
        }
        let at = time::format(self.context.clock.now());
        screen.tell(&News::Stack { status: status.clone(), reason: reason.clone(), at });
        self.last = Some((status, reason));
        Ok(true)
    }

    /// What has happened since the last time, the oldest first.
    async fn news(&mut self) -> Called<Vec<Event>> {
        let mut reached = false;
        let until = |event: &Event| {
            if reached {
                return true;
            }
            match &self.since {
                Since::Event(id) => id.as_ref() == Some(&event.event_id),
                Since::Operation => {
                    // The event that begins it is the last to be taken.
                    reached = event.is_of_stack() && begins(event);
                    false
                }
            }
        };
        let mut events =
            cloudformation::stack_events(&self.context.client, self.stack, until).await?;
        if let Some(newest) = events.first() {
            self.since = Since::Event(Some(newest.event_id.clone()));
        }
        events.retain(|event| self.seen.insert(event.event_id.clone()));
        events.reverse();
        Ok(events)
    }

    /// What to say of what can be waited for; what cannot ends it.
    fn trouble(&self, error: &CallError, answered: SystemTime) -> Result<String> {
        let lost = time::between(answered, self.context.clock.now());
        if error.is_throttling() && lost < LOST {
            return Ok(format!("AWS is asked too often ({error}); asking less"));
        }
        if error.is_retryable() && lost < LOST {
            return Ok(format!("{error}; trying again"));
        }
        let mut failure = detached(self.context, "lost sight of the stack");
        let why = Failure::from(error.clone());
        failure.details.push(why.message);
        failure.hints.splice(0..0, why.hints);
        Err(failure)
    }
}

fn begins(event: &Event) -> bool {
    matches!(
        event.resource_status.as_str(),
        "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS" | "IMPORT_IN_PROGRESS"
    )
}

fn news_of(event: &Event) -> News {
    let (status, at) = (event.resource_status.clone(), event.timestamp.clone());
    let reason = event.resource_status_reason.clone().filter(|reason| !reason.is_empty());
    match event.is_of_stack() {
        true => News::Stack { status, reason, at },
        false => News::Resource {
            id: event.logical_resource_id.clone(),
            type_name: event.resource_type.clone(),
            physical_id: event.physical_resource_id.clone().filter(|id| !id.is_empty()),
            status,
            reason,
            at,
        },
    }
}
