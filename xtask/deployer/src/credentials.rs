//! As whom AWS is called: the chain of the SDKs, and nothing else of them.

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::provider_config::ProviderConfig;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_wire::SharedCredentialsProvider;

/// Environment, profiles with SSO, roles and processes, web identity, container, instance: in this
/// order, and asked only when the first request is signed.
pub async fn provider(region: &str) -> SharedCredentialsProvider {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    // Not the one that looks for a Region: it would ask an instance that may not be there.
    let config = ProviderConfig::without_region()
        .with_region(Some(Region::new(region.to_owned())))
        .with_http_client(http);
    let chain = DefaultCredentialsChain::builder().configure(config).build().await;
    SharedCredentialsProvider::new(chain)
}
