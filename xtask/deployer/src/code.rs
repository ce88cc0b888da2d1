//! The code of functions, past CloudFormation: a quick swap, and putting back what was swapped.

use crate::assets::Sums;
use crate::cloudformation::{self, Stack};
use crate::lambda;
use crate::news::News;
use crate::s3::Bucket;
use crate::screen::Screen;
use crate::target::Target;
use crate::{Context, Exit, Failure, Result, time};
use aws_wire::CallError;
use std::time::Duration;
use tokio::task::JoinSet;

/// How soon it is asked again whether the code has arrived.
const POLL: Duration = Duration::from_secs(1);
/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// A function that runs other code than it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// Its logical id.
    pub id: String,
    /// What AWS calls it.
    pub physical_id: String,
    /// The key of the code it should run.
    pub key: String,
}

/// The functions of a stack that run other code than the assembly says, by the sums of what lies in
/// the bucket; of those whose parameter and key are `wanted`. One that CloudFormation has not made
/// is none of them.
///
/// # Errors
/// When a call fails.
pub async fn stale(
    context: &Context,
    target: &Target,
    stack: &Stack,
    sums: &Sums,
    wanted: impl Fn(&str, &str) -> bool,
) -> Result<Vec<Stale>> {
    let resources = cloudformation::stack_resources(&context.client, &stack.stack_id).await?;
    let mut looks = JoinSet::new();
    for function in &target.entry.functions {
        let Some(key) = target.entry.parameters.get(&function.code_parameter) else { continue };
        let resource = resources.iter().find(|r| r.logical_resource_id == function.logical_id);
        let physical_id = resource.and_then(|resource| resource.physical_resource_id.clone());
        let (Some(physical_id), Some(sum)) = (physical_id, sums.get(key)) else { continue };
        if wanted(&function.code_parameter, key) {
            let (id, key, sum) = (function.logical_id.clone(), key.clone(), sum.clone());
            let client = context.client.clone();
            looks.spawn(async move {
                let there = lambda::function(&client, &physical_id).await?;
                let other =
                    there.is_some_and(|f| !f.code_sha256.is_empty() && f.code_sha256 != sum);
                Ok::<_, CallError>(other.then_some(Stale { id, physical_id, key }))
            });
        }
    }
    let mut stale = Vec::new();
    while let Some(look) = looks.join_next().await {
        let look =
            look.map_err(|e| Failure::new(format!("a look at a function broke off: {e}")))?;
        stale.extend(look?);
    }
    stale.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(stale)
}

/// Gives functions the code they should run, and waits until they do.
///
/// # Errors
/// When a call fails, Lambda does not take the code, or somebody has no patience.
pub async fn put(
    context: &Context,
    bucket: &Bucket,
    functions: &[Stale],
    screen: &mut Screen<'_>,
) -> Result<()> {
    match context.interrupts.or(put_all(context, bucket, functions, screen)).await {
        Ok(done) => done,
        Err(_) => Err(Failure::new("interrupted; some functions may have new code, and some not")
            .exit(Exit::Detached)
            .hint(context.command("deploy", ""))),
    }
}

async fn put_all(
    context: &Context,
    bucket: &Bucket,
    functions: &[Stale],
    screen: &mut Screen<'_>,
) -> Result<()> {
    let began = context.clock.now();
    for Stale { physical_id, key, .. } in functions {
        lambda::update_code(&context.client, physical_id, &bucket.name, key).await?;
    }
    for Stale { id, physical_id, key } in functions {
        while !arrived(context, id, physical_id).await? {
            if time::between(began, context.clock.now()) > PATIENCE {
                let message = format!("{id} has not taken its code within 5 minutes");
                return Err(Failure::new(message));
            }
            context.clock.sleep(POLL).await;
        }
        screen.tell(&News::Code { id: id.clone(), key: key.clone() });
    }
    Ok(())
}

async fn arrived(context: &Context, id: &str, physical_id: &str) -> Result<bool> {
    let function = lambda::function(&context.client, physical_id).await?;
    let function = function.ok_or_else(|| Failure::new(format!("{id} has gone")))?;
    match function.last_update_status.as_deref() {
        Some("InProgress") => Ok(false),
        Some("Failed") => {
            let reason = function.last_update_status_reason.unwrap_or_default();
            Err(Failure::new(format!("{id} does not take its code")).detail(reason))
        }
        _ => Ok(true),
    }
}
