//! One module a function: an event in, an answer, one line of the log and one of metrics out.

mod authorizer;
mod dispatcher;
mod publish;
mod sender;
mod socket;
mod sweeper;
mod worker;

pub use authorizer::{
    Answer as AuthorizerAnswer, Authorizer, AuthorizerEvent, SettingError, policy,
};
pub use dispatcher::{BatchAnswer, Dispatcher};
pub use publish::Publish;
pub use sender::Sender;
pub use socket::Socket;
pub use sweeper::Sweeper;
pub use worker::Worker;
