//! One deployment reaches one Region.

use deployer::target;
use expect_test::expect;
use infra_gen::assembly::{self, Manifest, StackEntry};
use std::collections::BTreeMap;
use std::path::Path;

fn stack(name: &str, region: &str) -> StackEntry {
    let (name, region) = (name.to_owned(), region.to_owned());
    let template = format!("{name}.template.json");
    let (parameters, tags) = (BTreeMap::new(), BTreeMap::new());
    let (secrets, functions) = (Vec::new(), Vec::new());
    StackEntry { name, template, region, parameters, secrets, functions, tags }
}

/// The Region of an assembly of these stacks, or what is against it.
fn region(folder: &str, stacks: Vec<StackEntry>) -> String {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let templates = stacks.iter().map(|stack| (stack.template.clone(), "{}".to_owned())).collect();
    let manifest = Manifest { version: assembly::VERSION, stage: "prod".to_owned(), stacks };
    assembly::write(&dir, &manifest, &templates).unwrap();
    match target::region(&dir) {
        Ok(region) => region.unwrap(),
        Err(failure) => failure.to_text(),
    }
}

#[test]
fn stacks_of_one_region_are_deployed_there() {
    let stacks = vec![stack("api", "eu-west-1"), stack("web", "eu-west-1")];
    assert_eq!(region("one-region", stacks), "eu-west-1");
}

#[test]
fn stacks_of_several_regions_are_refused_by_name() {
    let stacks = vec![stack("api", "eu-west-1"), stack("web", "us-east-1")];
    expect![[r#"
        error: the stacks of stage prod belong into several Regions
          api: eu-west-1
          web: us-east-1
        hint: make a stage of each Region, or put all into one with --region NAME
    "#]]
    .assert_eq(&region("two-regions", stacks));
}
