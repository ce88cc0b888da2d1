//! What the answer of a function says about its batch when the mapping asks for
//! `ReportBatchItemFailures`.

use serde_json::Value;

/// How much of a batch is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Report {
    Everything,
    /// Everything before the record at this index; the rest comes again.
    Before(usize),
    /// Nothing, for the answer is not what it should be.
    Nothing(String),
}

/// Reads an answer; `index_of` finds a sequence number in the batch.
///
/// An answer that lists no failures is a success, however it says so. One that names a failure the
/// batch does not have is taken as a failure of everything, as AWS takes an empty identifier.
pub(super) fn read(body: &[u8], index_of: impl Fn(&str) -> Option<usize>) -> Report {
    if body.is_empty() {
        return Report::Everything;
    }
    let failures = match serde_json::from_slice::<Value>(body) {
        Ok(Value::Null) => return Report::Everything,
        Ok(Value::Object(mut answer)) => answer.remove("batchItemFailures").unwrap_or_default(),
        _ => return Report::Nothing("the answer is not a JSON object".into()),
    };
    let failures = match failures {
        Value::Null => return Report::Everything,
        Value::Array(failures) => failures,
        _ => return Report::Nothing("batchItemFailures is not a list".into()),
    };
    let mut first = None;
    for failure in &failures {
        let Some(identifier) = failure.get("itemIdentifier").and_then(Value::as_str) else {
            return Report::Nothing(format!("{failure} has no itemIdentifier"));
        };
        let Some(index) = index_of(identifier) else {
            return Report::Nothing(format!("itemIdentifier `{identifier}` is not in the batch"));
        };
        first = Some(first.map_or(index, |first: usize| first.min(index)));
    }
    first.map_or(Report::Everything, Report::Before)
}

#[cfg(test)]
mod tests {
    use super::{Report, read};

    /// Reads an answer to a batch of the records `11`, `12` and `13`.
    #[track_caller]
    fn check(body: &str, expected: &str) {
        let report = read(body.as_bytes(), |id| ["11", "12", "13"].iter().position(|n| *n == id));
        let shown = match report {
            Report::Everything => "success".into(),
            Report::Before(index) => format!("again from {index}"),
            Report::Nothing(why) => format!("failure: {why}"),
        };
        assert_eq!(shown, expected, "{body}");
    }

    #[test]
    fn an_answer_without_failures_is_a_success() {
        for body in
            ["", "null", "{}", r#"{"batchItemFailures":null}"#, r#"{"batchItemFailures":[]}"#]
        {
            check(body, "success");
        }
        check(r#"{"statusCode":500}"#, "success");
    }

    #[test]
    fn the_lowest_failure_counts() {
        check(
            r#"{"batchItemFailures":[{"itemIdentifier":"13"},{"itemIdentifier":"12"}]}"#,
            "again from 1",
        );
    }

    #[test]
    fn an_answer_of_the_wrong_form_is_a_failure_of_everything() {
        check(r#""done""#, "failure: the answer is not a JSON object");
        check("<html>", "failure: the answer is not a JSON object");
        check(r#"{"batchItemFailures":"11"}"#, "failure: batchItemFailures is not a list");
        check(
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            "failure: itemIdentifier `` is not in the batch",
        );
        check(
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"failure: {"itemIdentifier":null} has no itemIdentifier"#,
        );
        check(
            r#"{"batchItemFailures":[{"itemIdentifier":"11"},{"id":"12"}]}"#,
            r#"failure: {"id":"12"} has no itemIdentifier"#,
        );
        check(
            r#"{"batchItemFailures":[{"itemIdentifier":"14"}]}"#,
            "failure: itemIdentifier `14` is not in the batch",
        );
    }
}
