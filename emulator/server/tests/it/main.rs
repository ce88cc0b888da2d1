//! The emulator as its users see it: a process, its sockets and what it says.

#![cfg(test)]

mod client;
mod emulator;
mod environments;
mod http;
mod reloading;
mod sockets;
mod starting;
