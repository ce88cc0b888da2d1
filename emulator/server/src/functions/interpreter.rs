//! `node` and `python3`: where they are, and the runtime loops of ours that they run.

use crate::scratch::Scratch;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// An interpreter that is there and works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interpreter {
    pub(super) program: PathBuf,
    pub(super) version: String,
}

/// Both of them; looked for when the first function needs one.
#[derive(Debug)]
pub(super) struct Interpreters {
    pub(super) node_loop: PathBuf,
    pub(super) python_loop: PathBuf,
    node: OnceLock<Option<Interpreter>>,
    python: OnceLock<Option<Interpreter>>,
}

impl Interpreters {
    pub(super) fn new(scratch: &Scratch) -> anyhow::Result<Self> {
        let node_loop = include_bytes!("../runtimes/node.cjs");
        let python_loop = include_bytes!("../runtimes/python.py");
        Ok(Self {
            node_loop: scratch.write("runtimes/node.cjs", node_loop)?,
            python_loop: scratch.write("runtimes/python.py", python_loop)?,
            node: OnceLock::new(),
            python: OnceLock::new(),
        })
    }

    pub(super) fn node(&self) -> Option<&Interpreter> {
        let script = "console.log(process.execPath); console.log(process.version)";
        self.node.get_or_init(|| ask("node", &["-e", script])).as_ref()
    }

    pub(super) fn python(&self) -> Option<&Interpreter> {
        let script =
            "import platform, sys; print(sys.executable); print(platform.python_version())";
        self.python.get_or_init(|| ask("python3", &["-c", script])).as_ref()
    }
}

/// The interpreter itself says where it is: what is on `PATH` may be a version manager's script,
/// which knows what to run here and now only.
fn ask(name: &str, arguments: &[&str]) -> Option<Interpreter> {
    let output =
        Command::new(name).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut lines = text.lines();
    let program = PathBuf::from(lines.next()?.trim());
    let version = format!("{name} {}", lines.next()?.trim().trim_start_matches('v'));
    program.is_file().then_some(Interpreter { program, version })
}
