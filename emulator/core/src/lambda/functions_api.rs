//! `GET /2015-03-31/functions/…`: what Lambda tells about functions. Read only.

use super::invoke_api::{Refusal, ask, function_name, not_found};
use super::{Lambda, variables};
use crate::http::Request;
use crate::log::Log;
use crate::permissions::{Ask, Permissions};
use crate::sigv4::query;
use crate::topology::Function;
use crate::{CallId, Time};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// What every path begins with.
const FUNCTIONS: &str = "/2015-03-31/functions";
/// Functions of one page.
const PAGE_MAX: usize = 50;

/// What a path asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wish {
    List,
    Function(String),
    Configuration(String),
}

impl Wish {
    fn of(path: &str) -> Option<Self> {
        let rest = path.strip_prefix(FUNCTIONS)?;
        let mut segments = rest.split('/').skip(1);
        let name = segments.next().unwrap_or_default();
        let name = percent_decode_str(name).decode_utf8().ok()?.into_owned();
        match (name.as_str(), segments.next(), segments.next()) {
            ("", None, _) => Some(Self::List),
            ("", Some(_), _) => None,
            (_, None, _) => Some(Self::Function(name)),
            (_, Some("configuration"), None) => Some(Self::Configuration(name)),
            _ => None,
        }
    }
}

impl Lambda {
    /// Answers a question about functions; `since` is when they became what they are.
    pub(crate) fn describe(
        &mut self,
        now: Time,
        since: Time,
        call: CallId,
        request: &Request,
        permissions: &Permissions,
    ) {
        let Some(wish) = Wish::of(&request.path) else {
            return self.refuse(call, &Refusal::unknown_operation(&request.path));
        };
        let asked = match &wish {
            Wish::List => Ask {
                action: "lambda:ListFunctions".into(),
                resource: "*".into(),
                ..Ask::default()
            },
            Wish::Function(name) => ask(&self.topology, "lambda:GetFunction", name, request),
            Wish::Configuration(name) => {
                ask(&self.topology, "lambda:GetFunctionConfiguration", name, request)
            }
        };
        if let Err(refusal) = permissions.authorize(now, request, "lambda", &[asked]) {
            self.tell(Log::denied(request, &refusal));
            let kind = ("x-amzn-ErrorType".to_owned(), refusal.error_type().to_owned());
            return self.answer(call, 403, vec![kind], refusal.rest_body());
        }
        let told = match &wish {
            Wish::List => self.page(since, request),
            Wish::Function(name) => self.find(name).map(|function| {
                let mut told = json!({
                    "Code": { "RepositoryType": "S3" },
                    "Configuration": self.configuration(since, function),
                });
                if let Some(reserved) = function.reserved_concurrency {
                    told["Concurrency"] = json!({ "ReservedConcurrentExecutions": reserved });
                }
                told
            }),
            Wish::Configuration(name) => {
                self.find(name).map(|function| self.configuration(since, function))
            }
        };
        match told {
            Ok(told) => self.answer(call, 200, Vec::new(), told.to_string().into()),
            Err(refusal) => self.refuse(call, &refusal),
        }
    }

    fn find(&self, name: &str) -> Result<&Function, Refusal> {
        let found = function_name(name).and_then(|name| self.topology.functions.get(name));
        let (region, account) = (&self.topology.region, &self.topology.account_id);
        found.ok_or_else(|| not_found(region, account, name))
    }

    /// A marker is the name of the last function of its page.
    fn page(&self, since: Time, request: &Request) -> Result<Value, Refusal> {
        let parameters = query(request);
        let given = |name: &str| parameters.iter().find(|(known, _)| known == name);
        let after = given("Marker").map_or("", |(_, marker)| marker);
        let most = match given("MaxItems").map(|(_, most)| (most, most.parse::<usize>())) {
            None => PAGE_MAX,
            Some((_, Ok(most @ 1..=10_000))) => most.min(PAGE_MAX),
            Some((most, _)) => return Err(Refusal::out_of_range("maxItems", most, 1, 10_000)),
        };
        let mut rest = self.topology.functions.values().filter(|f| f.name.as_str() > after);
        let page: Vec<&Function> = rest.by_ref().take(most).collect();
        let more = rest.next().and(page.last()).map(|function| function.name.as_str());
        let functions = page.iter().map(|function| self.configuration(since, function));
        Ok(json!({ "Functions": functions.collect::<Value>(), "NextMarker": more }))
    }

    fn configuration(&self, since: Time, function: &Function) -> Value {
        let variables = variables::configured(&self.topology, function, &self.domain_name);
        let format = function.log_format.as_deref().unwrap_or("Text");
        let mut told = json!({
            "Architectures": function.architectures,
            "EphemeralStorage": { "Size": 512 },
            "FunctionArn": function.arn,
            "FunctionName": function.name,
            "Handler": function.handler,
            // Lambda writes the offset where others write `Z`.
            "LastModified": since.iso8601().replace('Z', "+0000"),
            "LastUpdateStatus": "Successful",
            "LoggingConfig": { "LogFormat": format, "LogGroup": function.log_group },
            "MemorySize": function.memory_mb,
            "PackageType": "Zip",
            "Role": function.role,
            "Runtime": function.runtime,
            "State": "Active",
            "Timeout": function.timeout.as_secs(),
            "TracingConfig": { "Mode": "PassThrough" },
            "Version": "$LATEST",
        });
        if let Some(level) = &function.log_level {
            told["LoggingConfig"]["ApplicationLogLevel"] = level.as_str().into();
        }
        if !variables.is_empty() {
            told["Environment"] = json!({ "Variables": variables });
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::Wish;

    #[test]
    fn a_path_says_what_is_asked_for() {
        let of = |rest: &str| Wish::of(&format!("/2015-03-31/functions{rest}"));
        assert_eq!(of(""), Some(Wish::List));
        assert_eq!(of("/"), Some(Wish::List));
        assert_eq!(of("/f"), Some(Wish::Function("f".into())));
        let arn = of("/arn%3Aaws%3Alambda%3Ax%3A1%3Afunction%3Af/configuration");
        assert_eq!(arn, Some(Wish::Configuration("arn:aws:lambda:x:1:function:f".into())));
        for other in ["/f/policy", "/f/configuration/x", "//configuration"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
