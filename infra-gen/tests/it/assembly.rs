//! The assembly on disk.

use expect_test::expect;
use infra_gen::assembly::{self, FunctionEntry, Manifest, StackEntry, VERSION, write_if_changed};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of this test's own, empty at first.
fn folder(test: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("assembly").join(test);
    drop(fs::remove_dir_all(&dir));
    dir
}

fn manifest(template: &str) -> Manifest {
    Manifest {
        version: VERSION,
        stage: "dev".to_owned(),
        stacks: vec![StackEntry {
            name: "push".to_owned(),
            template: template.to_owned(),
            region: "us-east-1".to_owned(),
            parameters: BTreeMap::new(),
            secrets: vec!["TicketSecret".to_owned()],
            functions: vec![FunctionEntry {
                name: "socket".to_owned(),
                logical_id: "Socket".to_owned(),
                code_parameter: "SocketCode".to_owned(),
                architecture: "arm64".to_owned(),
            }],
            tags: BTreeMap::from([("stage".to_owned(), "dev".to_owned())]),
        }],
    }
}

fn templates(name: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), "{}\n".to_owned())])
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = entries.collect();
    names.sort();
    names
}

#[test]
fn what_is_written_is_read() {
    let dir = folder("round");
    let (manifest, templates) = (manifest("a.template.json"), templates("a.template.json"));
    assembly::write(&dir, &manifest, &templates).unwrap();
    assert_eq!(assembly::read(&dir).unwrap(), (manifest, templates));
    expect![[r#"
        {
          "version": 2,
          "stage": "dev",
          "stacks": [
            {
              "name": "push",
              "template": "a.template.json",
              "region": "us-east-1",
              "parameters": {},
              "secrets": [
                "TicketSecret"
              ],
              "functions": [
                {
                  "name": "socket",
                  "logical_id": "Socket",
                  "code_parameter": "SocketCode",
                  "architecture": "arm64"
                }
              ],
              "tags": {
                "stage": "dev"
              }
            }
          ]
        }
    "#]]
    .assert_eq(&fs::read_to_string(dir.join("manifest.json")).unwrap());
}

#[test]
fn stale_templates_go_and_everything_else_stays() {
    let dir = folder("stale");
    assembly::write(&dir, &manifest("a.template.json"), &templates("a.template.json")).unwrap();
    fs::create_dir(dir.join("bundle")).unwrap();
    fs::write(dir.join("notes.txt"), "mine").unwrap();
    assembly::write(&dir, &manifest("b.template.json"), &templates("b.template.json")).unwrap();
    assert_eq!(names(&dir), ["b.template.json", "bundle", "manifest.json", "notes.txt"]);
}

#[test]
fn a_file_is_written_only_if_it_differs() {
    let path = folder("changed").join("below/file");
    assert!(write_if_changed(&path, b"a").unwrap());
    assert!(!write_if_changed(&path, b"a").unwrap());
    assert!(write_if_changed(&path, b"b").unwrap());
    assert_eq!(fs::read(&path).unwrap(), b"b");
    assert_eq!(names(path.parent().unwrap()), ["file"], "nothing is left of writing");
}

#[test]
fn manifest_and_templates_must_belong_together() {
    let dir = folder("unmatched");
    let error = assembly::write(&dir, &manifest("a.template.json"), &templates("b.template.json"));
    expect!["template a.template.json is named in the manifest or given, but not both"]
        .assert_eq(&error.unwrap_err().to_string());
    for name in ["../a.template.json", "a.json", ".template.json", "/a.template.json"] {
        let error = assembly::write(&dir, &manifest(name), &templates(name)).unwrap_err();
        assert!(matches!(error, assembly::Error::Name { .. }), "{name}: {error}");
    }
    assert!(!dir.exists(), "nothing was written");
}

#[test]
fn what_cannot_be_read_is_told_with_its_remedy() {
    let dir = folder("unreadable");
    let check = |expect: expect_test::Expect| {
        let error = assembly::read(&dir).unwrap_err().to_string();
        expect.assert_eq(&error.replace(dir.to_str().unwrap(), "DIR"));
    };
    check(expect!["DIR/manifest.json is not there; make it with `cargo xtask synth`"]);
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("manifest.json"), "{\"version\": 3, \"new\": true}").unwrap();
    check(expect![
        "DIR/manifest.json has version 3, and 2 is understood; make it anew with `cargo xtask synth`"
    ]);
    fs::write(dir.join("manifest.json"), "{\"version\": 2}").unwrap();
    check(expect![
        "DIR/manifest.json is no manifest of an assembly: missing field `stage` at line 1 column 14"
    ]);
    let text = serde_json::to_string(&manifest("../x.template.json")).unwrap();
    fs::write(dir.join("manifest.json"), text).unwrap();
    check(expect![[
        r#""../x.template.json" is no name of a template; it is a file name that ends in .template.json"#
    ]]);
    let text = serde_json::to_string(&manifest("x.template.json")).unwrap();
    fs::write(dir.join("manifest.json"), text).unwrap();
    check(expect!["DIR/x.template.json: No such file or directory (os error 2)"]);
}
