//! One file per command; each gets its arguments and the [`Ui`], and says how it ended.

mod bench;
mod bundle;
mod ci;
mod codegen;
mod dev;
mod diff;
mod operate;
mod peers;
mod ship;
mod stale;
mod synth;
mod test;
mod validate;

use crate::cli::Command;
use crate::ui::{Result, Ui};

pub(crate) fn run(command: Command, ui: &Ui) -> Result {
    match command {
        Command::Dev(args) => dev::run(args, ui),
        Command::Test(args) => test::run(&args, ui),
        Command::Operate(command) => operate::run(&command),
        Command::Synth(args) => synth::run(&args, ui),
        Command::Validate(args) => validate::run(&args, ui),
        Command::Diff(args) => diff::run(&args, ui),
        Command::Codegen(args) => codegen::run(&args, ui),
        Command::Bench(args) => bench::run(&args, ui),
        Command::Bundle(args) => bundle::run(&args, ui),
        Command::Bootstrap(args) => ship::bootstrap(&args, ui),
        Command::Deploy(args) => ship::deploy(&args, ui),
        Command::Destroy(args) => ship::destroy(&args, ui),
        Command::Outputs(args) => ship::outputs(&args, ui),
        Command::Status(args) => ship::status(&args, ui),
        Command::Logs(args) => ship::logs(&args, ui),
        Command::Gc(args) => ship::gc(&args, ui),
        Command::Ci => ci::run(ui),
    }
}
