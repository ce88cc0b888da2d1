// An API is no function.

use infra_gen::Template;
use infra_gen::aws::apigatewayv2::Api;
use infra_gen::aws::lambda::EventSourceMapping;

fn main() {
    let mut template = Template::new("");
    let api = template.add("Api", Api::new());
    EventSourceMapping::new(&api);
}
