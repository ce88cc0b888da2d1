//! Groups of resources that belong together, on top of `infra-gen`'s types.
//!
//! Each takes plain fields, adds its resources to a template and hands out their handles, so that
//! a stack can go on with any of them. None knows which stack it is in.

mod rust_function;
mod web_socket;

pub use rust_function::{FunctionParts, RustFunction};
pub use web_socket::{WebSocket, WebSocketParts, stage_name};
