//! What a pattern asks of one value.

use serde_json::Value;
use std::net::IpAddr;

/// One comparison of a leaf; its operands are checked when the pattern is parsed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Matcher {
    /// A string, number, boolean or `null` as it stands. Numbers are equal when they are written
    /// alike: `300` is not `300.0`.
    Equals(Value),
    EqualsIgnoreCase(Folded),
    Prefix(String),
    PrefixIgnoreCase(Folded),
    Suffix(String),
    SuffixIgnoreCase(Folded),
    Wildcard(Wildcard),
    /// All of the comparisons; `=` is the only one that stands alone.
    Numeric(Vec<(Comparison, f64)>),
    Cidr(Network),
    Exists(bool),
    /// A value that is there and that none of these take.
    AnythingBut(Vec<Self>),
}

impl Matcher {
    /// Judges a field; of an array, any element. Objects are not leaves and match nothing.
    pub(super) fn matches(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Exists(wanted) => any_scalar(value, &|_| true) == *wanted,
            _ => any_scalar(value, &|scalar| self.takes(scalar)),
        }
    }

    fn takes(&self, scalar: &Value) -> bool {
        match self {
            Self::Equals(wanted) => scalar == wanted,
            Self::AnythingBut(others) => !others.iter().any(|other| other.takes(scalar)),
            Self::Exists(wanted) => *wanted,
            Self::Numeric(comparisons) => scalar.as_f64().is_some_and(|number| {
                comparisons.iter().all(|(comparison, operand)| comparison.holds(number, *operand))
            }),
            Self::EqualsIgnoreCase(_)
            | Self::Prefix(_)
            | Self::PrefixIgnoreCase(_)
            | Self::Suffix(_)
            | Self::SuffixIgnoreCase(_)
            | Self::Wildcard(_)
            | Self::Cidr(_) => scalar.as_str().is_some_and(|text| self.takes_text(text)),
        }
    }

    fn takes_text(&self, text: &str) -> bool {
        match self {
            Self::EqualsIgnoreCase(wanted) => Folded::new(text) == *wanted,
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::PrefixIgnoreCase(prefix) => Folded::new(text).0.starts_with(&prefix.0),
            Self::Suffix(suffix) => text.ends_with(suffix.as_str()),
            Self::SuffixIgnoreCase(suffix) => Folded::new(text).0.ends_with(&suffix.0),
            Self::Wildcard(wildcard) => wildcard.matches(text),
            Self::Cidr(network) => network.contains(text),
            Self::Equals(_) | Self::Numeric(_) | Self::Exists(_) | Self::AnythingBut(_) => false,
        }
    }
}

fn any_scalar(value: Option<&Value>, judge: &dyn Fn(&Value) -> bool) -> bool {
    match value {
        None | Some(Value::Object(_)) => false,
        Some(Value::Array(elements)) => elements.iter().any(|e| any_scalar(Some(e), judge)),
        Some(scalar) => judge(scalar),
    }
}

/// Text without its case.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Folded(String);

impl Folded {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_lowercase())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn holds(self, number: f64, operand: f64) -> bool {
        match self {
            Self::Equal => number == operand,
            Self::Less => number < operand,
            Self::LessOrEqual => number <= operand,
            Self::Greater => number > operand,
            Self::GreaterOrEqual => number >= operand,
        }
    }
}

/// Text in which `*` stands for any run of characters. `\*` and `\\` stand for themselves; unlike
/// in IAM, `?` is an ordinary character, so this is not [`crate::wildcard`].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wildcard {
    first: String,
    /// What follows each `*`.
    rest: Vec<String>,
}

impl Wildcard {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = vec![String::new()];
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '*' if chars.peek() == Some(&'*') => {
                    return Err(format!("`{text}` has two `*` in a row; one is enough"));
                }
                '*' => pieces.push(String::new()),
                '\\' => match chars.next() {
                    Some(escaped @ ('*' | '\\')) => push(&mut pieces, escaped),
                    _ => {
                        return Err(format!(
                            r"`{text}` has a `\` that is not followed by `*` or `\`"
                        ));
                    }
                },
                c => push(&mut pieces, c),
            }
        }
        let rest = pieces.split_off(1);
        Ok(Self { first: pieces.pop().unwrap_or_default(), rest })
    }

    fn matches(&self, text: &str) -> bool {
        let Some((last, middle)) = self.rest.split_last() else { return text == self.first };
        let Some(mut text) = text.strip_prefix(self.first.as_str()) else { return false };
        for piece in middle {
            // The earliest place leaves most to the pieces that follow, so it is always the right one.
            let Some(at) = text.find(piece.as_str()) else { return false };
            text = &text[at + piece.len()..];
        }
        text.ends_with(last.as_str())
    }
}

fn push(pieces: &mut [String], c: char) {
    if let Some(last) = pieces.last_mut() {
        last.push(c);
    }
}

/// Addresses that agree in their first bits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let (address, bits) = (address.parse::<IpAddr>().ok()?, bits.parse::<u32>().ok()?);
        let most = if address.is_ipv4() { 32 } else { 128 };
        (bits <= most).then_some(Self { address, bits })
    }

    fn contains(&self, text: &str) -> bool {
        let differing = match (self.address, text.parse::<IpAddr>()) {
            (IpAddr::V4(a), Ok(IpAddr::V4(b))) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            (IpAddr::V6(a), Ok(IpAddr::V6(b))) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            _ => return false,
        };
        differing >= self.bits
    }
}
