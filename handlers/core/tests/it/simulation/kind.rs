//! A kind of job that does what its input says.

use herald_core::kinds::{Attempt, JobError, JobKind, Kind, Of};
use serde::Deserialize;

pub(super) const KINDS: &[&dyn Kind] = &[&Of::<Play>::KIND];

pub(super) struct Play;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    /// How many steps it takes.
    steps: u64,
    /// How many attempts fail.
    fail: u64,
    /// Whether a failure is for good.
    permanent: bool,
}

impl JobKind for Play {
    const NAME: &'static str = "play";

    type Input = Input;
    type Output = u64;

    async fn run(input: Input, attempt: &Attempt) -> Result<u64, JobError> {
        let Input { steps, fail, permanent } = input;
        let begun_at = attempt.begun_from().and_then(serde_json::Value::as_u64).unwrap_or(0);
        for step in begun_at..steps {
            attempt.step(u8::try_from(step * 100 / steps).unwrap()).await;
            attempt.save((step + 1).into());
            if step == steps / 2 && attempt.number() <= fail {
                return Err(if permanent {
                    JobError::Permanent("for good".to_owned())
                } else {
                    JobError::Transient("for now".to_owned())
                });
            }
        }
        Ok(steps)
    }
}
