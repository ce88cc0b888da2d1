// It is WEBSOCKET, and there is a variant for it.

use infra_gen::aws::apigatewayv2::Api;
use infra_gen::some;

fn main() {
    Api { protocol_type: some("WEBSCKET"), ..Api::new() };
}
