//! Who may do more, and who less.

use crate::glob;
use crate::grants::{Grant, grants};
use crate::parsed::Parsed;
use serde::Serialize;
use std::collections::BTreeSet;

/// All rows that come or go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IamChanges {
    /// Whether anybody may do more than before.
    pub broadens: bool,
    /// Sorted by principal.
    pub changes: Vec<IamChange>,
}

/// A row that comes or goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IamChange {
    /// Whether it comes or goes.
    pub sign: Sign,
    /// The row.
    #[serde(flatten)]
    pub grant: Grant,
    /// Whether somebody may do more by it than before.
    pub broadens: bool,
    /// The narrower row that goes for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wider_than: Option<Grant>,
}

/// Whether a row comes or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Sign {
    /// It goes.
    Removed,
    /// It comes.
    Added,
}

/// Compares the rows of two templates.
pub(super) fn changes(old: &Parsed, new: &Parsed) -> IamChanges {
    let (old, new) = (grants(old), grants(new));
    let removed = old.difference(&new).map(|grant| IamChange {
        sign: Sign::Removed,
        broadens: grant.effect != "Allow" && !covered(grant, &new),
        wider_than: None,
        grant: grant.clone(),
    });
    let added = new.difference(&old).map(|grant| IamChange {
        sign: Sign::Added,
        broadens: grant.effect == "Allow" && !covered(grant, &old),
        wider_than: old.difference(&new).find(|before| covers(grant, before)).cloned(),
        grant: grant.clone(),
    });
    let mut changes: Vec<_> = removed.chain(added).collect();
    changes.sort_by_key(|change| {
        let Grant { effect, principal, action, resource, condition } = change.grant.clone();
        (principal, resource, action, effect, condition, change.sign == Sign::Added)
    });
    IamChanges { broadens: changes.iter().any(|change| change.broadens), changes }
}

fn covered(grant: &Grant, by: &BTreeSet<Grant>) -> bool {
    by.iter().any(|other| covers(other, grant))
}

/// Whether whatever the second row says, the first says, too.
fn covers(wide: &Grant, narrow: &Grant) -> bool {
    let action = |grant: &Grant| grant.action.to_ascii_lowercase();
    wide.effect == narrow.effect
        && column_covers(&wide.principal, &narrow.principal)
        && column_covers(&action(wide), &action(narrow))
        && column_covers(&wide.resource, &narrow.resource)
        && (wide.condition.is_empty() || column_covers(&wide.condition, &narrow.condition))
}

/// The same for one column. `not x` covers no more than itself: what it leaves out is not followed
/// up; nor is what a condition in JSON means by `*`.
fn column_covers(wide: &str, narrow: &str) -> bool {
    let plain = |text: &str| !text.starts_with("not ") && !text.contains('{');
    // A reference is written with braces, too.
    let named = |text: &str| plain(&text.replace("${", ""));
    if named(wide) && named(narrow) { glob::covers(wide, narrow) } else { wide == narrow }
}
