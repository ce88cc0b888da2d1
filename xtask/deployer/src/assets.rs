//! What a stack needs to find in the asset bucket: zips, and a template that is too long to be sent.
//!
//! Everything is called by the hash of its content, so what is there already is the same.

use crate::news::News;
use crate::s3::{Bucket, sha256};
use crate::screen::Screen;
use crate::target::Target;
use crate::{Context, Failure, Result};
use aws_wire::{Bytes, CallError};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// The parameter of a template that takes the bucket's name.
pub const BUCKET_PARAMETER: &str = "AssetBucket";

/// The longest template that is sent along with a request, in bytes.
pub const BODY_MOST: usize = 51_200;

/// Uploads at a time.
const AT_ONCE: usize = 4;

/// The name of the asset bucket of an account in a Region.
pub fn bucket(account: &str, region: &str) -> String {
    format!("herald-assets-{account}-{region}")
}

/// Something that has to be in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The function's name, or `template`.
    pub name: String,
    /// Its key.
    pub key: String,
    /// Where it is on this machine.
    pub content: Content,
}

/// Where an asset is on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// In a file.
    File(PathBuf),
    /// Here.
    Text(String),
}

/// The zips of a stack's functions, those that have been made.
pub fn of_functions(target: &Target) -> Vec<Asset> {
    let functions = target.entry.functions.iter();
    let asset = |function: &infra_gen::assembly::FunctionEntry| {
        let key = target.entry.parameters.get(&function.code_parameter)?.clone();
        let file = target.bundles.join(format!("{}.zip", function.name));
        Some(Asset { name: function.name.clone(), key, content: Content::File(file) })
    };
    functions.filter_map(asset).collect()
}

/// The template, where it is too long to be sent.
pub fn of_template(target: &Target) -> Option<Asset> {
    let text = &target.text;
    (text.len() > BODY_MOST).then(|| {
        let hash =
            Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let (name, key) = ("template".to_owned(), format!("templates/{hash}.json"));
        Asset { name, key, content: Content::Text(text.clone()) }
    })
}

/// Base64 of each object's SHA-256, by key: of the object, where S3 keeps it, else of the file.
pub type Sums = BTreeMap<String, String>;

/// Puts into the bucket what is not there.
///
/// # Errors
/// When a file cannot be read, or a call fails.
pub async fn upload(
    context: &Context,
    bucket: &Bucket,
    assets: Vec<Asset>,
    screen: &mut Screen<'_>,
) -> Result<Sums> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut uploads = JoinSet::new();
    for asset in assets {
        let (client, bucket) = (context.client.clone(), bucket.clone());
        let places = Arc::clone(&places);
        uploads.spawn(async move {
            let _place = places.acquire().await;
            one(&client, &bucket, asset).await
        });
    }
    let mut sums = Sums::new();
    while let Some(done) = uploads.join_next().await {
        let (asset, bytes, sum) =
            done.map_err(|e| Failure::new(format!("an upload broke off: {e}")))??;
        let uploaded = bytes.is_some();
        screen.tell(&News::Asset { name: asset.name, key: asset.key.clone(), bytes, uploaded });
        sums.extend(sum.map(|sum| (asset.key, sum)));
    }
    Ok(sums)
}

/// Gives its size, where it had to be put there, and its sum, where that is known.
async fn one(
    client: &aws_wire::Client,
    bucket: &Bucket,
    asset: Asset,
) -> Result<(Asset, Option<u64>, Option<String>)> {
    let told = |error: CallError| {
        Failure::from(error).detail(format!("{} in bucket {}", asset.key, bucket.name))
    };
    let head = bucket.head(client, &asset.key).await.map_err(told)?;
    if let Some(head) = head {
        let of_file = || match &asset.content {
            Content::File(file) => std::fs::read(file).ok().map(|bytes| sha256(&bytes)),
            Content::Text(_) => None,
        };
        let sum = head.sha256.or_else(of_file);
        return Ok((asset, None, sum));
    }
    let (kind, bytes) = match &asset.content {
        Content::Text(text) => ("application/json", Bytes::from(text.clone())),
        Content::File(file) => {
            let bytes = std::fs::read(file);
            let bytes = bytes.map_err(|e| {
                Failure::new(format!("{}: {e}", file.display())).hint("cargo xtask bundle")
            })?;
            ("application/zip", Bytes::from(bytes))
        }
    };
    let (size, sum) = (bytes.len(), sha256(&bytes));
    bucket.put(client, &asset.key, kind, bytes).await.map_err(told)?;
    Ok((asset, u64::try_from(size).ok(), Some(sum)))
}
