//! `validate` and `diff` as commands: which templates they take, what they print, how they end.

use crate::cli::{check_refused, xtask};
use expect_test::{Expect, expect};

const OLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands/diff/testdata/old.yaml");
const NEW: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands/diff/testdata/new.yaml");
const TEXT: &str = include_str!("../../src/commands/diff/testdata/evolution.txt");

/// Exit code, standard output, standard error.
fn run(args: &[&str]) -> (i32, String, String) {
    let output = xtask(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn check(args: &[&str], expect: Expect) {
    let (code, stdout, stderr) = run(args);
    expect.assert_eq(&format!("{stdout}---\n{stderr}exit {code}\n"));
}

#[test]
fn our_own_templates_have_no_error() {
    let (code, stdout, _) = run(&["validate"]);
    assert_eq!(code, 0, "{stdout}");
}

#[test]
fn errors_end_validation_with_five_and_the_rest_does_not() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    let file = format!("{folder}/wrong.yaml");
    std::fs::write(&file, "Resources:\n  Queue:\n    Type: AWS::SQS::Qeue\n").unwrap();
    let (code, stdout, stderr) = run(&["validate", &file]);
    assert_eq!(code, 5);
    let stdout = stdout.replace(folder, "[TMP]");
    expect![[r#"
        [TMP]/wrong.yaml:3: error HR101: Resources.Queue.Type is AWS::SQS::Qeue
            did you mean AWS::SQS::Queue?
        1 error, 0 warnings, 0 things to know in 1 template; for the reason of one: cargo xtask validate --explain HR101
    "#]].assert_eq(&format!("{}{stderr}", stdout.replace("target/tmp", "[TMP]")));
    check(
        &["validate", NEW],
        expect![[r#"
        xtask/src/commands/diff/testdata/new.yaml:39: warning HR502: Resources.Role.Properties.Policies[0].PolicyDocument.Statement[0].Action is dynamodb:*
            name the actions that are needed
        xtask/src/commands/diff/testdata/new.yaml:79: info HR410: Resources.ConnectRoute.Properties lets anyone connect
            leave it so where the first message carries a ticket, else give AuthorizationType
        ---
        0 errors, 1 warning, 1 thing to know in 1 template; for the reason of one: cargo xtask validate --explain HR502
        exit 0
    "#]],
    );
}

#[test]
fn a_check_is_explained() {
    check(
        &["validate", "--explain", "hr408"],
        expect![[r#"
        HR408 (error): stage that serves nothing

        Without AutoDeploy and without DeploymentId a stage has no routes: every connection is refused with 403.
        ---
        exit 0
    "#]],
    );
    let (code, _, stderr) = run(&["validate", "--explain", "HR999"]);
    assert_eq!(code, 1);
    assert!(stderr.starts_with("error: there is no check HR999; there are HR001, "), "{stderr}");
}

#[test]
fn the_reviewed_templates_are_what_would_be_deployed() {
    let (code, stdout, _) = run(&["diff", "--exit-code"]);
    assert_eq!(code, 0, "{stdout}");
    assert!(
        stdout.lines().all(|line| line.is_empty() || line.ends_with(": no change")),
        "{stdout}"
    );
}

#[test]
fn two_files_are_compared_and_changes_end_with_four_if_asked() {
    let files = ["diff", "--template", NEW, "--against", OLD];
    let (code, stdout, stderr) = run(&files);
    assert_eq!((code, stderr.as_str()), (0, ""));
    // The stack is called after the file.
    let first = TEXT.split("\ndigest").next().unwrap();
    assert!(stdout.starts_with(&first.replacen("chat-prod", "new", 1)), "{stdout}");
    assert_eq!(run(&[&files[..], &["--exit-code"]].concat()).0, 4);
    let same = ["diff", "--template", NEW, "--against", NEW, "--exit-code"];
    assert_eq!(run(&same), (0, "new: no change\n".to_owned(), String::new()));
}

#[test]
fn a_commit_is_compared_with() {
    let (code, stdout, stderr) =
        run(&["diff", "--stage", "dev", "--against", "git:HEAD", "--format", "json"]);
    assert_eq!(code, 0, "{stderr}");
    let document: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(document["against"], "git:HEAD");
    assert_eq!(document["stacks"][0]["stack"], "herald-dev");
}

#[test]
fn what_is_no_commit_is_refused() {
    for revision in ["git:no-such-branch", "git:--help", "git:"] {
        let (code, stdout, stderr) = run(&["diff", "--against", revision]);
        assert_eq!((code, stdout.as_str()), (1, ""), "{revision}");
        assert!(stderr.starts_with("error: git knows no commit"), "{stderr}");
    }
}

#[test]
fn one_file_is_not_compared_with_several_stacks() {
    check_refused(
        &["diff", "--against", "old.yaml"],
        expect![[r#"
        exit 1
        error: old.yaml is one template, and there are herald-dev, herald-prod
        hint: cargo xtask diff --stage NAME --against old.yaml
    "#]],
    );
}

#[test]
fn a_template_of_others_has_no_reviewed_one() {
    let file = "chat.yaml";
    check_refused(
        &["diff", "--template", NEW],
        expect![[r#"
        exit 1
        error: xtask/src/commands/diff/testdata/new.yaml has no reviewed template
        hint: give another template or commit: --against FILE, --against git:REV
    "#]],
    );
    check_refused(
        &["diff", "--template", file, "--against", OLD],
        expect![[r#"
        exit 1
        error: failed to read chat.yaml
        caused by: No such file or directory (os error 2)
    "#]],
    );
}

#[test]
fn what_is_deployed_is_compared_with_stages_alone() {
    check_refused(
        &["diff", "--drift"],
        expect![[r#"
            exit 1
            error: --drift, --region and --endpoint-url go with --against deployed alone
        "#]],
    );
    check_refused(
        &["diff", "--template", NEW, "--against", "deployed"],
        expect![[r#"
            exit 1
            error: a template given as a file has no stage, and so nothing deployed
            hint: cargo xtask diff --stage NAME --against deployed
        "#]],
    );
}
