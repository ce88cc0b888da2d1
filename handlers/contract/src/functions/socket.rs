//! `socket`: answers the routes of the WebSocket API.

use crate::table::Index;
use crate::{Function, Grant, Spec, TableAction};
use serde::{Deserialize, Serialize};

/// The specification of `socket`.
#[derive(Clone, Copy, Debug)]
pub struct Socket;

impl Spec for Socket {
    const FUNCTION: Function = Function::Socket;
    const GRANTS: &'static [Grant] = &[
        Grant::ManageConnections,
        Grant::Table(TableAction::GetItem),
        Grant::Table(TableAction::Query),
        Grant::Table(TableAction::PutItem),
        Grant::Table(TableAction::UpdateItem),
        Grant::Table(TableAction::DeleteItem),
        Grant::Table(TableAction::ConditionCheckItem),
        Grant::QueryIndex(Index::UserJobs),
    ];
    type Env<T> = SocketEnv<T>;
}

/// The environment of `socket`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub struct SocketEnv<T> {
    /// The table.
    pub table_name: T,
    /// Origins whose pages may connect, with commas between them; without it all may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<T>,
    /// Base URL for PostToConnection where domain name and stage of the event do not make it:
    /// behind a custom domain the path is the mapping key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<T>,
    /// The dimension `stage` of its metrics; without it, it writes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<T>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env;
    use expect_test::expect;

    #[test]
    fn what_the_stack_writes_the_function_reads() {
        let env = SocketEnv {
            table_name: "t".to_owned(),
            allowed_origins: Some("https://app.example.com".to_owned()),
            callback_url: Some("https://ws.example.com/v1".to_owned()),
            stage: Some("prod".to_owned()),
        };
        let json = serde_json::to_value(&env).unwrap();
        expect![[r#"{"ALLOWED_ORIGINS":"https://app.example.com","CALLBACK_URL":"https://ws.example.com/v1","STAGE":"prod","TABLE_NAME":"t"}"#]].assert_eq(&json.to_string());
        let vars = json.as_object().unwrap().iter();
        let vars = vars.map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned()));
        assert_eq!(env::read::<Socket>(vars), Ok(env));
    }

    #[test]
    fn a_setting_that_is_not_made_is_no_variable() {
        let env = SocketEnv {
            table_name: "t".to_owned(),
            allowed_origins: None,
            callback_url: None,
            stage: None,
        };
        expect![[r#"{"TABLE_NAME":"t"}"#]].assert_eq(&serde_json::to_string(&env).unwrap());
        let vars = [("TABLE_NAME".to_owned(), "t".to_owned())];
        assert_eq!(env::read::<Socket>(vars), Ok(env));
    }
}
