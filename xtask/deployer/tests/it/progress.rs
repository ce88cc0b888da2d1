//! Deployments that succeed, and how they are told.

use crate::play::{Play, additions, because, change, check, template, with};
use crate::stand_in::{World, stack, step};
use expect_test::expect;
use serde_json::json;

/// A first deployment that takes its time.
fn creation() -> World {
    World::new().with_changes(&additions()).with_script(&[
        stack(0, "CREATE_IN_PROGRESS", "User Initiated"),
        step(2, "Role", "AWS::IAM::Role", "CREATE_IN_PROGRESS", ""),
        step(20, "Role", "AWS::IAM::Role", "CREATE_COMPLETE", ""),
        step(21, "Socket", "AWS::Lambda::Function", "CREATE_IN_PROGRESS", ""),
        step(
            22,
            "Socket",
            "AWS::Lambda::Function",
            "CREATE_IN_PROGRESS",
            "Resource creation Initiated",
        ),
        step(30, "Socket", "AWS::Lambda::Function", "CREATE_COMPLETE", ""),
        step(31, "Stage", "AWS::ApiGatewayV2::Stage", "CREATE_IN_PROGRESS", ""),
        step(34, "Stage", "AWS::ApiGatewayV2::Stage", "CREATE_COMPLETE", ""),
        stack(35, "CREATE_COMPLETE", ""),
    ])
}

/// One property of one function changes.
fn update() -> World {
    let socket = format!("<Replacement>False</Replacement>{}", because("Timeout", "Never"));
    let mut world = World::new()
        .with_stack(
            "CREATE_COMPLETE",
            &with("/Resources/Socket/Properties/Timeout", json!(5)).to_string(),
        )
        .with_changes(&[change("Modify", "Socket", "AWS::Lambda::Function", &socket)])
        .with_script(&[
            stack(0, "UPDATE_IN_PROGRESS", "User Initiated"),
            step(1, "Socket", "AWS::Lambda::Function", "UPDATE_IN_PROGRESS", ""),
            step(9, "Socket", "AWS::Lambda::Function", "UPDATE_COMPLETE", ""),
            stack(10, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", ""),
            stack(12, "UPDATE_COMPLETE", ""),
        ]);
    world.stack.as_mut().unwrap().parameters.insert("SocketCode".into(), "old".into());
    world
}

#[tokio::test]
async fn a_first_deployment_is_told_line_by_line_where_there_is_no_terminal() {
    check(
        creation(),
        "deploy --yes",
        expect![[r#"
            account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
            uploaded socket, 5 B

            herald-dev in us-east-1, account 123456789012: 3 to add

              + Role    AWS::IAM::Role
              + Socket  AWS::Lambda::Function
              + Stage   AWS::ApiGatewayV2::Stage

            Who may do what (! is more than before)
            ! + Allow lambda.amazonaws.com sts:AssumeRole on ${Role}

            digest <digest>

            12:00:02 stack CREATE_IN_PROGRESS: User Initiated
            12:00:04 CREATE_IN_PROGRESS Role (AWS::IAM::Role)
            12:00:22 CREATE_COMPLETE    Role (AWS::IAM::Role)
            12:00:23 CREATE_IN_PROGRESS Socket (AWS::Lambda::Function)
            12:00:24 CREATE_IN_PROGRESS Socket (AWS::Lambda::Function): Resource creation Initiated
            12:00:32 CREATE_COMPLETE    Socket (AWS::Lambda::Function)
            12:00:33 CREATE_IN_PROGRESS Stage (AWS::ApiGatewayV2::Stage)
            12:00:36 CREATE_COMPLETE    Stage (AWS::ApiGatewayV2::Stage)
            12:00:37 stack CREATE_COMPLETE
            herald-dev is deployed, in 0:35
            WebSocketUrl  wss://api/dev
            stage dev is deployed
            exit 0
            after 37 s: PutObject CreateChangeSet ExecuteChangeSet
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_first_deployment_is_a_tree_on_a_terminal() {
    let mut play = Play::new(creation()).await.on_terminal().typing(&["y"]);
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B

        herald-dev in us-east-1, account 123456789012: 3 to add

          + Role    AWS::IAM::Role
          + Socket  AWS::Lambda::Function
          + Stage   AWS::ApiGatewayV2::Stage

        Who may do what (! is more than before)
        ! + Allow lambda.amazonaws.com sts:AssumeRole on ${Role}

        digest <digest>

        Deploy this to herald-dev? [y/N] 
        herald-dev CREATE_COMPLETE 0:35
          ✓ Role    created   0:18  AWS::IAM::Role
          ✓ Socket  created   0:09  AWS::Lambda::Function
          ✓ Stage   created   0:03  AWS::ApiGatewayV2::Stage
          3 of 3 done
        herald-dev is deployed, in 0:35
        WebSocketUrl  wss://api/dev
        stage dev is deployed
        exit 0
        after 37 s: PutObject CreateChangeSet ExecuteChangeSet
    "#]]
    .assert_eq(&play.run("deploy").await);
}

#[tokio::test]
async fn the_tree_in_the_middle_of_a_first_deployment() {
    let mut world = creation();
    world.interrupt = Some(27);
    let mut play = Play::new(world).await.on_terminal();
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B

        herald-dev in us-east-1, account 123456789012: 3 to add

          + Role    AWS::IAM::Role
          + Socket  AWS::Lambda::Function
          + Stage   AWS::ApiGatewayV2::Stage

        Who may do what (! is more than before)
        ! + Allow lambda.amazonaws.com sts:AssumeRole on ${Role}

        digest <digest>

        herald-dev CREATE_IN_PROGRESS 0:25
          ✓ Role    created   0:18  AWS::IAM::Role
          ▸ Socket  creating  0:04  AWS::Lambda::Function
          · Stage                   AWS::ApiGatewayV2::Stage
          1 of 3 done
        error: detached; CloudFormation goes on
        hint: cargo xtask deploy --stage dev  # takes it up again
        hint: cargo xtask deploy --stage dev --cancel  # undoes it
        exit 130
        after 27 s: PutObject CreateChangeSet ExecuteChangeSet
    "#]]
    .assert_eq(&play.run("deploy --yes").await);
}

#[tokio::test]
async fn machines_get_one_document_an_event() {
    check(creation(), "deploy --yes --events ndjson", expect![[r#"
        {"version":1,"time":"2026-01-01T12:00:00Z","event":"identity","account":"123456789012","arn":"arn:aws:sts::123456789012:assumed-role/Deployer/ada","region":"us-east-1"}
        {"version":1,"time":"2026-01-01T12:00:00Z","stack":"herald-dev","event":"asset","name":"socket","key":"socket/c0de.zip","bytes":5,"uploaded":true}
        {"version":1,"time":"2026-01-01T12:00:02Z","stack":"herald-dev","event":"plan","plan":{"stack":"herald-dev","account":"123456789012","region":"us-east-1","isNew":true,"digest":"79741a6e90cf2351f9fc6666de118ba2762d8c33d6ef00b8a3dc74bace80c77d","changes":[{"what":"add","id":"Role","type":"AWS::IAM::Role","because":[],"properties":[]},{"what":"add","id":"Socket","type":"AWS::Lambda::Function","because":[],"properties":[]},{"what":"add","id":"Stage","type":"AWS::ApiGatewayV2::Stage","because":[],"properties":[]}],"outputs":[],"losses":[],"iam":{"broadens":true,"changes":[{"sign":"added","effect":"Allow","principal":"lambda.amazonaws.com","action":"sts:AssumeRole","resource":"${Role}","condition":"","broadens":true}]},"heals":[]}}
        {"version":1,"time":"2026-01-01T12:00:02Z","stack":"herald-dev","event":"stack","status":"CREATE_IN_PROGRESS","reason":"User Initiated","at":"2026-01-01T12:00:02.000Z"}
        {"version":1,"time":"2026-01-01T12:00:04Z","stack":"herald-dev","event":"resource","id":"Role","type":"AWS::IAM::Role","physicalId":"herald-dev-Role-1A2B","status":"CREATE_IN_PROGRESS","reason":null,"at":"2026-01-01T12:00:04.000Z"}
        {"version":1,"time":"2026-01-01T12:00:24Z","stack":"herald-dev","event":"resource","id":"Role","type":"AWS::IAM::Role","physicalId":"herald-dev-Role-1A2B","status":"CREATE_COMPLETE","reason":null,"at":"2026-01-01T12:00:22.000Z"}
        {"version":1,"time":"2026-01-01T12:00:24Z","stack":"herald-dev","event":"resource","id":"Socket","type":"AWS::Lambda::Function","physicalId":"herald-dev-Socket-1A2B","status":"CREATE_IN_PROGRESS","reason":null,"at":"2026-01-01T12:00:23.000Z"}
        {"version":1,"time":"2026-01-01T12:00:24Z","stack":"herald-dev","event":"resource","id":"Socket","type":"AWS::Lambda::Function","physicalId":"herald-dev-Socket-1A2B","status":"CREATE_IN_PROGRESS","reason":"Resource creation Initiated","at":"2026-01-01T12:00:24.000Z"}
        {"version":1,"time":"2026-01-01T12:00:33Z","stack":"herald-dev","event":"resource","id":"Socket","type":"AWS::Lambda::Function","physicalId":"herald-dev-Socket-1A2B","status":"CREATE_COMPLETE","reason":null,"at":"2026-01-01T12:00:32.000Z"}
        {"version":1,"time":"2026-01-01T12:00:33Z","stack":"herald-dev","event":"resource","id":"Stage","type":"AWS::ApiGatewayV2::Stage","physicalId":"herald-dev-Stage-1A2B","status":"CREATE_IN_PROGRESS","reason":null,"at":"2026-01-01T12:00:33.000Z"}
        {"version":1,"time":"2026-01-01T12:00:37Z","stack":"herald-dev","event":"resource","id":"Stage","type":"AWS::ApiGatewayV2::Stage","physicalId":"herald-dev-Stage-1A2B","status":"CREATE_COMPLETE","reason":null,"at":"2026-01-01T12:00:36.000Z"}
        {"version":1,"time":"2026-01-01T12:00:37Z","stack":"herald-dev","event":"stack","status":"CREATE_COMPLETE","reason":null,"at":"2026-01-01T12:00:37.000Z"}
        {"version":1,"time":"2026-01-01T12:00:37Z","stack":"herald-dev","event":"note","text":"herald-dev is deployed, in 0:35"}
        {"version":1,"time":"2026-01-01T12:00:37Z","stack":"herald-dev","event":"outputs","outputs":{"WebSocketUrl":"wss://api/dev"}}
        {"version":1,"time":"2026-01-01T12:00:37Z","stack":"herald-dev","event":"result","exit":0,"message":"stage dev is deployed"}
        exit 0
        after 37 s: PutObject CreateChangeSet ExecuteChangeSet
    "#]]).await;
}

#[tokio::test]
async fn an_update_waits_until_what_it_replaced_is_cleaned_up() {
    check(
        update(),
        "deploy --yes",
        expect![[r#"
            account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
            uploaded socket, 5 B

            herald-dev in us-east-1, account 123456789012: 1 to update

              ~ Socket  AWS::Lambda::Function
                  Timeout: 5 → 10

            digest <digest>

            12:00:02 stack UPDATE_IN_PROGRESS: User Initiated
            12:00:03 UPDATE_IN_PROGRESS Socket (AWS::Lambda::Function)
            12:00:11 UPDATE_COMPLETE    Socket (AWS::Lambda::Function)
            12:00:12 stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS
            12:00:14 stack UPDATE_COMPLETE
            herald-dev is deployed, in 0:12
            WebSocketUrl  wss://api/dev
            stage dev is deployed
            exit 0
            after 14 s: PutObject CreateChangeSet ExecuteChangeSet
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_second_update_is_expected_to_take_as_long_as_the_first() {
    let mut play = Play::new(update()).await.on_terminal();
    play.run("deploy --yes").await;
    let steps = [
        stack(0, "UPDATE_IN_PROGRESS", "User Initiated"),
        step(1, "Socket", "AWS::Lambda::Function", "UPDATE_IN_PROGRESS", ""),
    ];
    {
        let mut world = play.stand_in.world();
        world.scripts.push_back(steps.to_vec());
        let age = world.age();
        world.interrupt = Some(age + 6);
    }
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada

        herald-dev in us-east-1, account 123456789012: 1 to update

          ~ Socket  AWS::Lambda::Function  Timeout

        digest <digest>

        herald-dev UPDATE_IN_PROGRESS 0:04, about 0:08 left
          ▸ Socket  updating  0:03 of about 0:08  AWS::Lambda::Function
          0 of 1 done
        error: detached; CloudFormation goes on
        hint: cargo xtask deploy --stage dev  # takes it up again
        hint: cargo xtask deploy --stage dev --cancel  # undoes it
        exit 130
        after 20 s: CreateChangeSet ExecuteChangeSet
    "#]]
    .assert_eq(&play.run("deploy --yes").await);
}

#[tokio::test]
async fn no_change_is_success_and_leaves_no_change_set() {
    let mut world = World::new().with_stack("UPDATE_COMPLETE", &template().to_string());
    world.change_set_will = crate::stand_in::ChangeSetWill::Fail(
        "The submitted information didn't contain changes. Submit different information to create a change set.",
        String::new(),
    );
    check(
        world,
        "deploy",
        expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B
        herald-dev is as it should be
        WebSocketUrl  wss://api/dev
        stage dev is deployed
        exit 0
        after 2 s: PutObject CreateChangeSet DeleteChangeSet
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_change_of_outputs_alone_is_deployed() {
    let old = with("/Outputs/WebSocketUrl/Value", json!("wss://old"));
    let world = World::new().with_stack("UPDATE_COMPLETE", &old.to_string()).with_script(&[
        stack(0, "UPDATE_IN_PROGRESS", "User Initiated"),
        stack(1, "UPDATE_COMPLETE", ""),
    ]);
    check(
        world,
        "deploy --yes",
        expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B

        herald-dev in us-east-1, account 123456789012: only outputs change

          outputs that change: WebSocketUrl

        digest <digest>

        12:00:02 stack UPDATE_IN_PROGRESS: User Initiated
        12:00:03 stack UPDATE_COMPLETE
        herald-dev is deployed, in 0:01
        WebSocketUrl  wss://api/dev
        stage dev is deployed
        exit 0
        after 3 s: PutObject CreateChangeSet ExecuteChangeSet
    "#]],
    )
    .await;
}

#[tokio::test]
async fn outputs_go_into_a_file() {
    let mut play = Play::new(creation()).await;
    play.run("deploy --yes --outputs-file DIR/outputs.json").await;
    let text = std::fs::read_to_string(play.dir.join("outputs.json")).unwrap();
    expect![[r#"
        {
          "WebSocketUrl": "wss://api/dev"
        }
    "#]]
    .assert_eq(&text);
}

#[tokio::test]
async fn a_change_of_tags_alone_is_deployed() {
    let world = World::new()
        .with_stack("UPDATE_COMPLETE", &template().to_string())
        .with_script(&[stack(0, "UPDATE_IN_PROGRESS", ""), stack(1, "UPDATE_COMPLETE", "")]);
    let told = Play::new(world).await.run("deploy --yes").await;
    assert!(told.contains("nothing but settings of the stack itself"), "{told}");
    assert!(told.contains("ExecuteChangeSet") && told.contains("exit 0"), "{told}");
}
