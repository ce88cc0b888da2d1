//! Findings as workflow commands of GitHub Actions, which become annotations of a pull request.

use super::{Report, advice};
use infra_gen::validate::Severity;
use std::fmt::Write as _;

pub(super) fn render(reports: &[Report]) -> String {
    let mut out = String::new();
    for Report { file, diagnostics } in reports {
        for diagnostic in diagnostics {
            let level = match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "notice",
            };
            // Writing to a string does not fail.
            _ = writeln!(
                out,
                "::{level} file={},line={},title={}::{}",
                property(file),
                diagnostic.line,
                property(diagnostic.code),
                data(&advice(diagnostic))
            );
        }
    }
    out
}

/// A command ends with its line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Properties end with a comma or colon besides.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_finding_is_a_command() {
        expect![[r#"
            ::error file=a dir/broken.yaml,line=5,title=HR102::Resources.Queue.Properties.DelaySecond is no property here; did you mean DelaySeconds?
            ::error file=a dir/broken.yaml,line=7,title=HR005::Parameters.A&B is no logical ID; write 1 to 255 letters and digits
            ::warning file=a dir/broken.yaml,line=7,title=HR207::Parameters.A&B is referred to by nothing; delete it
        "#]].assert_eq(&render(&example()));
    }

    #[test]
    fn a_command_cannot_be_ended_from_inside() {
        assert_eq!(data("100%\n::error::"), "100%25%0A::error::");
        assert_eq!(property("a,b:c"), "a%2Cb%3Ac");
    }
}
