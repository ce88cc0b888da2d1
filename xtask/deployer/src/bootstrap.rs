//! `bootstrap`: what an account and Region need before the first deployment, and nothing that is
//! there already.
//!
//! Looks first, so that it can say what it would do, and so that the same command goes on where an
//! earlier one was stopped. Changes nothing that somebody has set up otherwise.

use crate::bucket::{SETTINGS, Setting};
use crate::cli::Bootstrap;
use crate::s3::Bucket;
use crate::sts::{self, Identity};
use crate::{Context, Exit, Failure, Result, apigateway, assets, iam};
use aws_wire::{CallError, Client};
use std::time::Duration;

/// Something that is missing.
#[derive(Debug)]
enum Step {
    CreateBucket,
    Set(&'static Setting),
    LogRole,
}

/// Does what is missing, once it was agreed to.
///
/// # Errors
/// When a call fails, the bucket is somebody else's, or nobody agrees.
pub async fn run(args: &Bootstrap, context: &Context) -> Result {
    let (client, console) = (&context.client, &context.console);
    let identity = sts::identity(client).await?;
    let bucket = Bucket {
        name: assets::bucket(&identity.account, client.region()),
        account: identity.account.clone(),
    };
    console.say(format_args!(
        "account {}, Region {}, as {}",
        identity.account,
        client.region(),
        identity.arn
    ));
    let steps = missing(client, &bucket).await?;
    if steps.is_empty() {
        console.say("everything is there already");
        return Ok(Exit::Done);
    }
    for step in &steps {
        console.say(format_args!("+ {}", step.describe(&bucket)));
    }
    agree(args.yes, &context.command("bootstrap", "--yes"), "Do it?", context).await?;
    for step in &steps {
        step.take(context, &bucket, &identity).await?;
    }
    console.say(format_args!("done; next: {}", context.command("deploy", "")));
    Ok(Exit::Done)
}

/// Asks, unless that was done on the command line; `agreed` is the command that does that.
///
/// # Errors
/// When the answer is no, or there is nobody to ask.
pub(crate) async fn agree(
    is_agreed: bool,
    agreed: &str,
    question: &str,
    context: &Context,
) -> Result<()> {
    if is_agreed {
        return Ok(());
    }
    if !context.console.can_ask() {
        return Err(Failure::new("there is no terminal to ask at, and nobody has agreed")
            .hint(agreed)
            .exit(Exit::ApprovalNeeded));
    }
    let answer = context.interrupts.or(context.console.ask(question)).await;
    match answer {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => {
            Err(Failure::new("not agreed to, and nothing was done").exit(Exit::ApprovalNeeded))
        }
        Ok(Err(failure)) => Err(failure),
        Err(_) => Err(Failure::new("interrupted, and nothing was done").exit(Exit::Detached)),
    }
}

async fn missing(client: &Client, bucket: &Bucket) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    let exists = bucket.exists(client).await.map_err(|error| not_ours(error, bucket))?;
    if !exists {
        steps.push(Step::CreateBucket);
    }
    for setting in &SETTINGS {
        if !exists || !bucket.has(client, setting).await? {
            steps.push(Step::Set(setting));
        }
    }
    if apigateway::log_role(client).await?.is_none() {
        steps.push(Step::LogRole);
    }
    Ok(steps)
}

fn not_ours(error: CallError, bucket: &Bucket) -> Failure {
    if error.status() == Some(403) || error.code() == Some("BucketAlreadyExists") {
        return Failure::new(format!("the bucket {} is not ours to use", bucket.name))
            .detail(error.to_string())
            .hint(format!(
                "`aws s3api head-bucket --bucket {} --expected-bucket-owner {}` fails, too, if another account has taken that name",
                bucket.name, bucket.account
            ));
    }
    error.into()
}

impl Step {
    fn describe(&self, bucket: &Bucket) -> String {
        match self {
            Self::CreateBucket => format!("bucket {}", bucket.name),
            Self::Set(setting) => format!("bucket {}: {}", bucket.name, setting.name),
            Self::LogRole => format!(
                "role {}, by which API Gateway writes the logs of stages in this account",
                iam::LOG_ROLE
            ),
        }
    }

    async fn take(&self, context: &Context, bucket: &Bucket, identity: &Identity) -> Result<()> {
        let client = &context.client;
        // `arn:aws-cn:sts::…`
        let partition = identity.arn.split(':').nth(1).unwrap_or("aws");
        match self {
            Self::CreateBucket => {
                bucket.create(client).await.map_err(|error| not_ours(error, bucket))
            }
            Self::Set(setting) => Ok(bucket.set(client, setting, partition).await?),
            Self::LogRole => {
                let role = iam::create_log_role(client, &identity.account, partition).await?;
                appoint(context, &role).await
            }
        }
    }
}

/// Pauses until the role is known everywhere: IAM takes some seconds to tell API Gateway.
const PAUSE: Duration = Duration::from_secs(5);
const ATTEMPTS: usize = 24;

async fn appoint(context: &Context, role: &str) -> Result<()> {
    let mut attempts = 1;
    loop {
        match apigateway::set_log_role(&context.client, role).await {
            Ok(()) => return Ok(()),
            Err(error) if error.code() == Some("BadRequestException") && attempts < ATTEMPTS => {}
            Err(error) => return Err(error.into()),
        }
        attempts += 1;
        let pause = context.clock.sleep(PAUSE);
        if context.interrupts.or(pause).await.is_err() {
            return Err(Failure::new(
                "interrupted; the role is there, and API Gateway is not told",
            )
            .hint(context.command("bootstrap", ""))
            .exit(Exit::Detached));
        }
    }
}
