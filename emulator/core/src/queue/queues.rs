//! All queues: which request is for which of them, and the receives that wait.

use super::error::{Error, json_reply};
use super::operation::{Operation, parse};
use super::receive::Receive;
use super::send::Send;
use super::store::{Store, Stored};
use super::{Config, Effect, Input, QueueConfig};
use crate::id::Ids;
use crate::{CallId, Time, http};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

const LIST_MAX: usize = 1000;

/// The queues of a template.
///
/// ```
/// use gateway_core::{Time, queue};
///
/// let config = queue::Config {
///     account_id: "123456789012".into(),
///     region: "eu-west-1".into(),
///     queues: vec![queue::QueueConfig::new("failed")?],
///     ..queue::Config::default()
/// };
/// let mut queues = queue::Queues::new(Time(0), 7, config);
/// queues.send(Time(0), "arn:aws:sqs:eu-west-1:123456789012:failed", "what failed")?;
/// assert_eq!(queues.drain(Time(1), "failed")[0].body, "what failed");
/// # Ok::<(), String>(())
/// ```
#[derive(Debug)]
pub struct Queues {
    pub(super) config: Config,
    ids: Ids,
    pub(super) stores: BTreeMap<String, Store>,
    /// In the order they came.
    waiting: VecDeque<Waiting>,
    effects: VecDeque<Effect>,
}

/// A receive that found nothing and may wait.
#[derive(Debug)]
struct Waiting {
    call: CallId,
    queue: String,
    receive: Receive,
    until: Time,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct List {
    queue_name_prefix: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

impl Queues {
    /// Empty queues; `seed` is what message ids are drawn from.
    pub fn new(now: Time, seed: u64, mut config: Config) -> Self {
        let configs = std::mem::take(&mut config.queues);
        let (waiting, effects) = (VecDeque::new(), VecDeque::new());
        let mut queues =
            Self { config, ids: Ids::new(seed), stores: BTreeMap::new(), waiting, effects };
        queues.reload(now, configs);
        queues
    }

    /// Takes over the queues of another template. Those that it has as well keep their messages.
    pub fn reload(&mut self, now: Time, configs: Vec<QueueConfig>) {
        let Config { account_id, region, endpoint, queues: _, limits: _ } = &self.config;
        let mut before = std::mem::take(&mut self.stores);
        for config in configs {
            let name = config.name().to_owned();
            let mut store = before.remove(&name).unwrap_or_else(|| {
                let url = format!("{endpoint}/{account_id}/{name}");
                let arn = format!("arn:aws:sqs:{region}:{account_id}:{name}");
                Store::new(now, config.clone(), url, arn)
            });
            store.config = config;
            self.stores.insert(name, store);
        }
        self.serve(now);
    }

    /// Takes in what has happened.
    pub fn handle(&mut self, now: Time, input: Input) {
        self.expire(now);
        match input {
            Input::Request { call, request } => match self.answer(now, call, &request) {
                Ok(Some(answer)) => self.reply(call, json_reply(200, &answer)),
                Ok(None) => {}
                Err(error) => self.reply(call, error.reply()),
            },
            Input::Gone { call } => self.waiting.retain(|waiting| waiting.call != call),
        }
        self.serve(now);
    }

    /// Puts a message into the queue of this ARN, as a service of AWS would, and returns its id.
    ///
    /// # Errors
    ///
    /// In words for the developer: there is no such queue, or it does not take the message.
    pub fn send(&mut self, now: Time, queue_arn: &str, body: &str) -> Result<String, String> {
        self.send_with(now, queue_arn, body, BTreeMap::new(), None)
    }

    /// The same, with message attributes (type and value by name) and, for a FIFO queue, a group.
    ///
    /// # Errors
    ///
    /// As for [`Self::send`].
    pub fn send_with(
        &mut self,
        now: Time,
        queue_arn: &str,
        body: &str,
        attributes: BTreeMap<String, (&'static str, String)>,
        group: Option<String>,
    ) -> Result<String, String> {
        self.expire(now);
        let store = self.stores.values_mut().find(|store| store.arn == queue_arn);
        let store =
            store.ok_or_else(|| format!("no queue of the template has the ARN {queue_arn}"))?;
        let id = self.ids.uuid();
        let sent =
            Send::new(body, attributes, group).run(now, store, &self.config.limits, id.clone());
        sent.map_err(Error::into_message)?;
        self.serve(now);
        Ok(id)
    }

    /// The next thing to do.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Self::handle_timeout`] is to be called, if nothing happens until then.
    pub fn poll_timeout(&self) -> Option<Time> {
        let visible = |waiting: &Waiting| self.stores.get(&waiting.queue)?.next_visible();
        let due =
            |waiting: &Waiting| visible(waiting).map_or(waiting.until, |at| at.min(waiting.until));
        self.waiting.iter().map(due).min()
    }

    /// Answers the receives that have waited long enough. Harmless when there are none.
    pub fn handle_timeout(&mut self, now: Time) {
        self.expire(now);
        self.serve(now);
    }

    /// The names of all queues.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.stores.keys().map(String::as_str)
    }

    /// The messages of a queue, oldest first, without receiving them; none if there is no such queue.
    pub fn list(&mut self, now: Time, queue: &str) -> Vec<Stored> {
        self.expire(now);
        self.stores.get(queue).map(|store| store.list().collect()).unwrap_or_default()
    }

    /// The messages of a queue, which is empty afterwards.
    pub fn drain(&mut self, now: Time, queue: &str) -> Vec<Stored> {
        let messages = self.list(now, queue);
        if let Some(store) = self.stores.get_mut(queue) {
            store.purge();
        }
        messages
    }

    /// The answer to a request; `None` for a receive that waits.
    fn answer(
        &mut self,
        now: Time,
        call: CallId,
        request: &http::Request,
    ) -> Result<Option<Value>, Error> {
        let target = request.header("x-amz-target").unwrap_or_default();
        let body =
            || serde_json::from_slice(&request.body).map_err(|error| Error::malformed(&error));
        let operation = match target.strip_prefix("AmazonSQS.").unwrap_or_default() {
            "ListQueues" => return self.list_queues(body()?).map(Some),
            "GetQueueUrl" => return self.queue_url(&body()?).map(Some),
            "ReceiveMessage" => return self.receive(now, call, body()?),
            name => Operation::parse(name).ok_or_else(|| Error::unsupported(target))?,
        };
        let body = body()?;
        let store = self.stores.get_mut(queue_name(&body)?).ok_or_else(Error::no_such_queue)?;
        operation.run(now, store, &self.config.limits, &mut self.ids, body).map(Some)
    }

    fn receive(&mut self, now: Time, call: CallId, body: Value) -> Result<Option<Value>, Error> {
        let queue = queue_name(&body)?.to_owned();
        self.redrive(now, &queue);
        let store = self.stores.get_mut(&queue).ok_or_else(Error::no_such_queue)?;
        let receive = Receive::parse(body, &store.config)?;
        let received = receive.run(now, store, &self.config.account_id);
        let has_room = self.waiting.len() < self.config.limits.waiting;
        if received.is_some() || receive.wait.is_zero() || !has_room {
            return Ok(received.or_else(|| Some(json!({}))));
        }
        let until = now + receive.wait;
        self.waiting.push_back(Waiting { call, queue, receive, until });
        Ok(None)
    }

    fn queue_url(&self, body: &Value) -> Result<Value, Error> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let name = text("QueueName").ok_or_else(|| Error::missing("QueueName"))?;
        let owner = text("QueueOwnerAWSAccountId").unwrap_or(&self.config.account_id);
        let store = self.stores.get(name).filter(|_| owner == self.config.account_id);
        store.map(|store| json!({"QueueUrl": store.url})).ok_or_else(Error::no_such_queue)
    }

    fn list_queues(&self, body: Value) -> Result<Value, Error> {
        let List { queue_name_prefix, max_results, next_token } = parse(body)?;
        let most = match max_results {
            None => LIST_MAX,
            Some(most) => {
                let valid = usize::try_from(most).ok().filter(|most| (1..=LIST_MAX).contains(most));
                valid.ok_or_else(|| Error::out_of_range("MaxResults", most, 1, LIST_MAX as i64))?
            }
        };
        let (prefix, after) =
            (queue_name_prefix.unwrap_or_default(), next_token.unwrap_or_default());
        let mut rest =
            self.stores.iter().filter(|(name, _)| name.starts_with(&prefix) && **name > after);
        let page: Vec<_> = rest.by_ref().take(most).collect();
        let mut answer =
            json!({"QueueUrls": page.iter().map(|(_, store)| &store.url).collect::<Vec<_>>()});
        // A token is the name of the last queue of its page. Who sets no limit is given none.
        if max_results.is_some() && rest.next().is_some() {
            answer["NextToken"] = page.last().map(|(name, _)| name.as_str()).into();
        }
        Ok(answer)
    }

    /// Moves what has been received too often, and could be received again, to the queue for it.
    pub(super) fn redrive(&mut self, now: Time, queue: &str) {
        let Some(store) = self.stores.get_mut(queue) else { return };
        let Some(redrive) = store.config.redrive.clone() else { return };
        let moved = store.take_worn(now, redrive.receipts_max);
        let target = self.stores.values_mut().find(|store| store.arn == redrive.dead_letters);
        let Some(target) = target else { return };
        let limits = &self.config.limits;
        let stay: Vec<_> =
            moved.into_iter().filter(|m| target.put(m.clone(), limits).is_err()).collect();
        // There is no room for these, but there was before they were taken out.
        if let Some(store) = self.stores.get_mut(queue) {
            stay.into_iter().for_each(|message| _ = store.put(message, &self.config.limits));
        }
    }

    pub(super) fn expire(&mut self, now: Time) {
        self.stores.values_mut().for_each(|store| store.expire(now));
    }

    /// Answers those who wait: with what there is now, or with nothing when their time is over.
    pub(super) fn serve(&mut self, now: Time) {
        let mut still_waiting = VecDeque::new();
        for waiting in std::mem::take(&mut self.waiting) {
            self.redrive(now, &waiting.queue);
            let store = self.stores.get_mut(&waiting.queue);
            let received =
                store.and_then(|store| waiting.receive.run(now, store, &self.config.account_id));
            match received {
                Some(answer) => self.reply(waiting.call, json_reply(200, &answer)),
                None if waiting.until <= now => {
                    self.reply(waiting.call, json_reply(200, &json!({})))
                }
                None => still_waiting.push_back(waiting),
            }
        }
        self.waiting = still_waiting;
    }

    fn reply(&mut self, call: CallId, reply: http::Reply) {
        self.effects.push_back(Effect::Reply { call, reply });
    }
}

/// The queue a request is about. Host and account of the URL do not matter: the template's own URLs
/// name AWS, not this machine.
fn queue_name(body: &Value) -> Result<&str, Error> {
    let url = body.get("QueueUrl").and_then(Value::as_str).filter(|url| !url.is_empty());
    let url = url.ok_or_else(|| Error::missing("QueueUrl"))?;
    Ok(url.rsplit('/').next().unwrap_or_default())
}
