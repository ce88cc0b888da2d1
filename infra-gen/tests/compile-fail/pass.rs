// Every mistake of the other files, made right.

use infra_gen::aws::apigatewayv2::{Api, Stage, api::ProtocolType};
use infra_gen::aws::dynamodb::{Table, table::{KeySchema, KeyType}};
use infra_gen::aws::iam::Role;
use infra_gen::aws::lambda::{EventSourceMapping, Function, function::Code};
use infra_gen::iam::{Action, Service, Statement, Trust, dynamodb};
use infra_gen::{Template, some};

const OTHER: Action<infra_gen::aws::ids::StreamArn> = Action::new("dynamodb:DescribeStream");

fn main() {
    let mut template = Template::new("");
    let api = template.add(
        "Api",
        Api { protocol_type: some(ProtocolType::Other("NEW".into())), ..Api::new() },
    );
    template.add("Stage", Stage { auto_deploy: some(true), ..Stage::new(&api, "prod") });
    let table = template.add("Table", Table::new([KeySchema::new("pk", KeyType::Hash)]));
    let role = template.add("Role", Role::new(Trust::service(Service::Lambda)));
    let function = template.add("Function", Function::new(Code::new(), role.arn()));
    template.add(
        "Mapping",
        EventSourceMapping {
            event_source_arn: some(table.stream_arn()),
            ..EventSourceMapping::new(function)
        },
    );
    Statement::allow([dynamodb::GET_RECORDS, OTHER], table.stream_arn());
    assert_eq!(template.check(), []);
}
