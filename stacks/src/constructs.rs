//! Groups of resources that belong together, on top of `infra-gen`'s types.
//!
//! Each takes plain fields, adds its resources to a template and hands out their handles, so that
//! a stack can go on with any of them. None knows which stack it is in. A failure of a resource
//! names the line that uses the construct (`#[track_caller]`, which no closure hands on).

mod api_stage;
mod authorizer;
mod mock_answer;
mod rust_function;
mod web_socket;

pub use api_stage::stage_name;
pub use authorizer::ConnectAuthorizer;
pub use mock_answer::MockAnswer;
pub use rust_function::{FunctionParts, RustFunction, Size};
pub use web_socket::{WebSocket, WebSocketParts};

use infra_gen::aws::ids::FunctionName;
use infra_gen::aws::lambda::Permission;
use infra_gen::iam::{Service, lambda};
use infra_gen::{AnyArn, DeletionPolicy, Options, Val};

/// That a service may invoke a function on behalf of one resource of its own, and of no other
/// (the confused deputy problem).
pub fn may_invoke(
    service: Service,
    function: impl Into<Val<FunctionName>>,
    on_behalf_of: impl Into<Val<AnyArn>>,
) -> Permission {
    Permission {
        source_arn: Some(on_behalf_of.into()),
        ..Permission::new(lambda::INVOKE_FUNCTION.name(), function, service.principal())
    }
}

/// Goes with the stack, and with what it replaces: a log is worth as much as what wrote it.
fn disposable() -> Options {
    Options {
        deletion_policy: Some(DeletionPolicy::Delete),
        update_replace_policy: Some(DeletionPolicy::Delete),
        ..Options::default()
    }
}

/// `$connect` is `Connect`, `job.submit` is `JobSubmit`: words of letters and digits.
fn id_of(route_key: &str) -> String {
    let words = route_key.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .flat_map(|word| {
            let mut chars = word.chars();
            chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars)
        })
        .collect()
}
