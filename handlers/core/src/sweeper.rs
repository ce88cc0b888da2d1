//! Function `sweeper`: once a minute, looks for what has waited too long.
//!
//! Leases that ran out, retries that are due, jobs whose worker was never invoked, letters that
//! nobody told, sockets whose credentials have run out: each is in the index of what is due, under
//! its time. What is found is put off before it is dealt with, so that two sweepers do not deal with
//! it both, and so that one which fails is found again.

use crate::Sender;
use crate::content::trace_of;
use crate::jobs::LOOK_AFTER_MS;
use crate::jobs::outbox;
use crate::ports::{Closer, DeadLetters, Invoker};
use crate::registry;
use crate::table::{
    self, Condition, Live as _, Query, Range, Row, StoreError, Table, Update, Write,
};
use crate::table::{ItemError, WriteError};
use herald_contract::payload::RunJob;
use herald_contract::table::{DUE_SHARDS, Index, Kind, attr, due_partition, due_sort};
use herald_contract::{CallbackUrl, ConnectionId, Millis};

/// What is dealt with of each part in one sweep; the rest is found a minute later.
const ROWS_MAX: u32 = 100;

/// What it takes to sweep.
#[derive(Debug)]
pub struct Sweeper<'a, T, S, I, L, D> {
    /// The table.
    pub table: &'a T,
    /// The way to clients.
    pub sender: &'a S,
    /// The way to workers.
    pub invoker: &'a I,
    /// For sockets past their credentials.
    pub closer: &'a L,
    /// Where what was given up goes.
    pub dead_letters: &'a D,
}

/// What a sweep came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Jobs that were given a worker.
    pub jobs: usize,
    /// Letters that were told.
    pub letters: usize,
    /// Sockets that were closed.
    pub sockets: usize,
    /// What did not work out, in words for a log. It is found again.
    pub problems: Vec<String>,
}

/// Deals with what is due.
///
/// # Errors
/// Where the index cannot be read.
pub async fn sweep<T, S, I, L, D>(
    sweeper: &Sweeper<'_, T, S, I, L, D>,
    now: Millis,
) -> Result<Swept, StoreError>
where
    T: Table,
    S: Sender,
    I: Invoker,
    L: Closer,
    D: DeadLetters,
{
    let mut swept = Swept::default();
    for shard in 0..DUE_SHARDS {
        let query = Query {
            index: Some(Index::Due),
            range: Range::Before(due_sort(now.plus(1), "")),
            ..Query::of(due_partition(shard), ROWS_MAX)
        };
        for row in table::rows(sweeper.table, query).await?.0 {
            if let Err(problem) = sweeper.row(&row, &mut swept, now).await {
                swept.problems.push(format!("{}: {problem}", row.key.pk));
            }
        }
    }
    Ok(swept)
}

impl<T, S, I, L, D> Sweeper<'_, T, S, I, L, D>
where
    T: Table,
    S: Sender,
    I: Invoker,
    L: Closer,
    D: DeadLetters,
{
    async fn row(&self, row: &Row, swept: &mut Swept, now: Millis) -> Result<(), String> {
        let say = |e: &dyn std::error::Error| e.to_string();
        // The index has the keys only, and is late.
        let item = self.table.get(&row.key).await.map_err(|e| say(&e))?;
        let Some(item) = item.filter(|item| item.is_live(now)) else {
            return Ok(());
        };
        if !self.put_off(row, now).await.map_err(|e| say(&e))? {
            return Ok(());
        }
        match row.key.kind() {
            Kind::Job(job_id) => {
                let payload = RunJob { job_id, traceparent: trace_of(&item) };
                self.invoker.invoke(&payload).await.map_err(|e| say(&e))?;
                swept.jobs += 1;
            }
            Kind::Outbox(job_id, _) => {
                let &Self { table, sender, dead_letters, .. } = self;
                let told = outbox::tell(table, sender, dead_letters, &job_id, &row.key, now).await;
                told.map_err(|e| say(&e))?;
                swept.letters += 1;
            }
            Kind::Connection(id) => {
                let url = item.parse(attr::URL).map_err(|e| say(&e))?;
                self.close(&id, &url).await?;
                swept.sockets += 1;
            }
            _ => return Err(say(&ItemError::of(Index::Due.sk()))),
        }
        Ok(())
    }

    /// Puts off what is due by a while; false where it is not due any more, or another sweeper has
    /// it.
    async fn put_off(&self, row: &Row, now: Millis) -> Result<bool, StoreError> {
        let due: String = row.item.parse(Index::Due.sk())?;
        let (_, name) = due.split_once('#').ok_or(ItemError::of(Index::Due.sk()))?;
        let later = due_sort(now.plus(LOOK_AFTER_MS), name);
        let update = Update::of(row.key.clone())
            .set(Index::Due.sk(), later)
            .when(Condition::eq(Index::Due.sk(), due.as_str()));
        match self.table.write(Write::Update(update)).await {
            Ok(_) => Ok(true),
            Err(WriteError::Failed(_) | WriteError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn close(&self, id: &ConnectionId, url: &CallbackUrl) -> Result<(), String> {
        self.closer.close(url, id).await.map_err(|e| e.to_string())?;
        registry::remove(self.table, id, None).await.map_err(|e| e.to_string())?;
        Ok(())
    }
}
