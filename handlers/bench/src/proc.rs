//! What the system says about a process: time on a processor, and memory.

use anyhow::Context as _;
use std::fs;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Between two looks at a process that is coming to rest.
const LOOK: Duration = Duration::from_millis(3);
/// A process that is busy for longer does something by itself.
const REST_MAX: Duration = Duration::from_secs(2);

/// Time on a processor of all threads there are, to the nanosecond. Exact for a process that
/// sleeps: a running thread is only accounted for when the scheduler looks at it.
pub(crate) fn cpu(pid: u32) -> anyhow::Result<Duration> {
    let threads = format!("/proc/{pid}/task");
    let mut total = Duration::ZERO;
    for thread in fs::read_dir(&threads).with_context(|| format!("process {pid} is gone"))? {
        // A thread may end in this moment.
        let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        total += on_cpu(&text).with_context(|| format!("{threads}: `{text}` is no schedstat"))?;
    }
    Ok(total)
}

fn on_cpu(schedstat: &str) -> Option<Duration> {
    Some(Duration::from_nanos(schedstat.split_whitespace().next()?.parse().ok()?))
}

/// Time on a processor once the process does nothing more.
pub(crate) async fn cpu_at_rest(pid: u32) -> anyhow::Result<Duration> {
    let until = Instant::now() + REST_MAX;
    let mut before = cpu(pid)?;
    loop {
        sleep(LOOK).await;
        let now = cpu(pid)?;
        if now == before || Instant::now() >= until {
            return Ok(now);
        }
        before = now;
    }
}

/// Memory that is resident, and the most that was.
pub(crate) fn memory_kib(pid: u32) -> anyhow::Result<(u64, u64)> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("process {pid} is gone"))?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    };
    let both = field("VmRSS:").zip(field("VmHWM:"));
    both.with_context(|| format!("{path} says nothing about memory"))
}

#[cfg(test)]
mod tests {
    use super::{cpu, memory_kib, on_cpu};
    use std::time::Duration;

    #[test]
    fn a_process_is_read() {
        assert_eq!(on_cpu("1500 20 3\n"), Some(Duration::from_nanos(1500)));
        assert_eq!(on_cpu(""), None);
        let own = std::process::id();
        assert!(cpu(own).unwrap() > Duration::ZERO);
        let (now, most) = memory_kib(own).unwrap();
        assert!(0 < now && now <= most);
    }

    #[test]
    fn a_process_that_is_gone_is_no_zero() {
        assert!(cpu(u32::MAX).is_err());
        assert!(memory_kib(u32::MAX).is_err());
    }
}
