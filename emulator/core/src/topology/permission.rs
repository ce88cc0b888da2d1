//! Resource-based permissions of functions (`AWS::Lambda::Permission`).

use crate::wildcard;

/// One statement of a function's resource-based policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permission {
    /// `Principal`: a service, an account or `*`.
    pub principal: String,
    /// `Action`.
    pub action: String,
    /// `SourceArn`, which may hold `*` and `?`.
    pub source_arn: Option<String>,
    /// `SourceAccount`.
    pub source_account: Option<String>,
}

impl Permission {
    /// Whether API Gateway, acting for `source_arn` in `account`, may invoke the function.
    pub fn admits_gateway(&self, source_arn: &str, account: &str) -> bool {
        self.admits("apigateway.amazonaws.com", source_arn, account)
    }

    /// Whether this service, acting for `source_arn` in `account`, may invoke the function.
    pub fn admits(&self, service: &str, source_arn: &str, account: &str) -> bool {
        let principal = self.principal == service || self.principal == "*";
        let action = wildcard::matches_ignoring_case(&self.action, "lambda:InvokeFunction");
        let arn =
            self.source_arn.as_deref().is_none_or(|pattern| wildcard::matches(pattern, source_arn));
        let account = self.source_account.as_deref().is_none_or(|wanted| wanted == account);
        principal && action && arn && account
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source_arn: Option<&str>, admitted: &[&str], refused: &[&str]) {
        let permission = Permission {
            principal: "apigateway.amazonaws.com".into(),
            action: "lambda:InvokeFunction".into(),
            source_arn: source_arn.map(Into::into),
            source_account: None,
        };
        for arn in admitted {
            assert!(permission.admits_gateway(arn, "1"), "{arn} must be admitted");
        }
        for arn in refused {
            assert!(!permission.admits_gateway(arn, "1"), "{arn} must be refused");
        }
    }

    #[test]
    fn source_arn_may_hold_wildcards() {
        let connect = "arn:aws:execute-api:eu-central-1:1:api/dev/$connect";
        let other = "arn:aws:execute-api:eu-central-1:1:api/prod/$default";
        check(None, &[connect, other], &[]);
        check(Some("arn:aws:execute-api:eu-central-1:1:api/*"), &[connect, other], &[]);
        check(Some("arn:aws:execute-api:eu-central-1:1:api/*/$connect"), &[connect], &[other]);
        check(Some(connect), &[connect], &[other]);
        check(Some("arn:aws:execute-api:eu-central-1:1:other/*"), &[], &[connect, other]);
    }
}
