//! What is said when everything answers: what runs, and what to type next.

use crate::functions::Programs;
use crate::ready::{Ready, StageAddress};
use gateway_core::topology::Topology;
use std::fmt::Write as _;

pub(crate) fn banner(
    topology: &Topology,
    stages: &[StageAddress],
    ready: &Ready,
    programs: &Programs,
) -> String {
    let mut text = "\nThe local cloud is running.\n\n".to_owned();
    for stage in stages {
        let StageAddress { api, stage, url, routes, .. } = stage;
        row(&mut text, "API", &format!("{api}, stage {stage}"));
        row(&mut text, "routes", &routes.join(", "));
        row(&mut text, "WebSocket", url);
        row(&mut text, "try", &format!("wscat -c {url}"));
        row(&mut text, "or", &format!("websocat {url}"));
        text.push('\n');
    }
    for function in topology.functions.values() {
        let program = programs.get(&function.name).and_then(|program| program.as_ref().ok());
        let program = program.map_or_else(|| "cannot be run".to_owned(), ToString::to_string);
        row(&mut text, "function", &format!("{} → {program}", function.name));
    }
    let callback = &ready.callback_url;
    row(&mut text, "browser", &ready.console_url);
    row(&mut text, "callback", &format!("{callback}/@connections/{{connectionId}}"));
    row(&mut text, "post", &post(ready));
    row(
        &mut text,
        "AWS CLI",
        &format!(
            "aws apigatewaymanagementapi get-connection --endpoint-url {callback} --connection-id CONNECTION_ID"
        ),
    );
    row(
        &mut text,
        "AWS SDKs",
        &format!(
            "AWS_ENDPOINT_URL={} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test",
            ready.endpoint_url
        ),
    );
    text.push_str("\nTimes below are UTC. Ctrl-C ends it.\n\n");
    text
}

/// Works with every curl from 7.75 on.
fn post(ready: &Ready) -> String {
    let Ready { callback_url, region, .. } = ready;
    format!(
        "curl --aws-sigv4 'aws:amz:{region}:execute-api' --user test:test {callback_url}/@connections/CONNECTION_ID -d hello"
    )
}

fn row(text: &mut String, name: &str, value: &str) {
    _ = writeln!(text, "  {name:<10} {value}");
}

#[cfg(test)]
mod tests {
    use super::banner;
    use crate::functions::{Program, Programs};
    use crate::ready::{Ready, stages};
    use expect_test::expect;
    use gateway_core::topology::{Api, Function, Route, Stage, Topology};
    use std::path::Path;

    #[test]
    fn the_banner_says_what_to_type() {
        let stage = |name: &str| {
            (name.to_owned(), Stage { name: name.into(), deployed: true, ..Stage::default() })
        };
        let api = |id: &str| Api {
            id: id.into(),
            name: format!("api-{id}"),
            routes: ["$connect", "$default"].map(|key| (key.to_owned(), Route::default())).into(),
            stages: [stage("dev")].into(),
            ..Api::default()
        };
        let function = Function { name: "local-Fn".into(), ..Function::default() };
        let topology = Topology {
            apis: ["a", "b"].map(|id| (id.to_owned(), api(id))).into(),
            functions: [("local-Fn".to_owned(), function)].into(),
            region: "us-east-1".into(),
            ..Topology::default()
        };
        let stages = stages(&topology, "127.0.0.1:4000");
        let ready = Ready::new(&topology, &stages[0], "127.0.0.1:4000", Path::new("/tmp/ca.pem"));
        let programs =
            Programs::from([("local-Fn".to_owned(), Ok(Program::native("/bin/fn".into())))]);
        expect![[r#"

            The local cloud is running.

              API        api-a, stage dev
              routes     $connect, $default
              WebSocket  ws://127.0.0.1:4000/dev
              try        wscat -c ws://127.0.0.1:4000/dev
              or         websocat ws://127.0.0.1:4000/dev

              API        api-b, stage dev
              routes     $connect, $default
              WebSocket  ws://127.0.0.1:4000/_aws/execute-api/b/dev
              try        wscat -c ws://127.0.0.1:4000/_aws/execute-api/b/dev
              or         websocat ws://127.0.0.1:4000/_aws/execute-api/b/dev

              function   local-Fn → /bin/fn
              browser    http://127.0.0.1:4000/
              callback   http://127.0.0.1:4000/dev/@connections/{connectionId}
              post       curl --aws-sigv4 'aws:amz:us-east-1:execute-api' --user test:test http://127.0.0.1:4000/dev/@connections/CONNECTION_ID -d hello
              AWS CLI    aws apigatewaymanagementapi get-connection --endpoint-url http://127.0.0.1:4000/dev --connection-id CONNECTION_ID
              AWS SDKs   AWS_ENDPOINT_URL=http://127.0.0.1:4000 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test

            Times below are UTC. Ctrl-C ends it.

        "#]]
        .assert_eq(&banner(&topology, &stages, &ready, &programs));
    }
}
