use super::*;
use crate::testing::{FakeClock, block_on};
use expect_test::{Expect, expect};
use herald_contract::Millis;
use serde_json::json;

/// What a kind of job makes of an input, from where it stopped before.
fn check_from(kind: &dyn Kind, input: Value, begun_from: Option<Value>, want: Expect) {
    let attempt = Attempt::new(1, 0, begun_from);
    let text = match kind.check(input.clone()) {
        Err(why) => format!("refused: {why}"),
        Ok(()) => {
            let clock = FakeClock::at(Millis::new(0));
            match block_on(kind.start(&input.to_string(), &attempt), &clock) {
                Ok(output) => output,
                Err(error) => format!("{error:?}"),
            }
        }
    };
    want.assert_eq(&text);
}

fn check(name: &str, input: Value, want: Expect) {
    check_from(find(KINDS, name).unwrap(), input, None, want);
}

#[test]
fn every_kind_has_a_name_of_its_own() {
    let names: Vec<_> = KINDS.iter().map(|kind| kind.name()).collect();
    assert_eq!(names, ["report.csv", "manifest.sha256"]);
    assert!(find(KINDS, "report").is_none());
}

#[test]
fn a_report_has_its_rows_and_what_there_is_to_say_about_columns() {
    check(
        "report.csv",
        json!({"columns": ["name", "n"], "rows": [["ä, \"b\"", 1], [null, 2.5], ["c\nd", null], [true, -4]]}),
        expect![[
            r#"{"csv":"name,n\r\n\"ä, \"\"b\"\"\",1\r\n,2.5\r\n\"c\nd\",\r\ntrue,-4\r\n","rows":4,"columns":[{"name":"name","empty":1,"numbers":0,"longest":6},{"name":"n","empty":1,"numbers":3,"min":-4.0,"max":2.5,"sum":-0.5,"longest":3}]}"#
        ]],
    );
    check(
        "report.csv",
        json!({"columns": ["n"], "rows": []}),
        expect![[
            r#"{"csv":"n\r\n","rows":0,"columns":[{"name":"n","empty":0,"numbers":0,"longest":0}]}"#
        ]],
    );
}

#[test]
fn a_report_of_something_else_is_refused() {
    check(
        "report.csv",
        json!({"columns": [], "rows": []}),
        expect!["refused: `columns` is empty; name at least one"],
    );
    check(
        "report.csv",
        json!({"columns": ["a"], "rows": [[1], [1, 2]]}),
        expect!["refused: row 2 has 2 cells for 1 columns"],
    );
    check(
        "report.csv",
        json!({"columns": ["a"], "rows": [[{}]]}),
        expect!["refused: row 1 has a list or an object in a cell"],
    );
    check("report.csv", json!({"rows": []}), expect!["refused: missing field `columns`"]);
    check(
        "report.csv",
        json!({"columns": ["a"], "rows": [], "more": 1}),
        expect!["refused: unknown field `more`, expected `columns` or `rows`"],
    );
    check(
        "report.csv",
        json!([]),
        expect!["refused: invalid length 0, expected an object with `columns` and `rows`"],
    );
    check(
        "report.csv",
        json!({"columns": [1], "rows": []}),
        expect!["refused: invalid type: integer `1`, expected a string"],
    );
}

#[test]
fn a_report_may_be_too_long_to_keep() {
    let quotes = "\"".repeat(40_000);
    check(
        "report.csv",
        json!({"columns": ["a"], "rows": [[quotes], [quotes]]}),
        expect![[r#"Permanent("its output is 320103 bytes; at most 262144 are kept")"#]],
    );
}

#[test]
fn a_manifest_has_a_digest_a_block_and_one_over_all() {
    // The first and the last are of FIPS 180-2: "abc", and "abc" again in two blocks.
    check(
        "manifest.sha256",
        json!({"blocks": ["abc", "", "ü"]}),
        expect![[
            r#"{"blocks":["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","607474ca475a9724d7360aba71a56d5df77e61350e3f724cfa1f46e857e2d85f"],"total":"dc328be234380d5cd0b224d0dea07ba1602306484556a9ab7e09672413504785","bytes":5}"#
        ]],
    );
    check(
        "manifest.sha256",
        json!({"blocks": ["a", "bc"]}),
        expect![[
            r#"{"blocks":["ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb","1e0bbd6c686ba050b8eb03ffeedc64fdc9d80947fce821abbe5d6dc8d252c5ac"],"total":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","bytes":3}"#
        ]],
    );
}

#[test]
fn a_manifest_goes_on_where_it_stopped() {
    let kind = find(KINDS, "manifest.sha256").unwrap();
    let blocks = json!({"blocks": ["abc", "d"]});
    check_from(
        kind,
        blocks.clone(),
        Some(json!(["kept as it was"])),
        expect![[
            r#"{"blocks":["kept as it was","18ac3e7343f016890c510e93f935261169d9e3f565436429830faf0934f4f8e4"],"total":"88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589","bytes":4}"#
        ]],
    );
    check_from(
        kind,
        blocks,
        Some(json!("not ours")),
        expect![[
            r#"{"blocks":["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","18ac3e7343f016890c510e93f935261169d9e3f565436429830faf0934f4f8e4"],"total":"88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589","bytes":4}"#
        ]],
    );
}

#[test]
fn a_manifest_of_nothing_or_of_too_much_is_refused() {
    check(
        "manifest.sha256",
        json!({"blocks": []}),
        expect!["refused: `blocks` is empty; there is nothing to make a digest of"],
    );
    check(
        "manifest.sha256",
        json!({"blocks": vec![""; 3001]}),
        expect!["refused: `blocks` has 3001 entries; at most 3000 are taken"],
    );
    check(
        "manifest.sha256",
        json!({"blocks": [1]}),
        expect!["refused: invalid type: integer `1`, expected a string"],
    );
    check("manifest.sha256", json!({}), expect!["refused: missing field `blocks`"]);
}

#[test]
fn progress_is_told_and_a_checkpoint_kept_on_the_way() {
    let kind = find(KINDS, "manifest.sha256").unwrap();
    let attempt = Attempt::new(1, 0, None);
    let input = json!({"blocks": ["abc", "d", "e", "f"]}).to_string();
    let mut running = kind.start(&input, &attempt);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(running.as_mut().poll(&mut context).is_pending());
    drop(running);
    let progress = attempt.progress();
    assert_eq!(progress.percent, 25);
    assert_eq!(progress.checkpoint.unwrap().as_array().unwrap().len(), 1);
}

#[test]
fn a_lot_of_rows_lets_others_have_their_turn() {
    let rows: Vec<_> = (0..1000).map(|n| vec![n]).collect();
    let input = json!({"columns": ["n"], "rows": rows}).to_string();
    let attempt = Attempt::new(1, 0, None);
    let mut running = find(KINDS, "report.csv").unwrap().start(&input, &attempt);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut percents = Vec::new();
    while running.as_mut().poll(&mut context).is_pending() {
        percents.push(attempt.progress().percent);
    }
    assert_eq!(percents, [0, 20, 40, 60, 80]);
}
