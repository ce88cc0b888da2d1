//! `docs/emulator-fidelity.md` and the scenarios it names.

const PAGE: &str = include_str!("../../../../docs/emulator-fidelity.md");

const SOURCES: [(&str, &str); 29] = [
    ("access_log", include_str!("access_log.rs")),
    ("asynchronous", include_str!("asynchronous.rs")),
    ("authorizers", include_str!("authorizers.rs")),
    ("connections_api", include_str!("connections_api.rs")),
    ("disconnect", include_str!("disconnect.rs")),
    ("domains", include_str!("domains.rs")),
    ("events", include_str!("events.rs")),
    ("execution_log", include_str!("execution_log.rs")),
    ("faults", include_str!("faults.rs")),
    ("functions", include_str!("functions.rs")),
    ("handshake", include_str!("handshake.rs")),
    ("integrations", include_str!("integrations.rs")),
    ("lambda_api", include_str!("lambda_api.rs")),
    ("limits", include_str!("limits.rs")),
    ("logs", include_str!("logs.rs")),
    ("mappings", include_str!("mappings.rs")),
    ("messages", include_str!("messages.rs")),
    ("metrics", include_str!("metrics.rs")),
    ("permissions", include_str!("permissions.rs")),
    ("queues", include_str!("queues.rs")),
    ("refused", include_str!("refused.rs")),
    ("rules", include_str!("rules.rs")),
    ("schedules", include_str!("schedules.rs")),
    ("service_integrations", include_str!("service_integrations.rs")),
    ("services", include_str!("services.rs")),
    ("simulation", include_str!("simulation/mod.rs")),
    ("stack", include_str!("stack.rs")),
    ("templates", include_str!("templates.rs")),
    ("throttling", include_str!("throttling.rs")),
];

/// What stands between backquotes and names a test.
fn named() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGE.split('`').skip(1).step_by(2).filter_map(|code| {
        let (module, test) = code.split_once("::")?;
        SOURCES.iter().any(|(known, _)| *known == module).then_some((module, test))
    })
}

#[test]
fn every_scenario_the_page_names_exists() {
    let mut count = 0;
    for (module, test) in named() {
        let exists = SOURCES
            .iter()
            .any(|(known, source)| *known == module && source.contains(&format!("fn {test}()")));
        assert!(
            exists || test == "…",
            "docs/emulator-fidelity.md names {module}::{test}, which does not exist"
        );
        count += 1;
    }
    assert!(count > 80, "the page names {count} scenarios only");
}

#[test]
fn every_scenario_of_the_gateway_is_on_the_page() {
    let mut missing = Vec::new();
    for (module, source) in
        SOURCES.iter().filter(|(module, _)| !matches!(*module, "refused" | "templates"))
    {
        for test in source.split("#[test]\nfn ").skip(1).filter_map(|rest| rest.split('(').next()) {
            if !named().any(|name| name == (module, test)) {
                missing.push(format!("{module}::{test}"));
            }
        }
    }
    assert!(missing.is_empty(), "missing in docs/emulator-fidelity.md: {missing:#?}");
}
