// It is AutoDeploy.

use infra_gen::Template;
use infra_gen::aws::apigatewayv2::{Api, Stage};
use infra_gen::some;

fn main() {
    let mut template = Template::new("");
    let api = template.add("Api", Api::new());
    Stage { auto_deply: some(true), ..Stage::new(&api, "prod") };
}
