//! The same template, function and clients on our local cloud and on ministack, and what comes of it
//! beside what AWS does: `docs/peers.md`.
//!
//! `UPDATE_EXPECT=1` writes the page again. A change on either side is a change of the page.

mod clouds;
mod play;
mod rows;

use crate::peers::{folder, has};
use clouds::Cloud;
use expect_test::expect_file;
use play::play;
use rows::{ROWS, Row};
use std::fmt::Write as _;

#[test]
fn ours_does_what_aws_does_and_the_page_tells_where_ministack_does_not() {
    if !has("python3") {
        return;
    }
    let ours = all(&Cloud::ours());
    for (row, ours) in ROWS.iter().zip(&ours) {
        assert_eq!(ours, row.aws, "{}: not as on AWS", row.what);
    }
    let Some(venv) = folder("HERALD_PEERS") else { return };
    let ministack = all(&Cloud::ministack(&venv));
    let rows = ROWS.iter().zip(&ours).zip(&ministack);
    let page = rows.map(|((row, ours), theirs)| line(row, ours, theirs)).collect::<String>();
    expect_file!["../../../../../docs/peers.md"].assert_eq(&(HEAD.to_owned() + &page));
}

const HEAD: &str = "\
# Our local cloud beside ministack

The same template, function and clients on both, and what comes of it.
The column *AWS* says what AWS does, as `docs/emulator-fidelity.md` knows it; both others are observed by a test, which writes this page with `UPDATE_EXPECT=1 cargo xtask test side_by_side`.
ministack 1.5.33 takes the same CloudFormation template and runs its functions without containers, so nothing but the clouds is compared.

| what is done | AWS | ours | ministack | why they differ |
| --- | --- | --- | --- | --- |
";

fn all(cloud: &Cloud) -> Vec<String> {
    ROWS.iter().map(|row| play(cloud, row.script)).collect()
}

fn line(row: &Row, ours: &str, theirs: &str) -> String {
    let same = |text: &str| if text == row.aws { "the same".to_owned() } else { cell(text) };
    let (ours, theirs) = (same(ours), same(theirs));
    assert_eq!(theirs == "the same", row.why.is_empty(), "{}: {theirs}; {}", row.what, row.why);
    let mut line = String::new();
    // Writing to a `String` cannot fail.
    let _ =
        writeln!(line, "| {} | {} | {ours} | {theirs} | {} |", row.what, cell(row.aws), row.why);
    line
}

fn cell(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}
