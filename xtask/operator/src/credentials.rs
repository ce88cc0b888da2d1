//! As whom AWS is called: profiles, SSO, processes, the environment, containers, instances.

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::provider_config::ProviderConfig;
use aws_smithy_http_client::{Builder, tls};
use aws_wire::SharedCredentialsProvider;

/// Whoever the user is by AWS's own rules; nothing is asked before the first call.
pub(crate) async fn of_the_user(region: &str) -> SharedCredentialsProvider {
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let config = ProviderConfig::without_region()
        .with_region(Some(Region::new(region.to_owned())))
        .with_http_client(Builder::new().tls_provider(provider).build_https());
    let chain = DefaultCredentialsChain::builder().configure(config).build().await;
    SharedCredentialsProvider::new(chain)
}
