//! Figures as text: servers side by side, then the aims.

use super::client::Load;
use super::gateway::{BUSY, Figures, Gateway, Vanishing};
use super::serverless_offline;
use std::fmt::Write as _;

/// One line: a figure of each server, where it has one.
type Row = (String, Vec<Option<f64>>);

pub(super) fn render(gateway: &Gateway) -> String {
    let mut text = String::new();
    figures(&gateway.servers, &mut text);
    vanishing(&gateway.vanishing, &mut text);
    text.push('\n');
    text.push_str(&super::aims::render(&gateway.aims));
    text
}

fn figures(servers: &[Figures], text: &mut String) {
    let other = |name: &str| servers.iter().position(|server| server.name == name);
    let ratios: Vec<usize> =
        ["bare", serverless_offline::NAME].into_iter().filter_map(other).collect();
    _ = write!(text, "{:<46}", "");
    for server in servers {
        _ = write!(text, "{:>20}", server.name);
    }
    for index in &ratios {
        _ = write!(text, "{:>28}", format!("ours ÷ {}", servers[*index].name));
    }
    text.push('\n');
    for (name, values) in rows(servers) {
        _ = write!(text, "{name:<46}");
        for value in &values {
            _ = write!(text, "{:>20}", value.map_or_else(|| "-".to_owned(), number));
        }
        for index in &ratios {
            let ratio = values[0].zip(values[*index]).filter(|(_, other)| *other > 0.0);
            _ = write!(
                text,
                "{:>28}",
                ratio.map_or_else(|| "-".to_owned(), |(ours, other)| number(ours / other))
            );
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
}

fn rows(servers: &[Figures]) -> Vec<Row> {
    let row = |name: &str, of: &dyn Fn(&Figures) -> Option<f64>| -> Row {
        (name.to_owned(), servers.iter().map(of).collect())
    };
    let mib = |kib: u64| Some(kib as f64 / 1024.0);
    let mut rows = vec![
        row("at rest, MiB", &|s| mib(s.at_rest_kib)),
        row("  its functions, MiB", &|s| mib(s.functions_at_rest_kib)),
    ];
    load_rows(&mut rows, "sequential", servers, &|s| Some(&s.sequential));
    load_rows(&mut rows, &format!("{BUSY} connections"), servers, &|s| Some(&s.busy));
    if servers.iter().any(|server| server.node.is_some()) {
        let name = "one Node.js client, sequential";
        load_rows(&mut rows, name, servers, &|s| Some(&s.node.as_ref()?.sequential));
        let name = format!("one Node.js client, {BUSY} connections");
        load_rows(&mut rows, &name, servers, &|s| Some(&s.node.as_ref()?.busy));
    }
    rows.push(row(&format!("after {BUSY} connections, MiB"), &|s| mib(s.busy_kib)));
    rows.push(row("  its functions, MiB", &|s| mib(s.functions_busy_kib)));
    let longest =
        servers.iter().map(|server| server.growth.as_slice()).max_by_key(|growth| growth.len());
    for (index, step) in longest.unwrap_or_default().iter().enumerate() {
        let idle = step.connections;
        rows.push(row(&format!("{idle} idle, KiB each"), &|s| {
            Some(s.growth.get(index)?.kib_per_connection)
        }));
        rows.push(row("  opened a second", &|s| Some(s.growth.get(index)?.opened_per_second)));
        rows.push(row("  sequential p50, ms", &|s| Some(s.growth.get(index)?.sequential.p50_ms)));
        rows.push(row(&format!("  {BUSY} busy ones, msg/s"), &|s| {
            Some(s.growth.get(index)?.busy.msg_per_second)
        }));
    }
    rows.push(row("after the idle ones have gone, MiB", &|s| mib(s.after_growth_kib)));
    rows
}

fn load_rows<'a>(
    rows: &mut Vec<Row>,
    name: &str,
    servers: &'a [Figures],
    of: &dyn Fn(&'a Figures) -> Option<&'a Load>,
) {
    let mut row = |what: &str, figure: fn(&Load) -> f64| {
        rows.push((what.to_owned(), servers.iter().map(|server| of(server).map(figure)).collect()));
    };
    row(&format!("{name}, msg/s"), |load| load.msg_per_second);
    row("  p50, ms", |load| load.p50_ms);
    row("  p99, ms", |load| load.p99_ms);
    row("  processor time of the server, µs/msg", |load| load.server_us_per_message);
    row("  processor time of the functions, µs/msg", |load| load.functions_us_per_message);
    row("  errors", |load| load.errors as f64);
}

fn vanishing(vanishing: &Vanishing, text: &mut String) {
    let mib = |kib: u64| kib as f64 / 1024.0;
    _ = writeln!(
        text,
        "{} clients vanish: {:.1} MiB before, {:.1} with them, {:.1} after; {} function processes before, {} after",
        vanishing.clients,
        mib(vanishing.before_kib),
        mib(vanishing.with_clients_kib),
        mib(vanishing.after_kib),
        vanishing.processes_before,
        vanishing.processes_after
    );
}

/// As many digits as mean something.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        ..0.1 => format!("{value:.3}"),
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::aims;
    use super::super::client::Load;
    use super::super::gateway::{Figures, Gateway, Step, Vanishing};
    use super::{number, render};
    use expect_test::expect;

    fn load(msg_per_second: f64, p50_ms: f64) -> Load {
        Load {
            connections: 50,
            msg_per_second,
            p50_ms,
            p90_ms: p50_ms,
            p99_ms: p50_ms * 2.0,
            max_ms: p50_ms * 3.0,
            all_messages: 1000,
            errors: 0,
            error: None,
            server_us_per_message: 45.0,
            functions_us_per_message: 0.0,
            function_processes_max: 10,
        }
    }

    fn figures(name: &'static str, faster: f64, idle: &[usize]) -> Figures {
        let busy = || load(10_000.0 * faster, 3.0 / faster);
        let sequential = || load(8_000.0 * faster, 0.1 / faster);
        let step = |connections: &usize| Step {
            connections: *connections,
            opened_per_second: 5000.0,
            kib_per_connection: 7.0,
            sequential: sequential(),
            busy: busy(),
        };
        Figures {
            name,
            at_rest_kib: 12_800,
            functions_at_rest_kib: 4_096,
            sequential: sequential(),
            busy: busy(),
            busy_kib: 13_312,
            functions_busy_kib: 40_960,
            growth: idle.iter().map(step).collect(),
            node: None,
            after_growth_kib: 20_480,
        }
    }

    #[test]
    fn servers_stand_side_by_side_and_ratios_beside_them() {
        let servers = vec![figures("ours", 1.0, &[10, 10_000]), figures("bare", 8.0, &[10])];
        let vanishing = Vanishing {
            clients: 2000,
            before_kib: 13_312,
            with_clients_kib: 27_648,
            after_kib: 13_824,
            processes_before: 10,
            processes_after: 10,
            returned_after_seconds: Some(10.25),
            answers: true,
        };
        let aims = aims::judge(&servers, &vanishing);
        expect![[r#"
                                                                          ours                bare                 ours ÷ bare
            at rest, MiB                                                  12.5                12.5                        1.00
              its functions, MiB                                          4.00                4.00                        1.00
            sequential, msg/s                                             8000               64000                        0.12
              p50, ms                                                     0.10               0.013                        8.00
              p99, ms                                                     0.20               0.025                        8.00
              processor time of the server, µs/msg                        45.0                45.0                        1.00
              processor time of the functions, µs/msg                        0                   0                           -
              errors                                                         0                   0                           -
            50 connections, msg/s                                        10000               80000                        0.12
              p50, ms                                                     3.00                0.38                        8.00
              p99, ms                                                     6.00                0.75                        8.00
              processor time of the server, µs/msg                        45.0                45.0                        1.00
              processor time of the functions, µs/msg                        0                   0                           -
              errors                                                         0                   0                           -
            after 50 connections, MiB                                     13.0                13.0                        1.00
              its functions, MiB                                          40.0                40.0                        1.00
            10 idle, KiB each                                             7.00                7.00                        1.00
              opened a second                                             5000                5000                        1.00
              sequential p50, ms                                          0.10               0.013                        8.00
              50 busy ones, msg/s                                        10000               80000                        0.12
            10000 idle, KiB each                                          7.00                   -                           -
              opened a second                                             5000                   -                           -
              sequential p50, ms                                          0.10                   -                           -
              50 busy ones, msg/s                                        10000                   -                           -
            after the idle ones have gone, MiB                            20.0                20.0                        1.00
            2000 clients vanish: 13.0 MiB before, 27.0 with them, 13.5 after; 10 function processes before, 10 after

            -       one Node.js client, 50 connections, ours ÷ serverless-offline      at least 5  not compared
            -       one Node.js client, sequential p50, ours ÷ serverless-offline    at most 0.33  not compared
            -       one Node.js client, 50 connections, ours ÷ bare                 at least 0.25  not compared
            -       messages a second at 50 connections, ours ÷ serverless-offline     at least 5  not compared
            -       sequential p50, ours ÷ serverless-offline                        at most 0.33  not compared
            MISSED  messages a second at 50 connections, ours ÷ bare                at least 0.25  0.12
            ok      memory per idle connection at 10,000                            at most 8 KiB  7.0 KiB
            ok      memory at rest, without functions                              at most 30 MiB  12.5 MiB
            ok      2,000 clients vanish: memory and processes return, it answers    within 2 MiB  +0.5 MiB after 10.2 s
            ok      processes of a function at 50 concurrent calls                     at most 10  10
        "#]].assert_eq(&render(&Gateway { servers, vanishing, aims }));
    }

    #[test]
    fn numbers_have_about_three_digits() {
        let numbers = [0.0, 0.013, 0.25, 8.054, 40.96, 10289.5, -1.25].map(number);
        assert_eq!(numbers, ["0", "0.013", "0.25", "8.05", "41.0", "10290", "-1.25"]);
    }
}
