//! Adapters between AWS and `herald-core`, and one binary per function in `src/bin`.
//!
//! An adapter translates and bounds; what a route does is decided in `herald-core`. A binary puts
//! adapters together and hands them the environment; nothing else here reads it.

mod clients;
mod gateway;
mod log;
mod process;
mod socket;

pub use clients::{Clients, Identity};
pub use gateway::{GatewayEvent, GatewayEventError};
pub use log::subscriber;
pub use process::{LambdaEnv, NotInLambda, run};
pub use socket::{InvocationError, Socket};
