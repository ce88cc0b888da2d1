//! What happens during a deployment, as the screens and machines get it.
//!
//! `docs/deploy.md` describes the JSON.

use crate::plan::Plan;
use crate::sts::Identity;
use serde::Serialize;
use std::collections::BTreeMap;

/// The form of the JSON.
pub const VERSION: u32 = 1;

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum News {
    /// Who deploys where.
    Identity {
        /// Who.
        #[serde(flatten)]
        identity: Identity,
        /// Where.
        region: String,
    },
    /// Something worth a sentence.
    Note {
        /// The sentence.
        text: String,
    },
    /// Something goes wrong and is tried again.
    Trouble {
        /// What AWS or the network says.
        text: String,
    },
    /// An asset is in the bucket.
    Asset {
        /// The function, or `template`.
        name: String,
        /// Its key.
        key: String,
        /// Its size; none, where it had not to be read.
        bytes: Option<u64>,
        /// Whether it had to be put there.
        uploaded: bool,
    },
    /// What will be done.
    Plan {
        /// That.
        plan: Box<Plan>,
    },
    /// The stack changed its status.
    Stack {
        /// `UPDATE_IN_PROGRESS` and the like.
        status: String,
        /// AWS's words.
        reason: Option<String>,
        /// When.
        at: String,
    },
    /// A resource changed its status.
    Resource {
        /// Its logical id.
        id: String,
        /// `AWS::Lambda::Function`.
        #[serde(rename = "type")]
        type_name: String,
        /// What AWS calls it.
        physical_id: Option<String>,
        /// `UPDATE_IN_PROGRESS` and the like.
        status: String,
        /// AWS's words.
        reason: Option<String>,
        /// When.
        at: String,
    },
    /// A function has other code, past CloudFormation.
    Code {
        /// Its logical id.
        id: String,
        /// The key of the zip.
        key: String,
    },
    /// What the stack tells.
    Outputs {
        /// By name.
        outputs: BTreeMap<String, String>,
    },
    /// The end, always the last.
    Result {
        /// How the process ends.
        exit: u8,
        /// In one sentence.
        message: String,
        /// Lines that belong to it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        details: Vec<String>,
        /// What to type next.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        hints: Vec<String>,
    },
}
