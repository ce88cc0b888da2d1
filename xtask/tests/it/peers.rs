//! Second opinions from other implementations.

use std::path::PathBuf;
use std::process::Command;

/// A program of the peers' venv. Without the venv, CI fails and a person is told.
#[expect(clippy::print_stderr, reason = "a comparison that is left out is said aloud")]
fn peer(name: &str) -> Option<Command> {
    if let Some(venv) = std::env::var_os("HERALD_PEERS") {
        return Some(Command::new(PathBuf::from(venv).join("bin").join(name)));
    }
    assert!(std::env::var_os("CI").is_none(), "HERALD_PEERS is not set; run `cargo xtask test`");
    eprintln!("NOT COMPARED with {name}; `cargo xtask test` installs it");
    None
}

#[test]
fn cfn_lint_finds_nothing_in_the_reviewed_templates() {
    let Some(mut cfn_lint) = peer("cfn-lint") else { return };
    let templates = concat!(env!("CARGO_MANIFEST_DIR"), "/../stacks/templates/*.yaml");
    let output = cfn_lint.arg(templates).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success() && said.is_empty(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
