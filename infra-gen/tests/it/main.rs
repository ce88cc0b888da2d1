//! What users of `infra-gen` see: values, templates, policies, text, files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod assembly;
mod check;
mod compile_fail;
mod diff;
mod iam;
mod shapes;
mod template;
mod template_file;
mod validate;
mod values;
mod yaml;
