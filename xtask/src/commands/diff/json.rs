//! A diff as one JSON document; `docs/diff-schema.md` describes it.

use super::Compared;
use super::deployed::{CodeChange, Drifted};
use infra_gen::diff::{Action, Diff, VERSION};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'d> {
    version: u32,
    against: &'d str,
    stacks: Vec<Stack<'d>>,
}

#[derive(Serialize)]
struct Stack<'d> {
    summary: Summary,
    #[serde(flatten)]
    diff: &'d Diff,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    code: &'d [CodeChange],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    drift: &'d [Drifted],
}

/// How many resources have this done to them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    add: usize,
    update: usize,
    may_replace: usize,
    replace: usize,
    remove: usize,
    /// Of these, how many lose data, or may.
    data_loss: usize,
}

pub(super) fn render(against: &str, compared: &[Compared]) -> String {
    let stacks = compared
        .iter()
        .map(|Compared { diff, code, drift }| Stack {
            summary: Summary::of(diff),
            diff,
            code,
            drift,
        })
        .collect();
    let text = serde_json::to_string_pretty(&Document { version: VERSION, against, stacks })
        .expect("a tree of strings, finite numbers and string keys is always JSON");
    format!("{text}\n")
}

impl Summary {
    fn of(diff: &Diff) -> Self {
        Self {
            add: diff.count(Action::Add),
            update: diff.count(Action::Update),
            may_replace: diff.count(Action::MayReplace),
            replace: diff.count(Action::Replace),
            remove: diff.count(Action::Remove),
            data_loss: diff.losses().count(),
        }
    }
}
