//! CloudFormation, as far as the one stack that runs here can be asked about: read only.
//!
//! The stack itself is made by [`crate::template`]; who may ask is decided by [`crate::permissions`].
//! Changes are not made here: the template is a file, and whoever saves it changes the stack.

mod answers;

use crate::http::Reply;
use crate::permissions::Ask;
use crate::query::{Dialect, Form};
use crate::topology::Topology;
use crate::{Time, lambda};
use answers::Described;

/// `Version` of every request.
pub(crate) const VERSION: &str = "2010-05-15";
/// The name requests are signed for.
pub(crate) const SERVICE: &str = "cloudformation";
pub(crate) const DIALECT: Dialect =
    Dialect { namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/" };

/// When the stack became what it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct History {
    pub(crate) created: Time,
    pub(crate) updated: Option<Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    DescribeStackResources,
    DescribeStacks,
    GetTemplate,
    ListStackResources,
}

/// Why a request fails: code and message.
struct Error(&'static str, String);

impl Action {
    fn parse(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "DescribeStackResources" => Self::DescribeStackResources,
            "DescribeStacks" => Self::DescribeStacks,
            "GetTemplate" => Self::GetTemplate,
            "ListStackResources" => Self::ListStackResources,
            _ => {
                let message = format!(
                    "{name} is not emulated: the one stack can be read (DescribeStacks, \
                     DescribeStackResources, ListStackResources, GetTemplate); \
                     to change it, save its template"
                );
                return Err(Error("InvalidAction", message));
            }
        })
    }
}

/// What a request has to be allowed.
pub(crate) fn ask(topology: &Topology, form: &Form) -> Ask {
    let action = format!("{SERVICE}:{}", form.get("Action").unwrap_or_default());
    let resource = match form.get("StackName") {
        None => "*".to_owned(),
        Some(id) if id == topology.stack.id => id.to_owned(),
        Some(name) if name == topology.stack.name => topology.stack.id.clone(),
        Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
        Some(name) => {
            let Topology { region, account_id, .. } = topology;
            format!("arn:aws:cloudformation:{region}:{account_id}:stack/{name}/*")
        }
    };
    Ask { action, resource, ..Ask::default() }
}

/// Answers a request that may be made.
pub(crate) fn answer(
    topology: &Topology,
    domain_name: &str,
    history: History,
    form: &Form,
    request_id: &str,
) -> Reply {
    let name = form.get("Action").unwrap_or_default();
    let localize = |value: &str| lambda::localize(topology, domain_name, value);
    let answered = Action::parse(name).and_then(|action| {
        let described = Described { stack: &topology.stack, history, localize: &localize };
        named(topology, form.get("StackName"), action)?;
        match action {
            Action::DescribeStacks => {
                Ok(DIALECT.answer(name, request_id, |xml| described.stacks(xml)))
            }
            Action::GetTemplate => {
                Ok(DIALECT.answer(name, request_id, |xml| described.template(xml)))
            }
            Action::ListStackResources => {
                let page = described.page(form.get("NextToken"))?;
                Ok(DIALECT.answer(name, request_id, |xml| described.summaries(xml, page)))
            }
            Action::DescribeStackResources => {
                let found = described.matching(form)?;
                Ok(DIALECT.answer(name, request_id, |xml| described.resources(xml, &found)))
            }
        }
    });
    answered.unwrap_or_else(|Error(code, message)| DIALECT.error(400, code, &message, request_id))
}

/// Whether a name or an ID is that of the stack. Without one, all stacks are meant where that can be.
fn named(topology: &Topology, given: Option<&str>, action: Action) -> Result<(), Error> {
    match given {
        None if matches!(action, Action::DescribeStacks | Action::DescribeStackResources) => Ok(()),
        None => Err(Error(
            "ValidationError",
            "1 validation error detected: Value null at 'stackName' failed to satisfy constraint: \
             Member must not be null"
                .to_owned(),
        )),
        Some(given) if given == topology.stack.name || given == topology.stack.id => Ok(()),
        Some(other) => Err(no_such_stack(other)),
    }
}

fn no_such_stack(name: &str) -> Error {
    Error("ValidationError", format!("Stack with id {name} does not exist"))
}
