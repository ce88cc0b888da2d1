//! A world of clients, callers and processes that do anything at any time, drawn from a seed.
//!
//! What must hold whatever they do is asserted on every effect. A failing seed is printed; put it
//! into `once` to see it again.

mod judge;
mod world;

use crate::setup::Setup;
use gateway_core::topology::Topology;
use std::hash::Hasher as _;
use std::sync::LazyLock;
use world::World;

/// Release builds have the time for more.
const SEEDS: u64 = if cfg!(debug_assertions) { 1_000 } else { 10_000 };
const STEPS: usize = 150;
const BUFFER: usize = 64;
const ENVIRONMENTS: usize = 3;

const SETUP: &str = r#"
    limit environments 3
    limit waiting 4
    limit connections 12
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
"#;

static WORLD: LazyLock<(Setup, Topology)> = LazyLock::new(|| {
    let setup = Setup::new(SETUP);
    let topology = setup.topology();
    (setup, topology)
});

#[test]
fn invariants_hold_whatever_happens() {
    for seed in 0..SEEDS {
        let trace = once(seed);
        if seed % 20 == 0 {
            assert_eq!(trace, once(seed), "seed {seed} gave two different traces");
        }
    }
}

fn once(seed: u64) -> u64 {
    let _told = Told(seed);
    let mut world = World::new(seed);
    for _ in 0..STEPS {
        world.step();
    }
    world.end();
    world.trace.finish()
}

/// Prints the seed when its run panics.
struct Told(u64);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failing seed: {}", self.0);
        }
    }
}
