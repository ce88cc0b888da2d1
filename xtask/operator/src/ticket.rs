//! `ticket`: a ticket of the stage's own secret.
//!
//! The secret is in the configuration of the authorizer, so IAM decides who may mint: whoever may
//! read that. It is kept nowhere else, and never printed.

use crate::calls::GET_FUNCTION_CONFIGURATION;
use crate::cli::Ticket;
use crate::cloud::Cloud;
use crate::ui::{Failure, Result, Ui};
use anyhow::{Context as _, anyhow};
use aws_wire::{Method, Request};
use herald_client::ticket::{LIFE_MS, Pass, Secret, mint, now};
use herald_contract::env;
use herald_contract::functions::{AuthMode, Authorizer};
use herald_contract::wire::TICKET_PARAMETER;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

pub(crate) async fn run(args: Ticket, cloud: &Cloud, ui: &Ui) -> Result {
    let Ticket { user, scopes, session, place: _ } = args;
    let secret = secret(cloud).await?;
    let mut pass = Pass::of(user);
    for scope in scopes {
        pass = pass.scope(scope);
    }
    if let Some(left) = session {
        pass = pass.session(left);
    }
    let expires = now().plus(LIFE_MS);
    let ticket = mint(&secret, pass)?;
    let url = format!("{}?{TICKET_PARAMETER}={ticket}", cloud.need("WebSocketUrl")?);
    ui.print(&json!({ "ticket": ticket, "url": url, "expires": expires }), || ticket.clone())?;
    if !ui.is_json() {
        ui.say(format_args!("it opens one connection within a minute:"));
        ui.say(format_args!("  wscat -c '{url}'"));
    }
    Ok(())
}

async fn secret(cloud: &Cloud) -> Result<Secret> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Configuration {
        environment: Option<Environment>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Environment {
        #[serde(default)]
        variables: BTreeMap<String, String>,
        error: Option<Unreadable>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Unreadable {
        message: String,
    }
    let Some(function) = cloud.output("AuthorizerFunction") else {
        return Err(Failure::new(anyhow!("this stage asks for nothing (`auth: none`)"))
            .hint("connect without a ticket"));
    };
    let path = format!("/2015-03-31/functions/{}/configuration", aws_wire::segment(function));
    let request = Request::new(Method::GET, path);
    let response = cloud.client.call(&GET_FUNCTION_CONFIGURATION, request).await?;
    let Configuration { environment } = serde_json::from_slice(&response.body)
        .with_context(|| format!("the configuration of {function} is not understood"))?;
    let Environment { variables, error } =
        environment.ok_or_else(|| anyhow!("function {function} has no environment"))?;
    if let Some(Unreadable { message }) = error {
        return Err(anyhow!(message)
            .context(format!("you may not read the environment of {function}"))
            .into());
    }
    let read = env::read::<Authorizer>(variables).map_err(|e| anyhow!("{function}: {e}"))?;
    match read.ticket_secret {
        Some(secret) if !secret.is_empty() => Ok(Secret::new(secret.into_bytes())?),
        _ if read.auth == AuthMode::Jwt => {
            Err(Failure::new(anyhow!("this stage takes no tickets"))
                .hint("it asks for a JWT (`auth: jwt`) in Sec-WebSocket-Protocol"))
        }
        _ => Err(anyhow!("function {function} has no secret; deploy the stage once more").into()),
    }
}
