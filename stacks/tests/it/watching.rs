//! Alarms and dashboard.

use super::{json, template, text};
use expect_test::expect;
use herald_contract::metric::{self, Metric};
use infra_gen::aws::cloudwatch::{Alarm, Dashboard};
use serde_json::Value as Json;

#[test]
fn every_function_is_watched_for_errors_and_throttles() {
    let template = template("");
    let alarms: Vec<_> = template.find::<Alarm>().map(|(id, _)| id.as_str()).collect();
    expect!["SocketErrors SocketThrottles AuthorizerErrors AuthorizerThrottles DispatcherErrors DispatcherThrottles WorkerErrors WorkerThrottles SenderErrors SenderThrottles PublishErrors PublishThrottles SweeperErrors SweeperThrottles StreamLate DeadLettersWait ManyGone ManySlow"]
        .assert_eq(&alarms.join(" "));
}

#[test]
fn a_stage_without_traffic_is_well() {
    for (id, alarm) in template("").find::<Alarm>() {
        assert_eq!(text(&alarm.treat_missing_data), r#""notBreaching""#, "{id}");
        assert!(alarm.alarm_description.is_some(), "{id} says what is wrong");
    }
}

#[test]
fn a_ratio_is_of_all_that_is_sent_and_means_nothing_below_a_hundred() {
    let template = template("");
    let (_, alarm) = template.find::<Alarm>().find(|(id, _)| id.as_str() == "ManyGone").unwrap();
    let queries: Json = serde_json::from_str(&text(&alarm.metrics)).unwrap();
    let lines = queries.as_array().unwrap().iter().map(|query| {
        let metric = &query["MetricStat"]["Metric"];
        match query["Expression"].as_str() {
            Some(expression) => format!("{}: {expression}\n", query["Id"].as_str().unwrap()),
            None => format!(
                "{}: {} {} {}\n",
                query["Id"].as_str().unwrap(),
                metric["Namespace"],
                metric["MetricName"],
                metric["Dimensions"]
            ),
        }
    });
    expect![[r#"
        posts_a: "Herald" "Posts" [{"Name":"stage","Value":"live"},{"Name":"function","Value":"dispatcher"}]
        ends_a: "Herald" "Gone" [{"Name":"stage","Value":"live"},{"Name":"function","Value":"dispatcher"}]
        posts_b: "Herald" "Posts" [{"Name":"stage","Value":"live"},{"Name":"function","Value":"sender"}]
        ends_b: "Herald" "Gone" [{"Name":"stage","Value":"live"},{"Name":"function","Value":"sender"}]
        ratio: IF(FILL(posts_a,0)+FILL(posts_b,0)>=100,100*(FILL(ends_a,0)+FILL(ends_b,0))/(FILL(posts_a,0)+FILL(posts_b,0)),0)
    "#]]
    .assert_eq(&lines.collect::<String>());
}

#[test]
fn alarms_tell_the_topic_when_they_begin_and_when_they_end() {
    let topic = "arn:aws:sns:eu-west-1:123456789012:alarms";
    for (id, alarm) in template(&format!(", alarm_topic: '{topic}'")).find::<Alarm>() {
        assert_eq!(text(&alarm.alarm_actions), format!("[{topic:?}]"), "{id}");
        assert_eq!(text(&alarm.ok_actions), format!("[{topic:?}]"), "{id}");
    }
    for (id, alarm) in template("").find::<Alarm>() {
        assert_eq!((&alarm.alarm_actions, &alarm.ok_actions), (&None, &None), "{id}");
    }
}

#[test]
fn no_alarms_are_no_alarms() {
    assert_eq!(template(", alarms: false").find::<Alarm>().count(), 0);
}

/// The dashboard's body as CloudWatch reads it; names become `?`.
fn dashboard(settings: &str) -> Json {
    let template = template(settings);
    assert_eq!(template.find::<Dashboard>().count(), 1);
    let document = json(&template);
    let body = &document["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"];
    let mut plain = String::new();
    for (index, piece) in body.as_str().unwrap().split("${").enumerate() {
        let rest = if index == 0 { piece } else { piece.split_once('}').unwrap().1 };
        plain.push_str(if index == 0 { "" } else { "?" });
        plain.push_str(rest);
    }
    serde_json::from_str(&plain).unwrap()
}

#[test]
fn the_dashboard_has_two_graphs_in_a_row_and_none_upon_another() {
    let body = dashboard("");
    let lines = body["widgets"].as_array().unwrap().iter().map(|widget| {
        let properties = &widget["properties"];
        let metrics = properties["metrics"].as_array().unwrap().len();
        format!(
            "{:2} {:2} {} {} ({metrics})\n",
            widget["x"].as_u64().unwrap(),
            widget["y"].as_u64().unwrap(),
            properties["title"].as_str().unwrap(),
            properties["stat"].as_str().unwrap(),
        )
    });
    expect![[r#"
         0  0 Clients Sum (4)
        12  0 Invocations Sum (7)
         0  6 Errors Sum (7)
        12  6 Throttles Sum (7)
         0 12 Duration p99 (7)
        12 12 Waiting: age in the stream (ms), dead letters Maximum (2)
         0 18 Posts Sum (8)
        12 18 From write to post (ms) p99 (2)
         0 24 Missed notifications at hello p99 (1)
        12 24 Age of jobs at their end (ms) p99 (1)
         0 30 Leases lost Sum (1)
    "#]]
    .assert_eq(&lines.collect::<String>());
}

#[test]
fn every_metric_of_ours_is_on_the_dashboard_unless_none_is_written() {
    let body = dashboard("").to_string();
    for metric in Metric::ALL {
        let named = format!(r#"["{}","{}","#, metric::NAMESPACE, metric.name());
        assert!(body.contains(&named), "{named}");
    }
    let body = dashboard(", metrics: false").to_string();
    assert!(!body.contains(metric::NAMESPACE), "{body}");
    assert!(!template(", metrics: false").to_json().contains(r#""STAGE""#));
    let alarms = template(", metrics: false");
    assert!(alarms.find::<Alarm>().all(|(_, alarm)| alarm.metrics.is_none()));
}

#[test]
fn what_to_do_about_it_is_written_down() {
    let text = include_str!("../../../docs/operations.md");
    // Those of functions are alike; the first stands for all.
    let first = |kind: &str| format!("Socket{kind}");
    for (id, _) in template("").find::<Alarm>() {
        let id = ["Errors", "Throttles"]
            .into_iter()
            .find(|kind| id.as_str().ends_with(kind))
            .map_or_else(|| id.as_str().to_owned(), first);
        assert!(text.contains(&format!("| `{id}`")), "{id} is not explained");
    }
    for metric in Metric::ALL {
        assert!(text.contains(&format!("| `{}` |", metric.name())), "{metric:?} is not explained");
    }
}
