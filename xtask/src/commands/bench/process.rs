//! Processes of a benchmark: started so that they cannot be left behind, and what the system says
//! about their memory and time.

use crate::cargo::show;
use crate::ui::Result;
use anyhow::Context as _;
use serde::Serialize;
use std::ops::{Add, Sub};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// After its standard input has ended, a process gets so long; then it is killed.
const END_MAX: Duration = Duration::from_secs(12);
const LOOK: Duration = Duration::from_millis(20);
/// `USER_HZ`: the unit of times in /proc, the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// A process that ends with this value, since it ends with its standard input: also when this
/// program is killed, and however it ends.
pub(super) struct Running(Child);

impl Running {
    pub(super) fn start(command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::piped()).spawn();
        Ok(Self(child.with_context(|| format!("failed to start {}", show(command)))?))
    }

    /// A program that knows nothing of this rule, watched by one that does.
    pub(super) fn guarded(guard: &Path, command: &Command) -> Command {
        let mut guarded = Command::new(guard);
        guarded.arg("guard").arg("--").arg(command.get_program()).args(command.get_args());
        if let Some(dir) = command.get_current_dir() {
            guarded.current_dir(dir);
        }
        guarded
    }

    pub(super) fn pid(&self) -> u32 {
        self.0.id()
    }

    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// Without any chance to say goodbye.
    pub(super) fn kill(mut self) {
        // It may have ended already.
        _ = self.0.kill();
        _ = self.0.wait();
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        if wait_until(END_MAX, || self.has_ended()).is_none() {
            _ = self.0.kill();
            _ = self.0.wait();
        }
    }
}

/// How long it took to come true, if it did.
pub(super) fn wait_until(most: Duration, mut is_true: impl FnMut() -> bool) -> Option<Duration> {
    let start = Instant::now();
    loop {
        if is_true() {
            return Some(start.elapsed());
        }
        if start.elapsed() >= most {
            return None;
        }
        std::thread::sleep(LOOK);
    }
}

/// What one or several processes take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Usage {
    pub(super) processes: usize,
    /// Resident memory.
    pub(super) memory_kib: u64,
    /// Time on a processor, since each began.
    pub(super) cpu_seconds: f64,
}

impl Add for Usage {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            processes: self.processes + other.processes,
            memory_kib: self.memory_kib + other.memory_kib,
            cpu_seconds: self.cpu_seconds + other.cpu_seconds,
        }
    }
}

impl Sub for Usage {
    type Output = Self;
    fn sub(self, before: Self) -> Self {
        Self {
            processes: self.processes.saturating_sub(before.processes),
            memory_kib: self.memory_kib.saturating_sub(before.memory_kib),
            cpu_seconds: self.cpu_seconds - before.cpu_seconds,
        }
    }
}

/// A process that has ended takes nothing.
pub(super) fn usage(pid: u32) -> Usage {
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}")).ok();
    let (Some(stat), Some(status)) = (read("stat"), read("status")) else {
        return Usage::default();
    };
    let (Some(stat), Some(memory_kib)) = (Stat::parse(&stat), resident(&status)) else {
        return Usage::default();
    };
    Usage { processes: 1, memory_kib, cpu_seconds: stat.ticks as f64 / TICKS_PER_SECOND }
}

/// Time on a processor of all children of this process that have ended, in seconds.
pub(super) fn own_children() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    Stat::parse(&stat).map_or(0.0, |stat| stat.ticks_of_children as f64 / TICKS_PER_SECOND)
}

/// Processes that this one has started.
pub(super) fn children(parent: u32) -> Vec<u32> {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok();
        stat.and_then(|stat| Stat::parse(&stat)).is_some_and(|stat| stat.parent == parent)
    })
    .collect()
}

#[derive(Debug, PartialEq)]
struct Stat {
    parent: u32,
    ticks: u64,
    ticks_of_children: u64,
}

impl Stat {
    /// The name of the program, in brackets, may have anything in it.
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
        Some(Self {
            parent: u32::try_from(number(1)?).ok()?,
            ticks: number(11)? + number(12)?,
            ticks_of_children: number(13)? + number(14)?,
        })
    }
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// How many files this user may have open in one process.
pub(super) fn open_files_max() -> u64 {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    files_max(&limits).unwrap_or(u64::MAX)
}

/// The hard limit; an unlimited one is no number.
fn files_max(limits: &str) -> Option<u64> {
    limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?
        .split_whitespace()
        .nth(1)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::{Stat, files_max, resident};

    #[test]
    fn the_system_is_read() {
        let stat = "77 (a) b) S 12 77 77 0 -1 4194304 1 2 3 4 250 30 4 5 20 0 3 0 100 1 2";
        assert_eq!(Stat::parse(stat), Some(Stat { parent: 12, ticks: 280, ticks_of_children: 9 }));
        assert_eq!(Stat::parse(""), None);
        assert_eq!(resident("Name:\tx\nVmRSS:\t    8540 kB\nVmData: 1 kB\n"), Some(8540));
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 20000                files\n";
        assert_eq!(files_max(limits), Some(20_000));
        assert_eq!(files_max("Max open files 1024 unlimited files"), None);
    }
}
