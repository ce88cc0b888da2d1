// An API has no stream.

use infra_gen::Template;
use infra_gen::aws::apigatewayv2::Api;

fn main() {
    let mut template = Template::new("");
    let api = template.add("Api", Api::new());
    api.stream_arn();
}
