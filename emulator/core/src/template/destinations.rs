//! Where functions and mappings send what failed for good: whether AWS would let them.

use super::properties::Properties;
use crate::events::{DEFAULT_BUS, bus_of};
use crate::lambda::function_name;
use crate::permissions::role_allows;
use crate::topology::{Function, Role, Topology};

/// The destination under this name in `DestinationConfig` or the like. Like AWS, it wants the
/// function's role to be allowed to reach it.
pub(super) fn read(
    properties: &mut Properties,
    name: &str,
    function: &Function,
    topology: &Topology,
) -> Option<String> {
    let destination = properties.text(name)?;
    let action = if destination.starts_with("arn:aws:sqs:") {
        "sqs:SendMessage"
    } else if destination.starts_with("arn:aws:sns:") {
        "sns:Publish"
    } else if destination.starts_with("arn:aws:lambda:") {
        "lambda:InvokeFunction"
    } else if destination.starts_with("arn:aws:events:") {
        "events:PutEvents"
    } else if destination.starts_with("arn:aws:s3:") {
        "s3:PutObject"
    } else {
        properties.problem(
            name,
            format!(
                "`{destination}` must be the ARN of a queue, a function, a topic, a bus or a bucket"
            ),
        );
        return None;
    };
    if action == "sqs:SendMessage" && destination.ends_with(".fifo") {
        properties
            .problem(name, format!("`{destination}` must be a standard queue, not a FIFO queue"));
    }
    let resource = match action {
        "s3:PutObject" => format!("{destination}/*"),
        _ => destination.clone(),
    };
    if let Some(role) = known_role(topology, function)
        && !role_allows(role, action, &resource)
    {
        properties.problem(
            name,
            format!(
                "the function's execution role does not have permissions to call {action} on {destination}; allow it in a policy of role {}",
                role.name
            ),
        );
    }
    Some(destination)
}

/// The function's role, if everything that it allows is known.
pub(super) fn known_role<'t>(topology: &'t Topology, function: &Function) -> Option<&'t Role> {
    topology.roles.get(&function.role).filter(|role| !role.has_unknown_policies)
}

/// Why a destination of the right kind gets nothing here, if so.
pub(super) fn not_emulated(destination: &str, topology: &Topology) -> Option<String> {
    if destination.starts_with("arn:aws:sqs:") {
        let name = destination.rsplit(':').next().unwrap_or_default();
        let known = topology.messaging.queues.iter().any(|queue| queue.name() == name);
        return (!known).then(|| format!("queue {destination} is not in the template"));
    }
    if destination.starts_with("arn:aws:lambda:") {
        let known = function_name(destination).is_some_and(|f| topology.functions.contains_key(f));
        return (!known).then(|| format!("function {destination} is not in the template"));
    }
    if let Some(bus) = bus_of(destination) {
        let known = bus == DEFAULT_BUS || topology.messaging.buses.iter().any(|name| name == bus);
        return (!known).then(|| format!("event bus {destination} is not in the template"));
    }
    Some(format!("{destination} is not emulated"))
}
