//! Whether an executable runs in `provided.al2023`: its machine, and the C library it asks for.

use anyhow::{Context as _, Result, bail};
use object::Endianness;
use object::elf::{EM_AARCH64, EM_X86_64, FileHeader64, SHT_DYNSYM};
use object::read::elf::{FileHeader as _, Sym as _};
use stacks::Architecture;

/// The version of glibc in Amazon Linux 2023.
const GLIBC_MAX: (u32, u32) = (2, 34);

type Header = FileHeader64<Endianness>;

/// A symbol of the C library and the version it is wanted in.
#[derive(Debug, PartialEq, Eq)]
struct Need {
    version: (u32, u32),
    symbol: String,
}

/// Refuses what Lambda could not start; the message names the symbol that is too new.
pub(crate) fn check(elf: &[u8], architecture: Architecture) -> Result<()> {
    let header = Header::parse(elf).context("it is no 64-bit ELF executable")?;
    let endian = header.endian().context("its byte order is unknown")?;
    let machine = header.e_machine.get(endian);
    if machine != machine_of(architecture) {
        let wanted = architecture.as_str();
        bail!("it is built for {}, and the stage wants {wanted}", name_of(machine));
    }
    admit(newest_need(elf, header, endian).context("its symbol table is damaged")?)
}

fn admit(newest: Option<Need>) -> Result<()> {
    let Some(Need { version, symbol }) = newest.filter(|n| n.version > GLIBC_MAX) else {
        return Ok(());
    };
    bail!(
        "it asks the C library for {symbol} of GLIBC_{}.{}, and provided.al2023 has GLIBC_{}.{}",
        version.0,
        version.1,
        GLIBC_MAX.0,
        GLIBC_MAX.1
    )
}

/// The symbol wanted in the newest version of glibc; none where nothing is linked dynamically.
fn newest_need(
    elf: &[u8],
    header: &Header,
    endian: Endianness,
) -> object::read::Result<Option<Need>> {
    let sections = header.sections(endian, elf)?;
    let Some(versions) = sections.versions(endian, elf)? else { return Ok(None) };
    let symbols = sections.symbols(endian, elf, SHT_DYNSYM)?;
    let mut newest: Option<Need> = None;
    for (index, symbol) in symbols.enumerate() {
        let version = versions.version(versions.version_index(endian, index).index())?;
        let Some(version) = version.and_then(|v| glibc(v.name())) else { continue };
        if newest.as_ref().is_none_or(|n| n.version < version) {
            let name = symbol.name(endian, symbols.strings())?;
            newest = Some(Need { version, symbol: String::from_utf8_lossy(name).into_owned() });
        }
    }
    Ok(newest)
}

/// `GLIBC_2.34` as numbers.
fn glibc(name: &[u8]) -> Option<(u32, u32)> {
    let mut parts = str::from_utf8(name).ok()?.strip_prefix("GLIBC_")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn machine_of(architecture: Architecture) -> object::elf::Machine {
    match architecture {
        Architecture::Arm64 => EM_AARCH64,
        Architecture::X86 => EM_X86_64,
    }
}

fn name_of(machine: object::elf::Machine) -> String {
    match machine {
        EM_AARCH64 => Architecture::Arm64.as_str().to_owned(),
        EM_X86_64 => Architecture::X86.as_str().to_owned(),
        other => format!("machine {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This very test, an executable of the host.
    fn own() -> Vec<u8> {
        std::fs::read(std::env::current_exe().unwrap()).unwrap()
    }

    fn host() -> (Architecture, Architecture) {
        if cfg!(target_arch = "aarch64") {
            (Architecture::Arm64, Architecture::X86)
        } else {
            (Architecture::X86, Architecture::Arm64)
        }
    }

    #[test]
    fn an_executable_for_another_machine_is_refused() {
        let (own_machine, other) = host();
        let said = check(&own(), other).unwrap_err().to_string();
        let (is, wants) = (own_machine.as_str(), other.as_str());
        assert_eq!(said, format!("it is built for {is}, and the stage wants {wants}"));
    }

    #[test]
    fn the_newest_symbol_of_the_c_library_is_found() {
        let elf = own();
        let header = Header::parse(&*elf).unwrap();
        let need = newest_need(&elf, header, header.endian().unwrap()).unwrap();
        let need = need.unwrap_or_else(|| panic!("a test of a glibc host asks for glibc"));
        assert!(need.version >= (2, 2) && !need.symbol.is_empty(), "{need:?}");
    }

    #[test]
    fn a_newer_c_library_than_lambda_has_is_refused_by_the_symbol() {
        let need = |version| Some(Need { version, symbol: "__isoc23_strtol".to_owned() });
        assert!(admit(need((2, 34))).is_ok());
        assert!(admit(None).is_ok());
        assert_eq!(
            admit(need((2, 38))).unwrap_err().to_string(),
            "it asks the C library for __isoc23_strtol of GLIBC_2.38, and provided.al2023 has GLIBC_2.34"
        );
    }

    #[test]
    fn what_is_no_executable_is_refused() {
        let architecture = host().0;
        for bytes in [&b""[..], b"#!/bin/sh\n", b"\x7fELF", &own()[..4096]] {
            assert!(check(bytes, architecture).is_err(), "{} bytes", bytes.len());
        }
    }
}
