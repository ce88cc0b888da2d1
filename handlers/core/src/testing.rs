//! What tests of this crate and of its adapters share: a clock that they move, and an executor
//! that needs no runtime.

use crate::ports::{Chance, Clock};
use herald_contract::Millis;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Runs what waits for nothing but fakes, which answer at once.
///
/// # Panics
/// Where it waits for something else.
pub fn now_or_never<F: Future>(future: F) -> F::Output {
    match pin!(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a fake is never pending"),
    }
}

/// Runs a future to its end, and moves `clock` on whenever it waits for nothing else.
///
/// # Panics
/// Where it waits for something that is not the clock.
pub fn block_on<F: Future>(future: F, clock: &FakeClock) -> F::Output {
    struct Woken(AtomicBool);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        if !woken.0.swap(false, Ordering::Relaxed) {
            assert!(clock.wake_next(), "nothing is left to wait for");
        }
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FakeClock(Mutex<State>);

#[derive(Debug)]
struct State {
    now: Millis,
    sleepers: Vec<(Millis, Waker)>,
}

impl FakeClock {
    /// A clock that stands at `now`.
    pub fn at(now: Millis) -> Self {
        Self(Mutex::new(State { now, sleepers: Vec::new() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves it on, and wakes who has slept long enough.
    pub fn advance(&self, ms: u64) {
        let due: Vec<_> = {
            let mut state = self.state();
            state.now = state.now.plus(ms);
            let now = state.now;
            state.sleepers.extract_if(.., |(until, _)| *until <= now).collect()
        };
        due.into_iter().for_each(|(_, waker)| waker.wake());
    }

    /// Moves it to where the next sleeper wakes; false where nobody sleeps.
    pub fn wake_next(&self) -> bool {
        let (now, next) = {
            let state = self.state();
            (state.now, state.sleepers.iter().map(|(until, _)| *until).min())
        };
        if let Some(next) = next {
            self.advance(next.since(now));
        }
        next.is_some()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Millis {
        self.state().now
    }

    async fn sleep_until(&self, until: Millis) {
        poll_fn(|context| {
            let mut state = self.state();
            if state.now >= until {
                return Poll::Ready(());
            }
            state.sleepers.push((until, context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}

/// Numbers that look random and are the same in each run (SplitMix64).
#[derive(Debug)]
pub struct FakeChance(AtomicU64);

impl FakeChance {
    /// The numbers of this seed.
    pub fn of_seed(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Chance for FakeChance {
    fn next_u64(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }
}
