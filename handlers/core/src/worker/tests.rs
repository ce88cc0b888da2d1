use super::*;
use crate::testing::FakeChance;

#[test]
fn a_pause_is_anything_up_to_a_ceiling_that_doubles_and_has_an_end() {
    let chance = FakeChance::of_seed(1);
    let longest = |base_ms, attempt| {
        let pauses = (0..10_000).map(|_| full_jitter(base_ms, attempt, &chance));
        let (least, most) =
            pauses.fold((u64::MAX, 0), |(least, most), pause| (least.min(pause), most.max(pause)));
        assert!(least < most / 50, "from nothing on: {least} of {most}");
        most
    };
    for (attempt, ceiling) in
        [(1, 2_000), (2, 4_000), (3, 8_000), (20, 300_000), (u64::MAX, 300_000)]
    {
        let longest = longest(TRANSIENT_MS, attempt);
        assert!((ceiling * 98 / 100..=ceiling).contains(&longest), "{attempt}: {longest}");
    }
}
