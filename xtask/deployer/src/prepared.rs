//! A plan in a file: what `--prepare` leaves and `--plan` takes up, in another job perhaps and after
//! somebody has looked at it.

use crate::cloudformation::{ChangeSet, Stack};
use crate::plan::Plan;
use crate::{Context, Failure, Result};
use infra_gen::assembly::write_if_changed;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The form of the file; a reader refuses another.
const VERSION: u32 = 1;

/// What is in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Prepared {
    version: u32,
    /// The account it is for.
    pub account: String,
    /// The Region it is for.
    pub region: String,
    /// Stacks that change, in the order of deployment.
    pub stacks: Vec<PreparedStack>,
}

/// A stack that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreparedStack {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub stack_id: String,
    /// The ARN of the change set.
    pub change_set_id: String,
    /// What was approved.
    pub digest: String,
    /// The status it had, and when it was last updated: any operation changes one of them.
    pub status: String,
    /// When it was last updated, or made.
    pub updated: String,
}

impl Prepared {
    /// Without a stack yet.
    pub fn new(account: &str, region: &str) -> Self {
        let (account, region) = (account.to_owned(), region.to_owned());
        Self { version: VERSION, account, region, stacks: Vec::new() }
    }

    /// Takes up a change set of a stack; `stack` as it is now that the change set is made.
    pub fn add(&mut self, plan: &Plan, set: &ChangeSet, stack: &Stack) {
        self.stacks.push(PreparedStack {
            name: plan.stack.clone(),
            stack_id: stack.stack_id.clone(),
            change_set_id: set.change_set_id.clone(),
            digest: plan.digest.clone(),
            status: stack.stack_status.clone(),
            updated: updated(stack),
        });
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn write(&self, path: &Path) -> Result<()> {
        // Strings and numbers are always JSON.
        let text = serde_json::to_string_pretty(self).unwrap_or_default() + "\n";
        let written = write_if_changed(path, text.as_bytes());
        written.map(drop).map_err(|e| Failure::new(format!("{}: {e}", path.display())))
    }

    /// Reads it.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn read(path: &Path) -> Result<Self> {
        let bad = |e: String| Failure::new(format!("{}: {e}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|e| bad(e.to_string()))?;
        let prepared: Self = serde_json::from_str(&text)
            .map_err(|e| bad(format!("it is no plan of `deploy --prepare`: {e}")))?;
        if prepared.version != VERSION {
            let version = prepared.version;
            return Err(bad(format!("it has version {version}, and {VERSION} is understood")));
        }
        Ok(prepared)
    }
}

impl PreparedStack {
    /// Passes if nothing has happened to the stack since.
    ///
    /// # Errors
    /// What has.
    pub fn check(&self, context: &Context, stack: Option<&Stack>) -> Result<()> {
        let same = stack.is_some_and(|stack| {
            stack.stack_id == self.stack_id
                && stack.stack_status == self.status
                && updated(stack) == self.updated
        });
        if same {
            return Ok(());
        }
        let now = stack.map_or("gone", |stack| &stack.stack_status);
        let message = format!("{} has changed since the plan was made", self.name);
        Err(Failure::new(message)
            .detail(format!("then it was in {}, of {}; now it is {now}", self.status, self.updated))
            .hint(context.command("deploy", "--prepare FILE")))
    }
}

fn updated(stack: &Stack) -> String {
    stack.last_updated_time.as_ref().unwrap_or(&stack.creation_time).clone()
}
