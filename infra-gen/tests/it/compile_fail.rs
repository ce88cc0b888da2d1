//! Mistakes that are the compiler's to find. The messages are part of the design: they are what
//! somebody reads at work.

#[test]
fn mistakes_do_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile-fail/pass.rs");
    for case in [
        "arn_of_the_wrong_kind",
        "attribute_that_does_not_exist",
        "iam_action_on_the_wrong_arn",
        "iam_action_with_wildcard",
        "missing_required_property",
        "ref_to_the_wrong_resource",
        "unknown_property",
        "wrong_enum_value",
    ] {
        cases.compile_fail(format!("tests/compile-fail/{case}.rs"));
    }
}
