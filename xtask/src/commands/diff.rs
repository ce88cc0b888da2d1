//! `diff`: what would change, against templates that are at hand without an AWS account, or against
//! what one has.
//!
//! What a change means stands in `infra_gen::diff`; here is where both sides come from, and how
//! the result is shown.

mod deployed;
mod json;
mod markdown;
#[cfg(test)]
mod tests;
mod text;

use super::synth;
use crate::cargo::{command, works};
use crate::cli::{Diff as Args, DiffFormat};
use crate::ui::{CommandError, Exit, Result, Ui};
use crate::workspace;
use anyhow::{Context as _, anyhow};
use deployed::{CodeChange, Drifted, Zip};
use infra_gen::assembly::StackEntry;
use infra_gen::diff::{Action, Diff, EntryChange, Fate, Grant, ResourceChange, diff};
use infra_gen::{Node, template_file};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Where the old templates are.
enum Against {
    Snapshot,
    Git(String),
    Deployed,
    File(PathBuf),
}

/// What changes in a stack; without an account, in its template alone.
#[derive(Clone)]
struct Compared {
    diff: Diff,
    code: Vec<CodeChange>,
    drift: Vec<Drifted>,
}

impl From<Diff> for Compared {
    fn from(diff: Diff) -> Self {
        Self { diff, code: Vec::new(), drift: Vec::new() }
    }
}

impl Compared {
    fn is_empty(&self) -> bool {
        self.diff.is_empty() && self.code.is_empty() && self.drift.is_empty()
    }
}

/// A stack as it will be.
struct Stack {
    name: String,
    template: Value,
    /// The file whose older versions are compared with, relative to the root.
    file: PathBuf,
    /// The stage, where it is of one.
    stage: String,
    entry: Option<StackEntry>,
}

pub(crate) fn run(args: &Args, ui: &Ui) -> Result {
    let against = match args.against.as_str() {
        "snapshot" => Against::Snapshot,
        "deployed" => Against::Deployed,
        what => match what.strip_prefix("git:") {
            Some(revision) => Against::Git(commit(revision)?),
            None => Against::File(what.into()),
        },
    };
    let elsewhere = args.drift || args.region.is_some() || args.endpoint_url.is_some();
    if elsewhere && !matches!(against, Against::Deployed) {
        return Err(CommandError::user(anyhow!(
            "--drift, --region and --endpoint-url go with --against deployed alone"
        )));
    }
    let stacks = match &args.template {
        Some(file) => vec![given(file, &against)?],
        None => synthesized(args.stage.as_deref())?,
    };
    if let (Against::File(file), [_, _, ..]) = (&against, &stacks[..]) {
        let names: Vec<_> = stacks.iter().map(|stack| stack.name.as_str()).collect();
        return Err(CommandError::user(anyhow!(
            "{} is one template, and there are {}",
            file.display(),
            names.join(", ")
        ))
        .hint(format!("cargo xtask diff --stage NAME --against {}", file.display())));
    }
    let diffs = match &against {
        Against::Deployed => deployed::compare(&stacks, args, ui)?,
        Against::Snapshot | Against::Git(_) | Against::File(_) => {
            let compared = |stack: &Stack| -> Result<Compared> {
                Ok(diff(&stack.name, &old(stack, &against)?, &stack.template).into())
            };
            stacks.iter().map(compared).collect::<Result<_>>()?
        }
    };
    ui.print(&match args.format {
        DiffFormat::Text => text::render(&diffs),
        DiffFormat::Json => json::render(&args.against, &diffs),
        DiffFormat::Markdown => markdown::render(&args.against, &diffs),
    });
    let changed = diffs.iter().any(|compared| !compared.is_empty());
    Ok(if args.exit_code && changed { Exit::NeedsUpdate } else { Exit::Done })
}

/// The stacks of one stage, or of all.
fn synthesized(stage: Option<&str>) -> Result<Vec<Stack>> {
    let settings = workspace::settings()?;
    let stages = match stage {
        Some(name) => vec![settings.stage(name).map_err(|e| CommandError::user(anyhow!(e)))?],
        None => settings.stages().collect(),
    };
    let mut stacks = Vec::new();
    for stage in stages {
        let synthesized = synth::synthesize(stage)?;
        for (name, template) in synthesized.templates {
            let file = Path::new("stacks/templates").join(format!("{name}.yaml"));
            let template = parse(&template.to_json(), &file)?;
            let entry = synthesized.manifest.stacks.iter().find(|entry| entry.name == name);
            let (stage, entry) = (stage.name.clone(), entry.cloned());
            stacks.push(Stack { name, template, file, stage, entry });
        }
    }
    Ok(stacks)
}

/// The stack of a template given as a file, by its name.
fn given(file: &Path, against: &Against) -> Result<Stack> {
    let template = parse(&workspace::read(file)?, file)?;
    let stem = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
    let name = stem.split('.').next().unwrap_or_default().to_owned();
    let inside = match against {
        Against::File(_) | Against::Deployed => file.to_owned(),
        Against::Snapshot => {
            let name = workspace::show(file);
            return Err(CommandError::user(anyhow!("{name} has no reviewed template"))
                .hint("give another template or commit: --against FILE, --against git:REV"));
        }
        Against::Git(_) => {
            let whole = file.canonicalize();
            let whole = whole.with_context(|| format!("failed to find {}", file.display()))?;
            let root = workspace::root();
            let root = root.canonicalize().unwrap_or(root);
            whole.strip_prefix(root).map(Path::to_path_buf).map_err(|_| {
                CommandError::user(anyhow!("{} is not in this repository", file.display()))
            })?
        }
    };
    Ok(Stack { name, template, file: inside, stage: String::new(), entry: None })
}

/// A stack as it was: without a resource, where it was not there.
fn old(stack: &Stack, against: &Against) -> Result<Value> {
    let (text, name) = match against {
        Against::Snapshot => {
            let path = workspace::root().join(&stack.file);
            (path.exists().then(|| workspace::read(&path)).transpose()?, stack.file.clone())
        }
        Against::Git(commit) => (show(commit, &stack.file)?, stack.file.clone()),
        Against::File(file) => (Some(workspace::read(file)?), file.clone()),
        Against::Deployed => (None, stack.file.clone()),
    };
    text.map_or_else(|| Ok(json!({})), |text| parse(&text, &name))
}

fn parse(text: &str, file: &Path) -> Result<Value> {
    let value = template_file::parse(text);
    Ok(value.with_context(|| format!("{} is no template", workspace::show(file)))?)
}

/// The commit of a revision, so that nothing a user types can be taken for anything else.
fn commit(revision: &str) -> Result<String> {
    let name = format!("{revision}^{{commit}}");
    let mut git = command("git");
    git.args(["rev-parse", "--verify", "--quiet", "--end-of-options", &name]);
    let output = git.stdin(Stdio::null()).output().context("failed to start git")?;
    if !output.status.success() {
        return Err(CommandError::user(anyhow!("git knows no commit `{revision}`"))
            .hint("git fetch, where the branch is elsewhere; git log --oneline has the commits"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A file of a commit, if it was there.
fn show(commit: &str, file: &Path) -> Result<Option<String>> {
    let object = format!("{commit}:{}", file.display());
    if !works(command("git").args(["cat-file", "-e", &object])) {
        return Ok(None);
    }
    let mut git = command("git");
    let output = git.args(["show", &object]).stdin(Stdio::null()).output();
    let output = output.context("failed to start git")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(anyhow!("git shows no {object}: {}", said.trim()).into());
    }
    let text = String::from_utf8(output.stdout);
    Ok(Some(text.with_context(|| format!("{object} is not text"))?))
}

/// `812345 B → 813002 B`, or that one is new or gone.
fn sizes(change: &CodeChange) -> String {
    let size = |zip: &Option<Zip>| match zip {
        None => "(none)".to_owned(),
        Some(Zip { bytes: Some(bytes), .. }) => format!("{bytes} B"),
        Some(Zip { bytes: None, .. }) => "(no longer in the bucket)".to_owned(),
    };
    format!("{} → {}", size(&change.old), size(&change.new))
}

/// What happens to resources, in order of weight.
const ACTIONS: [(Action, &str, &str); 5] = [
    (Action::Remove, "-", "to remove"),
    (Action::Replace, "±", "to replace"),
    (Action::MayReplace, "?", "perhaps to replace"),
    (Action::Update, "~", "to update"),
    (Action::Add, "+", "to add"),
];

/// `1 to add, 2 to update`, or that nothing changes.
fn summary(Compared { diff, code, drift }: &Compared) -> String {
    if diff.is_empty() {
        let words = match (code.is_empty(), drift.is_empty()) {
            (true, true) => "no change",
            (false, true) => "other code",
            (true, false) => "no change, but drift",
            (false, false) => "other code, and drift",
        };
        return words.to_owned();
    }
    let counts = ACTIONS.map(|(action, _, words)| (diff.count(action), words));
    let parts: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    if parts.is_empty() { "no resource changes".to_owned() } else { parts.join(", ") }
}

/// `replaced because of KeySchema`.
fn reason(change: &ResourceChange) -> String {
    let because: Vec<_> = change.because.iter().map(|path| short(&path.to_string())).collect();
    match (change.action, because.join(", ")) {
        (Action::Replace, because) => format!("replaced because of {because}"),
        (Action::MayReplace, because) if because.is_empty() => "may be replaced".to_owned(),
        (Action::MayReplace, because) => format!("may be replaced because of {because}"),
        (Action::Add | Action::Update | Action::Remove, _) => String::new(),
    }
}

/// Nearly all that changes is a property; only what is not is told by its place.
fn short(path: &str) -> String {
    path.strip_prefix("Properties.").unwrap_or(path).to_owned()
}

/// What becomes of the data of a resource, in a sentence.
fn fate(change: &ResourceChange) -> Option<String> {
    let data = change.data.as_ref()?;
    let holds = data.holds;
    let mut sentence = match (change.action, data.fate) {
        (Action::Update, _) => format!("old {holds} are deleted: they are kept for a shorter time"),
        (_, Fate::Lost) => format!("its {holds} are lost"),
        (_, Fate::Kept) => format!("its {holds} stay in a resource that the stack no longer knows"),
        (_, Fate::Snapshot) => format!("its {holds} are gone but for a snapshot"),
    };
    if !data.certain {
        sentence.push_str(", if AWS replaces it");
    }
    Some(sentence)
}

/// How the narrower row was, in what the wider one differs from it.
fn narrower(grant: &Grant, before: &Grant) -> String {
    let columns = [
        (&grant.principal, &before.principal),
        (&grant.action, &before.action),
        (&grant.resource, &before.resource),
        (&grant.condition, &before.condition),
    ];
    let differing = columns.iter().filter(|(now, before)| now != before);
    differing.map(|(_, before)| before.as_str()).collect::<Vec<_>>().join(", ")
}

/// What differs in an entry, by the name of the part; without one, the entry as a whole.
fn parts(change: &EntryChange) -> Vec<(String, Option<&Node>, Option<&Node>)> {
    let id = &change.id;
    match (&change.old, &change.new) {
        (Some(Node::Map(old)), Some(Node::Map(new))) => {
            let keys: BTreeSet<&str> = old.iter().chain(new).map(|(key, _)| key.as_ref()).collect();
            let part = |key: &str| {
                let [old, new] = [&change.old, &change.new].map(|node| node.as_ref()?.get(key));
                (old != new).then(|| (format!("{id}.{key}"), old, new))
            };
            keys.into_iter().filter_map(part).collect()
        }
        (old, new) => vec![(id.clone(), old.as_ref().map(said), new.as_ref().map(said))],
    }
}

/// Of an output that comes or goes, what it says.
fn said(node: &Node) -> &Node {
    node.get("Value").unwrap_or(node)
}
