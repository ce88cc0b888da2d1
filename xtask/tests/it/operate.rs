//! `publish`, `jobs`, `connections` and `ticket` where there is nothing to talk to, or nothing that
//! makes sense. `push.rs` has them at work.

use crate::cli::{check_refused, xtask};
use expect_test::expect;

#[test]
fn a_local_cloud_that_does_not_run_is_one_clear_message() {
    // Nobody listens at port 1: it is taken from the system's range, and needs root.
    let args = ["connections", "list", "--endpoint-url", "http://127.0.0.1:1"];
    let output = xtask(&args).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    let (first, rest) = said.split_once('\n').unwrap();
    assert_eq!(first, "error: no local cloud answers at http://127.0.0.1:1");
    assert!(rest.contains("start it with `cargo xtask dev`"), "{said}");
}

#[test]
fn who_is_told_is_a_user_a_topic_or_all() {
    check_refused(
        &["publish", "--to", "ada", "--title", "Hello"],
        expect![[r#"
            exit 2
            error: invalid value 'ada' for '--to <WHO>': it is user:NAME, topic:NAME or all

            For more information, try '--help'.
        "#]],
    );
}

#[test]
fn a_name_that_is_none_is_refused_before_anything_is_asked() {
    check_refused(
        &["jobs", "watch", "7"],
        expect![[r#"
            exit 2
            error: invalid value '7' for '<JOB>': `7` is no job; it is a ULID of 26 characters

            For more information, try '--help'.
        "#]],
    );
    check_refused(
        &["ticket", "--user", "ada", "--session", "8"],
        expect![[r#"
            exit 2
            error: invalid value '8' for '--session <TIME>': it is a number and a unit, such as 90s, 30m or 8h

            For more information, try '--help'.
        "#]],
    );
}

#[test]
fn a_stage_that_does_not_exist_is_answered_with_those_that_do() {
    check_refused(
        &["connections", "list", "--stage", "staging"],
        expect![[r#"
            exit 1
            error: there is no stage `staging` in stages.yaml; it has `dev`, `prod`
        "#]],
    );
}
