//! From a function's crate to the zip that Lambda gets: built, checked, packed.
//!
//! The same source gives the same bytes, so a key that did not change needs no upload.

mod archive;
mod build;
mod elf;

pub(crate) use archive::{Packed, pack};
pub(crate) use build::{build, build_example};
pub(crate) use elf::check;
