//! `connections`: who is there by the registry's keys, and `@connections` of the gateway for them.

use crate::calls::{DELETE_CONNECTION, GET_CONNECTION, POST_TO_CONNECTION};
use crate::cli::{CloseConnection, ConnectionsCommand, ListConnections, PostToConnection};
use crate::cloud::Cloud;
use crate::items::{Item, Items, Query};
use crate::publish::publisher;
use crate::ui::{Failure, Result, Ui, ago, table};
use anyhow::{Context as _, anyhow};
use aws_wire::{Bytes, Method, Operation, Request, Response};
use herald_client::{Answer, Command, OfUser, ticket};
use herald_contract::table::{Key, TOPIC_SHARDS, attr};
use herald_contract::{ConnectionId, Millis, Topic, UserId};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::Read as _;

/// The longest message that the gateway takes, and one byte more to be refused by it.
const MESSAGE_BYTES_MAX: u64 = 128 * 1024 + 1;

pub(crate) async fn run(command: ConnectionsCommand, cloud: &Cloud, ui: &Ui) -> Result {
    match command {
        ConnectionsCommand::List(args) => list(args, cloud, ui).await,
        ConnectionsCommand::Show(args) => show(&args.id, cloud, ui).await,
        ConnectionsCommand::Post(args) => post(args, cloud, ui).await,
        ConnectionsCommand::Close(args) => close(args, cloud, ui).await,
    }
}

/// A connection as the registry has it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    connection_id: ConnectionId,
    user: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    connected_at: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_ends_at: Option<Millis>,
}

impl Connection {
    fn of_item(id: ConnectionId, user: Option<&UserId>, item: &Item) -> Option<Self> {
        let user = user.map(UserId::as_str).or_else(|| item.text(attr::USER));
        Some(Self {
            connection_id: id,
            user: user?.to_owned(),
            device: item.text(attr::DEVICE).map(str::to_owned),
            connected_at: Millis::new(item.number(attr::CONNECTED_AT)?),
            token_ends_at: item.number(attr::TOKEN_EXP).map(Millis::new),
        })
    }
}

async fn list(args: ListConnections, cloud: &Cloud, ui: &Ui) -> Result {
    let items = Items::of(cloud)?;
    let now = ticket::now();
    let limit = usize::try_from(args.limit)?;
    let mut found = match &args.user {
        Some(user) => of_user(&items, user, limit + 1, now).await?,
        None => of_everyone(&items, limit + 1, now).await?,
    };
    if found.len() > limit {
        found.truncate(limit);
        ui.say(format_args!("there are more than {limit}; --limit NUMBER shows more"));
    }
    found.sort_by_key(|c| (c.connected_at, c.connection_id.clone()));
    ui.print(&found, || {
        let rows = found.iter().map(|c| {
            let device = c.device.clone().unwrap_or_default();
            let since = ago(now.since(c.connected_at));
            vec![c.connection_id.to_string(), c.user.clone(), device, since]
        });
        table(&["CONNECTION", "USER", "DEVICE", "CONNECTED"], &rows.collect::<Vec<_>>())
    })
}

async fn of_user(
    items: &Items<'_>,
    user: &UserId,
    limit: usize,
    now: Millis,
) -> Result<Vec<Connection>> {
    let pk = Key::user_head(user).pk;
    let rows = items.query(connections_of(pk, limit), now).await?;
    let found = rows.iter().filter_map(|(key, item)| {
        Connection::of_item(Key::connection_of_sort(&key.sk)?, Some(user), item)
    });
    Ok(found.collect())
}

/// Every connection is a member of the topic of everyone; whose it is stands with itself.
async fn of_everyone(items: &Items<'_>, limit: usize, now: Millis) -> Result<Vec<Connection>> {
    let mut ids = Vec::new();
    for shard in 0..TOPIC_SHARDS {
        let pk = Key::topic_partition(&Topic::everyone(), shard);
        let rows = items.query(connections_of(pk, limit - ids.len()), now).await?;
        ids.extend(rows.iter().filter_map(|(key, _)| Key::connection_of_sort(&key.sk)));
        if ids.len() == limit {
            break;
        }
    }
    let keys: Vec<_> = ids.iter().map(Key::connection).collect();
    let own = items.get_all(&keys, now).await?;
    let of = |(id, key)| Connection::of_item(id, None, own.get(key)?);
    Ok(ids.into_iter().zip(&keys).filter_map(of).collect())
}

fn connections_of(pk: String, limit: usize) -> Query<'static> {
    Query { index: None, pk, prefix: Key::CONNECTIONS, latest_first: false, limit }
}

async fn show(id: &ConnectionId, cloud: &Cloud, ui: &Ui) -> Result {
    let items = Items::of(cloud)?;
    let now = ticket::now();
    let own = Key::connection(id);
    let connection = items.get(&own, now).await?;
    let connection = connection.and_then(|item| Connection::of_item(id.clone(), None, &item));
    let topics =
        Query { index: None, pk: own.pk, prefix: Key::TOPICS, latest_first: false, limit: 100 };
    let topics = items.query(topics, now).await?;
    let topics: Vec<_> = topics.iter().filter_map(|(key, _)| Key::topic_of_sort(&key.sk)).collect();
    // The registry may know of one that has gone, and the gateway of one that was let go.
    let gateway = manage(cloud, &GET_CONNECTION, Method::GET, id, Bytes::new()).await?;
    let gateway = gateway.map(|response| serde_json::from_slice::<Value>(&response.body));
    let gateway = gateway.transpose()?;
    if connection.is_none() && gateway.is_none() {
        return Err(gone(id));
    }
    let whole = json!({ "registry": connection, "topics": topics, "gateway": gateway });
    ui.print(&whole, || {
        let at_gateway = |path: &str| {
            let value = gateway.as_ref().and_then(|gateway| gateway.pointer(path));
            value.and_then(Value::as_str).unwrap_or("unknown").to_owned()
        };
        let mut lines = vec![("connection", id.to_string())];
        match &connection {
            Some(c) => {
                lines.push(("user", c.user.clone()));
                lines.push(("device", c.device.clone().unwrap_or_else(|| "unknown".to_owned())));
                lines.push(("connected", ago(now.since(c.connected_at))));
            }
            None => lines.push(("user", "none: it is not in the registry".to_owned())),
        }
        let topics: Vec<_> = topics.iter().map(Topic::as_str).collect();
        lines.push(("topics", topics.join(", ")));
        match gateway {
            Some(_) => {
                lines.push(("address", at_gateway("/identity/sourceIp")));
                lines.push(("last active", at_gateway("/lastActiveAt")));
            }
            None => lines.push(("gateway", "it is gone".to_owned())),
        }
        lines.iter().map(|(name, value)| format!("{name:12}{value}\n")).collect()
    })
}

async fn post(args: PostToConnection, cloud: &Cloud, ui: &Ui) -> Result {
    let mut text = args.text;
    if text == "-" {
        text.clear();
        let read = std::io::stdin().lock().take(MESSAGE_BYTES_MAX).read_to_string(&mut text);
        read.context("failed to read standard input")?;
    }
    let bytes = text.len();
    let posted = manage(cloud, &POST_TO_CONNECTION, Method::POST, &args.id, text.into()).await?;
    posted.ok_or_else(|| gone(&args.id))?;
    ui.say(format_args!("posted {bytes} bytes"));
    Ok(())
}

async fn close(args: CloseConnection, cloud: &Cloud, ui: &Ui) -> Result {
    if let Some(id) = args.id {
        let closed = manage(cloud, &DELETE_CONNECTION, Method::DELETE, &id, Bytes::new()).await?;
        closed.ok_or_else(|| gone(&id))?;
        ui.say(format_args!("closed {id}"));
        return Ok(());
    }
    let user = args.user.ok_or_else(|| anyhow!("give a connection, or --user NAME"))?;
    let of_user = OfUser { user: user.clone() };
    let answer = publisher(cloud)?.send(&Command::SignOut(of_user)).await?;
    ui.print(&answer, || match &answer {
        Answer::SignedOut { connections } => format!("closed {connections} of {user}"),
        other => format!("{other:?}"),
    })
}

/// A call of `@connections`; nothing where the connection is gone.
async fn manage(
    cloud: &Cloud,
    operation: &Operation,
    method: Method,
    id: &ConnectionId,
    body: Bytes,
) -> Result<Option<Response>> {
    let url = cloud.need("CallbackUrl")?;
    let path = format!("/@connections/{}", aws_wire::segment(id.as_str()));
    let request = Request { body, ..Request::new(method, path) };
    match cloud.client.call_at(operation, url, request).await {
        Ok(response) => Ok(Some(response)),
        Err(error) if error.status() == Some(410) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn gone(id: &ConnectionId) -> Failure {
    Failure::new(anyhow!("connection {id} is gone"))
        .hint("`cargo xtask connections list` lists those that are there")
}
