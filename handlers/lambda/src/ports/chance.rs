//! Random numbers out of one secret that the system gives at the start.
//!
//! The system is asked once, where a function can still refuse to start, and never in the middle of
//! an event, where nobody could go on without an answer.

use herald_core::ports::Chance;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers that nobody can tell from those before. A clone goes on where the other is.
#[derive(Clone)]
pub struct OsChance(Arc<State>);

struct State {
    secret: [u8; 32],
    drawn: AtomicU64,
}

impl OsChance {
    /// Takes a secret from the system.
    ///
    /// # Errors
    /// Where the system has none to give.
    pub fn new() -> Result<Self, NoChance> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|e| NoChance(e.to_string()))?;
        Ok(Self(Arc::new(State { secret, drawn: AtomicU64::new(0) })))
    }
}

impl Chance for OsChance {
    fn next_u64(&self) -> u64 {
        let State { secret, drawn } = &*self.0;
        let count = drawn.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let digest = Sha256::new().chain_update(secret).chain_update(count).finalize();
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// A secret shows nothing of itself.
impl fmt::Debug for OsChance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OsChance")
    }
}

/// The system has no random numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system has no random numbers to give: {0}")]
pub struct NoChance(String);

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_number_comes_twice_in_a_process_or_in_two() {
        let chance = OsChance::new().unwrap();
        let clone = chance.clone();
        let other = OsChance::new().unwrap();
        let drawn = (0..100).flat_map(|_| [chance.next_u64(), clone.next_u64(), other.next_u64()]);
        assert_eq!(drawn.collect::<BTreeSet<_>>().len(), 300);
    }
}
