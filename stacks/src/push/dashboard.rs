//! One page of graphs: from the client, through the functions, to what was given up.
//!
//! The body is JSON in a text, with names in it that only CloudFormation knows, so it is written
//! piece by piece.

use super::Base;
use super::functions::Functions;
use herald_contract::Function;
use herald_contract::metric::{self, Metric};
use infra_gen::aws::cloudwatch::Dashboard;
use infra_gen::{Pseudo, SubPart, Template, Val};

/// Of 24 columns: two in a row.
const WIDTH: usize = 12;
const HEIGHT: usize = 6;

/// A graph of our own metrics: what is written, and by whom.
struct Watched {
    title: &'static str,
    statistic: &'static str,
    metrics: &'static [Metric],
    by: &'static [Function],
}

const WATCHED: &[Watched] = &[
    Watched {
        title: "Posts",
        statistic: "Sum",
        metrics: &[Metric::Posts, Metric::Gone, Metric::Slow, Metric::Throttled],
        by: &[Function::Dispatcher, Function::Sender],
    },
    Watched {
        title: "From write to post (ms)",
        statistic: "p99",
        metrics: &[Metric::DeliveryLag],
        by: &[Function::Dispatcher, Function::Sender],
    },
    Watched {
        title: "Missed notifications at hello",
        statistic: "p99",
        metrics: &[Metric::ReplayDepth],
        by: &[Function::Socket],
    },
    Watched {
        title: "Age of jobs at their end (ms)",
        statistic: "p99",
        metrics: &[Metric::JobAge],
        by: &[Function::Worker],
    },
    Watched {
        title: "Leases lost",
        statistic: "Sum",
        metrics: &[Metric::LeaseLost],
        by: &[Function::Worker],
    },
];

/// Text, or a name that only CloudFormation knows. None of these has a character that JSON escapes.
type Piece = Box<dyn SubPart>;

pub(super) fn add(template: &mut Template, base: &Base<'_>, functions: &Functions) {
    let graphs = of_services(base, functions).into_iter().chain(ours(base));
    let placed = graphs.enumerate().map(|(index, graph)| graph.at(index)).collect();
    let body = [text(r#"{"widgets":["#)]
        .into_iter()
        .chain(joined(placed))
        .chain([text("]}")])
        .collect::<Vec<_>>();
    let body: Vec<&dyn SubPart> = body.iter().map(|piece| &**piece).collect();
    template.add("Dashboard", Dashboard::new(Val::sub(&body)));
}

struct Graph {
    title: &'static str,
    statistic: &'static str,
    metrics: Vec<Vec<Piece>>,
}

fn of_services(base: &Base<'_>, functions: &Functions) -> Vec<Graph> {
    let of_api = ["ConnectCount", "MessageCount", "ClientError", "ExecutionError"].map(|name| {
        let stage = text(base.stage.name.as_str());
        line("AWS/ApiGateway", name, [("ApiId", Box::new(base.api.clone())), ("Stage", stage)])
    });
    let clients = Graph { title: "Clients", statistic: "Sum", metrics: of_api.into() };
    let of_functions =
        [("Invocations", "Sum"), ("Errors", "Sum"), ("Throttles", "Sum"), ("Duration", "p99")].map(
            |(name, statistic)| {
                let of_each = functions.all().map(|(_, handle)| {
                    line("AWS/Lambda", name, [("FunctionName", Box::new(handle.clone()) as Piece)])
                });
                Graph { title: name, statistic, metrics: of_each.collect() }
            },
        );
    let age = Box::new(functions.dispatcher.clone());
    let letters = Box::new(base.dead_letters.queue_name());
    let waiting = Graph {
        title: "Waiting: age in the stream (ms), dead letters",
        statistic: "Maximum",
        metrics: vec![
            line("AWS/Lambda", "IteratorAge", [("FunctionName", age as Piece)]),
            line(
                "AWS/SQS",
                "ApproximateNumberOfMessagesVisible",
                [("QueueName", letters as Piece)],
            ),
        ],
    };
    [clients].into_iter().chain(of_functions).chain([waiting]).collect()
}

fn ours(base: &Base<'_>) -> Vec<Graph> {
    let watched = if base.stage.metrics { WATCHED } else { &[] };
    let graph = |watched: &Watched| {
        let pairs = watched.metrics.iter().flat_map(|m| watched.by.iter().map(move |f| (m, f)));
        let lines = pairs.map(|(metric, function)| {
            line(
                metric::NAMESPACE,
                metric.name(),
                [
                    (metric::STAGE, text(base.stage.name.as_str())),
                    (metric::FUNCTION, text(function.name())),
                ],
            )
        });
        let metrics = lines.collect();
        Graph { title: watched.title, statistic: watched.statistic, metrics }
    };
    watched.iter().map(graph).collect()
}

impl Graph {
    fn at(self, index: usize) -> Vec<Piece> {
        let Self { title, statistic, metrics } = self;
        let (x, y) = (index % 2 * WIDTH, index / 2 * HEIGHT);
        let head = format!(
            r#"{{"type":"metric","x":{x},"y":{y},"width":{WIDTH},"height":{HEIGHT},"properties":{{"title":"{title}","stat":"{statistic}","period":60,"region":""#
        );
        [text(head), Box::new(Pseudo::Region), text(r#"","metrics":["#)]
            .into_iter()
            .chain(joined(metrics))
            .chain([text("]}}")])
            .collect()
    }
}

/// A metric by namespace, name and dimensions.
fn line<const N: usize>(namespace: &str, name: &str, dimensions: [(&str, Piece); N]) -> Vec<Piece> {
    let mut pieces = vec![text(format!(r#"["{namespace}","{name}""#))];
    for (dimension, value) in dimensions {
        pieces.extend([text(format!(r#","{dimension}",""#)), value, text("\"")]);
    }
    pieces.push(text("]"));
    pieces
}

fn joined(items: Vec<Vec<Piece>>) -> impl Iterator<Item = Piece> {
    items.into_iter().enumerate().flat_map(|(index, pieces)| {
        let comma = (index > 0).then(|| text(","));
        comma.into_iter().chain(pieces)
    })
}

fn text(text: impl Into<String>) -> Piece {
    Box::new(text.into())
}
