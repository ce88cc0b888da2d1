//! Where a failure leads: the line of a resource, or that which uses its construct.

use crate::template;
use std::collections::BTreeSet;

#[test]
fn a_resource_of_a_construct_names_who_uses_it() {
    let template = template("");
    let inside: BTreeSet<_> = template
        .sources()
        .filter(|(_, at)| at.file().contains("constructs"))
        .map(|(id, at)| format!("{id} {}", at.file()))
        .collect();
    assert_eq!(inside, BTreeSet::new());
    let file = |id: &str| {
        let (_, at) = template.sources().find(|(other, _)| other.as_str() == id).unwrap();
        at.file().rsplit('/').next().unwrap()
    };
    for (id, place) in [
        ("SocketRole", "functions.rs"),
        ("Stage", "gateway.rs"),
        ("ConnectRoute", "gateway.rs"),
        ("PingRouteResponse", "gateway.rs"),
        ("ConnectAuthorizer", "gateway.rs"),
        ("Table", "table.rs"),
    ] {
        assert_eq!(file(id), place, "{id}");
    }
}

#[test]
fn functions_are_told_apart_by_their_lines() {
    let template = template("");
    let line =
        |id: &str| template.sources().find(|(other, _)| other.as_str() == id).unwrap().1.line();
    assert_eq!(line("Worker"), line("WorkerRole"));
    assert_ne!(line("Worker"), line("Sender"));
}
