// A stage has a name.

use infra_gen::Template;
use infra_gen::aws::apigatewayv2::{Api, Stage};

fn main() {
    let mut template = Template::new("");
    let api = template.add("Api", Api::new());
    Stage::new(&api);
}
