//! What others need to know of the stack. The names are relied upon.

use super::Base;
use super::domain::DomainParts;
use super::functions::Functions;
use crate::constructs::stage_name;
use infra_gen::api_gateway::{callback_url, web_socket_url};
use infra_gen::{Output, Template, Val};

pub(super) fn add(
    template: &mut Template,
    base: &Base<'_>,
    functions: &Functions,
    domain: Option<&DomainParts>,
) {
    let stage = stage_name(base.stage);
    let name = |function: &infra_gen::Handle<infra_gen::aws::lambda::Function>| {
        function.reference().text()
    };
    let (web_socket, callback) = match domain {
        Some(domain) => (domain.url("wss"), domain.url("https")),
        None => (web_socket_url(&base.api, &stage).text(), callback_url(&base.api, &stage).text()),
    };
    add_one(template, "WebSocketUrl", "Where clients connect", web_socket);
    add_one(template, "CallbackUrl", "Where backends post to connections", callback);
    if let Some(DomainParts { name, .. }) = domain {
        let what = "What a DNS record of the domain leads to";
        add_one(template, "DomainTarget", what, name.regional_domain_name());
        let what = "The hosted zone of an alias record's target";
        add_one(template, "DomainHostedZone", what, name.regional_hosted_zone_id().text());
    }
    add_one(template, "TableName", "The table", base.table.reference().text());
    add_one(
        template,
        "PublishFunction",
        "The function that backends invoke to tell somebody something",
        name(&functions.publish),
    );
    if let Some(authorizer) = &functions.authorizer {
        let what = "The function that says who may connect";
        add_one(template, "AuthorizerFunction", what, name(authorizer));
    }
    add_one(
        template,
        "DeadLettersUrl",
        "The queue of what was given up",
        base.dead_letters.reference().text(),
    );
}

fn add_one(template: &mut Template, id: &'static str, description: &str, value: Val<String>) {
    template.output(id, Output { description: description.to_owned(), ..Output::new(value) });
}
