//! From the command line to a running local cloud, and to its end.

use crate::api::Api;
use crate::banner::banner;
use crate::checkpoints::Checkpoints;
use crate::clock::Clock;
use crate::command::{Color, Command};
use crate::console::{Console, ConsoleState};
use crate::driver::{self, Driver, Event, Events, Warmed};
use crate::dynamodb::DynamoDb;
use crate::error::{Failure, Result};
use crate::front;
use crate::functions::Workshop;
use crate::process::{Launcher, Surroundings};
use crate::ready::{self, Announced, Ready, ReadyFile};
use crate::reload::Reloader;
use crate::render::Painter;
use crate::report::Reporter;
use crate::scratch::Scratch;
use crate::tables::Tables;
use crate::template::{ACCOUNT_ID, Loaded, Source};
use crate::tls::Tls;
use crate::watch;
use anyhow::{Context as _, anyhow};
use gateway_core::template::Place;
use gateway_core::{Cloud, Config, Guesses, Input};
use rustix::process::{Resource, getrlimit, setrlimit};
use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{ErrorKind, IsTerminal as _};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Runs until told to end, or until it cannot go on.
pub(crate) async fn run(command: Command) -> Result<()> {
    let mut signals = Signals::new()?;
    allow_many_files();
    let scratch = Arc::new(Scratch::new()?);
    let workshop = Workshop::new(Arc::clone(&scratch))?;
    let source = Source::new(&command.template, place(&command), &command.functions, workshop)?;
    let loaded = source.load()?;
    let listener = bind(command.port).await?;
    let address = listener.local_addr().context("the port has no number")?;
    let domain_name = address.to_string();

    let stages = ready::stages(&loaded.topology, &domain_name);
    let Some(first) = stages.first() else {
        return Err(Failure::new(anyhow!(
            "the WebSocket API of {} has no stage",
            source.template.display()
        ))
        .hint("add an AWS::ApiGatewayV2::Stage"));
    };
    let tls = Tls::new(&scratch)?;
    let ready = Ready::new(&loaded.topology, first, &domain_name, &tls.trust().authority);

    let clock = Arc::new(Clock::default());
    let (reporter, reports) =
        Reporter::start(Arc::clone(&clock), Painter { color: is_colored(command.color) });
    let (events, received) = driver::events();
    let launcher = Launcher::new(
        loaded.programs.clone(),
        Surroundings {
            endpoint_url: ready.endpoint_url.clone(),
            address: domain_name.clone(),
            trust: tls.trust().clone(),
        },
        events.clone(),
        reporter.clone(),
    );
    let (store, checkpoints) = kept(&command, &clock)?;
    let config = Config {
        domain_name: domain_name.clone(),
        seed: RandomState::new().build_hasher().finish(),
        limits: command.limits.clone(),
        guesses: Guesses::default(),
        iam: command.iam.into(),
        topology: loaded.topology.clone(),
        checkpoints: checkpoints.numbers().clone(),
    };
    let (tables, keeper) = Tables::start(
        store,
        &loaded.topology.tables,
        checkpoints,
        events.clone(),
        reporter.clone(),
    )
    .map_err(|refused| source.not_deployable().details(refused))?;
    let cloud = Cloud::new(clock.now(), config);
    let mut driver = Driver::new(cloud, clock, events.clone(), launcher, tables, reporter.clone());
    let (to_warm, warmed) = mpsc::channel(loaded.programs.len() + 1);
    driver.tell_warmed(to_warm);
    let mut driver = tokio::spawn(driver.run(received));

    let console = ConsoleState::new(domain_name.clone(), &loaded);
    let api = Api {
        events: events.clone(),
        console: Console { reporter: reporter.clone(), state: console.subscribe() },
    };
    let limits = command.limits.clone();
    let front = tokio::spawn(front::serve(listener, events.clone(), Arc::new(api), limits, tls));

    let begun = tokio::select! {
        begun = warm(&loaded, warmed, &events, &reporter) => begun.map(|()| true),
        () = signals.any() => Ok(false),
    };
    let outcome = match begun {
        Ok(true) => {
            let file = command.ready_file.clone();
            let reloading = Reloading {
                source,
                console,
                announced: Announced { domain_name, ready, file },
                events: events.clone(),
                reporter: reporter.clone(),
            };
            match open(&command, &stages, &loaded, reloading) {
                Ok(_open) => attend(&mut signals, &mut driver).await,
                Err(failure) => Err(failure),
            }
        }
        Ok(false) => Ok(()),
        Err(failure) => Err(failure),
    };

    if outcome.is_ok() {
        reporter.note("ending");
    }
    front.abort();
    // The driver may have ended already; then there is nothing left to end.
    _ = events.send(Event::Stop).await;
    if !driver.is_finished() {
        _ = driver.await;
    }
    // It has nothing more to do, but may be writing.
    _ = keeper.join();
    reporter.end();
    _ = reports.join();
    outcome
}

/// Where the template believes itself to be.
fn place(command: &Command) -> Place {
    Place {
        account_id: ACCOUNT_ID.to_owned(),
        region: command.region.clone(),
        stack_name: command.stack_name.clone(),
        parameters: command.parameters.iter().cloned().collect(),
        tags: command.tags.iter().cloned().collect(),
    }
}

/// The tables, and how far their streams have been read, of the last time if they are kept.
fn kept(command: &Command, clock: &Arc<Clock>) -> Result<(DynamoDb, Checkpoints)> {
    let failed = |why: String| {
        let failure = Failure::new(anyhow!(why));
        match &command.state {
            Some(folder) => {
                failure.hint(format!("`--state {}` must be a folder of its own", folder.display()))
            }
            None => failure,
        }
    };
    if let Some(folder) = &command.state {
        std::fs::create_dir_all(folder)
            .map_err(|e| failed(format!("{} cannot be made: {e}", folder.display())))?;
    }
    let file = |name: &str| command.state.as_ref().map(|folder| folder.join(name));
    let time = Arc::<Clock>::clone(clock);
    let store = DynamoDb::open(file("tables.sqlite").as_deref(), time, &command.region);
    let checkpoints = Checkpoints::load(file("checkpoints.json").as_deref());
    Ok((store.map_err(failed)?, checkpoints.map_err(failed)?))
}

/// Waits for the signal to end.
async fn attend(signals: &mut Signals, driver: &mut JoinHandle<()>) -> Result<()> {
    tokio::select! {
        () = signals.any() => Ok(()),
        ended = driver => Err(match ended {
            Ok(()) => Failure::new(anyhow!("the local cloud has stopped by itself; this is a bug")),
            Err(e) => Failure::new(anyhow::Error::new(e).context("the local cloud has failed; this is a bug")),
        }),
    }
}

async fn bind(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|e| {
        let taken = e.kind() == ErrorKind::AddrInUse;
        let why = if taken {
            format!("port {port} is taken")
        } else {
            format!("port {port} cannot be used")
        };
        let other = port.checked_add(1).unwrap_or(4000);
        Failure::new(anyhow::Error::new(e).context(why))
            .hint(format!("`--port 0` takes a free one, `--port {other}` another"))
    })
}

/// Starts one environment of each function, so that what cannot start is known at once.
async fn warm(
    loaded: &Loaded,
    mut warmed: mpsc::Receiver<Warmed>,
    events: &Events,
    reporter: &Reporter,
) -> Result<()> {
    if let Some(note) = loaded.not_emulated() {
        reporter.note(note);
    }
    for trouble in loaded.troubles() {
        reporter.trouble(trouble);
    }
    let runnable = loaded.programs.iter().filter(|(_, program)| program.is_ok());
    let mut waiting: BTreeSet<&str> = runnable.map(|(name, _)| name.as_str()).collect();
    for function in &waiting {
        let function = (*function).to_owned();
        _ = events.send(Event::Input(Input::Warm { function })).await;
    }
    while !waiting.is_empty() {
        match warmed.recv().await {
            Some(Warmed::Ready { function }) => {
                waiting.remove(function.as_str());
            }
            Some(Warmed::Failed { function, why, last_words }) => {
                let program = loaded.programs.get(&function).and_then(|p| p.as_ref().ok());
                let why = anyhow!("function {function} does not start: {why}");
                let failure = Failure::new(why)
                    .details(last_words.into_iter().map(|line| format!("| {line}")));
                return Err(match program {
                    Some(program) => failure.hint(format!("its code is {program}")),
                    None => failure,
                });
            }
            None => {
                return Err(Failure::new(anyhow!(
                    "the local cloud has stopped by itself; this is a bug"
                )));
            }
        }
    }
    Ok(())
}

/// What runs from the banner to the end.
struct OpenShop {
    _ready_file: Option<ReadyFile>,
    _reloading: Option<(notify::RecommendedWatcher, Task)>,
}

/// A task that ends with this value.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Reloading {
    source: Source,
    console: ConsoleState,
    announced: Announced,
    events: Events,
    reporter: Reporter,
}

/// Everything answers: says so, and begins to watch.
fn open(
    command: &Command,
    stages: &[ready::StageAddress],
    loaded: &Loaded,
    reloading: Reloading,
) -> Result<OpenShop> {
    let Reloading { source, console, announced, events, reporter } = reloading;
    let ready = &announced.ready;
    let ready_file =
        command.ready_file.as_deref().map(|path| ReadyFile::write(path, ready)).transpose()?;
    let watcher = if command.no_watch {
        None
    } else {
        let mut artifacts: Vec<PathBuf> = loaded.state.mutable_code().cloned().collect();
        artifacts.push(source.template.clone());
        Some(watch::watch(&command.watch, &artifacts)?)
    };
    reporter.text(banner(&loaded.topology, stages, ready, &loaded.programs));
    let reloading = watcher.map(|(watcher, changes)| {
        let rebuild = command.rebuild.clone();
        let (running, troubles) = (loaded.state.clone(), loaded.troubles().cloned().collect());
        let reloader =
            Reloader { source, rebuild, events, reporter, console, announced, running, troubles };
        (watcher, Task(tokio::spawn(reloader.run(changes))))
    });
    Ok(OpenShop { _ready_file: ready_file, _reloading: reloading })
}

/// The ways in which people and systems end a program.
struct Signals([Signal; 3]);

impl Signals {
    fn new() -> Result<Self> {
        let listen = |kind| signal(kind).context("signals cannot be handled");
        Ok(Self([
            listen(SignalKind::interrupt())?,
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        ]))
    }

    async fn any(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

/// Ten thousand connections are ten thousand open files, and shells allow a thousand by default.
fn allow_many_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If it is not allowed, fewer connections fit.
    _ = setrlimit(Resource::Nofile, limit);
}

fn is_colored(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    }
}
