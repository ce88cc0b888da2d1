//! Requests with up to ten entries, each of which succeeds or fails for itself.

use super::error::Error;
use super::operation::parse;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ENTRIES_MAX: usize = 10;
const ID_MAX: usize = 80;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch {
    #[serde(default)]
    entries: Vec<Value>,
}

/// Checks the batch, then does each entry. `name` is what SQS calls an entry of this operation.
pub(super) fn run<E: DeserializeOwned>(
    body: Value,
    name: &str,
    mut one: impl FnMut(E) -> Result<Value, Error>,
) -> Result<Value, Error> {
    let batch: Batch = parse(body)?;
    if batch.entries.is_empty() {
        return Err(Error::empty_batch(name));
    }
    if batch.entries.len() > ENTRIES_MAX {
        return Err(Error::too_many_entries(batch.entries.len(), ENTRIES_MAX));
    }
    let mut entries = Vec::new();
    let mut ids = BTreeSet::new();
    for entry in batch.entries {
        let id = entry.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !(1..=ID_MAX).contains(&id.len()) || !id.chars().all(is_allowed) {
            return Err(Error::bad_entry_id());
        }
        if !ids.insert(id.clone()) {
            return Err(Error::entry_ids_not_distinct(&id));
        }
        entries.push((id, parse::<E>(entry)?));
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, entry) in entries {
        match one(entry) {
            Ok(mut done) => {
                done["Id"] = id.into();
                successful.push(done);
            }
            Err(error) => failed.push(error.entry(&id)),
        }
    }
    let mut answer = json!({"Successful": successful});
    if !failed.is_empty() {
        answer["Failed"] = failed.into();
    }
    Ok(answer)
}
