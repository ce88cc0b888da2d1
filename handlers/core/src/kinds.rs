//! What jobs can do: one file a kind, and one line in [`KINDS`].
//!
//! A kind is a type with an input, an output and an `async fn` between them. It knows neither the
//! table nor the clients; leases, fences, retries and cancellation are the
//! [`worker`](crate::worker)'s.

mod attempt;
mod manifest_sha256;
mod report_csv;

pub use attempt::Attempt;
pub use manifest_sha256::ManifestSha256;
pub use report_csv::ReportCsv;

use crate::jobs::RESULT_BYTES_MAX;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::marker::PhantomData;
use std::pin::Pin;

/// Every kind of job there is.
pub const KINDS: &[&dyn Kind] = &[&Of::<ReportCsv>::KIND, &Of::<ManifestSha256>::KIND];

/// A kind of job.
pub trait JobKind: Send + Sync + 'static {
    /// What it is called, in messages and in the table.
    const NAME: &'static str;

    /// How often it is begun before it is given up.
    const ATTEMPTS_MAX: u64 = 3;

    /// What it works on. What cannot be read as this is refused when it is submitted.
    type Input: DeserializeOwned + Send;

    /// What comes out.
    type Output: Serialize + Send;

    /// What serde cannot say about an input.
    ///
    /// # Errors
    /// What is wrong with it, in words for whoever submits it.
    fn check(input: &Self::Input) -> Result<(), String> {
        let _ = input;
        Ok(())
    }

    /// Does it.
    ///
    /// It is dropped at any `await` where its user cancels it, its lease is lost or its time is up.
    /// So it awaits [`Attempt::step`] at least every tenth of a second, and has no effect but its
    /// output.
    fn run(
        input: Self::Input,
        attempt: &Attempt,
    ) -> impl Future<Output = Result<Self::Output, JobError>> + Send;
}

/// Why a job did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// It never will: the input is to blame.
    #[error("{0}")]
    Permanent(String),
    /// It may next time.
    #[error("{0}")]
    Transient(String),
    /// Something asks for patience.
    #[error("{0}")]
    Throttled(String),
}

/// A job on its way; what comes out is JSON.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<String, JobError>> + Send + 'a>>;

/// A [`JobKind`] whose types are forgotten, so that there can be a list of them.
pub trait Kind: Send + Sync {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// How often it is begun.
    fn attempts_max(&self) -> u64;

    /// Whether this is an input of it.
    ///
    /// # Errors
    /// What is wrong with it.
    fn check(&self, input: Value) -> Result<(), String>;

    /// Begins it.
    fn start<'a>(&self, input: &str, attempt: &'a Attempt) -> Running<'a>;
}

/// The kind of this name.
pub(crate) fn find<'k>(kinds: &[&'k dyn Kind], name: &str) -> Option<&'k dyn Kind> {
    kinds.iter().copied().find(|kind| kind.name() == name)
}

/// A [`JobKind`] as a value.
#[derive(Debug)]
pub struct Of<K>(PhantomData<K>);

impl<K> Of<K> {
    /// The value.
    pub const KIND: Self = Self(PhantomData);
}

impl<K: JobKind> Kind for Of<K> {
    fn name(&self) -> &'static str {
        K::NAME
    }

    fn attempts_max(&self) -> u64 {
        K::ATTEMPTS_MAX
    }

    fn check(&self, input: Value) -> Result<(), String> {
        let input = serde_json::from_value(input);
        let input = input.map_err(|e| e.to_string().chars().take(200).collect::<String>())?;
        K::check(&input)
    }

    fn start<'a>(&self, input: &str, attempt: &'a Attempt) -> Running<'a> {
        let input = serde_json::from_str(input);
        Box::pin(async move {
            // It was read when it was submitted; another version may read it otherwise.
            let input = input.map_err(|e| JobError::Permanent(format!("its input: {e}")))?;
            let output = K::run(input, attempt).await?;
            let text = serde_json::to_string(&output)
                .map_err(|e| JobError::Permanent(format!("its output: {e}")))?;
            if text.len() > RESULT_BYTES_MAX {
                return Err(JobError::Permanent(format!(
                    "its output is {} bytes; at most {RESULT_BYTES_MAX} are kept",
                    text.len()
                )));
            }
            Ok(text)
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
