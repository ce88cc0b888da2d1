//! The stack in CloudFormation's XML.

use super::{Error, History};
use crate::Time;
use crate::query::{Form, Xml};
use crate::topology::{Stack, StackResource};

/// Resources of one page, and of one answer to `DescribeStackResources`.
const RESOURCES_MAX: usize = 100;

pub(super) struct Described<'s> {
    pub(super) stack: &'s Stack,
    pub(super) history: History,
    /// Turns public URLs into local ones.
    pub(super) localize: &'s dyn Fn(&str) -> String,
}

/// Resources from this one on.
#[derive(Clone, Copy)]
pub(super) struct Page(usize);

impl<'s> Described<'s> {
    pub(super) fn stacks(&self, xml: &mut Xml) {
        let Stack { name, id, description, parameters, outputs, tags, .. } = self.stack;
        xml.members("Stacks", [()], |xml, ()| {
            xml.text("StackId", id);
            xml.text("StackName", name);
            xml.text_if("Description", description.as_deref());
            xml.members("Parameters", parameters, |xml, (key, value)| {
                xml.text("ParameterKey", key);
                xml.text("ParameterValue", value);
            });
            xml.text("CreationTime", &self.history.created.iso8601());
            xml.text_if("LastUpdatedTime", self.history.updated.map(Time::iso8601).as_deref());
            xml.text("StackStatus", self.status());
            xml.text("DisableRollback", "false");
            xml.members("Capabilities", ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"], |xml, name| {
                xml.escape(name);
            });
            xml.members("Outputs", outputs, |xml, output| {
                xml.text("OutputKey", &output.key);
                xml.text("OutputValue", &(self.localize)(&output.value));
                xml.text_if("Description", output.description.as_deref());
                xml.text_if("ExportName", output.export.as_deref());
            });
            xml.members("Tags", tags, |xml, (key, value)| {
                xml.text("Key", key);
                xml.text("Value", value);
            });
            xml.text("EnableTerminationProtection", "false");
            not_checked(xml, "StackDriftStatus");
        });
    }

    pub(super) fn template(&self, xml: &mut Xml) {
        xml.text("TemplateBody", &self.stack.template);
        xml.members("StagesAvailable", ["Original", "Processed"], |xml, name| xml.escape(name));
    }

    /// The page a token stands for.
    pub(super) fn page(&self, token: Option<&str>) -> Result<Page, Error> {
        let Some(token) = token else { return Ok(Page(0)) };
        let first = token.parse().ok().filter(|first| *first < self.stack.resources.len());
        first.map(Page).ok_or_else(|| Error("ValidationError", format!("Invalid token: {token}")))
    }

    pub(super) fn summaries(&self, xml: &mut Xml, Page(first): Page) {
        let (all, changed) = (&self.stack.resources, self.changed());
        let end = (first + RESOURCES_MAX).min(all.len());
        let page = all.iter().take(end).skip(first);
        xml.members("StackResourceSummaries", page, |xml, resource| {
            resource.write(xml);
            xml.text("LastUpdatedTimestamp", &changed);
            xml.text("ResourceStatus", self.status());
            not_checked(xml, "StackResourceDriftStatus");
        });
        xml.text_if("NextToken", (end < all.len()).then(|| end.to_string()).as_deref());
    }

    /// The resources that a request names, or all of them.
    pub(super) fn matching(&self, form: &Form) -> Result<Vec<&'s StackResource>, Error> {
        let (logical, physical) = (form.get("LogicalResourceId"), form.get("PhysicalResourceId"));
        if form.get("StackName").is_none() && physical.is_none() {
            return Err(Error(
                "ValidationError",
                "Either StackName or PhysicalResourceId must be specified".to_owned(),
            ));
        }
        let is_meant = |resource: &&StackResource| {
            logical.is_none_or(|id| resource.logical_id == id)
                && physical.is_none_or(|id| resource.physical_id == id)
        };
        let found = self.stack.resources.iter().filter(is_meant).take(RESOURCES_MAX);
        let found: Vec<&StackResource> = found.collect();
        match (found.is_empty(), logical, physical) {
            (false, ..) | (true, None, None) => Ok(found),
            (true, Some(id), _) => {
                let stack = &self.stack.name;
                let why = format!("Resource {id} does not exist for stack {stack}");
                Err(Error("ValidationError", why))
            }
            (true, None, Some(id)) => {
                Err(Error("ValidationError", format!("Stack for {id} does not exist")))
            }
        }
    }

    pub(super) fn resources(&self, xml: &mut Xml, found: &[&StackResource]) {
        xml.members("StackResources", found, |xml, resource| {
            xml.text("StackName", &self.stack.name);
            xml.text("StackId", &self.stack.id);
            resource.write(xml);
            xml.text("Timestamp", &self.changed());
            xml.text("ResourceStatus", self.status());
            not_checked(xml, "StackResourceDriftStatus");
        });
    }

    fn status(&self) -> &'static str {
        if self.history.updated.is_some() { "UPDATE_COMPLETE" } else { "CREATE_COMPLETE" }
    }

    fn changed(&self) -> String {
        self.history.updated.unwrap_or(self.history.created).iso8601()
    }
}

impl StackResource {
    fn write(&self, xml: &mut Xml) {
        xml.text("LogicalResourceId", &self.logical_id);
        xml.text("PhysicalResourceId", &self.physical_id);
        xml.text("ResourceType", &self.kind);
    }
}

fn not_checked(xml: &mut Xml, status: &str) {
    xml.within("DriftInformation", |xml| xml.text(status, "NOT_CHECKED"));
}
