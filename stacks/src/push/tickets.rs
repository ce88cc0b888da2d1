//! The secret that tickets are signed with, given as a parameter, so that no template has it.

use herald_contract::ticket::SECRET_BYTES_MIN;
use infra_gen::{Condition, Parameter, Template, Val, only_if};

/// The parameter that takes it.
pub(super) const SECRET: &str = "TicketSecret";

/// The parameter that takes the one before, while it is replaced: tickets of both hold.
const BEFORE: &str = "TicketSecretBefore";

/// Values of the authorizer's variables.
pub(super) struct TicketSecrets {
    pub(super) current: Val<String>,
    /// No variable at all where the parameter is empty.
    pub(super) before: Option<Val<String>>,
}

pub(super) fn add(template: &mut Template) -> TicketSecrets {
    let current = template.parameter::<String>(
        SECRET,
        Parameter {
            description: "What tickets are signed with; random".to_owned(),
            min_length: u32::try_from(SECRET_BYTES_MIN).ok(),
            no_echo: true,
            ..Parameter::new()
        },
    );
    let before = template.parameter::<String>(
        BEFORE,
        Parameter {
            description: "What they were signed with before; empty, if it is not being replaced"
                .to_owned(),
            default: Some(String::new()),
            no_echo: true,
            ..Parameter::new()
        },
    );
    let is_given = template.condition(
        format!("Has{BEFORE}"),
        Condition::Not(Box::new(Condition::equals(before.clone(), ""))),
    );
    TicketSecrets { current, before: only_if(&is_given, before) }
}
