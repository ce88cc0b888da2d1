//! The trace of an invocation, from X-Ray's words to those of the W3C.

use herald_contract::TraceParent;

/// The `traceparent` of what Lambda calls the trace: `Root=1-5759e988-bd862e3fe1be46a994272793;`
/// `Parent=53995c3f42cd8ad8;Sampled=1` (X-Ray, "Tracing header"). Where there is no parent, the last
/// digits of the root stand for it, since a trace has to begin somewhere.
pub(crate) fn traceparent(header: Option<&str>) -> Option<TraceParent> {
    let header = header?;
    let field = |name: &str| {
        header.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let mut root = field("Root")?.splitn(3, '-');
    let (Some("1"), Some(seconds), Some(random)) = (root.next(), root.next(), root.next()) else {
        return None;
    };
    let trace = format!("{seconds}{random}").to_ascii_lowercase();
    let parent = match field("Parent") {
        Some(parent) => parent.to_ascii_lowercase(),
        None => trace.get(16..)?.to_owned(),
    };
    let sampled = u8::from(field("Sampled") == Some("1"));
    format!("00-{trace}-{parent}-{sampled:02x}").try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, want: &str) {
        let parent = traceparent(Some(header)).map(|parent| parent.to_string());
        assert_eq!(parent.unwrap_or_default(), want);
    }

    #[test]
    fn a_trace_of_x_ray_is_one_of_the_w3c() {
        check(
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
            "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01",
        );
        check(
            "Self=1-00000000-000000000000000000000000;Root=1-5759e988-BD862E3FE1BE46A994272793; Parent=53995c3f42cd8ad8;Sampled=0;Lineage=a:0",
            "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00",
        );
        check(
            "Root=1-5759e988-bd862e3fe1be46a994272793",
            "00-5759e988bd862e3fe1be46a994272793-e1be46a994272793-00",
        );
    }

    #[test]
    fn what_is_no_trace_is_none() {
        for header in ["", "Root=", "Root=1-x", "Root=2-5759e988-bd862e3fe1be46a994272793"] {
            check(header, "");
        }
        check("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=x", "");
    }
}
