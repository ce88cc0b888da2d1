//! Patterns with `*` and `?`, as IAM has them.

/// Whether a pattern matches a text, or all that another pattern matches.
pub(crate) fn covers(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where to go on after the last `*`, should what follows it not match.
    let mut back = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                back = Some((p + 1, t));
                p += 1;
            }
            // `?` is any one character, but not the many that a `*` may stand for.
            Some(b'?') if text[t] != b'*' => (p, t) = (p + 1, t + 1),
            Some(byte) if *byte == text[t] => (p, t) = (p + 1, t + 1),
            _ => match back {
                Some((after, from)) => {
                    back = Some((after, from + 1));
                    (p, t) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_it_matches_and_narrower_patterns() {
        for (pattern, text, expected) in [
            ("dynamodb:*", "dynamodb:GetItem", true),
            ("dynamodb:Get*", "dynamodb:PutItem", false),
            ("*", "", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcd", false),
            ("a?c", "abc", true),
            ("a?c", "a*c", false),
            ("a/*", "a/b/*", true),
            ("a/b/*", "a/*", false),
        ] {
            assert_eq!(covers(pattern, text), expected, "{pattern} {text}");
        }
    }
}
