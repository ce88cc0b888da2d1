//! A world of clients, callers and processes that do anything at any time, drawn from a seed.
//!
//! What must hold whatever they do is asserted on every effect. `HERALD_SEEDS` says how many worlds
//! there are; a failing one is named, and `HERALD_SEED` plays it again, line by line:
//!
//! ```text
//! HERALD_SEED=4711 cargo test -p gateway-core --test it simulation -- --nocapture
//! ```

mod acts;
mod judge;
mod trace;
mod world;

use crate::setup::Setup;
use gateway_core::topology::Topology;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use trace::Trace;
use world::World;

/// Without `HERALD_SEEDS`: as many as nobody minds waiting for. `cargo xtask ci` asks for 10,000.
const SEEDS: u64 = 1_000;
const STEPS: usize = 150;
/// One world of so many steps, to see thousands of clients at once.
const CROWD_STEPS: usize = 40_000;
const BUFFER: usize = 64;
const ENVIRONMENTS: usize = 3;
const WAITING: usize = 4;
const CONNECTIONS: usize = 12;

const SETUP: &str = r#"
    limit environments 3
    limit waiting 4
    limit buffer 64
    authorizer guard {}
    route $connect to auth, authorizer guard
    route $default to echo, replies
    route quick to echo, replies, {"TimeoutInMillis": 100}
    route lost
    route remote via {"IntegrationType": "HTTP_PROXY", "IntegrationUri": "http://backend/"} replies
    route $disconnect to bye
    stage dev {"DefaultRouteSettings": {"ThrottlingRateLimit": 20, "ThrottlingBurstLimit": 20}}
    function echo {"Timeout": 2}
    queue failed
    allow sqs:SendMessage on ${failed.Arn}
    mapping worker from table {"BatchSize": 3, "ParallelizationFactor": 2, "MaximumRetryAttempts": 2, "BisectBatchOnFunctionError": true, "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["failed", "Arn"]}}}}
"#;

const CROWD: &str = r#"
    limit environments 3
    limit waiting 4
    limit buffer 64
    route $connect to auth
    route $default to echo, replies
    route $disconnect to bye
"#;

static WORLD: LazyLock<(Setup, Topology)> = LazyLock::new(|| read(SETUP));

fn read(setup: &str) -> (Setup, Topology) {
    let setup = Setup::new(setup);
    let topology = setup.topology();
    (setup, topology)
}

#[test]
fn invariants_hold_whatever_happens() {
    if let Some(seed) = number("HERALD_SEED") {
        play(seed, Trace::told());
        return;
    }
    let seeds = number("HERALD_SEEDS").unwrap_or(SEEDS);
    let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let work = || {
        while let seed = next.fetch_add(1, Ordering::Relaxed)
            && seed < seeds
            && !failed.load(Ordering::Relaxed)
        {
            // Those that are played twice must give the same trace.
            let runs = if seed % 20 == 0 { 2 } else { 1 };
            let played = catch_unwind(AssertUnwindSafe(|| {
                let traces: Vec<u64> = (0..runs).map(|_| play(seed, Trace::hashed())).collect();
                assert!(traces.iter().all(|t| *t == traces[0]), "one seed, two traces");
            }));
            if let Err(panic) = played {
                failed.store(true, Ordering::Relaxed);
                eprintln!("failing seed: {seed}; HERALD_SEED={seed} plays it again, line by line");
                resume_unwind(panic);
            }
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            worker.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
    });
}

#[test]
fn invariants_hold_for_thousands_of_clients_at_once() {
    let (setup, topology) = read(CROWD);
    let mut world = World::new(1, &setup, &topology, usize::MAX, Trace::hashed());
    for step in 0..CROWD_STEPS {
        if step < CROWD_STEPS / 2 {
            world.arrive();
        } else {
            world.step();
        }
    }
    assert!(world.open_at_most > 2_000, "{} clients only", world.open_at_most);
    world.end();
}

fn play(seed: u64, trace: Trace) -> u64 {
    let (setup, topology) = &*WORLD;
    let mut world = World::new(seed, setup, topology, CONNECTIONS, trace);
    for _ in 0..STEPS {
        world.step();
    }
    world.end();
    world.trace.finish()
}

#[expect(clippy::disallowed_methods, reason = "how much to test is for the caller to say")]
fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}={text} is not a number")))
}
