//! What Herald deploys: settings in, templates out.
//!
//! Pure: this crate reads no file, environment or clock. `xtask` reads `stages.yaml` and writes
//! the assembly; `infra-gen` gives the types.

pub mod constructs;
pub mod oidc;
pub mod push;
mod settings;

pub use settings::{
    Architecture, Deployment, Domain, Jwt, Settings, SettingsError, Stage, Throttle, Worker,
};

use infra_gen::Template;
use infra_gen::assembly::{self, Manifest, StackEntry};
use std::collections::BTreeMap;

/// Everything that a stage becomes.
pub struct Synthesized {
    /// What goes into the assembly beside the templates.
    pub manifest: Manifest,
    /// Templates by the name of their stack.
    pub templates: BTreeMap<String, Template>,
}

/// The name of a stage's stack; names within begin with it.
fn stack_name(stage: &Stage) -> String {
    format!("herald-{}", stage.name.replace('_', "-"))
}

/// Turns a stage into its templates. Whether they hold is [`Template::check`]'s to say.
pub fn synthesize(stage: &Stage) -> Synthesized {
    let name = stack_name(stage);
    let stack = StackEntry {
        name: name.clone(),
        template: format!("{name}.template.json"),
        region: stage.region.clone(),
        parameters: BTreeMap::new(),
        secrets: push::secrets(stage),
        functions: push::functions(stage),
        tags: BTreeMap::from([("herald:stage".to_owned(), stage.name.clone())]),
    };
    let manifest =
        Manifest { version: assembly::VERSION, stage: stage.name.clone(), stacks: vec![stack] };
    Synthesized { manifest, templates: BTreeMap::from([(name, push::template(stage))]) }
}
