//! Numbers compared exactly as long as both are integers.

use std::cmp::Ordering;
use std::fmt;

#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Integer(i128),
    Float(f64),
}

impl Number {
    pub(super) fn new(number: &serde_json::Number) -> Self {
        let integer = number.as_i64().map(i128::from).or(number.as_u64().map(i128::from));
        integer.map_or_else(|| Self::Float(number.as_f64().unwrap_or(f64::NAN)), Self::Integer)
    }

    /// `1.0` is `1`, so that equal numbers are written alike.
    pub(super) fn canonical(self) -> Self {
        match self {
            #[expect(clippy::cast_possible_truncation, reason = "whole and within range")]
            Self::Float(n) if n.fract() == 0.0 && n.abs() < 1e30 => Self::Integer(n as i128),
            number => number,
        }
    }

    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(l), Self::Integer(r)) => Some(l.cmp(&r)),
            (l, r) => l.float().partial_cmp(&r.float()),
        }
    }

    pub(super) fn is_positive(self) -> bool {
        self.float() > 0.0
    }

    /// Whether this is a multiple; between fractions, as closely as doubles can tell.
    pub(super) fn is_multiple_of(self, divisor: Self) -> bool {
        match (self, divisor) {
            (Self::Integer(n), Self::Integer(divisor)) => n.checked_rem(divisor) == Some(0),
            (n, divisor) => {
                let quotient = n.float() / divisor.float();
                (quotient - quotient.round()).abs() <= 1e-9 * quotient.abs().max(1.0)
            }
        }
    }

    fn float(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "a double is all the other side has")]
            Self::Integer(n) => n as f64,
            Self::Float(n) => n,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(n) => n.fmt(f),
            Self::Float(n) => fmt::Debug::fmt(n, f),
        }
    }
}
