//! `manifest.sha256`: a digest of each block and one over all.
//!
//! It shows how a job goes on where it stopped: the digests so far are its checkpoint.

use super::{Attempt, JobError, JobKind};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Bytes between two steps: some 20 ms of work on a fraction of a processor.
const BYTES_A_STEP: usize = 256 * 1024;

/// More would make a manifest longer than a result may be.
const BLOCKS_MAX: usize = 3_000;

/// See the module.
#[derive(Debug)]
pub struct ManifestSha256;

/// Texts to make digests of.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `blocks`")]
pub struct Input {
    /// Each by itself, in this order.
    pub blocks: Vec<String>,
}

/// A manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Output {
    /// The digest of each block, in hexadecimal.
    pub blocks: Vec<String>,
    /// The digest of all blocks, one after the other.
    pub total: String,
    /// How many bytes there are.
    pub bytes: usize,
}

impl JobKind for ManifestSha256 {
    const NAME: &'static str = "manifest.sha256";

    type Input = Input;
    type Output = Output;

    fn check(input: &Input) -> Result<(), String> {
        if input.blocks.is_empty() {
            return Err("`blocks` is empty; there is nothing to make a digest of".to_owned());
        }
        if input.blocks.len() > BLOCKS_MAX {
            let count = input.blocks.len();
            return Err(format!("`blocks` has {count} entries; at most {BLOCKS_MAX} are taken"));
        }
        Ok(())
    }

    async fn run(input: Input, attempt: &Attempt) -> Result<Output, JobError> {
        Self::check(&input).map_err(JobError::Permanent)?;
        let Input { blocks } = input;
        let saved = attempt.begun_from().cloned().and_then(|v| serde_json::from_value(v).ok());
        let mut digests: Vec<String> = saved.unwrap_or_default();
        digests.truncate(blocks.len());
        // A digest in the making cannot be kept, so the one over all is begun anew: it costs a
        // fraction of what the rest does in the table and in memory.
        let mut total = Sha256::new();
        let mut since_step = 0;
        for (i, block) in blocks.iter().enumerate() {
            total.update(block);
            if i >= digests.len() {
                digests.push(hex(Sha256::digest(block).as_slice()));
            }
            since_step += block.len();
            if since_step >= BYTES_A_STEP || i + 1 == blocks.len() || i == 0 {
                since_step = 0;
                attempt.save(digests.clone().into());
                let percent = (i + 1) * 100 / blocks.len();
                attempt.step(u8::try_from(percent).unwrap_or(100)).await;
            }
        }
        let bytes = blocks.iter().map(String::len).sum();
        Ok(Output { blocks: digests, total: hex(total.finalize().as_slice()), bytes })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
