//! The source in `src/aws` is what the schemas give.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Files of a kind below a folder, by path.
fn files(dir: &Path, extension: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                let name = path.strip_prefix(dir).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn generated_source_is_current() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let generated = infra_codegen::generate(&files(&home.join("schemas"), "json")).unwrap();
    let present = files(&home.join("src/aws"), "rs");
    let stale: BTreeSet<_> = generated
        .keys()
        .chain(present.keys())
        .filter(|path| generated.get(*path) != present.get(*path))
        .collect();
    assert!(stale.is_empty(), "src/aws is stale; run `cargo xtask codegen`: {stale:?}");
}

#[test]
fn same_schemas_give_the_same_bytes() {
    let schemas = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas"), "json");
    let generate = || infra_codegen::generate(&schemas).unwrap();
    assert!(schemas.len() >= 58);
    assert_eq!(generate(), generate());
}

#[test]
fn schemas_are_laid_out_and_named_as_codegen_does() {
    let schemas = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas"), "json");
    for (name, text) in schemas {
        assert_eq!(infra_codegen::lay_out(&name, &text).unwrap(), text, "{name}");
        let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(infra_codegen::file_name(schema["typeName"].as_str().unwrap()), name);
    }
}
