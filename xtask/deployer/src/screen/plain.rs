//! News for logs: a line each, none of which is ever taken back.

use super::{color_of, paint};
use crate::news::News;

/// The line; none for what a log need not say.
pub fn line(news: &News, color: bool) -> Option<String> {
    let text = match news {
        News::Identity { identity, region } => {
            format!("account {}, {region}, as {}", identity.account, identity.arn)
        }
        News::Note { text } => text.clone(),
        News::Trouble { text } => paint(color, "33", text),
        News::Asset { name, bytes, uploaded: true, .. } => match bytes {
            Some(bytes) => format!("uploaded {name}, {bytes} B"),
            None => format!("uploaded {name}"),
        },
        News::Asset { uploaded: false, .. } | News::Plan { .. } => return None,
        News::Stack { status, reason, at } => {
            let status = paint(color, color_of(status), status);
            format!("{} stack {status}{}", short(at), because(reason.as_ref()))
        }
        News::Resource { id, type_name, status, reason, at, .. } => {
            let status = paint(color, color_of(status), &format!("{status:<18}"));
            let line = format!("{} {status} {id} ({type_name})", short(at));
            format!("{line}{}", because(reason.as_ref()))
        }
        News::Code { id, .. } => format!("{id} has its new code"),
        News::Outputs { outputs } => {
            let width = outputs.keys().map(String::len).max().unwrap_or_default();
            let lines = outputs.iter().map(|(name, value)| format!("{name:<width$}  {value}\n"));
            return Some(lines.collect());
        }
        News::Result { message, .. } => paint(color, "1", message),
    };
    Some(text + "\n")
}

/// `18:28:11` of a point in time.
fn short(at: &str) -> &str {
    at.get(11..19).unwrap_or(at)
}

fn because(reason: Option<&String>) -> String {
    reason.map(|reason| format!(": {reason}")).unwrap_or_default()
}
