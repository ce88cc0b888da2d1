//! A certificate authority that lives as long as the program, and the certificates it signs.
//!
//! It signs whatever name a client asks for: that harms nobody, since its key never leaves this
//! process and only functions of the local cloud are told to trust it.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::{CertifiedKey, SigningKey};

/// What the port itself is called. Clients that connect to an address name nothing.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// Names that certificates are kept for; more than that are made anew each time.
const KNOWN_MAX: usize = 256;

pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    /// One key for all names: making one is the costly part.
    key: KeyPair,
    signing_key: Arc<dyn SigningKey>,
    own: Arc<CertifiedKey>,
    known: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Authority {
    pub(super) fn new() -> anyhow::Result<Self> {
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name("Herald local cloud, throw-away authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let issuer_key = KeyPair::generate()?;
        let pem = params.self_signed(&issuer_key)?.pem();
        let issuer = Issuer::new(params, issuer_key);

        let key = KeyPair::generate()?;
        let der = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signing_key = ring::sign::any_supported_type(&der)?;
        let own = sign(&issuer, &key, &signing_key, &OWN_NAMES)?;
        Ok(Self { issuer, pem, key, signing_key, own, known: Mutex::default() })
    }

    /// Its own certificate.
    pub(super) fn pem(&self) -> String {
        self.pem.clone()
    }

    fn certificate(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(certificate) = known.get(name) {
            return Some(Arc::clone(certificate));
        }
        let made = sign(&self.issuer, &self.key, &self.signing_key, &[name]).ok()?;
        if known.len() < KNOWN_MAX {
            known.insert(name.to_owned(), Arc::clone(&made));
        }
        Some(made)
    }
}

fn sign(
    issuer: &Issuer<'static, KeyPair>,
    key: &KeyPair,
    signing_key: &Arc<dyn SigningKey>,
    names: &[&str],
) -> Result<Arc<CertifiedKey>, rcgen::Error> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = common_name("Herald local cloud");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Strict clients want to see whose key signed it (RFC 5280, section 4.2.1.1).
    params.use_authority_key_identifier_extension = true;
    let certificate = params.signed_by(key, issuer)?;
    Ok(Arc::new(CertifiedKey::new(vec![certificate.der().clone()], Arc::clone(signing_key))))
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match hello.server_name() {
            Some(name) if !OWN_NAMES.contains(&name) => self.certificate(name),
            _ => Some(Arc::clone(&self.own)),
        }
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authority")
    }
}

#[cfg(test)]
mod tests {
    use super::{Authority, KNOWN_MAX};
    use std::sync::Arc;

    #[test]
    fn a_name_has_one_certificate_and_they_are_bounded() {
        let authority = Authority::new().unwrap();
        let first = authority.certificate("a.execute-api.eu-central-1.amazonaws.com").unwrap();
        let again = authority.certificate("a.execute-api.eu-central-1.amazonaws.com").unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        for number in 0..KNOWN_MAX + 1 {
            assert!(authority.certificate(&format!("n{number}.example.com")).is_some());
        }
        assert_eq!(authority.known.lock().unwrap().len(), KNOWN_MAX);
    }
}
