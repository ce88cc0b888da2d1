//! AWS's names as Rust spells them.

/// Field or method: `KMSMasterKeyId` is `kms_master_key_id`, `S3Bucket` is `s3_bucket`.
pub(crate) fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            out.push('_');
            continue;
        }
        let before = i.checked_sub(1).map(|j| chars[j]);
        let after = chars.get(i + 1).copied();
        // `ARNs`: the end of a plural, not a word that starts with `N`.
        let plural = after == Some('s') && i + 2 == chars.len();
        let lower_follows = after.is_some_and(|a| a.is_ascii_lowercase()) && !plural;
        let word_starts = c.is_ascii_uppercase()
            && before
                .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || lower_follows);
        if word_starts && !out.ends_with('_') {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    if KEYWORDS.contains(&out.as_str()) { format!("r#{out}") } else { out }
}

/// Module: like a field, without separators, as AWS's documentation spells file names.
pub(crate) fn module(name: &str) -> String {
    snake(name)
}

/// Type: `grokPattern` is `GrokPattern`; acronyms stay as AWS writes them.
pub(crate) fn pascal(name: &str) -> String {
    let mut out = String::new();
    let mut start = true;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            start = true;
        } else if start {
            out.push(c.to_ascii_uppercase());
            start = false;
        } else {
            out.push(c);
        }
    }
    out
}

/// Enum variant: `PAY_PER_REQUEST` is `PayPerRequest`, `x86_64` is `X86_64`; `None` if nothing is
/// left that could be a name.
pub(crate) fn variant(value: &str) -> Option<String> {
    let mut out = String::new();
    for word in value.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()) {
        let digits_meet = out.ends_with(|c: char| c.is_ascii_digit())
            && word.starts_with(|c: char| c.is_ascii_digit());
        if digits_meet {
            out.push('_');
        }
        let shouted = word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        let mut chars = word.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.extend(chars.map(|c| if shouted { c.to_ascii_lowercase() } else { c }));
    }
    match out.chars().next() {
        None => None,
        Some(c) if c.is_ascii_digit() => Some(format!("V{out}")),
        // `Other` is how a value that is not in the list is given.
        Some(_) if out == "Other" => Some("OtherValue".to_owned()),
        Some(_) => Some(out),
    }
}

/// A string literal; raw, so that patterns read as AWS writes them.
pub(crate) fn literal(text: &str) -> String {
    if !text.contains(['"', '\\']) {
        return format!("\"{text}\"");
    }
    let mut hashes = String::new();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "box", "break", "const", "continue", "dyn", "else", "enum", "extern",
    "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match",
    "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while",
    "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acronyms_and_plurals_are_words() {
        for (name, expected) in [
            ("ApiId", "api_id"),
            ("KMSMasterKeyId", "kms_master_key_id"),
            ("S3Bucket", "s3_bucket"),
            ("ClientIDs", "client_ids"),
            ("CodeSha256", "code_sha256"),
            ("Ipv6AllowedForDualStack", "ipv6_allowed_for_dual_stack"),
            ("SnapStart/ApplyOn", "snap_start_apply_on"),
            ("Type", "r#type"),
        ] {
            assert_eq!(snake(name), expected);
        }
    }

    #[test]
    fn values_of_every_spelling_become_variants() {
        for (value, expected) in [
            ("PAY_PER_REQUEST", Some("PayPerRequest")),
            ("provided.al2023", Some("ProvidedAl2023")),
            ("x86_64", Some("X86_64")),
            ("ReportBatchItemFailures", Some("ReportBatchItemFailures")),
            ("1.5", Some("V1_5")),
            ("Other", Some("OtherValue")),
            ("*", None),
        ] {
            assert_eq!(variant(value).as_deref(), expected);
        }
    }

    #[test]
    fn literals_are_raw_where_that_reads_better() {
        assert_eq!(literal("a"), r#""a""#);
        assert_eq!(literal(r"\d"), r#"r"\d""#);
        assert_eq!(literal("a\"#"), "r##\"a\"#\"##");
    }
}
