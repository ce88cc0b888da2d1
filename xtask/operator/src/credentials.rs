//! As whom AWS is called: profiles, SSO, processes, the environment, containers, instances.

use aws_config::{BehaviorVersion, Region};
use aws_smithy_http_client::{Builder, tls};
use aws_wire::SharedCredentialsProvider;

/// Whoever the user is by AWS's own rules; nothing is asked before the first call.
pub(crate) async fn of_the_user(region: &str) -> Option<SharedCredentialsProvider> {
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(Builder::new().tls_provider(provider).build_https())
        .region(Region::new(region.to_owned()))
        .load()
        .await;
    config.credentials_provider()
}
