//! The functions, each with its variables and what it may take.

use super::rights::{Added, allow_itself, invokes_itself, statements};
use super::{Base, tickets};
use crate::constructs::{RustFunction, Size};
use herald_contract::functions::{
    Authorizer, AuthorizerEnv, Dispatcher, DispatcherEnv, Publish, PublishEnv, Sender, SenderEnv,
    Socket, SocketEnv, Sweeper, SweeperEnv, Worker, WorkerEnv,
};
use herald_contract::{Function, Spec};
use infra_gen::aws::ids::BucketName;
use infra_gen::aws::lambda;
use infra_gen::{Handle, Json, Map, Problem, Template, Val};
use serde::Serialize;

/// Time for a batch of the stream, or for a page after page of a topic: what is left after it is
/// handed on.
const FAN_OUT_SECONDS: u32 = 60;

/// The next sweep begins after a minute.
const SWEEP_SECONDS: u32 = 50;

/// All functions of the stack.
pub(super) struct Functions {
    pub(super) socket: Handle<lambda::Function>,
    /// None, where anyone may connect.
    pub(super) authorizer: Option<Handle<lambda::Function>>,
    pub(super) dispatcher: Handle<lambda::Function>,
    pub(super) worker: Handle<lambda::Function>,
    pub(super) sender: Handle<lambda::Function>,
    pub(super) publish: Handle<lambda::Function>,
    pub(super) sweeper: Handle<lambda::Function>,
}

impl Functions {
    /// Those that are there, in the order of the variants.
    pub(super) fn all(&self) -> impl Iterator<Item = (Function, &Handle<lambda::Function>)> {
        let Self { socket, authorizer, dispatcher, worker, sender, publish, sweeper } = self;
        [
            (Function::Socket, Some(socket)),
            (Function::Authorizer, authorizer.as_ref()),
            (Function::Dispatcher, Some(dispatcher)),
            (Function::Worker, Some(worker)),
            (Function::Sender, Some(sender)),
            (Function::Publish, Some(publish)),
            (Function::Sweeper, Some(sweeper)),
        ]
        .into_iter()
        .filter_map(|(function, handle)| Some((function, handle?)))
    }
}

/// Adds them, those that are invoked before those that invoke them.
pub(super) fn add(
    template: &mut Template,
    base: &Base<'_>,
    asset_bucket: Val<BucketName>,
) -> Functions {
    let stage = base.stage;
    let table_name = || base.table.reference().text();
    let dead_letters_url = || base.dead_letters.reference().text();
    let metrics_stage = || stage.metrics.then(|| stage.name.as_str().into());
    let allowed_origins =
        || (!stage.allowed_origins.is_empty()).then(|| stage.allowed_origins.join(",").into());
    let name = |function: &Handle<lambda::Function>| function.reference().text();
    let size = |timeout_seconds: u32| Size {
        memory_mb: stage.memory_mb,
        timeout_seconds,
        concurrency: None,
    };

    let mut adding = Adding { template, base, asset_bucket, added: Added::new() };
    let socket = adding.function::<Socket>(
        &SocketEnv {
            table_name: table_name(),
            allowed_origins: allowed_origins(),
            callback_url: stage.callback_url.as_ref().map(|url| url.as_str().into()),
            stage: metrics_stage(),
        },
        size(stage.timeout_seconds),
    );
    let authorizer = stage.has_authorizer().then(|| {
        let secrets = stage.takes_tickets().then(|| tickets::add(adding.template));
        let (ticket_secret, ticket_secret_before) =
            secrets.map_or((None, None), |secrets| (Some(secrets.current), secrets.before));
        let jwt = stage.jwt.as_ref();
        adding.function::<Authorizer>(
            &AuthorizerEnv {
                table_name: table_name(),
                auth: stage.auth,
                allowed_origins: allowed_origins(),
                ticket_secret,
                ticket_secret_before,
                jwt_issuer: jwt.map(|jwt| jwt.issuer.as_str().into()),
                jwt_audience: jwt.map(|jwt| jwt.audience.as_str().into()),
                jwks_url: jwt.map(|jwt| jwt.jwks_url.as_str().into()),
            },
            size(stage.timeout_seconds),
        )
    });
    let worker = adding.function::<Worker>(
        &WorkerEnv { table_name: table_name(), stage: metrics_stage() },
        Size { memory_mb: stage.worker.memory_mb, ..size(stage.worker.timeout_seconds) },
    );
    let sender = adding.function::<Sender>(
        &SenderEnv { table_name: table_name(), stage: metrics_stage() },
        Size { concurrency: stage.sender_concurrency, ..size(FAN_OUT_SECONDS) },
    );
    let dispatcher = adding.function::<Dispatcher>(
        &DispatcherEnv {
            table_name: table_name(),
            worker_function: name(&worker),
            sender_function: name(&sender),
            dead_letters_url: dead_letters_url(),
            stage: metrics_stage(),
        },
        size(FAN_OUT_SECONDS),
    );
    let publish = adding.function::<Publish>(
        &PublishEnv { table_name: table_name(), stage: metrics_stage() },
        size(stage.timeout_seconds),
    );
    let sweeper = adding.function::<Sweeper>(
        &SweeperEnv {
            table_name: table_name(),
            worker_function: name(&worker),
            dead_letters_url: dead_letters_url(),
            stage: metrics_stage(),
        },
        size(SWEEP_SECONDS),
    );
    Functions { socket, authorizer, dispatcher, worker, sender, publish, sweeper }
}

struct Adding<'t, 's> {
    template: &'t mut Template,
    base: &'t Base<'s>,
    asset_bucket: Val<BucketName>,
    added: Added,
}

impl Adding<'_, '_> {
    #[track_caller]
    fn function<S: Spec>(
        &mut self,
        env: &S::Env<Val<String>>,
        size: Size,
    ) -> Handle<lambda::Function>
    where
        S::Env<Val<String>>: Serialize,
    {
        let parts = RustFunction {
            function: S::FUNCTION,
            stage: self.base.stage,
            size,
            asset_bucket: self.asset_bucket.clone(),
            environment: environment::<S>(self.template, env),
            statements: statements::<S>(self.template, self.base, &self.added),
            invokes_itself: invokes_itself::<S>(),
        }
        .add_to(self.template);
        allow_itself::<S>(self.template, &parts.role, &parts.function);
        self.added.insert(S::FUNCTION, parts.function.clone());
        parts.function
    }
}

/// The variables of a function: serde derives their names, here as in the function.
fn environment<S: Spec>(template: &mut Template, env: &S::Env<Val<String>>) -> Map<Json>
where
    S::Env<Val<String>>: Serialize,
{
    Map::of(env).unwrap_or_else(|error| {
        template.report(Problem {
            at: format!("{}.Environment", S::FUNCTION.logical_id()),
            message: format!("is not a struct of variables: {error}"),
        });
        Map::default()
    })
}
