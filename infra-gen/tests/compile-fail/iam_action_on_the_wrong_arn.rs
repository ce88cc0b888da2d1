// Records are read from a stream, not from a table.

use infra_gen::Template;
use infra_gen::aws::dynamodb::{Table, table::{KeySchema, KeyType}};
use infra_gen::iam::{Statement, dynamodb};

fn main() {
    let mut template = Template::new("");
    let table = template.add("Table", Table::new([KeySchema::new("pk", KeyType::Hash)]));
    Statement::allow([dynamodb::GET_RECORDS], table.arn());
}
