//! Signature Version 4 of a request.

use crate::{CallError, Operation, Protocol};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;
use hyper::Request;
use std::time::SystemTime;

/// Adds the signature to `request`, whose other headers are all there.
pub(crate) fn request(
    request: &mut Request<Bytes>,
    operation: &Operation,
    region: &str,
    credentials: Credentials,
    now: SystemTime,
) -> Result<(), CallError> {
    let failed = |why: String| CallError::Request { operation: operation.name, why };
    let mut settings = SigningSettings::default();
    if operation.service.protocol == Protocol::S3 {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    let identity = credentials.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(operation.service.signing_region(region))
        .name(operation.service.name)
        .time(now)
        .settings(settings)
        .build()
        .map_err(|e| failed(e.to_string()))?;
    let headers = request
        .headers()
        .iter()
        .map(|(name, value)| Ok((name.as_str(), value.to_str()?)))
        .collect::<Result<Vec<_>, hyper::header::ToStrError>>()
        .map_err(|e| failed(e.to_string()))?;
    let uri = request.uri().to_string();
    let signable = SignableRequest::new(
        request.method().as_str(),
        &uri,
        headers.into_iter(),
        SignableBody::Bytes(request.body()),
    );
    let signable = signable.map_err(|e| failed(e.to_string()))?;
    let (instructions, _) =
        sign(signable, &params.into()).map_err(|e| failed(crate::error::chain(&e)))?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}
