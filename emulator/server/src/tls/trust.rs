//! Files and variables by which child processes come to trust the throw-away authority.

use crate::scratch::Scratch;
use std::path::{Path, PathBuf};

/// Variables that name a file with all authorities to trust: botocore's and the AWS CLI's,
/// OpenSSL's (with it Python, Ruby, Go, and rustls), and that of Python's requests.
const BUNDLE_VARIABLES: [&str; 3] = ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"];
/// The one that names authorities on top of those that Node.js knows.
const NODE_VARIABLE: &str = "NODE_EXTRA_CA_CERTS";

/// Where systems keep the authorities they trust, all in one file.
const SYSTEM: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/opt/homebrew/etc/ca-certificates/cert.pem",
];
/// Of a file that may be anything.
const SYSTEM_MAX: u64 = 4 * 1024 * 1024;

/// The files.
#[derive(Clone, Debug)]
pub(crate) struct Trust {
    /// The authority alone.
    pub(crate) authority: PathBuf,
    /// The authority and those that the system trusts, so that the rest of the world stays in reach.
    bundle: PathBuf,
}

impl Trust {
    pub(crate) fn write(scratch: &Scratch, authority: &str) -> anyhow::Result<Self> {
        let own = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
        let candidates = own.into_iter().chain(SYSTEM.map(PathBuf::from));
        let system = candidates.into_iter().find_map(|path| read(&path)).unwrap_or_default();
        Ok(Self {
            authority: scratch.write("authority.pem", authority.as_bytes())?,
            bundle: scratch.write("bundle.pem", format!("{authority}\n{system}").as_bytes())?,
        })
    }

    /// What to set for a child process.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let bundle = BUNDLE_VARIABLES.map(|name| (name, self.bundle.as_path()));
        bundle.into_iter().chain([(NODE_VARIABLE, self.authority.as_path())])
    }
}

fn read(path: &Path) -> Option<String> {
    let length = path.metadata().ok()?.len();
    if length == 0 || length > SYSTEM_MAX {
        return None;
    }
    std::fs::read_to_string(path).ok()
}
