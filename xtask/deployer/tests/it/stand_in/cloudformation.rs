//! Forms of CloudFormation, STS and IAM, answered from the world.

use super::world::{ChangeSetState, ChangeSetWill, EventState, STACK, StackState, World, escaped};
use super::{ACCOUNT, Answer, text};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

type Form = BTreeMap<String, String>;

pub(super) fn answer(world: &mut World, operation: &str, form: &Form) -> Answer {
    let body = match operation {
        "GetCallerIdentity" => format!(
            "<Arn>arn:aws:sts::{ACCOUNT}:assumed-role/Deployer/ada</Arn><Account>{ACCOUNT}</Account><UserId>u</UserId>"
        ),
        "DescribeStacks" if !form.contains_key("StackName") => {
            let all = world.stack.iter();
            let all = all.map(|state| format!("<member>{}</member>", stack(state)));
            format!("<Stacks>{}</Stacks>", all.collect::<String>())
        }
        "CreateRole" | "AttachRolePolicy" => String::new(),
        "DetectStackDrift" => {
            find(world, form)?;
            world.drift_told_at = Some(world.now + Duration::from_secs(7));
            "<StackDriftDetectionId>d-1</StackDriftDetectionId>".to_owned()
        }
        "DescribeStackDriftDetectionStatus" => {
            let is_told = world.drift_told_at.is_some_and(|at| at <= world.now);
            let status = if is_told { "COMPLETE" } else { "IN_PROGRESS" };
            format!("<DetectionStatus>DETECTION_{status}</DetectionStatus>")
        }
        "DescribeStackResourceDrifts" => 
            "<StackResourceDrifts><member><LogicalResourceId>Socket</LogicalResourceId><ResourceType>AWS::Lambda::Function</ResourceType><StackResourceDriftStatus>MODIFIED</StackResourceDriftStatus><PropertyDifferences><member><PropertyPath>/Timeout</PropertyPath><ExpectedValue>10</ExpectedValue><ActualValue>20</ActualValue></member></PropertyDifferences></member></StackResourceDrifts>"
            .to_owned(),
        "DescribeStacks" => {
            format!("<Stacks><member>{}</member></Stacks>", stack(find(world, form)?))
        }
        "DescribeStackEvents" => events(find(world, form)?, form),
        "ListStackResources" => resources(find(world, form)?),
        "GetTemplate" => template(world, form)?,
        "CreateChangeSet" => create_change_set(world, form)?,
        "DescribeChangeSet" => describe_change_set(world, form)?,
        "ListChangeSets" => list_change_sets(world),
        "DescribeEvents" => match &world.change_set_will {
            ChangeSetWill::Fail(_, events) => {
                format!("<OperationEvents>{events}</OperationEvents>")
            }
            _ => "<OperationEvents/>".to_owned(),
        },
        "DeleteChangeSet" => {
            let name = &form["ChangeSetName"];
            world.change_sets.retain(|set| set.name != *name && set.id != *name);
            String::new()
        }
        "ExecuteChangeSet" => {
            execute(world, form)?;
            String::new()
        }
        "DeleteStack" => {
            match find(world, form).map(|stack| stack.status.as_str()) {
                // What is not there is deleted already.
                Err(_) | Ok("DELETE_IN_PROGRESS") => {}
                Ok("REVIEW_IN_PROGRESS") => world.stack = None,
                Ok(_) => world.begin(),
            }
            String::new()
        }
        "ContinueUpdateRollback" | "RollbackStack" | "CancelUpdateStack" => {
            find(world, form)?;
            world.begin();
            String::new()
        }
        other => panic!("the stand-in knows no {other}"),
    };
    Ok(text(
        200,
        format!(
            "<{operation}Response xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><{operation}Result>{body}</{operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{operation}Response>"
        ),
    ))
}

fn missing(name: &str) -> super::Refusal {
    (400, "ValidationError", format!("Stack with id {name} does not exist"))
}

/// The stack by name, if it is there, or by its ARN, even if it was deleted.
fn find<'w>(world: &'w World, form: &Form) -> Result<&'w StackState, super::Refusal> {
    let name = &form["StackName"];
    let stack = world.stack.as_ref().ok_or_else(|| missing(name))?;
    let is_there = stack.status != "DELETE_COMPLETE" && name == STACK;
    if is_there || *name == stack.id { Ok(stack) } else { Err(missing(name)) }
}

fn iso(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    // All tests are on one day: 2026-01-01.
    let day = Duration::from_secs(1_767_225_600);
    let seconds = (seconds.checked_sub(day).unwrap()).as_secs();
    format!("2026-01-01T{:02}:{:02}:{:02}.000Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn stack(stack: &StackState) -> String {
    let mut out = format!(
        "<StackId>{}</StackId><StackName>{STACK}</StackName><CreationTime>2026-01-01T00:00:00.000Z</CreationTime>",
        stack.id
    );
    if let Some(updated) = stack.updated {
        _ = write!(out, "<LastUpdatedTime>{}</LastUpdatedTime>", iso(updated));
    }
    _ = write!(out, "<StackStatus>{}</StackStatus>", stack.status);
    if !stack.reason.is_empty() {
        _ = write!(out, "<StackStatusReason>{}</StackStatusReason>", escaped(&stack.reason));
    }
    _ = write!(
        out,
        "<EnableTerminationProtection>{}</EnableTerminationProtection>",
        stack.is_protected
    );
    out.push_str("<Parameters>");
    let template: serde_json::Value = serde_json::from_str(&stack.template).unwrap_or_default();
    for (key, value) in &stack.parameters {
        let is_hidden = template["Parameters"][key]["NoEcho"] == true;
        let value = if is_hidden { "****" } else { value };
        _ = write!(
            out,
            "<member><ParameterKey>{key}</ParameterKey><ParameterValue>{value}</ParameterValue></member>"
        );
    }
    out.push_str("</Parameters><Outputs>");
    for (key, value) in &stack.outputs {
        _ = write!(
            out,
            "<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>"
        );
    }
    out + "</Outputs>"
}

/// Pages are short, so that there are several.
const PAGE: usize = 4;

fn events(stack: &StackState, form: &Form) -> String {
    let from: usize = form.get("NextToken").map_or(0, |token| token.parse().unwrap());
    let newest_first: Vec<_> = stack.events.iter().rev().collect();
    let page = newest_first.iter().skip(from).take(PAGE);
    let members: String = page.map(|e| format!("<member>{}</member>", event(stack, e))).collect();
    let next = from + PAGE;
    let next = match next < newest_first.len() {
        true => format!("<NextToken>{next}</NextToken>"),
        false => String::new(),
    };
    format!("<StackEvents>{members}</StackEvents>{next}")
}

fn event(stack: &StackState, event: &EventState) -> String {
    let step = event.step;
    let (id, physical) = match step.id {
        "" => (STACK, stack.id.clone()),
        id => (id, physical_id(id)),
    };
    let reason = match step.reason {
        "" => String::new(),
        text => format!("<ResourceStatusReason>{}</ResourceStatusReason>", escaped(text)),
    };
    format!(
        "<EventId>{}-{}</EventId><StackId>{}</StackId><StackName>{STACK}</StackName><LogicalResourceId>{id}</LogicalResourceId><PhysicalResourceId>{physical}</PhysicalResourceId><ResourceType>{}</ResourceType><Timestamp>{}</Timestamp><ResourceStatus>{}</ResourceStatus>{reason}",
        stack.id.rsplit('/').next().unwrap(),
        event.number,
        stack.id,
        step.type_name,
        iso(event.at),
        step.status
    )
}

pub(super) fn physical_id(id: &str) -> String {
    format!("{STACK}-{id}-1A2B")
}

/// The last that is known of each resource.
fn resources(stack: &StackState) -> String {
    let mut last: BTreeMap<&str, &EventState> = BTreeMap::new();
    for event in stack.events.iter().filter(|event| !event.step.id.is_empty()) {
        last.insert(event.step.id, event);
    }
    let member = |event: &EventState| {
        let step = event.step;
        format!(
            "<member><LogicalResourceId>{}</LogicalResourceId><PhysicalResourceId>{}</PhysicalResourceId><ResourceType>{}</ResourceType><ResourceStatus>{}</ResourceStatus><ResourceStatusReason>{}</ResourceStatusReason></member>",
            step.id,
            physical_id(step.id),
            step.type_name,
            step.status,
            escaped(step.reason)
        )
    };
    let members: String = last.values().map(|event| member(event)).collect();
    format!("<StackResourceSummaries>{members}</StackResourceSummaries>")
}

fn template(world: &World, form: &Form) -> Result<String, super::Refusal> {
    let text = match form.get("ChangeSetName") {
        Some(id) => &change_set(world, id)?.template,
        None => &find(world, form)?.template,
    };
    Ok(format!("<TemplateBody>{}</TemplateBody>", escaped(text)))
}

fn change_set<'w>(world: &'w World, name: &str) -> Result<&'w ChangeSetState, super::Refusal> {
    let found = world.change_sets.iter().find(|set| set.id == name || set.name == name);
    found.ok_or_else(|| (404, "ChangeSetNotFound", format!("ChangeSet [{name}] does not exist")))
}

fn parameters(form: &Form, stack: &StackState) -> BTreeMap<String, String> {
    let key = |index: usize, field: &str| format!("Parameters.member.{index}.{field}");
    let named = (1..).map_while(|index| Some((index, form.get(&key(index, "ParameterKey"))?)));
    named
        .map(|(index, name)| {
            let given = form.get(&key(index, "ParameterValue"));
            let kept = || {
                // There is nothing to be kept of a stack that was never made.
                assert_eq!(
                    (&*form["ChangeSetType"], &*form[&key(index, "UsePreviousValue")]),
                    ("UPDATE", "true")
                );
                stack.parameters[name].clone()
            };
            (name.clone(), given.cloned().unwrap_or_else(kept))
        })
        .collect()
}

fn create_change_set(world: &mut World, form: &Form) -> Result<String, super::Refusal> {
    if let ChangeSetWill::Refuse(code, message) = &world.change_set_will {
        return Err((400, code, (*message).to_owned()));
    }
    let there = world.stack.as_ref().is_some_and(|stack| {
        !matches!(stack.status.as_str(), "DELETE_COMPLETE" | "REVIEW_IN_PROGRESS")
    });
    match (form["ChangeSetType"].as_str(), there) {
        ("CREATE", true) => {
            let message = format!("Stack [{STACK}] already exists and cannot be created again");
            return Err((400, "ValidationError", message));
        }
        ("UPDATE", false) => return Err(missing(STACK)),
        ("CREATE", false) => match &world.stack {
            Some(stack) if stack.status == "REVIEW_IN_PROGRESS" => {}
            _ => world.new_stack("REVIEW_IN_PROGRESS"),
        },
        _ => {}
    }
    let stack = world.stack.as_ref().unwrap();
    let name = form["ChangeSetName"].clone();
    if let Some(set) = world.change_sets.iter().find(|set| set.name == name) {
        assert_eq!(form["ClientToken"], name, "another of the same name");
        return Ok(format!("<Id>{}</Id><StackId>{}</StackId>", set.id, stack.id));
    }
    let id = format!(
        "arn:aws:cloudformation:us-east-1:{ACCOUNT}:changeSet/{name}/{}",
        world.change_sets.len() + 1
    );
    let set = ChangeSetState {
        id: id.clone(),
        name,
        made: world.now,
        template: form.get("TemplateBody").cloned().unwrap_or_default(),
        parameters: parameters(form, stack),
        executed: false,
    };
    let answer = format!("<Id>{id}</Id><StackId>{}</StackId>", stack.id);
    world.change_sets.push(set);
    Ok(answer)
}

fn describe_change_set(world: &World, form: &Form) -> Result<String, super::Refusal> {
    let set = change_set(world, &form["ChangeSetName"])?;
    let stack = world.stack.as_ref().unwrap();
    let age = world.now.duration_since(set.made).unwrap().as_secs();
    let will = match &world.change_set_will {
        ChangeSetWill::Make(members) if stack.status == "REVIEW_IN_PROGRESS" => {
            ChangeSetWill::Change(members.clone())
        }
        ChangeSetWill::Make(_) => {
            ChangeSetWill::Fail("No updates are to be performed.", String::new())
        }
        will => will.clone(),
    };
    let (status, execution, rest) = match &will {
        _ if age < world.change_set_takes => ("CREATE_IN_PROGRESS", "UNAVAILABLE", String::new()),
        ChangeSetWill::Change(members) => {
            let execution = if set.executed { "EXECUTE_COMPLETE" } else { "AVAILABLE" };
            ("CREATE_COMPLETE", execution, format!("<Changes>{members}</Changes>"))
        }
        ChangeSetWill::Fail(reason, _) => {
            let reason = escaped(reason);
            ("FAILED", "UNAVAILABLE", format!("<StatusReason>{reason}</StatusReason><Changes/>"))
        }
        ChangeSetWill::Make(_) | ChangeSetWill::Refuse(..) => unreachable!(),
    };
    Ok(format!(
        "<ChangeSetName>{}</ChangeSetName><ChangeSetId>{}</ChangeSetId><StackId>{}</StackId><Status>{status}</Status><ExecutionStatus>{execution}</ExecutionStatus>{rest}",
        set.name, set.id, stack.id
    ))
}

fn list_change_sets(world: &World) -> String {
    let member = |set: &ChangeSetState| {
        format!(
            "<member><ChangeSetId>{}</ChangeSetId><ChangeSetName>{}</ChangeSetName><CreationTime>{}</CreationTime></member>",
            set.id,
            set.name,
            iso(set.made)
        )
    };
    let members: String = world.change_sets.iter().map(member).collect();
    format!("<Summaries>{members}</Summaries>")
}

fn execute(world: &mut World, form: &Form) -> Result<(), super::Refusal> {
    let name = form["ChangeSetName"].clone();
    change_set(world, &name)?;
    let mut sets = world.change_sets.iter_mut();
    let set = sets.find(|set| set.id == name).unwrap();
    if set.executed {
        return Ok(());
    }
    set.executed = true;
    let next = (set.template.clone(), set.parameters.clone());
    world.stack.as_mut().unwrap().next = Some(next);
    world.begin();
    Ok(())
}
