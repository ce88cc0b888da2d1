// A stream mapping reads a stream, not a table.

use infra_gen::aws::dynamodb::{Table, table::{KeySchema, KeyType}};
use infra_gen::aws::lambda::EventSourceMapping;
use infra_gen::{Template, some};

fn main() {
    let mut template = Template::new("");
    let table = template.add("Table", Table::new([KeySchema::new("pk", KeyType::Hash)]));
    EventSourceMapping { event_source_arn: some(table.arn()), ..EventSourceMapping::new("worker") };
}
