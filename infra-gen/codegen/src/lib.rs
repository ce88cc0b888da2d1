//! Resource schemas to Rust source: a pure function.
//!
//! In: provider schemas by file name. Out: source files by their path below `infra-gen/src/aws/`,
//! formatted as rustfmt would. Same input, same bytes. `xtask` reads and writes the files;
//! `infra-gen` has the runtime the generated source speaks to, and this crate must not depend on
//! it.
//!
//! ```text
//! schema  what a file says, strictly read
//! facts   what it does not say, by hand
//! build   both together, to a
//! model   of structs, enums, attributes, rules
//! emit    the text
//! ```

mod build;
mod emit;
mod facts;
mod layout;
mod model;
mod names;
mod rules;
mod schema;
mod vendor;

pub use vendor::{file_name, lay_out};

use model::Module;
use std::collections::BTreeMap;

/// Why no source could be generated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is not JSON.
    #[error("schema {file} is not valid JSON")]
    Json {
        /// The file's name.
        file: String,
        /// Where and why.
        source: serde_json::Error,
    },
    /// The file says something that this generator has no answer for.
    #[error("schema {file}: {path} {message}")]
    Schema {
        /// The file's name.
        file: String,
        /// The place in it: `/properties/Tags/items`.
        path: String,
        /// A sentence that begins with the place.
        message: String,
    },
}

impl Error {
    fn schema(file: &str, path: &str, message: &str) -> Self {
        let path = if path.is_empty() { "/" } else { path };
        Self::Schema { file: file.to_owned(), path: path.to_owned(), message: message.to_owned() }
    }
}

/// Turns schemas, by file name, into source files, by path below `infra-gen/src/aws/`.
///
/// # Errors
/// The first schema that is not understood in full.
pub fn generate(schemas: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Error> {
    let mut modules: BTreeMap<String, Module> = BTreeMap::new();
    for (file, text) in schemas {
        let document = schema::Document::parse(file, text)?;
        let module = Module::build(file, &document)?;
        let type_name = module.type_name.clone();
        if modules.insert(type_name.clone(), module).is_some() {
            return Err(Error::schema(file, "/typeName", &format!("is {type_name} a second time")));
        }
    }
    Ok(emit::files(&modules.into_values().collect::<Vec<_>>()))
}
