//! Findings for people: one line each, as compilers write them, so that editors find the place.

use super::{Report, sentence};
use std::fmt::Write as _;

pub(super) fn render(reports: &[Report]) -> String {
    let mut out = String::new();
    for Report { file, diagnostics } in reports {
        for diagnostic in diagnostics {
            let (severity, code) = (diagnostic.severity.name(), diagnostic.code);
            // Writing to a string does not fail.
            _ = writeln!(
                out,
                "{file}:{}: {severity} {code}: {}",
                diagnostic.line,
                sentence(diagnostic)
            );
            if !diagnostic.help.is_empty() {
                _ = writeln!(out, "    {}", diagnostic.help);
            }
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
    fn a_finding_is_a_line_with_its_place_and_a_line_of_help() {
        expect![[r#"
            a dir/broken.yaml:5: error HR102: Resources.Queue.Properties.DelaySecond is no property here
                did you mean DelaySeconds?
            a dir/broken.yaml:7: error HR005: Parameters.A&B is no logical ID
                write 1 to 255 letters and digits
            a dir/broken.yaml:7: warning HR207: Parameters.A&B is referred to by nothing
                delete it
        "#]].assert_eq(&render(&example()));
    }
}
