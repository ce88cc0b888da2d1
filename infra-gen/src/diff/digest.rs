//! The digest that approves exactly one change.
//!
//! It covers the stack, the new template, what is destroyed and who may do more or less. A template
//! alone would not do: the same one destroys nothing in an empty stack and a table in another.

use super::{Action, IamChanges, ResourceChange};
use crate::node::Node;
use crate::parsed::Parsed;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// What is approved, in an order that never changes.
#[derive(Serialize)]
struct Approved<'a> {
    version: u32,
    stack: &'a str,
    template: &'a Node,
    destroyed: Vec<(&'a str, &'a str, Action)>,
    iam: &'a IamChanges,
}

/// SHA-256 in hexadecimal digits.
pub(super) fn digest(
    stack: &str,
    new: &Parsed,
    resources: &[ResourceChange],
    iam: &IamChanges,
) -> String {
    let destroyed = resources.iter().filter(|resource| {
        matches!(resource.action, Action::Remove | Action::Replace | Action::MayReplace)
            || resource.data.is_some()
    });
    let destroyed = destroyed
        .map(|resource| {
            let type_name = resource.old_type.as_ref().unwrap_or(&resource.type_name);
            (resource.id.as_str(), type_name.as_str(), resource.action)
        })
        .collect();
    // Maps of the template are sorted when it is parsed, the rest is sorted as it is made.
    let approved =
        Approved { version: super::VERSION, stack, template: new.root(), destroyed, iam };
    let bytes = serde_json::to_vec(&approved)
        .expect("a tree of strings, finite numbers and string keys is always JSON");
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        _ = write!(text, "{byte:02x}");
        text
    })
}
