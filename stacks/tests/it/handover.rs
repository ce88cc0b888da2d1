//! What others rely upon: outputs, parameters, the manifest, the form of the template.

use super::{EVERY_SHAPE, json, stage, template};
use expect_test::expect;
use infra_gen::{template_file, validate};
use stacks::{Settings, push, synthesize};

/// A request to CloudFormation carries so much of a template (CloudFormation quotas).
const INLINE_BYTES_MAX: usize = 51_200;

#[test]
fn the_outputs_have_the_names_that_others_ask_for() {
    let document = json(&template(""));
    let outputs = document["Outputs"].as_object().unwrap();
    let lines = outputs.iter().map(|(name, output)| format!("{name}: {}\n", output["Value"]));
    expect![[r#"
        AuthorizerFunction: {"Ref":"Authorizer"}
        CallbackUrl: {"Fn::Sub":"https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live"}
        DeadLettersUrl: {"Ref":"DeadLetters"}
        PublishFunction: {"Ref":"Publish"}
        TableName: {"Ref":"Table"}
        WebSocketUrl: {"Fn::Sub":"wss://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live"}
    "#]]
    .assert_eq(&lines.collect::<String>());
    let open = json(&template(", auth: none"));
    assert_eq!(open["Outputs"].as_object().unwrap().len(), outputs.len() - 1);
}

#[test]
fn every_secret_is_a_parameter_that_is_never_shown() {
    for settings in EVERY_SHAPE {
        let document = json(&template(settings));
        let parameters = document["Parameters"].as_object().unwrap();
        let secrets = push::secrets(&stage(settings));
        for secret in &secrets {
            assert_eq!(parameters[secret]["NoEcho"], true);
            assert!(parameters[secret].get("Default").is_none());
        }
        let without_value = parameters.iter().filter(|(_, parameter)| {
            parameter["NoEcho"] == true && parameter.get("Default").is_none()
        });
        assert_eq!(without_value.count(), secrets.len(), "{settings}");
    }
}

#[test]
fn the_manifest_says_what_the_template_waits_for() {
    for settings in EVERY_SHAPE {
        let synthesized = synthesize(&stage(settings));
        let entry = &synthesized.manifest.stacks[0];
        let document = json(&synthesized.templates[&entry.name]);
        for (name, parameter) in document["Parameters"].as_object().unwrap() {
            let is_known = name == push::ASSET_BUCKET
                || parameter.get("Default").is_some()
                || entry.secrets.contains(name)
                || entry.functions.iter().any(|function| function.code_parameter == *name);
            assert!(is_known, "nobody gives {name}");
        }
    }
}

#[test]
fn a_template_of_any_shape_is_valid_and_fits_a_request() {
    for settings in EVERY_SHAPE {
        let text = template(settings).to_compact_json();
        assert!(text.len() < INLINE_BYTES_MAX, "{settings}: {} bytes", text.len());
        let found: Vec<_> = validate::validate(&text)
            .into_iter()
            // That logs need a role of the account, and an open route where it is asked for.
            .filter(|d| d.code != "HR409" && !(d.code == "HR410" && settings.contains("none")))
            .collect();
        assert_eq!(found, [], "{settings}");
    }
}

#[test]
fn same_settings_give_the_same_bytes() {
    for settings in EVERY_SHAPE {
        let bytes = || {
            let template = template(settings);
            (template.to_yaml(), template.to_json())
        };
        assert_eq!(bytes(), bytes());
    }
}

#[test]
fn what_people_review_is_what_is_deployed() {
    for settings in EVERY_SHAPE {
        let template = template(settings);
        assert_eq!(template_file::parse(&template.to_yaml()).unwrap(), json(&template));
        assert_eq!(template_file::parse(&template.to_compact_json()).unwrap(), json(&template));
    }
}

#[test]
fn our_own_stages_are_a_quick_one_and_a_careful_one() {
    let settings = Settings::parse(include_str!("../../stages.yaml"), "stages.yaml").unwrap();
    let said = settings.stages().map(|stage| {
        format!(
            "{}: auth {:?}, retain_data {}, tracing {}, alarms {}\n",
            stage.name, stage.auth, stage.retain_data, stage.tracing, stage.alarms
        )
    });
    expect![[r#"
        dev: auth Optional, retain_data false, tracing false, alarms false
        prod: auth Ticket, retain_data true, tracing true, alarms true
    "#]]
    .assert_eq(&said.collect::<String>());
}
