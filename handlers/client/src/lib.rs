//! What a back end needs of Herald: to notify users, to run jobs for them, and to let them in.
//!
//! It sends what [`herald_contract`] has words for, and knows neither the table nor the connections:
//! that is the affair of function `publish`, which does what is asked for. There is no AWS SDK in
//! it; credentials come from any provider of one, or from the environment.
//!
//! | to | use |
//! |---|---|
//! | do something and learn what came of it | [`Publisher`], which invokes `publish` |
//! | say something and go on | [`EventBus`], whose rule invokes `publish` later |
//! | let a browser open one connection | [`ticket::mint`] |
//!
//! # Notify a user
//!
//! ```
//! use herald_client::{Answer, Command, Publish, Publisher, Target};
//!
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/stand_in.rs"));
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let stand_in = StandIn::answering(200, &[], r#"{"done":"notified","seq":7,"repeated":false}"#);
//! # let publisher = stand_in.publisher();
//! # let _ = async || { // so that only its types are checked: the environment is not ours
//! let publisher = Publisher::from_env()?;
//! # Ok::<_, herald_client::ConfigError>(publisher) };
//! let notification = Publish {
//!     body: "Report 2026-11 is ready.".to_owned(),
//!     // The same key twice is one notification, so this may be sent again after any error.
//!     idempotency_key: Some("report-2026-11".parse()?),
//!     ..Publish::new(Target::User("ada".parse()?), "Your report")
//! };
//! match publisher.send(&Command::Publish(notification)).await? {
//!     Answer::Notified { seq, .. } => assert_eq!(seq.get(), 7),
//!     other => panic!("a user has an inbox: {other:?}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Run a job for a user
//!
//! Its user sees how it goes on in every browser, and finds its end in the inbox.
//!
//! ```
//! use herald_client::{Answer, Command, SubmitJob};
//! use serde_json::json;
//!
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/stand_in.rs"));
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let answer = r#"{"done":"job","jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH","state":"QUEUED"}"#;
//! # let publisher = StandIn::answering(200, &[], answer).publisher();
//! let input = json!({ "columns": ["n"], "rows": [[1], [2]] });
//! let job = SubmitJob::new("ada".parse()?, "report.csv", input);
//! let Answer::Job { job_id, state } = publisher.send(&Command::SubmitJob(job)).await? else {
//!     panic!("a job was asked for");
//! };
//! println!("{job_id} is {state}");
//! # Ok(())
//! # }
//! ```

mod bus;
mod config;
mod error;
mod publisher;
pub mod ticket;

pub use aws_wire::{
    CallError, Client, Config, Credentials, SharedCredentialsProvider, provider as credentials,
};
pub use bus::EventBus;
pub use config::{ConfigError, config_from};
pub use error::SendError;
pub use herald_contract::command::{
    Answer, CancelJob, Command, OfUser, Presence, Publish, SubmitJob, Target,
};
pub use herald_contract::wire::{JobState, Level, Seq};
pub use herald_contract::{
    BroadcastId, Device, IdempotencyKey, JobId, Millis, NameError, Topic, TraceParent, UserId,
};
pub use publisher::Publisher;
