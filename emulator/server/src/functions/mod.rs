//! From the functions of a template to programs that can be started.
//!
//! `code` finds what a function is made of, `program` decides what runs it; what environments do is
//! `process`'s concern, and when they do it the core's.

mod code;
mod interpreter;
mod program;
mod unpack;

pub(crate) use code::Code;
pub(crate) use program::Program;

use crate::scratch::Scratch;
use gateway_core::topology::{Function, Topology};
use interpreter::Interpreters;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The programs of functions by their names, or why one cannot be run.
pub(crate) type Programs = BTreeMap<String, Result<Program, String>>;

/// Hosts that lead to the local cloud, for the runtime loops: names, or endings that begin with a dot.
const AWS_HOSTS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];

/// Finds and prepares the code of functions.
#[derive(Clone, Debug)]
pub(crate) struct Workshop {
    scratch: Arc<Scratch>,
    interpreters: Arc<Interpreters>,
}

/// A template on disk.
pub(crate) struct Template<'a> {
    pub(crate) path: &'a Path,
    pub(crate) value: &'a Value,
    pub(crate) topology: &'a Topology,
}

impl Template<'_> {
    /// What its relative paths are relative to.
    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }
}

impl Workshop {
    pub(crate) fn new(scratch: Arc<Scratch>) -> anyhow::Result<Self> {
        let interpreters = Arc::new(Interpreters::new(&scratch)?);
        Ok(Self { scratch, interpreters })
    }

    /// What runs this function, and where its code is, even if nothing can run that.
    pub(crate) fn prepare(
        &self,
        template: &Template<'_>,
        function: &Function,
        given: Option<&PathBuf>,
    ) -> (Result<Program, String>, Option<Code>) {
        let code = match code::find(template, function, given, &self.scratch) {
            Ok(code) => code,
            Err(why) => return (Err(why), None),
        };
        let program = program::of(function, &code, template, &self.interpreters);
        (program, Some(code))
    }
}

fn led_hosts(topology: &Topology) -> String {
    let own = topology.domains.keys().map(|name| name.strip_prefix('*').unwrap_or(name));
    AWS_HOSTS.into_iter().chain(own).collect::<Vec<_>>().join(",")
}
