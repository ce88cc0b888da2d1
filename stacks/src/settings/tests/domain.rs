//! Which domains a stage may have, and what follows from one.

use super::*;

/// A stage with a domain of these keys.
fn check_domain_refused(keys: &str, expect: Expect) {
    check_line_refused(&format!("domain: {{{keys}}}"), expect);
}

const CERTIFICATE: &str =
    "certificate_arn: 'arn:aws:acm:us-east-1:123456789012:certificate/0123-4567'";

/// The settings with one stage, whose domain has these keys.
fn parse(keys: &str) -> Result<Settings, SettingsError> {
    let domain = format!("{{{keys}, {CERTIFICATE}}}");
    Settings::parse(&format!("stages: {{dev: {{region: us-east-1, domain: {domain}}}}}"), "f")
}

#[test]
fn a_domain_is_a_host_of_our_own() {
    check_domain_refused(
        "name: ws.example.com",
        expect![[r#"
        stacks/stages.yaml:4:13: stages.dev.domain: missing field `certificate_arn`
    "#]],
    );
    check_domain_refused(
        &format!("name: ws.example.com, {CERTIFICATE}, key: v1"),
        expect![[r#"
        stacks/stages.yaml:4:113: stages.dev.domain: unknown field `key`, expected one of `name`, `certificate_arn`, `path`, `hosted_zone_id`
    "#]],
    );
    check_domain_refused(
        &format!("name: 'wss://ws.example.com', {CERTIFICATE}"),
        expect![[r#"
        stacks/stages.yaml: stages.dev.domain.name is `wss://ws.example.com`; write a host in small letters such as ws.example.com, without scheme, path or wildcard
    "#]],
    );
    for name in ["", "localhost", "WS.example.com", "*.example.com", "-a.example", "a..b", "a.b."] {
        let error = parse(&format!("name: '{name}'")).unwrap_err().to_string();
        assert!(error.contains(&format!("stages.dev.domain.name is `{name}`")), "{error}");
    }
}

#[test]
fn the_certificate_of_a_domain_is_of_the_stages_region() {
    check_domain_refused(
        "name: ws.example.com, certificate_arn: 'arn:aws:acm:eu-west-1:123456789012:certificate/1'",
        expect![[r#"
            stacks/stages.yaml: stages.dev.domain.certificate_arn is of eu-west-1; the domain takes a certificate of the stage's Region, us-east-1, alone; write the ARN of one, as this makes it: aws acm request-certificate --region us-east-1 --domain-name ws.example.com --validation-method DNS
        "#]],
    );
    check_domain_refused(
        "name: ws.example.com, certificate_arn: '0123-4567'",
        expect![[r#"
        stacks/stages.yaml: stages.dev.domain.certificate_arn is `0123-4567`; write the ARN of a certificate in ACM: arn:aws:acm:us-east-1:ACCOUNT:certificate/ID
    "#]],
    );
}

#[test]
fn the_path_of_a_domain_is_one_segment() {
    for path in ["", "/v1", "v1/", "a/b", "a.b", "@connections"] {
        let error =
            parse(&format!("name: ws.example.com, path: '{path}'")).unwrap_err().to_string();
        assert!(error.contains(&format!("stages.dev.domain.path is `{path}`")), "{error}");
    }
    check_domain_refused(
        &format!("name: ws.example.com, path: /v1, {CERTIFICATE}"),
        expect![[r#"
        stacks/stages.yaml: stages.dev.domain.path is `/v1`; write one segment of letters, digits, `_` or `-` such as v1, without slashes, or leave it out
    "#]],
    );
}

#[test]
fn a_hosted_zone_is_named_by_its_id() {
    let zone = "hosted_zone_id: /hostedzone/Z0123456789ABC";
    check_domain_refused(
        &format!("name: ws.example.com, {zone}, {CERTIFICATE}"),
        expect![[r#"
        stacks/stages.yaml: stages.dev.domain.hosted_zone_id is `/hostedzone/Z0123456789ABC`; write the ID alone, such as Z0123456789ABC: aws route53 list-hosted-zones
    "#]],
    );
}

#[test]
fn the_callback_url_follows_from_the_domain_and_is_not_said_again() {
    check_line_refused(
        &format!(
            "domain: {{name: ws.example.com, {CERTIFICATE}}}\n    callback_url: https://ws.example.com"
        ),
        expect![[r#"
            stacks/stages.yaml: stages.dev.callback_url stands beside `domain`, from which it follows; leave it out
        "#]],
    );
    for (path, url) in [("", "https://ws.example.com"), (", path: v1", "https://ws.example.com/v1")]
    {
        let settings = parse(&format!("name: ws.example.com{path}")).unwrap();
        let stage = settings.stage("dev").unwrap();
        assert_eq!(stage.callback_url.as_ref().map(CallbackUrl::as_str), Some(url));
    }
}

#[test]
fn two_stages_of_a_region_do_not_share_a_domain() {
    let stage = |path: &str| {
        format!(
            "{{region: us-east-1, domain: {{name: ws.example.com, path: {path}, {CERTIFICATE}}}}}"
        )
    };
    check_refused(
        &format!("stages: {{blue: {}, green: {}}}", stage("b"), stage("g")),
        expect![[r#"
            stacks/stages.yaml: stages.green.domain.name is `ws.example.com`, which stage `blue` of us-east-1 has already; write another host, such as green.ws.example.com
        "#]],
    );
}
