//! From files to what the core runs: the template, and the programs of its functions.

use crate::error::{Failure, Result};
use crate::fingerprint::fingerprint;
use crate::functions::{Code, Programs, Template, Workshop};
use anyhow::{Context as _, anyhow};
use gateway_core::template::{Place, Problem};
use gateway_core::topology::Topology;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The account of the local cloud.
pub(crate) const ACCOUNT_ID: &str = "000000000000";

/// Where everything is read from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) template: PathBuf,
    pub(crate) place: Place,
    /// Code by the logical ID of its function; absolute.
    given: BTreeMap<String, PathBuf>,
    workshop: Workshop,
}

/// What was read.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub(crate) topology: Topology,
    pub(crate) programs: Programs,
    pub(crate) state: State,
}

/// How the files looked when they were read: what differs has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    template: String,
    /// By the name of its function.
    code: BTreeMap<String, (Code, Option<u64>)>,
}

impl Source {
    pub(crate) fn new(
        template: &Path,
        place: Place,
        functions: &[(String, String)],
        workshop: Workshop,
    ) -> Result<Self> {
        let absolute = |path: &Path| {
            std::path::absolute(path).with_context(|| format!("{} is not a path", path.display()))
        };
        let given: anyhow::Result<BTreeMap<_, _>> = functions
            .iter()
            .map(|(id, path)| Ok((id.clone(), absolute(Path::new(path))?)))
            .collect();
        Ok(Self { template: absolute(template)?, place, given: given?, workshop })
    }

    fn read(&self) -> Result<String> {
        let failed = || format!("the template {} cannot be read", self.template.display());
        Ok(std::fs::read_to_string(&self.template).with_context(failed)?)
    }

    /// How the files that were read then look now.
    pub(crate) fn state(&self, then: &State) -> Result<State> {
        let code = then.code.iter().map(|(name, (code, _))| (name.clone(), look_at(code.clone())));
        Ok(State { template: self.read()?, code: code.collect() })
    }

    /// Reads everything.
    pub(crate) fn load(&self) -> Result<Loaded> {
        let text = self.read()?;
        let template = self.template.display();
        let value = infra_gen::template_file::parse(&text).map_err(|e| {
            Failure::new(anyhow::Error::new(e).context(format!("{template} is no template")))
        })?;
        let topology = gateway_core::template::read(&value, &self.place)
            .map_err(|problems| self.refused(&problems))?;
        self.check_given(&topology)?;
        let template = Template { path: &self.template, value: &value, topology: &topology };
        let mut programs = Programs::new();
        let mut state = State { template: text.clone(), code: BTreeMap::new() };
        for function in topology.functions.values() {
            let given = self.given.get(&function.logical_id);
            let (program, code) = self.workshop.prepare(&template, function, given);
            programs.insert(function.name.clone(), program);
            state.code.extend(code.map(|code| (function.name.clone(), look_at(code))));
        }
        Ok(Loaded { topology, programs, state })
    }

    fn refused(&self, problems: &[Problem]) -> Failure {
        let lines = problems.iter().map(|Problem { at, message }| {
            if at.is_empty() { message.clone() } else { format!("{at}: {message}") }
        });
        self.not_deployable().details(lines)
    }

    pub(crate) fn not_deployable(&self) -> Failure {
        let template = self.template.display();
        Failure::new(anyhow!("{template} cannot be deployed, here or on AWS"))
    }

    fn check_given(&self, topology: &Topology) -> Result<()> {
        let known: Vec<&str> = topology.functions.values().map(|f| f.logical_id.as_str()).collect();
        for (id, path) in &self.given {
            if !known.contains(&id.as_str()) {
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(Failure::new(anyhow!("the template has no function `{id}`"))
                    .hint(format!("its functions are {known}")));
            }
            if !path.exists() {
                let why = anyhow!("the code of function `{id}` is not there: {}", path.display());
                return Err(Failure::new(why).hint("build it first"));
            }
        }
        Ok(())
    }
}

impl Loaded {
    /// What is said once about resources that nothing is done about.
    pub(crate) fn not_emulated(&self) -> Option<String> {
        let mut by_kind: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (id, kind) in &self.topology.not_emulated {
            by_kind.entry(kind).or_default().push(id);
        }
        let said = |(kind, ids): (&&str, &Vec<&str>)| match ids.as_slice() {
            [id] => format!("{id} ({kind})"),
            ids => format!("{} of {kind}", ids.len()),
        };
        let names: Vec<String> = by_kind.iter().map(said).collect();
        (!names.is_empty()).then(|| format!("not emulated: {}", names.join(", ")))
    }

    /// What is said about functions that nobody can run.
    pub(crate) fn troubles(&self) -> impl Iterator<Item = &String> {
        self.programs.values().filter_map(|program| program.as_ref().err())
    }
}

impl State {
    /// Names of functions whose code is not what it was.
    pub(crate) fn changed_since(&self, before: &Self) -> Vec<String> {
        let changed =
            |(name, code): &(&String, &(Code, Option<u64>))| before.code.get(*name) != Some(*code);
        self.code.iter().filter(changed).map(|(name, _)| name.clone()).collect()
    }

    /// Files and folders that may change without the template changing.
    pub(crate) fn mutable_code(&self) -> impl Iterator<Item = &PathBuf> {
        let code = self.code.values().map(|(code, _)| code);
        code.filter(|code| code.is_mutable).map(|code| &code.origin)
    }
}

/// Code whose path says what is in it is not looked at.
fn look_at(code: Code) -> (Code, Option<u64>) {
    let fingerprint = if code.is_mutable { fingerprint(&code.origin) } else { None };
    (code, fingerprint)
}
