//! `publish`: a notification by the function of that name.

use crate::cli::Publish;
use crate::cloud::Cloud;
use crate::ui::{Result, Ui};
use herald_client::{Answer, Command, Publisher, Target};

/// The function of a cloud that does what back ends ask for.
pub(crate) fn publisher(cloud: &Cloud) -> Result<Publisher> {
    Ok(Publisher::new(cloud.client.clone(), cloud.need("PublishFunction")?))
}

pub(crate) async fn run(args: Publish, cloud: &Cloud, ui: &Ui) -> Result {
    let Publish { to, title, body, level, key, place: _ } = args;
    let whom = match &to {
        Target::User(user) => format!("the inbox of {user}"),
        Target::Topic(topic) => format!("topic {topic}"),
        Target::Everyone => "everyone".to_owned(),
    };
    let notification = herald_client::Publish {
        body,
        level,
        idempotency_key: key,
        ..herald_client::Publish::new(to, title)
    };
    let answer = publisher(cloud)?.send(&Command::Publish(notification)).await?;
    ui.print(&answer, || {
        let (id, repeated) = match &answer {
            Answer::Notified { seq, repeated } => (format!("n{seq}"), *repeated),
            Answer::Broadcast { id, repeated } => (format!("b{id}"), *repeated),
            other => return format!("{other:?}"),
        };
        let before = if repeated { ", as before" } else { "" };
        format!("{id} for {whom}{before}")
    })
}
