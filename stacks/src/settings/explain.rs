//! What serde says of a wrong file, made helpful.

/// Adds the nearest known key to serde's "unknown field" message, which lists all of them, and
/// drops the position, which stands in front already.
pub(super) fn explain(message: &str) -> String {
    let message = message.split_once(" at line ").map_or(message, |(text, _)| text);
    let mut ticked = message.split('`').skip(1).step_by(2);
    let (Some(rest), Some(wrong)) = (message.split_once("unknown "), ticked.next()) else {
        return message.to_owned();
    };
    let kind = if rest.1.starts_with("field") { "key" } else { "value" };
    let nearest = ticked
        .map(|known| (strsim::damerau_levenshtein(wrong, known), known))
        .min()
        // `timeout` is far from `timeout_seconds`, and yet it is what was meant.
        .filter(|(distance, known)| *distance <= known.len() / 2 || known.starts_with(wrong));
    match nearest {
        Some((_, known)) => format!("{message}\nthe nearest known {kind} is `{known}`"),
        None => message.to_owned(),
    }
}
