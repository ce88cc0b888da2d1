//! Function `sender`: delivers one part of a fan-out, page by page.
//!
//! When time is up it hands the rest to another invocation of itself, with a cursor; what failed is
//! handed on alone. To be invoked twice with the same payload is to send some messages twice, which
//! clients drop.

use crate::Sender;
use crate::audience::{self, Members};
use crate::dispatcher::forget;
use crate::fan_out::{self, Pace, Report};
use crate::ports::{Clock, Invoker, PortError};
use crate::table::{StoreError, Table};
use herald_contract::payload::{Message, SendShard, Targets};
use herald_contract::{ConnectionId, Millis};

/// Targets of a page: as many as can be handed on in one payload.
const PAGE: u32 = 256;
const _: () = assert!(PAGE as usize <= Targets::ONLY_MAX);

/// How often what failed is handed on. Then the inbox, or the log of the topic, is what is left.
const ATTEMPTS_MAX: u32 = 3;

/// What it takes to send.
#[derive(Debug)]
pub struct Shards<'a, T, S, I, C> {
    /// The table.
    pub table: &'a T,
    /// The way to clients.
    pub sender: &'a S,
    /// The way to the next invocation.
    pub invoker: &'a I,
    /// Time.
    pub clock: &'a C,
}

/// What came of an invocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The gateway has it for so many.
    pub sent: usize,
    /// So many were gone.
    pub gone: usize,
    /// So many do not read at the moment.
    pub parked: usize,
    /// So many were handed on.
    pub handed_on: usize,
    /// So many were given up.
    pub given_up: usize,
    /// How long before its first post the notification was written, in milliseconds; nothing where
    /// this is a later one.
    pub lag_ms: Option<u64>,
}

/// Why a payload comes again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The table cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rest could not be handed on.
    #[error(transparent)]
    HandOn(#[from] PortError),
    /// There was no time for anything, again and again.
    #[error("there is no time to send anything; give the function a longer time-out")]
    NoTime,
    /// The set-up is wrong.
    #[error("the gateway refuses to post: {0}")]
    Refused(String),
}

/// Sends to the targets of a payload until `stop_at`.
///
/// # Errors
/// Where the whole payload should come again.
pub async fn shard<T: Table, S: Sender, I: Invoker, C: Clock>(
    shards: &Shards<'_, T, S, I, C>,
    payload: &SendShard,
    stop_at: Millis,
) -> Result<Sent, SendError> {
    let &Shards { table, clock, .. } = shards;
    let mut sent = Sent::default();
    let Some((frame, at)) = audience::frame(table, &payload.message, clock.now()).await? else {
        return Ok(sent);
    };
    let is_first =
        payload.attempt == 0 && matches!(payload.targets, Targets::Shard { after: None, .. });
    sent.lag_ms =
        Some(clock.now()).filter(|now| is_first && *now < stop_at).map(|now| now.since(at));
    let mut pace = Pace::new(clock.now());
    let mut run = Run { shards, payload, frame: &frame, pace: &mut pace, stop_at, sent: &mut sent };
    match (&payload.targets, &payload.message) {
        (Targets::Only(ids), message) => {
            let ids = &ids[..ids.len().min(Targets::ONLY_MAX)];
            let targets = audience::of_ids(table, message, ids, clock.now()).await?;
            run.page(&targets).await?;
        }
        (Targets::Shard { shard, after }, Message::Broadcast { topic, .. }) => {
            let mut after = after.clone();
            let mut attempt = payload.attempt + 1;
            loop {
                if clock.now() >= stop_at {
                    // An invocation without time for a single page counts as a failure.
                    if attempt > ATTEMPTS_MAX {
                        return Err(SendError::NoTime);
                    }
                    let targets = Targets::Shard { shard: *shard, after };
                    run.hand_on(targets, attempt).await?;
                    break;
                }
                let Members { targets, next } =
                    audience::members(table, topic, *shard, after.as_ref(), PAGE, clock.now())
                        .await?;
                run.page(&targets).await?;
                attempt = payload.attempt;
                match next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        // An inbox has no parts.
        (Targets::Shard { .. }, Message::Inbox { .. }) => {}
    }
    Ok(sent)
}

struct Run<'r, T, S, I, C> {
    shards: &'r Shards<'r, T, S, I, C>,
    payload: &'r SendShard,
    frame: &'r str,
    pace: &'r mut Pace,
    stop_at: Millis,
    sent: &'r mut Sent,
}

impl<T: Table, S: Sender, I: Invoker, C: Clock> Run<'_, T, S, I, C> {
    async fn page(&mut self, targets: &[fan_out::Target]) -> Result<(), SendError> {
        let &Shards { table, sender, clock, .. } = self.shards;
        let report =
            fan_out::run(sender, clock, self.pace, targets, self.frame, self.stop_at).await;
        forget(table, &self.payload.message, &report, clock.now()).await?;
        let got_on = report.got_on();
        let Report { sent, gone, parked, failed, unreached, refused } = report;
        if let Some(why) = refused {
            return Err(SendError::Refused(why));
        }
        self.sent.sent += sent;
        self.sent.gone += gone.len();
        self.sent.parked += parked.len();
        let attempt = self.payload.attempt;
        self.again(failed, attempt + 1).await?;
        // Where nothing at all was settled, it counts as a failure, or it would go on for ever.
        self.again(unreached, if got_on { attempt } else { attempt + 1 }).await
    }

    async fn again(&mut self, ids: Vec<ConnectionId>, attempt: u32) -> Result<(), SendError> {
        if ids.is_empty() {
            return Ok(());
        }
        if attempt > ATTEMPTS_MAX {
            self.sent.given_up += ids.len();
            return Ok(());
        }
        self.sent.handed_on += ids.len();
        self.hand_on(Targets::Only(ids), attempt).await
    }

    async fn hand_on(&mut self, targets: Targets, attempt: u32) -> Result<(), SendError> {
        let SendShard { message, traceparent, .. } = self.payload.clone();
        let payload = SendShard { message, targets, attempt, traceparent };
        Ok(self.shards.invoker.invoke(&payload).await?)
    }
}
