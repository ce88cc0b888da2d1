//! Physical names given twice.

use super::Findings;
use super::codes::SAME_NAME;
use crate::names::name_property;
use crate::parsed::Parsed;
use crate::path::Path;
use std::collections::BTreeMap;

pub(super) fn check(template: &Parsed, findings: &mut Findings) {
    let mut seen = BTreeMap::new();
    for resource in template.resources() {
        let Some(property) = name_property(resource.type_name) else { continue };
        let Some(name) = resource.property(property) else { continue };
        // Resources of which only one can be there may well share a name.
        let condition = resource.body.get("Condition");
        let line = name.to_line();
        let first =
            seen.entry((resource.type_name, line.clone())).or_insert((resource.id, condition));
        if first.0 == resource.id || first.1.is_some() || condition.is_some() {
            continue;
        }
        let at = Path::new(["Resources", resource.id, "Properties", property]);
        let message = format!("is {line:?}, the name of {}, too", first.0);
        findings.report(&SAME_NAME, at, message, "leave it out, and AWS makes one up");
    }
}
