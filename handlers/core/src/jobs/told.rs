//! How a user's jobs stand, for a client that comes back.

use super::Job;
use crate::table::{self, Live as _, Query, StoreError, Table};
use herald_contract::table::{Index, Key, Kind};
use herald_contract::{Millis, UserId};

/// The most jobs that a client is told of when it comes back.
const LATEST_MAX: u32 = 10;

/// The latest jobs of a user, the first of them first.
pub(crate) async fn latest<T: Table>(
    table: &T,
    user: &UserId,
    now: Millis,
) -> Result<Vec<Job>, StoreError> {
    let query = Query {
        index: Some(Index::UserJobs),
        forward: false,
        ..Query::of(Key::user_jobs(user), LATEST_MAX)
    };
    let mut jobs = Vec::new();
    for row in table::rows(table, query).await?.0 {
        let Kind::Job(id) = row.key.kind() else {
            continue;
        };
        if let Some(item) = table.get(&row.key).await?.filter(|item| item.is_live(now)) {
            let job = Job::of_item(id, &item)?;
            if job.user == *user {
                jobs.push(job);
            }
        }
    }
    jobs.reverse();
    Ok(jobs)
}
