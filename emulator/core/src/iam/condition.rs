//! The `Condition` block of a statement: operators, `…IfExists`, `ForAllValues:`, `ForAnyValue:`.

use super::{strings, with_variables};
use crate::{Time, wildcard};
use serde_json::Value;
use std::cmp::Ordering::{self, Equal, Greater, Less};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// One operator on one key with its values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    operator: Operator,
    negated: bool,
    if_exists: bool,
    set: Set,
    /// In lower case: keys are the same in any case.
    key: String,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    Equals,
    EqualsIgnoringCase,
    Like,
    /// How the actual number may stand to the wanted one.
    Number(&'static [Ordering]),
    /// The same for moments.
    Date(&'static [Ordering]),
    Bool,
    Ip,
    Null,
}

/// How a key with several values is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Set {
    Single,
    All,
    Any,
}

impl Condition {
    pub(super) fn parse_block(block: &Value) -> Result<Vec<Self>, String> {
        let operators = block.as_object().ok_or("Condition must be an object")?;
        let mut conditions = Vec::new();
        for (name, keys) in operators {
            let keys =
                keys.as_object().ok_or_else(|| format!("Condition.{name} must be an object"))?;
            for (key, values) in keys {
                let values = strings(values).ok_or_else(|| {
                    format!("Condition.{name}.{key} must be text or a list of it")
                })?;
                conditions.push(Self::parse(name, key, values)?);
            }
        }
        Ok(conditions)
    }

    fn parse(name: &str, key: &str, values: Vec<String>) -> Result<Self, String> {
        let (set, rest) = match name.split_once(':') {
            Some(("ForAllValues", rest)) => (Set::All, rest),
            Some(("ForAnyValue", rest)) => (Set::Any, rest),
            _ => (Set::Single, name),
        };
        let (rest, if_exists) = match rest.strip_suffix("IfExists") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (operator, negated) = match rest {
            "StringEquals" => (Operator::Equals, false),
            "StringNotEquals" => (Operator::Equals, true),
            "StringEqualsIgnoreCase" => (Operator::EqualsIgnoringCase, false),
            "StringNotEqualsIgnoreCase" => (Operator::EqualsIgnoringCase, true),
            "StringLike" | "ArnLike" | "ArnEquals" => (Operator::Like, false),
            "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => (Operator::Like, true),
            "NumericEquals" => (Operator::Number(&[Equal]), false),
            "NumericNotEquals" => (Operator::Number(&[Equal]), true),
            "NumericLessThan" => (Operator::Number(&[Less]), false),
            "NumericLessThanEquals" => (Operator::Number(&[Less, Equal]), false),
            "NumericGreaterThan" => (Operator::Number(&[Greater]), false),
            "NumericGreaterThanEquals" => (Operator::Number(&[Greater, Equal]), false),
            "DateEquals" => (Operator::Date(&[Equal]), false),
            "DateNotEquals" => (Operator::Date(&[Equal]), true),
            "DateLessThan" => (Operator::Date(&[Less]), false),
            "DateLessThanEquals" => (Operator::Date(&[Less, Equal]), false),
            "DateGreaterThan" => (Operator::Date(&[Greater]), false),
            "DateGreaterThanEquals" => (Operator::Date(&[Greater, Equal]), false),
            // Both sides are in base64.
            "BinaryEquals" => (Operator::Equals, false),
            "Bool" => (Operator::Bool, false),
            "IpAddress" => (Operator::Ip, false),
            "NotIpAddress" => (Operator::Ip, true),
            "Null" => (Operator::Null, false),
            _ => return Err(format!("the condition operator {name} is not known")),
        };
        Ok(Self { operator, negated, if_exists, set, key: key.to_ascii_lowercase(), values })
    }

    pub(super) fn holds(&self, context: &BTreeMap<String, Vec<String>>) -> bool {
        let present = context.get(&self.key).map_or(&[][..], Vec::as_slice);
        if self.operator == Operator::Null {
            let absent = present.is_empty().to_string();
            return self.values.iter().any(|v| v.eq_ignore_ascii_case(&absent));
        }
        let matches = |actual: &String| {
            let one = self.values.iter().any(|wanted| self.compare(actual, wanted, context));
            one != self.negated
        };
        match (self.set, present) {
            (Set::All, _) => present.iter().all(matches),
            (Set::Any, []) => self.if_exists,
            (Set::Any, _) => present.iter().any(matches),
            // A key that is absent fails every comparison but a negated one.
            (Set::Single, []) => self.if_exists || self.negated,
            (Set::Single, [one, ..]) => matches(one),
        }
    }

    fn compare(&self, actual: &str, wanted: &str, context: &BTreeMap<String, Vec<String>>) -> bool {
        match self.operator {
            Operator::Equals => actual == with_variables(wanted, context),
            Operator::EqualsIgnoringCase => {
                actual.eq_ignore_ascii_case(&with_variables(wanted, context))
            }
            Operator::Like => wildcard::matches(&with_variables(wanted, context), actual),
            Operator::Number(admitted) => match (actual.parse::<f64>(), wanted.parse()) {
                (Ok(actual), Ok(wanted)) => {
                    actual.partial_cmp(&wanted).is_some_and(|order| admitted.contains(&order))
                }
                _ => false,
            },
            Operator::Date(admitted) => match (moment(actual), moment(wanted)) {
                (Some(actual), Some(wanted)) => admitted.contains(&actual.cmp(&wanted)),
                _ => false,
            },
            Operator::Bool => actual.eq_ignore_ascii_case(wanted),
            Operator::Ip => in_network(actual, wanted),
            Operator::Null => false,
        }
    }
}

/// A moment in ISO 8601, or in seconds since the epoch.
fn moment(text: &str) -> Option<Time> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Time(seconds.checked_mul(1000)?));
    }
    let (seconds, _) = text.split_once('.').unwrap_or((text, ""));
    let basic = seconds.replace(['-', ':', 'Z'], "");
    let basic = if basic.contains('T') { basic } else { basic + "T000000" };
    Time::parse_basic(&(basic + "Z"))
}

/// Whether an address lies in a network in CIDR notation; without a `/` the network is one address.
fn in_network(address: &str, network: &str) -> bool {
    let (base, length) = match network.split_once('/') {
        Some((base, length)) => (base, length.parse::<u32>().ok()),
        None => (network, Some(128)),
    };
    let (Ok(address), Ok(base), Some(length)) = (address.parse(), base.parse(), length) else {
        return false;
    };
    let prefix = |bits: u128, width: u32| bits.checked_shr(width - length.min(width)).unwrap_or(0);
    match (address, base) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            prefix(a.to_bits().into(), 32) == prefix(b.to_bits().into(), 32)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => prefix(a.to_bits(), 128) == prefix(b.to_bits(), 128),
        _ => false,
    }
}
