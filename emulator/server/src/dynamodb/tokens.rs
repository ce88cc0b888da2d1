//! `ClientRequestToken`: a transaction that comes again within ten minutes is not carried out again,
//! but answered as before, also in what it says about consumed capacity.

use super::engine::Answered;
use dynoxide::DynoxideError;
use serde_json::Value;
use std::collections::{HashMap, VecDeque};

const SECONDS: u64 = 600;
/// Beyond these the oldest is forgotten: whoever tries again does so soon.
const TOKENS_MAX: usize = 10_000;

/// The tokens of the last ten minutes.
#[derive(Default)]
pub(super) struct Tokens {
    spent: HashMap<Token, Spent>,
    /// In the order in which they expire.
    expiry: VecDeque<(u64, Token)>,
}

/// Each operation has tokens of its own.
type Token = (&'static str, String);

struct Spent {
    request: Value,
    answer: String,
}

impl Tokens {
    /// Carries out an operation, unless it comes with a token that was spent on it before.
    pub(super) fn once(
        &mut self,
        now: u64,
        operation: &str,
        body: &[u8],
        carry_out: impl FnOnce() -> Answered,
    ) -> Answered {
        let (operation, member) = match operation {
            "ExecuteTransaction" => ("ExecuteTransaction", "TransactStatements"),
            "TransactWriteItems" => ("TransactWriteItems", "TransactItems"),
            _ => return carry_out(),
        };
        // What cannot be read, the engine refuses.
        let mut request: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(token) = request.get("ClientRequestToken").and_then(Value::as_str) else {
            return carry_out();
        };
        let token = (operation, token.to_owned());
        let request = request.get_mut(member).map(Value::take).unwrap_or_default();
        self.forget(now);
        match self.spent.get(&token) {
            Some(spent) if spent.request == request => return Ok(spent.answer.clone()),
            Some(_) => {
                let why = "This token was spent on a request with other parameters.".to_owned();
                return Err(DynoxideError::IdempotentParameterMismatchException(why));
            }
            None => {}
        }
        let answer = carry_out()?;
        if self.expiry.len() >= TOKENS_MAX {
            self.forget_oldest();
        }
        self.expiry.push_back((now + SECONDS, token.clone()));
        self.spent.insert(token, Spent { request, answer: answer.clone() });
        Ok(answer)
    }

    fn forget(&mut self, now: u64) {
        while self.expiry.front().is_some_and(|(expires, _)| *expires <= now) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, token)) = self.expiry.pop_front() {
            self.spent.remove(&token);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SECONDS, TOKENS_MAX, Tokens};

    /// What is answered to a request, which is carried out as the `number`th.
    fn ask(tokens: &mut Tokens, now: u64, token: &str, items: &str, number: u32) -> String {
        let body = format!(r#"{{"ClientRequestToken":"{token}","TransactItems":"{items}"}}"#);
        let answer = tokens
            .once(now, "TransactWriteItems", body.as_bytes(), || Ok(format!("answer {number}")));
        answer.unwrap_or_else(|e| e.to_string())
    }

    #[test]
    fn a_token_is_good_for_one_request_in_ten_minutes() {
        let mut tokens = Tokens::default();
        assert_eq!(ask(&mut tokens, 0, "t", "items", 1), "answer 1");
        assert_eq!(ask(&mut tokens, SECONDS - 1, "t", "items", 2), "answer 1");
        assert!(ask(&mut tokens, SECONDS - 1, "t", "others", 3).contains("other parameters"));
        assert_eq!(ask(&mut tokens, SECONDS - 1, "u", "items", 4), "answer 4");
        assert_eq!(ask(&mut tokens, SECONDS, "t", "others", 5), "answer 5");
    }

    #[test]
    fn the_number_of_tokens_is_bounded() {
        let mut tokens = Tokens::default();
        for number in 0..=TOKENS_MAX {
            ask(&mut tokens, 0, &number.to_string(), "items", 1);
        }
        assert_eq!((tokens.spent.len(), tokens.expiry.len()), (TOKENS_MAX, TOKENS_MAX));
        assert_eq!(ask(&mut tokens, 0, "1", "items", 2), "answer 1");
        assert_eq!(ask(&mut tokens, 0, "0", "items", 2), "answer 2");
    }

    #[test]
    fn what_fails_spends_no_token() {
        let mut tokens = Tokens::default();
        let body = br#"{"ClientRequestToken":"t","TransactItems":[]}"#;
        let failed = tokens.once(0, "TransactWriteItems", body, || {
            Err(dynoxide::DynoxideError::ValidationException("no".to_owned()))
        });
        assert!(failed.is_err());
        let answer = tokens.once(0, "TransactWriteItems", body, || Ok("yes".to_owned()));
        assert_eq!(answer.unwrap(), "yes");
    }
}
