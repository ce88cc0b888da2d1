//! Each crate exists to forbid something. This is the table of `docs/architecture.md`, executed.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};
use std::collections::{BTreeMap, BTreeSet};

/// The one thing each crate may know of the others.
const MAY_USE: [(&str, &[&str]); 15] = [
    ("aws-wire", &[]),
    ("deployer", &["aws-wire", "infra-gen"]),
    ("emulator", &["gateway-core", "infra-gen"]),
    ("gateway-bench", &[]),
    ("gateway-core", &[]),
    ("herald-bench", &["herald-contract"]),
    ("herald-client", &["aws-wire", "herald-contract"]),
    ("herald-contract", &[]),
    ("herald-core", &["herald-contract"]),
    ("herald-lambda", &["aws-wire", "herald-contract", "herald-core"]),
    ("infra-codegen", &[]),
    ("infra-gen", &[]),
    ("operator", &["aws-wire", "herald-client", "herald-contract"]),
    ("stacks", &["herald-contract", "infra-gen"]),
    ("xtask", &["herald-contract", "infra-codegen", "infra-gen", "stacks"]),
];

const ASYNC: [&str; 4] = ["tokio", "hyper", "mio", "lambda_runtime"];
const AWS: [&str; 3] = ["aws-sdk-apigatewaymanagement", "aws-config", "aws-smithy-runtime"];
const CHANCE_AND_TIME: [&str; 4] = ["rand", "getrandom", "chrono", "time"];

/// What must not be in the tree below a crate, however deep.
const MUST_NOT_REACH: [(&str, &[&[&str]]); 8] = [
    ("gateway-core", &[&ASYNC, &AWS, &CHANCE_AND_TIME]),
    ("herald-client", &[&AWS]),
    ("herald-contract", &[&ASYNC, &AWS, &CHANCE_AND_TIME]),
    ("herald-core", &[&ASYNC, &AWS, &CHANCE_AND_TIME]),
    ("infra-codegen", &[&ASYNC, &AWS, &CHANCE_AND_TIME]),
    ("infra-gen", &[&ASYNC, &AWS, &CHANCE_AND_TIME]),
    ("stacks", &[&ASYNC, &AWS, &CHANCE_AND_TIME]),
    ("xtask", &[&ASYNC, &AWS]),
];

fn metadata() -> Metadata {
    MetadataCommand::new().other_options(["--locked".to_owned()]).exec().unwrap()
}

/// Packages that a package is built with: normal and build dependencies, not those of its tests.
fn edges(metadata: &Metadata) -> BTreeMap<&PackageId, BTreeSet<&PackageId>> {
    let nodes = &metadata.resolve.as_ref().unwrap().nodes;
    let counts = |kind| matches!(kind, DependencyKind::Normal | DependencyKind::Build);
    nodes
        .iter()
        .map(|node| {
            let deps = node.deps.iter().filter(|d| d.dep_kinds.iter().any(|k| counts(k.kind)));
            (&node.id, deps.map(|d| &d.pkg).collect())
        })
        .collect()
}

#[test]
fn a_crate_uses_only_the_crates_it_may() {
    let metadata = metadata();
    let edges = edges(&metadata);
    let ours: BTreeMap<_, _> =
        metadata.workspace_packages().iter().map(|p| (&p.id, p.name.to_string())).collect();
    let actual: BTreeMap<_, BTreeSet<_>> = ours
        .iter()
        .map(|(id, name)| {
            (
                name.as_str(),
                edges[id].iter().filter_map(|d| ours.get(d)).map(String::as_str).collect(),
            )
        })
        .collect();
    let may: BTreeMap<_, BTreeSet<_>> =
        MAY_USE.iter().map(|(name, uses)| (*name, uses.iter().copied().collect())).collect();
    assert_eq!(actual, may, "left: Cargo.toml files; right: the table above");
}

#[test]
fn nothing_forbidden_is_reached_through_others() {
    let metadata = metadata();
    let edges = edges(&metadata);
    let name_of: BTreeMap<_, _> =
        metadata.packages.iter().map(|p| (&p.id, p.name.as_str())).collect();
    let mut found = Vec::new();
    for (name, bans) in MUST_NOT_REACH {
        let banned: BTreeSet<_> = bans.iter().flat_map(|b| b.iter().copied()).collect();
        let root = metadata.packages.iter().find(|p| p.name == name).unwrap();
        let mut seen = BTreeSet::new();
        let mut open = vec![&root.id];
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(&edges[id]);
            }
        }
        found.extend(
            seen.iter()
                .map(|id| name_of[id])
                .filter(|n| banned.contains(n))
                .map(|n| format!("{name} -> {n}")),
        );
    }
    assert_eq!(found, [""; 0], "`cargo tree --package <left> --invert <right>` shows the way");
}

#[test]
fn every_crate_stands_in_the_architecture() {
    let text = include_str!("../../../docs/architecture.md");
    for package in metadata().workspace_packages() {
        assert!(text.contains(&format!("`{}`", package.name)), "{} is missing", package.name);
    }
}

/// A dependency is code to trust and to build; more of it is a decision. `aws-config`, which finds
/// credentials as every tool of AWS does, brings 41 of them, built for `operator` and `deployer` alone.
#[test]
fn the_dependency_count_stays_below_its_ceiling() {
    const CEILING: usize = 331;
    let count = metadata().packages.len();
    assert!(count <= CEILING, "{count} packages; the ceiling is {CEILING}");
}
