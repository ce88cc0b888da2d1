//! What a template asks for, resolved: APIs, stages, routes, integrations, functions.

use std::collections::BTreeMap;

/// Everything the emulator runs of one template.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    /// WebSocket APIs by their id.
    pub apis: BTreeMap<String, Api>,
    /// Functions by the name they have at run time.
    pub functions: BTreeMap<String, Function>,
    /// The template's outputs, resolved.
    pub outputs: BTreeMap<String, String>,
    /// Resources that are not emulated: logical ID and type.
    pub not_emulated: Vec<(String, String)>,
    /// What AWS accepts and then fails at.
    pub warnings: Vec<String>,
}

/// A WebSocket API. (Fields are added by the reader of templates.)
#[derive(Clone, Debug, Default)]
pub struct Api {
    /// Stage names.
    pub stages: BTreeMap<String, Stage>,
}

/// A stage of an API.
#[derive(Clone, Debug, Default)]
pub struct Stage {}

/// A Lambda function.
#[derive(Clone, Debug, Default)]
pub struct Function {
    /// The logical ID in the template; the shell maps it to a binary.
    pub logical_id: String,
    /// The name at run time.
    pub name: String,
    /// `provided.al2023`, `nodejs22.x`, …
    pub runtime: String,
    /// `Handler`.
    pub handler: String,
}
