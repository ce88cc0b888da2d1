//! `gc`: what lies in the asset bucket and no stack of the Region refers to any longer.

use crate::bootstrap::agree;
use crate::bucket::Object;
use crate::cli::Gc;
use crate::cloudformation::{Stack, all_stacks};
use crate::s3::Bucket;
use crate::{Context, Exit, Failure, Result, assets, sts, time};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

/// What is younger may belong to a deployment that is under way, or to a plan that waits.
const YOUNG: Duration = Duration::from_secs(24 * 60 * 60);

/// Lists what is to go, asks, and deletes it.
///
/// # Errors
/// When a call fails, there is no bucket, or nobody agrees.
pub async fn run(args: &Gc, context: &Context) -> Result {
    let (client, console) = (&context.client, &context.console);
    let account = sts::identity(client).await?.account;
    let bucket = Bucket { name: assets::bucket(&account, client.region()), account };
    if !bucket.exists(client).await? {
        return Err(Failure::new(format!("there is no bucket {}", bucket.name))
            .hint(context.command("bootstrap", "")));
    }
    // The bucket first: what comes into it after that is not looked at.
    let objects = bucket.list(client).await?;
    let stacks = all_stacks(client).await?;
    let old = old(&objects, &referred(&stacks), args.keep, context.clock.now());
    let bytes: u64 = old.iter().map(|object| object.size).sum();
    for object in &old {
        console.say(format_args!("- {} ({} B, {})", object.key, object.size, object.last_modified));
    }
    console.say(format_args!(
        "{} of {} objects in {} to delete, {bytes} B",
        old.len(),
        objects.len(),
        bucket.name
    ));
    if old.is_empty() {
        return Ok(Exit::Done);
    }
    let agreed = context.command("gc", &format!("--keep {} --yes", args.keep));
    agree(args.yes, &agreed, "Delete them?", context).await?;
    for object in &old {
        match context.interrupts.or(bucket.delete(client, &object.key)).await {
            Ok(deleted) => deleted?,
            Err(_) => return Err(Failure::new("interrupted").exit(Exit::Detached)),
        }
    }
    console.say(format_args!("deleted {}", old.len()));
    Ok(Exit::Done)
}

/// Whatever a parameter of a stack says; an object by another name is not referred to by it.
fn referred(stacks: &[Stack]) -> BTreeSet<&str> {
    let parameters = stacks.iter().flat_map(|stack| &stack.parameters);
    parameters.map(|parameter| parameter.parameter_value.as_str()).collect()
}

/// What can go: of each folder, which is a function or the templates, all but what is referred to,
/// what is young, and the newest of the rest.
fn old<'o>(
    objects: &'o [Object],
    referred: &BTreeSet<&str>,
    keep: usize,
    now: SystemTime,
) -> Vec<&'o Object> {
    let is_young = |object: &Object| {
        // A time that cannot be read is no reason to delete.
        time::parse(&object.last_modified).is_none_or(|put| time::between(put, now) < YOUNG)
    };
    let mut folders: BTreeMap<&str, Vec<&Object>> = BTreeMap::new();
    for object in objects {
        if !referred.contains(object.key.as_str()) && !is_young(object) {
            let folder = object.key.split_once('/').map_or("", |(folder, _)| folder);
            folders.entry(folder).or_default().push(object);
        }
    }
    let mut old = Vec::new();
    for mut of_folder in folders.into_values() {
        of_folder.sort_by(|a, b| b.last_modified.cmp(&a.last_modified).then(a.key.cmp(&b.key)));
        old.extend(of_folder.into_iter().skip(keep));
    }
    old
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str, day: u32) -> Object {
        let last_modified = format!("2026-11-{day:02}T10:00:00.000Z");
        Object { key: key.to_owned(), last_modified, size: 1 }
    }

    fn check(objects: &[Object], referred: &[&str], keep: usize, expected: &[&str]) {
        let now = time::parse("2026-11-24T09:00:00Z").unwrap();
        let referred = referred.iter().copied().collect();
        let keys: Vec<_> =
            old(objects, &referred, keep, now).iter().map(|object| object.key.as_str()).collect();
        assert_eq!(keys, expected);
    }

    #[test]
    fn the_newest_of_each_function_stay() {
        let objects = [
            object("sender/a.zip", 1),
            object("socket/a.zip", 1),
            object("socket/b.zip", 2),
            object("socket/c.zip", 3),
        ];
        check(&objects, &[], 2, &["socket/a.zip"]);
        check(&objects, &[], 0, &["sender/a.zip", "socket/c.zip", "socket/b.zip", "socket/a.zip"]);
    }

    #[test]
    fn what_a_stack_refers_to_stays_and_is_not_counted() {
        let objects = [object("socket/a.zip", 1), object("socket/b.zip", 2)];
        check(&objects, &["socket/a.zip"], 1, &[]);
        check(&objects, &["socket/a.zip"], 0, &["socket/b.zip"]);
    }

    #[test]
    fn what_a_deployment_may_just_have_brought_stays() {
        let mut unreadable = object("socket/b.zip", 1);
        unreadable.last_modified = "long ago".to_owned();
        check(&[object("socket/a.zip", 23), unreadable], &[], 0, &[]);
    }
}
