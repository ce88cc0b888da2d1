// Nobody may do everything.

use infra_gen::aws::ids::TableArn;
use infra_gen::iam::Action;

const EVERYTHING: Action<TableArn> = Action::new("dynamodb:*");

fn main() {
    EVERYTHING.name();
}
