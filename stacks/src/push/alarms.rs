//! What somebody should know of. A stage without traffic raises none of them.

use super::Base;
use super::functions::Functions;
use herald_contract::Function;
use herald_contract::metric::{self, Metric as Ours};
use infra_gen::aws::cloudwatch::Alarm;
use infra_gen::aws::cloudwatch::alarm::{
    ComparisonOperator, Dimension, Metric, MetricDataQuery, MetricStat, Statistic, TreatMissingData,
};
use infra_gen::{Template, Val, some};

/// Posts in five minutes from which on a ratio of them means something.
const POSTS_LEAST: u32 = 100;

pub(super) fn add(template: &mut Template, base: &Base<'_>, functions: &Functions) {
    let mut add = |id: String, alarm: Alarm| {
        let topic = base.stage.alarm_topic.as_deref();
        let told = || topic.map(|topic| [topic].into());
        template.add(id, Alarm { alarm_actions: told(), ok_actions: told(), ..alarm });
    };
    for (function, handle) in functions.all() {
        for (metric, what) in [
            ("Errors", "fails: look into its log"),
            ("Throttles", "is throttled: look at the concurrency of the account"),
        ] {
            let name = handle.reference().text();
            let alarm = of_service("AWS/Lambda", metric, "FunctionName", name);
            add(
                format!("{}{metric}", function.logical_id()),
                Alarm {
                    alarm_description: some(format!("{function} {what}")),
                    datapoints_to_alarm: some(3),
                    evaluation_periods: some(5),
                    statistic: some(Statistic::Sum),
                    ..above(0, alarm)
                },
            );
        }
    }
    let name = functions.dispatcher.reference().text();
    add(
        "StreamLate".to_owned(),
        Alarm {
            alarm_description: some("Notifications wait for more than a minute in the stream"),
            evaluation_periods: some(5),
            statistic: some(Statistic::Maximum),
            ..above(60_000, of_service("AWS/Lambda", "IteratorAge", "FunctionName", name))
        },
    );
    let (metric, name) = ("ApproximateNumberOfMessagesVisible", base.dead_letters.queue_name());
    add(
        "DeadLettersWait".to_owned(),
        Alarm {
            alarm_description: some("Something was given up: look into the queue"),
            evaluation_periods: some(1),
            statistic: some(Statistic::Maximum),
            ..above(0, of_service("AWS/SQS", metric, "QueueName", name))
        },
    );
    if base.stage.metrics {
        let gone = "More than half of all posts are to connections that are gone: $disconnect is lost, or the table is not cleaned";
        add("ManyGone".to_owned(), of_posts(base, Ours::Gone, 50, gone));
        let slow = "More than one post in twenty is to a client that does not read";
        add("ManySlow".to_owned(), of_posts(base, Ours::Slow, 5, slow));
    }
}

/// Whatever is not measured is well.
fn above(threshold: u32, alarm: Alarm) -> Alarm {
    Alarm {
        comparison_operator: some(ComparisonOperator::GreaterThanThreshold),
        threshold: some(threshold),
        treat_missing_data: some(TreatMissingData::NotBreaching),
        ..alarm
    }
}

/// A metric of a service, minute by minute.
fn of_service(namespace: &str, metric: &str, dimension: &str, of: Val<String>) -> Alarm {
    Alarm {
        dimensions: some([Dimension::new(dimension, of)]),
        metric_name: some(metric),
        namespace: some(namespace),
        period: some(60),
        ..Alarm::new()
    }
}

/// How many in a hundred posts end so, over five minutes, three times in a row.
fn of_posts(base: &Base<'_>, what: Ours, percent: u32, description: &str) -> Alarm {
    // Those that send to many; what a request is answered with is not their like.
    let senders = [("a", Function::Dispatcher), ("b", Function::Sender)];
    let queries = senders.iter().flat_map(|(id, function)| {
        [("posts", Ours::Posts), ("ends", what)].map(|(kind, metric)| {
            let stat = MetricStat::new(our_metric(base, metric, *function), 300, "Sum");
            MetricDataQuery {
                metric_stat: some(stat),
                return_data: some(false),
                ..MetricDataQuery::new(format!("{kind}_{id}"))
            }
        })
    });
    let sum = |kind: &str| format!("FILL({kind}_a,0)+FILL({kind}_b,0)");
    let (posts, ends) = (sum("posts"), sum("ends"));
    let ratio = MetricDataQuery {
        expression: some(format!("IF({posts}>={POSTS_LEAST},100*({ends})/({posts}),0)")),
        label: some(format!("{} in a hundred posts", what.name())),
        return_data: some(true),
        ..MetricDataQuery::new("ratio")
    };
    let metrics: Vec<_> = queries.chain([ratio]).collect();
    Alarm {
        alarm_description: some(description),
        evaluation_periods: some(3),
        metrics: some(metrics),
        ..above(percent, Alarm::new())
    }
}

fn our_metric(base: &Base<'_>, metric: Ours, function: Function) -> Metric {
    Metric {
        dimensions: some([
            Dimension::new(metric::STAGE, base.stage.name.as_str()),
            Dimension::new(metric::FUNCTION, function.name()),
        ]),
        metric_name: some(metric.name()),
        namespace: some(metric::NAMESPACE),
    }
}
