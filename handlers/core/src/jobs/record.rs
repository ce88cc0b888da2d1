//! A job as the table keeps it.

use crate::content::trace_of;
use crate::table::{Attribute, Item, ItemError, Live as _};
use herald_contract::table::{EXP, Index, Key, attr, due_shard, due_sort, life};
use herald_contract::wire::{Event, JobState, NOTIFICATION_BYTES_MAX};
use herald_contract::{JobId, Millis, TraceParent, UserId};

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// Whose it is.
    pub user: UserId,
    /// What is to be done.
    pub kind: String,
    /// Where it is.
    pub state: JobState,
    /// How often it was begun, less the times it stopped for want of time.
    pub attempt: u64,
    /// Counts the claims.
    pub fence: u64,
    /// Until when its worker is taken to be alive.
    pub lease_until: Option<Millis>,
    /// How much is done, 0 to 100.
    pub percent: u8,
    /// What it works on, as JSON.
    pub input: String,
    /// What came out, as JSON.
    pub result: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// Where it goes on, as JSON.
    pub checkpoint: Option<String>,
    /// Whether its user wants it to end.
    pub cancel: bool,
    /// How often it stopped for want of time.
    pub yields: u64,
    /// When its state last changed.
    pub updated_at: Millis,
    /// The trace it belongs to.
    pub traceparent: Option<TraceParent>,
}

impl Job {
    /// The item of a job that nobody has begun, due for a look if nobody does.
    pub(crate) fn to_new_item(&self, look_at: Millis) -> Item {
        let mut item = Item::from([
            (attr::USER.to_owned(), Attribute::from(self.user.as_str())),
            (attr::KIND.to_owned(), self.kind.clone().into()),
            (attr::STATE.to_owned(), self.state.as_str().into()),
            (attr::ATTEMPT.to_owned(), self.attempt.into()),
            (attr::FENCE.to_owned(), self.fence.into()),
            (attr::PERCENT.to_owned(), u64::from(self.percent).into()),
            (attr::INPUT.to_owned(), self.input.clone().into()),
            (attr::UPDATED_AT.to_owned(), self.updated_at.into()),
            (EXP.to_owned(), self.updated_at.plus(life::JOB).seconds().into()),
            (Index::UserJobs.pk().to_owned(), Key::user_jobs(&self.user).into()),
            (Index::UserJobs.sk().to_owned(), format!("J#{}", self.id).into()),
            (Index::Due.pk().to_owned(), due_shard(self.id.as_str()).into()),
            (Index::Due.sk().to_owned(), due_sort(look_at, self.id.as_str()).into()),
        ]);
        if let Some(parent) = &self.traceparent {
            item.insert(attr::TRACE.to_owned(), parent.as_str().into());
        }
        item
    }

    pub(crate) fn of_item(id: JobId, item: &Item) -> Result<Self, ItemError> {
        let state = item.text(attr::STATE).and_then(JobState::of_str);
        let percent = item.count(attr::PERCENT)?.min(100);
        let text = |name| item.text(name).map(str::to_owned);
        Ok(Self {
            id,
            user: item.parse(attr::USER)?,
            kind: item.parse(attr::KIND)?,
            state: state.ok_or(ItemError::of(attr::STATE))?,
            attempt: item.count(attr::ATTEMPT)?,
            fence: item.count(attr::FENCE)?,
            lease_until: item.number(attr::LEASE_UNTIL).map(Millis::new),
            percent: u8::try_from(percent).map_err(|_| ItemError::of(attr::PERCENT))?,
            input: item.parse(attr::INPUT)?,
            result: text(attr::RESULT),
            error: text(attr::ERROR),
            checkpoint: text(attr::CHECKPOINT),
            cancel: item.get(attr::CANCEL) == Some(&Attribute::Bool(true)),
            yields: item.number(attr::YIELDS).unwrap_or_default(),
            updated_at: item.millis(attr::UPDATED_AT)?,
            traceparent: trace_of(item),
        })
    }

    /// How it stands, for its user.
    pub(crate) fn event(&self) -> Event {
        // Of an attempt before, it says nothing any more.
        let failed = matches!(self.state, JobState::Failed | JobState::RetryWait);
        let error = self.error.as_ref().filter(|_| failed);
        let result = self.result.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let event = |result| Event::Job {
            job_id: self.id.clone(),
            kind: self.kind.clone(),
            state: self.state,
            percent: self.percent,
            at: self.updated_at,
            result,
            error: error.cloned(),
        };
        let whole = event(result);
        // A result that does not fit is fetched by other means.
        if whole.to_frame().len() > NOTIFICATION_BYTES_MAX { event(None) } else { whole }
    }
}
