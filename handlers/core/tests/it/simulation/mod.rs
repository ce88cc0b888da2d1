//! A world of clients, back ends and functions in which everything that may go wrong does.
//!
//! Functions run interleaved, one port call at a time; any of them may be dropped between any two
//! calls, and every call may fail before or after it was done. Time is virtual, each function's clock
//! is off by its own amount, the stream comes late, twice or, after too many failures, not at all,
//! `$disconnect` is lost, sockets die without a word. What must hold all the same is in [`judge`] and
//! [`client`].
//!
//! `HERALD_SEEDS` says how many worlds there are. A world that fails leaves a script of all its
//! choices, and says where; `HERALD_SCRIPT` plays it again and `HERALD_SEED` plays one seed, both
//! telling what happens:
//!
//! ```text
//! HERALD_SCRIPT=… cargo test -p herald-core --test it simulation -- --nocapture
//! ```

mod choices;
mod client;
mod functions;
mod gateway;
mod judge;
mod kind;
mod ports;
mod state;
mod world;

use choices::Choices;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use world::World;

/// As many as nobody minds waiting for.
const SEEDS: u64 = 2_000;

/// Choices of a world before everybody comes to rest.
const STEPS: usize = 500;

#[test]
fn what_must_hold_holds_whatever_happens() {
    if let Some(choices) = asked_for() {
        return World::new(choices, true).play(STEPS);
    }
    let (seeds, next, failed) = (seeds(), AtomicU64::new(0), Mutex::new(None));
    let work = || {
        while failed.lock().unwrap().is_none()
            && let seed = next.fetch_add(1, Ordering::Relaxed)
            && seed < seeds
        {
            if let Err(script) = play(seed) {
                *failed.lock().unwrap() = Some((seed, script));
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    if let Some((seed, script)) = failed.into_inner().unwrap() {
        let path = leave(seed, &script);
        panic!(
            "world {seed} does not hold; play it with\n\
             HERALD_SCRIPT={} cargo test -p herald-core --test it simulation -- --nocapture",
            path.display()
        );
    }
}

/// The one world that the environment asks for.
#[expect(clippy::disallowed_methods, reason = "this is about what whoever runs the test wants")]
fn asked_for() -> Option<Choices> {
    if let Ok(path) = std::env::var("HERALD_SCRIPT") {
        return Some(Choices::of_script(&std::fs::read_to_string(path).unwrap()));
    }
    let seed = std::env::var("HERALD_SEED").ok()?;
    Some(Choices::of_seed(seed.parse().unwrap()))
}

/// How many worlds the environment asks for.
#[expect(clippy::disallowed_methods, reason = "this is about what whoever runs the test wants")]
fn seeds() -> u64 {
    std::env::var("HERALD_SEEDS").map_or(SEEDS, |n| n.parse().unwrap())
}

/// Leaves the script of a world that failed where it can be edited and played.
#[expect(clippy::disallowed_methods, reason = "a script of thousands of lines is no message")]
fn leave(seed: u64, script: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("world-{seed}.script"));
    std::fs::write(&path, script).unwrap();
    path
}

/// Plays a seed; its script where it fails.
fn play(seed: u64) -> Result<(), String> {
    let mut world = World::new(Choices::of_seed(seed), false);
    let shared = world.shared();
    let played = catch_unwind(AssertUnwindSafe(|| world.play(STEPS)));
    played.map_err(|_| shared.script())
}

#[test]
fn a_script_plays_what_its_seed_played() {
    let mut of_seed = World::new(Choices::of_seed(7), false);
    of_seed.play(STEPS);
    let script = of_seed.shared().script();
    let mut of_script = World::new(Choices::of_script(&script), false);
    of_script.play(STEPS);
    assert_eq!(of_script.shared().script(), script);
    assert_eq!(of_script.shared().table.rows(), of_seed.shared().table.rows());
}
