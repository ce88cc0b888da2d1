//! What runs a function: its own executable, or an interpreter with a runtime loop of ours.

use super::code::Code;
use super::interpreter::{Interpreter, Interpreters};
use super::{Template, led_hosts};
use gateway_core::topology::Function;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// Lambda's, less the folders that hold its own programs.
const PATH: &str = "/usr/local/bin:/usr/bin/:/bin:/opt/bin";

/// A program that speaks the Runtime API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// What to start.
    pub(crate) command: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// `LAMBDA_TASK_ROOT`.
    pub(crate) root: PathBuf,
    /// Variables that come with the way it is run.
    pub(crate) variables: Vec<(&'static str, OsString)>,
    /// For people.
    description: String,
}

/// The families of runtimes.
enum Runtime {
    /// An executable brings its own loop.
    Native,
    Node,
    Python,
    /// One that has no loop here.
    Other,
}

impl Runtime {
    /// Without a name, it is a container image or a mistake, and an executable may stand in.
    fn of(name: &str) -> Self {
        match name.find(|c: char| c.is_ascii_digit()).map_or(name, |end| &name[..end]) {
            "" | "provided" | "provided.al" | "go" => Self::Native,
            "nodejs" => Self::Node,
            "python" => Self::Python,
            _ => Self::Other,
        }
    }
}

pub(super) fn of(
    function: &Function,
    code: &Code,
    template: &Template<'_>,
    interpreters: &Interpreters,
) -> Result<Program, String> {
    let (id, path) = (&function.logical_id, &code.path);
    // A script is started by its interpreter; any other file was given to run, whatever the runtime.
    let root = match path.extension().and_then(|extension| extension.to_str()) {
        Some("js" | "mjs" | "cjs" | "py") if path.is_file() => path.parent().unwrap_or(path),
        _ if path.is_file() => return Ok(Program::native(path.clone())),
        _ => path,
    };
    match Runtime::of(&function.runtime) {
        Runtime::Native => {
            let name =
                if function.runtime.starts_with("go") { &*function.handler } else { "bootstrap" };
            let executable = root.join(name);
            if executable.is_file() {
                return Ok(Program::native(executable));
            }
            Err(format!(
                "function {id} has no executable: {} is not there; build it first, or name another with --function {id}=PATH",
                executable.display()
            ))
        }
        Runtime::Node => {
            let node = interpreters.node().ok_or_else(|| {
                missing(function, "node", "apt-get install nodejs, or: brew install node")
            })?;
            let arguments = vec![interpreters.node_loop.clone().into()];
            let mut program = Program::interpreted(node, arguments, root, template);
            program
                .variables
                .extend(node_path(root, template.folder()).map(|path| ("NODE_PATH", path)));
            Ok(program)
        }
        Runtime::Python => {
            let python = interpreters.python().ok_or_else(|| {
                missing(function, "python3", "apt-get install python3, or: brew install python3")
            })?;
            // Unbuffered, so that a line is seen when it is written.
            let arguments = vec!["-u".into(), interpreters.python_loop.clone().into()];
            let mut program = Program::interpreted(python, arguments, root, template);
            // On Lambda the code cannot be written to; here nobody wants to find anything in it.
            program.variables.push(("PYTHONDONTWRITEBYTECODE", "1".into()));
            program
                .variables
                .extend(std::env::var_os("PYTHONPATH").map(|path| ("PYTHONPATH", path)));
            Ok(program)
        }
        Runtime::Other => Err(format!(
            "function {id} has the runtime {}, which is not run here: only provided*, nodejs* and python* are; --function {id}=PATH takes an executable in its place",
            function.runtime
        )),
    }
}

fn missing(function: &Function, program: &str, remedy: &str) -> String {
    let Function { logical_id, runtime, .. } = function;
    format!(
        "function {logical_id} has the runtime {runtime} and needs {program}, which is not on PATH; get it with: {remedy}"
    )
}

impl Program {
    pub(crate) fn native(executable: PathBuf) -> Self {
        Self {
            root: executable.parent().unwrap_or(Path::new("/")).to_owned(),
            description: executable.display().to_string(),
            command: executable,
            arguments: Vec::new(),
            variables: vec![("PATH", PATH.into())],
        }
    }

    fn interpreted(
        interpreter: &Interpreter,
        arguments: Vec<OsString>,
        root: &Path,
        template: &Template<'_>,
    ) -> Self {
        // What lies beside it is found by the function too, as on Lambda.
        let mut path = OsString::from(interpreter.program.parent().unwrap_or(Path::new("/")));
        path.push(":");
        path.push(PATH);
        let hosts = led_hosts(template.topology);
        Self {
            command: interpreter.program.clone(),
            arguments,
            root: root.to_owned(),
            variables: vec![("PATH", path), ("HERALD_CLOUD_HOSTS", hosts.into())],
            description: format!("{}, {}", root.display(), interpreter.version),
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)
    }
}

/// Where packages are that do not come with the code: where the user says, and beside the template
/// or above it, unless the code lies there itself and Node looks anyway. Lambda has `@aws-sdk` there.
fn node_path(root: &Path, template: &Path) -> Option<OsString> {
    let users = std::env::var_os("NODE_PATH").filter(|path| !path.is_empty());
    let users = users.iter().flat_map(std::env::split_paths);
    let near = template
        .ancestors()
        .filter(|folder| !root.starts_with(folder))
        .map(|folder| folder.join("node_modules"))
        .filter(|folder| folder.is_dir());
    let folders: Vec<PathBuf> = users.chain(near).collect();
    if folders.is_empty() { None } else { std::env::join_paths(folders).ok() }
}

#[cfg(test)]
mod tests;
