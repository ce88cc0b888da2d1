//! The specification of each function: its variables and its rights, one module a function.

mod authorizer;
mod dispatcher;
mod publish;
mod sender;
mod socket;
mod sweeper;
mod worker;

pub use authorizer::{AuthMode, Authorizer, AuthorizerEnv};
pub use dispatcher::{Dispatcher, DispatcherEnv};
pub use publish::{Publish, PublishEnv};
pub use sender::{Sender, SenderEnv};
pub use socket::{Socket, SocketEnv};
pub use sweeper::{Sweeper, SweeperEnv};
pub use worker::{Worker, WorkerEnv};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Grant, Spec, TableAction};
    use std::collections::BTreeSet;

    fn grants<S: Spec>() -> BTreeSet<Grant> {
        let set: BTreeSet<_> = S::GRANTS.iter().copied().collect();
        assert_eq!(set.len(), S::GRANTS.len(), "{}: nothing is granted twice", S::FUNCTION);
        set
    }

    #[test]
    fn who_says_who_may_connect_can_do_nothing_else() {
        assert_eq!(grants::<Authorizer>(), [Grant::Table(TableAction::PutItem)].into());
    }

    #[test]
    fn only_the_dispatcher_reads_the_stream() {
        assert!(grants::<Dispatcher>().contains(&Grant::ReadStream));
        for others in [
            grants::<Socket>(),
            grants::<Worker>(),
            grants::<Sender>(),
            grants::<Publish>(),
            grants::<Sweeper>(),
        ] {
            assert!(!others.contains(&Grant::ReadStream));
        }
    }
}
