//! A first deployment, stopped wherever it can be: the same command finishes it.

use crate::play::{Play, additions};
use crate::stand_in::{ChangeSetWill, World, stack, step};

fn creation() -> World {
    let mut world = World::new().with_script(&[
        stack(0, "CREATE_IN_PROGRESS", "User Initiated"),
        step(2, "Role", "AWS::IAM::Role", "CREATE_IN_PROGRESS", ""),
        step(6, "Role", "AWS::IAM::Role", "CREATE_COMPLETE", ""),
        stack(8, "CREATE_COMPLETE", ""),
    ]);
    world.change_set_will = ChangeSetWill::Make(additions().concat());
    world
}

/// Longer than the deployment takes.
const SECONDS: u64 = 14;

async fn finishes(play: &mut Play, stopped: &str) {
    let told = play.run("deploy --yes").await;
    assert!(told.contains("\nexit 0\n"), "{stopped}\n{told}");
    let world = play.stand_in.world();
    let status = world.stack.as_ref().map(|stack| stack.status.as_str());
    assert_eq!(status, Some("CREATE_COMPLETE"), "{stopped}\n{told}");
}

#[tokio::test]
async fn whenever_it_is_interrupted() {
    for second in 0..SECONDS {
        let mut world = creation();
        world.interrupt = Some(second);
        let mut play = Play::new(world).await;
        play.run("deploy --yes").await;
        play.stand_in.world().interrupt = None;
        let stopped = format!("Ctrl-C after {second} s");
        finishes(&mut play, &stopped).await;
        let world = play.stand_in.world();
        let left = world.change_sets.iter().filter(|set| !set.executed).count();
        assert_eq!(left, 0, "{stopped}: a change set was left behind");
    }
}

#[tokio::test]
async fn whenever_it_is_killed() {
    for second in 0..SECONDS {
        let mut play = Play::new(creation()).await;
        play.run_killed("deploy --yes", second).await;
        finishes(&mut play, &format!("killed after {second} s")).await;
    }
}

#[tokio::test]
async fn whichever_answer_is_lost() {
    let mut play = Play::new(creation()).await;
    play.run("deploy --yes").await;
    let calls = play.stand_in.world().calls.clone();
    assert!(calls.len() > 12, "{calls:?}");
    for (index, call) in calls.iter().enumerate() {
        let mut world = creation();
        world.lost_answer = Some(index + 1);
        let mut play = Play::new(world).await;
        finishes(&mut play, &format!("the answer to {call} is lost")).await;
        assert_eq!(play.stand_in.world().lives, 1, "one stack, whatever is lost");
    }
}
