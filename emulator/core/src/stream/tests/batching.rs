//! Which records go together, and when.

use super::*;
use expect_test::expect;

#[test]
fn records_go_to_the_function_in_batches_one_at_a_time() {
    check(
        Config { batch_size: 2, ..config() },
        "
        read a b c
        read a
        #1 succeeds
        #2 succeeds
        ",
        expect![[r#"
            > read a b c
               0.0s invoke #1 with a1 b2
            > read a
            > #1 succeeds
               0.0s invoke #2 with c3 a4
               0.0s checkpoint s 2
            > #2 succeeds
               0.0s checkpoint s 4
        "#]],
    );
}

#[test]
fn shards_are_independent_of_each_other() {
    check(
        config(),
        "
        read s: a
        read t: a
        #2 succeeds
        #1 succeeds
        ",
        expect![[r#"
            > read s: a
               0.0s invoke #1 with a1
            > read t: a
               0.0s invoke #2 with a2
            > #2 succeeds
               0.0s checkpoint t 2
            > #1 succeeds
               0.0s checkpoint s 1
        "#]],
    );
}

#[test]
fn a_batching_window_waits_for_more_until_it_is_over_or_the_batch_is_full() {
    check(
        Config { batch_size: 3, batching_window: Duration::from_secs(5), ..config() },
        "
        read a
        advance 4s
        read b
        advance 1s
        #1 succeeds
        read a b c
        ",
        expect![[r#"
            > read a
            > advance 4s
            > read b
            > advance 1s
               5.0s invoke #1 with a1 b2
            > #1 succeeds
               5.0s checkpoint s 2
            > read a b c
               5.0s invoke #2 with a3 b4 c5
        "#]],
    );
}

#[test]
fn filtered_records_are_never_sent_and_move_the_checkpoint() {
    check(
        Config { filters: filter(r#"{"eventName": ["INSERT"]}"#), ..config() },
        "
        read x x
        read a x b x
        #1 succeeds
        ",
        expect![[r#"
            > read x x
               0.0s 2 filtered
               0.0s checkpoint s 2
            > read a x b x
               0.0s 2 filtered
               0.0s invoke #1 with a3 b5
            > #1 succeeds
               0.0s checkpoint s 6
        "#]],
    );
}

#[test]
fn one_of_several_filters_is_enough() {
    let filters =
        [r#"{"eventName": ["REMOVE"]}"#, r#"{"dynamodb": {"Keys": {"pk": {"S": ["a"]}}}}"#];
    check(
        Config { filters: filters.iter().flat_map(|text| filter(text)).collect(), ..config() },
        "read a b x",
        expect![[r#"
            > read a b x
               0.0s 1 filtered
               0.0s invoke #1 with a1 x3
        "#]],
    );
}

#[test]
fn lanes_work_at_once_and_keep_the_order_of_each_key() {
    check(
        Config { parallelization_factor: 2, batch_size: 2, ..config() },
        "
        read a b a b a
        #1 fails
        #2 succeeds
        advance 1s
        #3 succeeds
        #4 succeeds
        ",
        expect![[r#"
            > read a b a b a
               0.0s invoke #1 with a1 a3
               0.0s invoke #2 with b2 b4
            > #1 fails
               0.0s 2 again after 1s: poison
            > #2 succeeds
            > advance 1s
               1.0s invoke #3 with a1 a3
            > #3 succeeds
               1.0s invoke #4 with a5
               1.0s checkpoint s 4
            > #4 succeeds
               1.0s checkpoint s 5
        "#]],
    );
}

#[test]
fn a_disabled_mapping_sends_nothing_and_goes_on_where_it_was() {
    check(
        Config { batch_size: 1, ..config() },
        "
        read a b
        disable
        #1 fails
        advance 60s
        enable
        #2 succeeds
        ",
        expect![[r#"
            > read a b
               0.0s invoke #1 with a1
            > disable
            > #1 fails
               0.0s 1 again after 1s: poison
            > advance 60s
            > enable
              60.0s invoke #2 with a1
            > #2 succeeds
              60.0s invoke #3 with b2
              60.0s checkpoint s 1
        "#]],
    );
}
