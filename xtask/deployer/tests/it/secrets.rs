//! Parameters whose value is random: made once, kept, shown to nobody, rotated on demand.

use crate::play::{Play, additions, because, change, template};
use crate::stand_in::{World, stack, step};
use expect_test::expect;
use serde_json::{Value, json};

const SECRET: &str = "TicketSecret";
const BEFORE: &str = "TicketSecretBefore";

/// The stage with a secret that its function has in the environment.
fn with_secret() -> Value {
    let mut template = template();
    template["Parameters"][SECRET] = json!({"Type": "String", "MinLength": 32, "NoEcho": true});
    template["Parameters"][BEFORE] = json!({"Type": "String", "Default": "", "NoEcho": true});
    template["Resources"]["Socket"]["Properties"]["Environment"] = json!({"Variables": {
        "TICKET_SECRET": {"Ref": SECRET}, "TICKET_SECRET_BEFORE": {"Ref": BEFORE},
    }});
    template
}

/// A play of that stage, as it is deployed with these values.
async fn deployed(template: &Value, values: &[(&str, &str)]) -> Play {
    let change =
        change("Modify", "Socket", "AWS::Lambda::Function", &because("Environment", "Never"));
    let update = [stack(0, "UPDATE_IN_PROGRESS", ""), stack(5, "UPDATE_COMPLETE", "")];
    let mut world = World::new()
        .with_stack("CREATE_COMPLETE", &template.to_string())
        .with_changes(&[change])
        .with_script(&[
            step(0, "Socket", "AWS::Lambda::Function", "CREATE_COMPLETE", ""),
            stack(0, "CREATE_COMPLETE", ""),
        ])
        .with_script(&update)
        .with_script(&update);
    world.begin();
    let state = world.stack.as_mut().unwrap();
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    state.parameters.extend(values);
    let play = Play::new(world).await;
    play.synth_with(&with_secret(), &[SECRET]);
    play
}

fn is_made(value: &str) -> bool {
    value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Play {
    fn value(&self, name: &str) -> Option<String> {
        self.stand_in.world().stack.as_ref().unwrap().parameters.get(name).cloned()
    }

    /// What was written anywhere: screens and files.
    fn files(&self) -> String {
        let files = std::fs::read_dir(&self.dir).unwrap().map(|entry| entry.unwrap().path());
        files
            .filter(|path| path.is_file())
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    }
}

#[tokio::test]
async fn a_secret_is_made_at_the_first_deployment_and_kept_by_the_next() {
    let world = World::new()
        .with_changes(&additions())
        .with_script(&[stack(0, "CREATE_IN_PROGRESS", ""), stack(5, "CREATE_COMPLETE", "")])
        .with_script(&[stack(0, "UPDATE_IN_PROGRESS", ""), stack(5, "UPDATE_COMPLETE", "")]);
    let mut play = Play::new(world).await;
    play.synth_with(&with_secret(), &[SECRET]);
    let told = play.run("deploy --yes").await;
    let first = play.value(SECRET).unwrap();
    assert!(is_made(&first), "{first}");
    assert_eq!(play.value(BEFORE), None, "it has its default");
    assert!(told.contains("TicketSecret is made, at random, and kept from now on"), "{told}");
    let again = play.run("deploy --yes").await;
    assert_eq!(play.value(SECRET).unwrap(), first);
    assert!(again.contains("exit 0") && !again.contains("is made"), "{again}");
}

#[tokio::test]
async fn a_secret_is_on_no_screen_and_in_no_file() {
    for line in ["deploy --yes", "deploy --yes --events ndjson", "deploy --prepare DIR/plan.json"] {
        let world = World::new()
            .with_changes(&additions())
            .with_script(&[stack(0, "CREATE_IN_PROGRESS", ""), stack(5, "CREATE_COMPLETE", "")]);
        let mut play = Play::new(world).await;
        play.synth_with(&with_secret(), &[SECRET]);
        let told = play.run(line).await + &play.files();
        let secret = play.stand_in.world().change_sets[0].parameters[SECRET].clone();
        assert!(is_made(&secret) && !told.contains(&secret), "{line}: {told}");
    }
}

#[tokio::test]
async fn a_stack_of_an_older_template_gets_a_secret() {
    let mut play = deployed(&template(), &[]).await;
    let told = play.run("deploy --yes").await;
    assert!(told.contains("exit 0") && is_made(&play.value(SECRET).unwrap()), "{told}");
}

#[tokio::test]
async fn a_stack_that_only_has_a_change_set_gets_a_secret() {
    let world = World::new()
        .with_changes(&additions())
        .with_script(&[stack(0, "CREATE_IN_PROGRESS", ""), stack(5, "CREATE_COMPLETE", "")])
        .with_stack("REVIEW_IN_PROGRESS", "");
    let mut play = Play::new(world).await;
    play.synth_with(&with_secret(), &[SECRET]);
    let of_review = (SECRET.to_owned(), "never used".to_owned());
    play.stand_in.world().stack.as_mut().unwrap().parameters.extend([of_review]);
    let told = play.run("deploy --yes").await;
    assert!(told.contains("exit 0") && is_made(&play.value(SECRET).unwrap()), "{told}");
}

#[tokio::test]
async fn a_secret_that_is_rotated_holds_beside_the_new_one() {
    let mut play = deployed(&with_secret(), &[(SECRET, "the one that is")]).await;
    let variables = json!({"Variables": {"TICKET_SECRET": "the one that is"}});
    play.stand_in.world().environments.insert("herald-dev-Socket-1A2B".to_owned(), variables);
    play.stand_in.world().functions.insert("herald-dev-Socket-1A2B".to_owned(), "sum".to_owned());
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        TicketSecret is made anew; what it was becomes TicketSecretBefore
        uploaded socket, 5 B

        herald-dev in us-east-1, account 123456789012: 1 to update

          ~ Socket  AWS::Lambda::Function  Environment

        digest <digest>

        12:00:02 stack UPDATE_IN_PROGRESS
        12:00:07 stack UPDATE_COMPLETE
        herald-dev is deployed, in 0:06
        WebSocketUrl  wss://api/dev
        stage dev is deployed
        exit 0
        after 8 s: PutObject CreateChangeSet ExecuteChangeSet
    "#]]
    .assert_eq(&play.run("deploy --yes --rotate-secret TicketSecret").await);
    assert_eq!(play.value(BEFORE).unwrap(), "the one that is");
    let second = play.value(SECRET).unwrap();
    assert!(is_made(&second), "{second}");
    // And both stay.
    play.run("deploy --yes").await;
    assert_eq!(play.value(BEFORE).unwrap(), "the one that is");
    assert_eq!(play.value(SECRET).unwrap(), second);
}

#[tokio::test]
async fn a_secret_that_nobody_shows_is_not_rotated() {
    let mut play = deployed(&with_secret(), &[(SECRET, "the one that is")]).await;
    play.stand_in.world().functions.insert("herald-dev-Socket-1A2B".to_owned(), "sum".to_owned());
    let error = json!({"Error": {"ErrorCode": "AccessDeniedException", "Message": "Lambda was unable to decrypt"}});
    play.stand_in.world().environments.insert("herald-dev-Socket-1A2B".to_owned(), error);
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        error: the present value of TicketSecret cannot be read
          Socket does not show its environment: Lambda was unable to decrypt
          without it, whatever was made with it would be refused at once
        exit 1
        after 0 s: no change
    "#]]
    .assert_eq(&play.run("deploy --yes --rotate-secret TicketSecret").await);
    assert_eq!(play.value(SECRET).unwrap(), "the one that is");
}

#[tokio::test]
async fn a_secret_without_a_parameter_for_the_one_before_is_rotated_at_once() {
    let mut template = with_secret();
    template["Parameters"].as_object_mut().unwrap().remove(BEFORE);
    template["Resources"]["Socket"]["Properties"]["Environment"]["Variables"] =
        json!({"TICKET_SECRET": {"Ref": SECRET}});
    let mut play = deployed(&template, &[(SECRET, "the one that is")]).await;
    play.synth_with(&template, &[SECRET]);
    let told = play.run("deploy --yes --rotate-secret TicketSecret").await;
    assert!(told.contains("what was made with it does not hold any more"), "{told}");
    assert!(is_made(&play.value(SECRET).unwrap()));
}

#[tokio::test]
async fn what_is_no_secret_or_not_there_yet_is_not_rotated() {
    let mut play = deployed(&template(), &[]).await;
    expect![[r#"
        error: the stage has no secret Ticket
          it has TicketSecret
        exit 1
        after 0 s: no change
    "#]]
    .assert_eq(&play.run("deploy --yes --rotate-secret Ticket").await);
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        error: herald-dev has no TicketSecret that could be rotated
          the first deployment makes one by itself
        hint: cargo xtask deploy --stage dev
        exit 1
        after 0 s: no change
    "#]]
    .assert_eq(&play.run("deploy --yes --rotate-secret TicketSecret").await);
}
