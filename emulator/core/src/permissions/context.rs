//! Condition keys that every request has, whatever the service ("AWS global condition context keys").

use super::Principal;
use crate::{Time, http};
use std::collections::BTreeMap;

pub(super) fn of(
    now: Time,
    request: &http::Request,
    principal: &Principal,
    region: &str,
) -> BTreeMap<String, Vec<String>> {
    let mut keys = vec![
        ("aws:currenttime", now.iso8601()),
        ("aws:epochtime", (now.0 / 1000).to_string()),
        ("aws:principalaccount", principal.account_id.clone()),
        ("aws:principalisawsservice", "false".to_owned()),
        ("aws:requestedregion", region.to_owned()),
        // The port speaks HTTP, but stands for endpoints that speak nothing but HTTPS.
        ("aws:securetransport", "true".to_owned()),
        ("aws:sourceip", request.source_ip.clone()),
        ("aws:userid", principal.user_id.clone()),
        ("aws:viaawsservice", "false".to_owned()),
    ];
    match &principal.role {
        Some(role) => keys.extend([
            ("aws:principalarn", role.clone()),
            ("aws:principaltype", "AssumedRole".to_owned()),
        ]),
        None => keys.extend([
            ("aws:principalarn", principal.arn.clone()),
            ("aws:principaltype", "Account".to_owned()),
        ]),
    }
    keys.extend(principal.function.iter().map(|arn| ("lambda:sourcefunctionarn", arn.clone())));
    for (key, header) in [("aws:useragent", "User-Agent"), ("aws:referer", "Referer")] {
        keys.extend(request.header(header).map(|value| (key, value.to_owned())));
    }
    keys.into_iter().map(|(key, value)| (key.to_owned(), vec![value])).collect()
}
