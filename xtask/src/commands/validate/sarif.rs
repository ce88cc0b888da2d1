//! Findings in the Static Analysis Results Interchange Format, version 2.1.0 (OASIS), as code
//! scanning services read it.

use super::{Report, advice};
use infra_gen::validate::{CHECKS, Check, Diagnostic, Severity};
use serde_json::{Value, json};

pub(super) fn render(reports: &[Report]) -> String {
    let rules: Vec<_> = CHECKS.iter().map(rule).collect();
    let results: Vec<_> = reports
        .iter()
        .flat_map(|report| report.diagnostics.iter().map(|d| result(&report.file, d)))
        .collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Herald",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            // Columns are not told, so nothing is counted in them.
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn rule(check: &Check) -> Value {
    json!({
        "id": check.code,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.rationale},
        "help": {"text": check.rationale},
        "defaultConfiguration": {"level": level(check.severity)},
    })
}

fn result(file: &str, diagnostic: &Diagnostic) -> Value {
    let index = CHECKS.iter().position(|check| check.code == diagnostic.code);
    let at = diagnostic.at.to_string();
    json!({
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": level(diagnostic.severity),
        "message": {"text": advice(diagnostic)},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(file)},
                "region": {"startLine": diagnostic.line},
            },
            "logicalLocations": [{"fullyQualifiedName": at, "kind": "member"}],
        }],
        // The same finding stays the same when lines are added above it.
        "partialFingerprints": {"place/v1": format!("{}:{at}", diagnostic.code)},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A path as a relative reference (RFC 3986): what is not plain is written in per cent.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_finding_has_rule_level_message_and_place() {
        let document: Value = serde_json::from_str(&render(&example())).unwrap();
        expect![[r#"
            {
              "level": "error",
              "locations": [
                {
                  "logicalLocations": [
                    {
                      "fullyQualifiedName": "Resources.Queue.Properties.DelaySecond",
                      "kind": "member"
                    }
                  ],
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "a%20dir/broken.yaml"
                    },
                    "region": {
                      "startLine": 5
                    }
                  }
                }
              ],
              "message": {
                "text": "Resources.Queue.Properties.DelaySecond is no property here; did you mean DelaySeconds?"
              },
              "partialFingerprints": {
                "place/v1": "HR102:Resources.Queue.Properties.DelaySecond"
              },
              "ruleId": "HR102",
              "ruleIndex": 6
            }"#]].assert_eq(&format!("{:#}", document["runs"][0]["results"][0]));
    }

    /// What the schema of SARIF requires of the parts that are written here.
    #[test]
    fn the_document_has_what_the_standard_requires() {
        let document: Value = serde_json::from_str(&render(&example())).unwrap();
        assert_eq!(document["version"], "2.1.0");
        let run = &document["runs"][0];
        assert!(run["tool"]["driver"]["name"].is_string());
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let levels = ["none", "note", "warning", "error"].map(Value::from);
        for rule in rules {
            assert!(rule["id"].is_string());
            assert!(rule["fullDescription"]["text"].is_string());
            assert!(levels.contains(&rule["defaultConfiguration"]["level"]));
        }
        let results = run["results"].as_array().unwrap();
        assert!(!results.is_empty());
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(levels.contains(&result["level"]));
            assert!(result["message"]["text"].is_string());
            let place = &result["locations"][0]["physicalLocation"];
            assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
            assert!(!place["artifactLocation"]["uri"].as_str().unwrap().contains(' '));
        }
    }
}
