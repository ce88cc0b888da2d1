//! Functions and binaries are the same set.

use herald_contract::Function;
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn each_function_has_a_binary_and_each_binary_is_a_function() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    let files = folder.read_dir().unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
    let functions = Function::ALL.iter().map(|f| format!("{f}.rs"));
    assert_eq!(files.collect::<BTreeSet<_>>(), functions.collect());
}
