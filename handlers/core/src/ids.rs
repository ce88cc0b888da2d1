//! ULIDs: names that sort by the time they were given.

use crate::ports::Chance;
use herald_contract::{BroadcastId, JobId, Millis};

/// Crockford's alphabet.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A ULID of `now` and 80 random bits.
fn ulid(now: Millis, chance: &impl Chance) -> String {
    let random = u128::from(chance.next_u64()) << 64 | u128::from(chance.next_u64());
    encode(now, random)
}

fn encode(at: Millis, random: u128) -> String {
    let bits = u128::from(at.get() & ((1 << 48) - 1)) << 80 | random & ((1 << 80) - 1);
    let digit = |place: u32| char::from(DIGITS[(bits >> (5 * place) & 31) as usize]);
    (0..26).rev().map(digit).collect()
}

/// The first ULID that can be given at `at`.
pub(crate) fn first_broadcast_at(at: Millis) -> BroadcastId {
    encode(at, 0).parse().expect("26 digits of the alphabet are a ULID")
}

/// When a ULID was given.
pub(crate) fn time_of(ulid: &str) -> Millis {
    let value = |byte: u8| DIGITS.iter().position(|d| *d == byte).unwrap_or_default() as u64;
    Millis::new(ulid.bytes().take(10).fold(0, |ms, byte| ms << 5 | value(byte)))
}

pub(crate) fn job_id(now: Millis, chance: &impl Chance) -> JobId {
    ulid(now, chance).parse().expect("26 digits of the alphabet are a ULID")
}

pub(crate) fn broadcast_id(now: Millis, chance: &impl Chance) -> BroadcastId {
    ulid(now, chance).parse().expect("26 digits of the alphabet are a ULID")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ulid_sorts_by_its_time_and_tells_it() {
        let at = Millis::new(1_795_514_400_123);
        let [first, last, next] = [encode(at, 0), encode(at, u128::MAX), encode(at.plus(1), 0)]
            .map(|t| t.parse().unwrap());
        assert!(first < last && last < next);
        assert_eq!(first_broadcast_at(at), first);
        for id in [&first, &last] {
            assert_eq!(time_of(id.as_str()), at);
        }
    }

    #[test]
    fn it_is_written_as_the_specification_writes_it() {
        // The example of the ULID specification: 1469918176385 is 01ARYZ6S41.
        assert_eq!(&encode(Millis::new(1_469_918_176_385), 0), "01ARYZ6S410000000000000000");
        assert_eq!(&encode(Millis::new(0), u128::MAX), "0000000000ZZZZZZZZZZZZZZZZ");
    }
}
