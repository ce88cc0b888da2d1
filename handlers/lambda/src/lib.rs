//! Adapters between AWS and `herald-core`, and one binary per function in `src/bin`.
//!
//! An adapter translates and bounds; what a function does is decided in `herald-core`. A binary puts
//! adapters together and hands them the environment; nothing else here reads it.

mod failure;
mod gateway;
mod handlers;
mod keys;
mod log;
mod metrics;
mod ports;
mod posts;
mod process;
mod stream;
mod table;
mod trace;
mod upgrade;

pub use failure::Failure;
pub use gateway::{GatewayEvent, GatewayEventError};
pub use handlers::{
    Authorizer, AuthorizerAnswer, AuthorizerEvent, BatchAnswer, Dispatcher, Publish, Sender,
    SettingError, Socket, Sweeper, Worker, policy,
};
pub use keys::{Jwks, KeySetUrlError, Ring};
pub use log::subscriber;
pub use metrics::Metrics;
pub use ports::{Functions, NoChance, OsChance, Queue, SystemClock};
pub use posts::{Clients, Connections, Counted};
pub use process::{LambdaEnv, NotInLambda, run};
pub use table::DynamoDb;
