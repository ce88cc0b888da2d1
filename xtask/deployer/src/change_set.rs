//! A change set from its making to its end: executed, or thrown away.

use crate::assets;
use crate::cloudformation::{self, ChangeSet, ChangeSetType, Creation, Stack, Template};
use crate::parameters::Parameters;
use crate::preflight;
use crate::s3::Bucket;
use crate::screen::Screen;
use crate::state::{self, State};
use crate::target::Target;
use crate::{Context, Failure, Result, cause, time};
use std::time::{Duration, SystemTime};

/// How soon it is asked again whether a change set is made.
const POLL: Duration = Duration::from_secs(1);
/// How long making one may take.
const PATIENCE: Duration = Duration::from_secs(900);
/// After this time a change set that nobody executed was left by a deployment that was killed.
const FORGOTTEN: Duration = Duration::from_secs(3600);
/// What the names of those begin with; those of `--prepare` wait for somebody.
const PREFIX: &str = "herald-deploy-";
const PREFIX_PREPARED: &str = "herald-plan-";

/// What a change set is made of.
pub struct Draft<'a> {
    context: &'a Context,
    target: &'a Target,
    bucket: &'a Bucket,
    parameters: &'a Parameters,
    kind: ChangeSetType,
    /// Its name.
    pub name: String,
    /// Whether the stack was not there at all, so that none must be left.
    makes_stack: bool,
}

impl<'a> Draft<'a> {
    /// Nothing is called yet.
    pub fn new(
        context: &'a Context,
        target: &'a Target,
        bucket: &'a Bucket,
        parameters: &'a Parameters,
        stack: Option<&Stack>,
        prepares: bool,
    ) -> Self {
        let state = state::of(stack);
        let kind = match state {
            State::Absent | State::Review => ChangeSetType::Create,
            _ => ChangeSetType::Update,
        };
        let prefix = if prepares { PREFIX_PREPARED } else { PREFIX };
        let name = format!("{prefix}{}", time::compact(context.clock.now()));
        let makes_stack = state == State::Absent;
        Self { context, target, bucket, parameters, kind, name, makes_stack }
    }

    /// Makes it; none, if nothing changes.
    ///
    /// # Errors
    /// What CloudFormation has against it.
    pub async fn create(&self) -> Result<Option<ChangeSet>> {
        let client = &self.context.client;
        let target = self.target;
        let template = match assets::of_template(target) {
            Some(asset) => Template::Url(self.bucket.url(client, &asset.key)),
            None => Template::Body(&target.text),
        };
        let creation = Creation {
            stack_name: &target.entry.name,
            name: &self.name,
            kind: self.kind,
            template,
            parameters: self.parameters,
            capabilities: &preflight::capabilities(&target.template),
            tags: &target.entry.tags,
        };
        let (id, stack_id) =
            cloudformation::create_change_set(client, &creation).await.map_err(|error| {
                let failure = Failure::from(error.clone());
                match error.code() {
                    Some("InsufficientCapabilitiesException") => failure.hint(
                        "a macro makes more of the template than stands in it; deploy such a stack by other means",
                    ),
                    _ => failure,
                }
            })?;
        let set = self.made(&stack_id, &id).await?;
        if set.status == "CREATE_COMPLETE" {
            return Ok(Some(set));
        }
        let reason = set.status_reason.unwrap_or_default();
        if is_unchanged(&reason) {
            return Ok(None);
        }
        // Older places do not know the call; the reason stands without it.
        let events = cloudformation::failed_events(client, &id).await.unwrap_or_default();
        Err(cause::of_change_set(self.context, target, &reason, &events))
    }

    async fn made(&self, stack_id: &str, id: &str) -> Result<ChangeSet> {
        let Context { client, clock, .. } = self.context;
        let began = clock.now();
        loop {
            let set = cloudformation::describe_change_set(client, stack_id, id).await?;
            match set {
                Some(set) if !set.status.starts_with("CREATE_") => return Ok(set),
                Some(set) if set.status == "CREATE_COMPLETE" => return Ok(set),
                Some(_) if time::between(began, clock.now()) < PATIENCE => {}
                Some(_) => {
                    let minutes = PATIENCE.as_secs() / 60;
                    let message = format!("the change set was not made within {minutes} minutes");
                    return Err(Failure::new(message));
                }
                None => return Err(Failure::new("somebody has deleted the change set")),
            }
            clock.sleep(POLL).await;
        }
    }

    /// Throws it away, and the stack that was made for it; told, where that does not succeed.
    pub async fn discard(&self, screen: &mut Screen<'_>) {
        let client = &self.context.client;
        let stack = &self.target.entry.name;
        let done = cloudformation::delete_change_set(client, stack, &self.name).await;
        if let Err(error) = done {
            let name = &self.name;
            screen.note(format!("change set {name} of {stack} is left behind: {error}"));
            return;
        }
        if !self.makes_stack {
            return;
        }
        let found = cloudformation::describe_stack(client, stack).await;
        let found = found.map(|stack| stack.filter(|s| state::of(Some(s)) == State::Review));
        let done = match found {
            Ok(Some(stack)) => {
                cloudformation::delete_stack(client, &stack.stack_id, &self.name).await
            }
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            screen.note(format!("an empty stack {stack} is left behind: {error}"));
        }
    }
}

/// Throws away what deployments have left that were killed.
///
/// # Errors
/// When a call fails.
pub async fn sweep(context: &Context, stack: &Stack) -> Result<()> {
    let now = context.clock.now();
    let forgotten = |made: SystemTime| time::between(made, now) > FORGOTTEN;
    for set in cloudformation::list_change_sets(&context.client, &stack.stack_id).await? {
        let made = time::parse(&set.creation_time);
        if set.change_set_name.starts_with(PREFIX) && made.is_some_and(forgotten) {
            let (stack, name) = (&stack.stack_id, &set.change_set_id);
            cloudformation::delete_change_set(&context.client, stack, name).await?;
        }
    }
    Ok(())
}

/// CloudFormation has no code for it but these sentences.
fn is_unchanged(reason: &str) -> bool {
    reason.contains("didn't contain changes") || reason.contains("No updates are to be performed")
}
