//! Free ports, for servers that cannot choose one themselves.

use crate::stdio;
use std::net::{Ipv4Addr, TcpListener};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many
    #[arg(value_parser = clap::value_parser!(u8).range(1..))]
    count: u8,
}

/// They were free a moment ago; nothing holds them.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    // All at once, or the same one could be given twice.
    let listeners = (0..args.count).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    let listeners = listeners.collect::<Result<Vec<_>, _>>()?;
    let ports = listeners.iter().map(|listener| Ok(listener.local_addr()?.port()));
    stdio::print(&ports.collect::<anyhow::Result<Vec<u16>>>()?)
}
