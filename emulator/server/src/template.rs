//! From files to what the core runs: the template, and the executables of its functions.

use crate::error::{Failure, Result};
use anyhow::{Context as _, anyhow};
use gateway_core::template::{Place, Problem};
use gateway_core::topology::Topology;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The account of the local cloud.
pub(crate) const ACCOUNT_ID: &str = "000000000000";

/// Where everything is read from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) template: PathBuf,
    pub(crate) place: Place,
    /// Executables by the logical ID of their function; absolute.
    pub(crate) executables: BTreeMap<String, PathBuf>,
}

/// What was read.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub(crate) topology: Topology,
    /// Executables by the name of their function.
    pub(crate) programs: BTreeMap<String, PathBuf>,
    /// Logical IDs of functions without an executable.
    pub(crate) without_program: Vec<String>,
    pub(crate) state: State,
}

/// How the files looked when they were read: what differs has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    template: String,
    executables: BTreeMap<PathBuf, Option<(u64, SystemTime)>>,
}

impl Source {
    pub(crate) fn new(
        template: &Path,
        place: Place,
        functions: &[(String, String)],
    ) -> Result<Self> {
        let absolute = |path: &Path| {
            std::path::absolute(path).with_context(|| format!("{} is not a path", path.display()))
        };
        let executables: anyhow::Result<BTreeMap<_, _>> = functions
            .iter()
            .map(|(id, path)| Ok((id.clone(), absolute(Path::new(path))?)))
            .collect();
        Ok(Self { template: absolute(template)?, place, executables: executables? })
    }

    /// How the files look now.
    pub(crate) fn state(&self) -> Result<State> {
        let template = std::fs::read_to_string(&self.template)
            .with_context(|| format!("the template {} cannot be read", self.template.display()))?;
        let executables = self.executables.values().map(|path| (path.clone(), fingerprint(path)));
        Ok(State { template, executables: executables.collect() })
    }

    /// Reads everything.
    pub(crate) fn load(&self) -> Result<Loaded> {
        let state = self.state()?;
        let template = self.template.display();
        let value = infra_gen::template_file::parse(&state.template).map_err(|e| {
            Failure::new(anyhow::Error::new(e).context(format!("{template} is no template")))
        })?;
        let topology = gateway_core::template::read(&value, &self.place)
            .map_err(|problems| self.refused(&problems))?;
        let mut programs = BTreeMap::new();
        let mut without_program = Vec::new();
        for function in topology.functions.values() {
            match self.executables.get(&function.logical_id) {
                Some(path) => {
                    programs.insert(function.name.clone(), path.clone());
                }
                None => without_program.push(function.logical_id.clone()),
            }
        }
        self.check_executables(&topology)?;
        Ok(Loaded { topology, programs, without_program, state })
    }

    fn refused(&self, problems: &[Problem]) -> Failure {
        let template = self.template.display();
        let lines = problems.iter().map(|Problem { at, message }| {
            if at.is_empty() { message.clone() } else { format!("{at}: {message}") }
        });
        Failure::new(anyhow!("{template} cannot be deployed, here or on AWS")).details(lines)
    }

    fn check_executables(&self, topology: &Topology) -> Result<()> {
        let known: Vec<&str> = topology.functions.values().map(|f| f.logical_id.as_str()).collect();
        for (id, path) in &self.executables {
            if !known.contains(&id.as_str()) {
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(Failure::new(anyhow!("the template has no function `{id}`"))
                    .hint(format!("its functions are {known}")));
            }
            if !path.is_file() {
                let why =
                    anyhow!("the executable of function `{id}` is not there: {}", path.display());
                return Err(Failure::new(why).hint("build it first"));
            }
        }
        Ok(())
    }
}

impl State {
    /// Paths of executables that are not what they were.
    pub(crate) fn changed_since(&self, before: &Self) -> Vec<&Path> {
        let changed =
            |path: &&PathBuf| self.executables.get(*path) != before.executables.get(*path);
        self.executables.keys().filter(changed).map(PathBuf::as_path).collect()
    }
}

/// Enough to tell a new build from an old one without reading it.
fn fingerprint(path: &Path) -> Option<(u64, SystemTime)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}
