//! Filter patterns, as far as they are made of terms: `ERROR "in words" -debug`, `?ERROR ?WARN`.
//!
//! Patterns for JSON, for fields and regular expressions are other languages, and refused by name.

/// Which events are wanted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    all: Vec<String>,
    none: Vec<String>,
    /// Counts only where nothing else is asked for, as on AWS.
    any: Vec<String>,
}

impl Filter {
    pub(super) fn parse(pattern: &str) -> Result<Self, String> {
        let mut filter = Self::default();
        let mut rest = pattern.trim_start();
        if rest.starts_with(['{', '[']) {
            return Err(format!(
                "Invalid filter pattern: `{pattern}` is for JSON or fields; the local cloud knows terms only, such as ERROR \"two words\" -debug"
            ));
        }
        while !rest.is_empty() {
            let (into, tail) = match rest.as_bytes()[0] {
                b'-' => (&mut filter.none, &rest[1..]),
                b'?' => (&mut filter.any, &rest[1..]),
                _ => (&mut filter.all, rest),
            };
            let (term, after) = term(tail).ok_or_else(|| {
                format!("Invalid filter pattern: in `{pattern}` a quotation mark has no other")
            })?;
            if term.starts_with('%') {
                return Err(format!(
                    "Invalid filter pattern: `{pattern}` has a regular expression; the local cloud knows terms only"
                ));
            }
            if !term.is_empty() {
                into.push(term);
            }
            rest = after.trim_start();
        }
        if !filter.all.is_empty() || !filter.none.is_empty() {
            filter.any.clear();
        }
        Ok(filter)
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let has = |term: &String| text.contains(term.as_str());
        self.all.iter().all(has)
            && !self.none.iter().any(has)
            && (self.any.is_empty() || self.any.iter().any(has))
    }
}

/// The first term, and what follows it.
fn term(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut term = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((term, &quoted[at + 1..])),
            '\\' => term.push(chars.next()?.1),
            c => term.push(c),
        }
    }
    None
}
