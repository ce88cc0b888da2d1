use super::find;
use crate::functions::Template;
use crate::scratch::Scratch;
use expect_test::{Expect, expect};
use gateway_core::topology::{Function, Topology};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const KEY: &str = "0123abcd.zip";

/// Files beside a template, in the order in which they are looked for.
struct Case {
    scratch: Scratch,
    runtime: &'static str,
    code: Value,
    resource: Value,
}

impl Case {
    fn new(code: Value) -> Self {
        let scratch = Scratch::new().unwrap();
        Self { scratch, runtime: "nodejs20.x", code, resource: json!({}) }
    }

    fn file(self, name: &str, content: &str) -> Self {
        self.scratch.write(name, content.as_bytes()).unwrap();
        self
    }

    fn check(&self, expected: &Expect) {
        self.check_given(None, expected);
    }

    /// Shows what was found, relative to the folder of everything.
    fn check_given(&self, given: Option<&str>, expected: &Expect) {
        let value = json!({ "Resources": { "Fn": self.resource } });
        let function = Function {
            logical_id: "Fn".into(),
            runtime: self.runtime.into(),
            code: self.code.clone(),
            ..Function::default()
        };
        let path = self.scratch.path("out/template.json");
        let template = Template { path: &path, value: &value, topology: &Topology::default() };
        let given = given.map(|given| self.scratch.path(given));
        let found = find(&template, &function, given.as_ref(), &self.scratch);
        let show = |path: &PathBuf| {
            let path = path.strip_prefix(self.scratch.path("")).unwrap().display().to_string();
            // Behind the name stands a hash of the content.
            match path.split_once("inline/Fn-") {
                Some((_, rest)) => format!("inline/Fn-…{}", &rest[16..]),
                None => path,
            }
        };
        expected.assert_eq(&match found {
            Ok(code) => {
                let watched = if code.is_mutable { " (watched)" } else { "" };
                format!("{} of {}{watched}", show(&code.path), show(&code.origin))
            }
            Err(why) => why,
        });
    }
}

fn manifest(path: &str) -> String {
    json!({ "files": {
        "other": { "source": { "path": "other" }, "destinations": { "d": { "objectKey": "other.zip" } } },
        "0123": { "source": { "path": path }, "destinations": { "d": { "objectKey": KEY } } },
    }})
    .to_string()
}

#[test]
fn an_asset_is_found_by_its_key_in_the_cdks_manifest() {
    Case::new(json!({ "S3Bucket": "cdk-x", "S3Key": KEY }))
        .file("out/Chat.assets.json", &manifest("asset.0123"))
        .file("out/asset.0123/index.js", "")
        .check(&expect!["out/asset.0123 of out/asset.0123"]);
    // Of a nested assembly.
    Case::new(json!({ "S3Key": KEY }))
        .file("out/Chat.assets.json", &manifest("../asset.0123"))
        .file("asset.0123/index.js", "")
        .check(&expect!["out/../asset.0123 of out/../asset.0123"]);
}

#[test]
fn without_a_manifest_the_name_of_the_folder_says_enough() {
    Case::new(json!({ "S3Key": KEY }))
        .file("out/broken.assets.json", "{")
        .file("out/asset.0123abcd/index.js", "")
        .check(&expect!["out/asset.0123abcd of out/asset.0123abcd"]);
    let mut case = Case::new(json!({ "S3Key": "x" })).file("out/staged/index.js", "");
    case.resource = json!({ "Metadata": { "aws:asset:path": "staged" } });
    case.check(&expect!["out/staged of out/staged"]);
}

#[test]
fn what_sam_has_built_is_found_from_either_side() {
    Case::new(json!({ "S3Key": "x" }))
        .file("out/.aws-sam/build/Fn/index.js", "")
        .check(&expect!["out/.aws-sam/build/Fn of out/.aws-sam/build/Fn (watched)"]);
    Case::new(json!("./src"))
        .file("out/src/index.js", "")
        .check(&expect!["out/./src of out/./src (watched)"]);
}

#[test]
fn inline_code_becomes_a_file_named_index() {
    let mut case = Case::new(json!({ "ZipFile": "exports.handler = 1" }));
    case.check(&expect!["inline/Fn-… of inline/Fn-…/index.js"]);
    case.runtime = "python3.12";
    case.check(&expect!["inline/Fn-… of inline/Fn-…/index.py"]);
}

#[test]
fn what_is_given_comes_first() {
    Case::new(json!({ "ZipFile": "exports.handler = 1" }))
        .file("mine/index.js", "")
        .check_given(Some("mine"), &expect!["mine of mine (watched)"]);
}

#[test]
fn code_that_is_not_here_is_asked_for() {
    Case::new(json!({ "S3Bucket": "b", "S3Key": "k" })).check(&expect![[
        "function Fn has no code here, so invoking it fails; give it with --function Fn=PATH (an executable, a folder or a .zip)"
    ]]);
    Case::new(json!({ "ImageUri": "x" })).check(&expect![[
        "function Fn is a container image, which is not run here; --function Fn=PATH takes an executable in its place"
    ]]);
}

#[test]
fn a_zip_is_unpacked_once_for_each_of_its_states() {
    let scratch = Scratch::new().unwrap();
    let zip = scratch.path("code.zip");
    let pack = |content: &str| {
        let mut writer = ZipWriter::new(File::create(&zip).unwrap());
        writer.start_file("index.js", SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
        writer.finish().unwrap();
    };
    let path = scratch.path("template.json");
    let template = Template { path: &path, value: &Value::Null, topology: &Topology::default() };
    let unpacked = || find(&template, &Function::default(), Some(&zip), &scratch).unwrap().path;
    pack("1");
    let first = unpacked();
    assert_eq!(fs::read_to_string(first.join("index.js")).unwrap(), "1");
    assert_eq!(unpacked(), first);
    pack("22");
    let second = unpacked();
    assert_eq!(fs::read_to_string(second.join("index.js")).unwrap(), "22");
    assert!(first.exists());
    pack("333");
    let third = unpacked();
    assert!(third.exists() && second.exists() && !first.exists());
}

#[test]
fn a_zip_that_cannot_be_unpacked_is_named() {
    let case = Case::new(json!({ "S3Key": KEY })).file("out/asset.0123abcd.zip", "no zip");
    let function =
        Function { logical_id: "Fn".into(), code: case.code.clone(), ..Function::default() };
    let path = case.scratch.path("out/template.json");
    let template = Template { path: &path, value: &Value::Null, topology: &Topology::default() };
    let why = find(&template, &function, None, &case.scratch).unwrap_err();
    assert!(why.contains("asset.0123abcd.zip cannot be unpacked: "), "{why}");
}
