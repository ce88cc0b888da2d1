//! As whom requests are signed: credentials from a provider, kept until shortly before they end.

use crate::CallError;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;

/// Credentials that end sooner than this are asked for again.
const MARGIN: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Identity {
    provider: SharedCredentialsProvider,
    kept: Mutex<Option<Credentials>>,
}

impl Identity {
    pub(crate) fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, kept: Mutex::default() }
    }

    /// Who asks while another does waits for the one answer.
    pub(crate) async fn credentials(&self, now: SystemTime) -> Result<Credentials, CallError> {
        let mut kept = self.kept.lock().await;
        if let Some(credentials) = &*kept
            && credentials.expiry().is_none_or(|end| end > now + MARGIN)
        {
            return Ok(credentials.clone());
        }
        let fresh = self.provider.provide_credentials().await;
        let fresh = fresh.map_err(|e| CallError::Credentials { why: crate::error::chain(&e) })?;
        *kept = Some(fresh.clone());
        Ok(fresh)
    }

    /// Asks the provider at the next call: these were refused as expired.
    pub(crate) async fn forget(&self) {
        *self.kept.lock().await = None;
    }
}
