//! Against the example requests that AWS publishes for Signature Version 4.

use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// 2015-08-30T12:36:00Z, the time of the examples.
const NOW: Time = Time(1_440_938_160_000);

fn secret_of(id: &str) -> Option<String> {
    (id == "AKIDEXAMPLE").then(|| SECRET.to_owned())
}

/// A request of the examples; `signature` is theirs.
fn example(method: &str, path: &str, query: &str, signature: &str) -> http::Request {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature={signature}"
    );
    http::Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: (!query.is_empty()).then(|| query.to_owned()),
        headers: vec![
            ("Host".to_owned(), "example.amazonaws.com".to_owned()),
            ("X-Amz-Date".to_owned(), "20150830T123600Z".to_owned()),
            ("Authorization".to_owned(), authorization),
        ],
        ..http::Request::default()
    }
}

const VANILLA: &str = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

#[test]
fn the_published_examples_verify() {
    for (method, query, signature) in [
        ("GET", "", VANILLA),
        (
            "GET",
            "Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        ("POST", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ] {
        let signer = verify(&example(method, "/", query, signature), NOW, secret_of);
        let signer = signer.unwrap_or_else(|e| panic!("{method} {query}: {e}"));
        assert_eq!(
            (signer.access_key_id.as_str(), signer.service.as_str()),
            ("AKIDEXAMPLE", "service")
        );
    }
}

#[test]
fn anything_signed_that_is_changed_no_longer_verifies() {
    let changed: [fn(&mut http::Request); 5] = [
        |r| r.method = "PUT".to_owned(),
        |r| r.path = "/other".to_owned(),
        |r| r.query = Some("a=b".to_owned()),
        |r| r.body = "x".into(),
        |r| r.headers[0].1 = "elsewhere".to_owned(),
    ];
    for change in changed {
        let mut request = example("GET", "/", "", VANILLA);
        change(&mut request);
        let refusal = verify(&request, NOW, secret_of).unwrap_err();
        assert_eq!(refusal.error_type(), "InvalidSignatureException", "{request:?}");
    }
}

#[test]
fn a_mismatch_quotes_what_should_have_been_signed() {
    let path = "/dev/@connections/AbC%3D";
    let refusal = verify(&example("POST", path, "", VANILLA), NOW, secret_of).unwrap_err();
    let said = refusal.to_string();
    assert!(said.starts_with("The request signature we calculated does not match"), "{said}");
    assert!(
        said.contains("'POST\n/dev/%40connections/AbC%253D\n\nhost:example.amazonaws.com\n"),
        "{said}"
    );
}

#[test]
fn refusals_say_what_is_missing() {
    let refused = |change: fn(&mut http::Request)| {
        let mut request = example("GET", "/", "", VANILLA);
        change(&mut request);
        verify(&request, NOW, secret_of).unwrap_err()
    };
    assert_eq!(refused(|r| r.headers.clear()), Refusal::Unsigned);
    assert_eq!(refused(|r| r.headers[2].1 = "Bearer x".to_owned()), Refusal::Unsigned);
    for (change, said) in [
        (
            (|r: &mut http::Request| drop(r.headers.remove(1))) as fn(&mut http::Request),
            "X-Amz-Date",
        ),
        (|r| r.headers[1].1 = "yesterday".to_owned(), "not a valid X-Amz-Date"),
        (|r| r.headers[2].1 = r.headers[2].1.replace("Signature=", "Sig="), "'Signature'"),
        (|r| r.headers[2].1 = r.headers[2].1.replace("/service", ""), "exactly 5 slash-delimited"),
    ] {
        let refusal = refused(change);
        assert_eq!(refusal.error_type(), "IncompleteSignatureException");
        assert!(refusal.to_string().contains(said), "{refusal}");
    }
    assert_eq!(
        refused(|r| r.headers[2].1 = r.headers[2].1.replace("AKID", "AKIX")),
        Refusal::UnknownKey
    );
}

#[test]
fn a_signature_lives_five_minutes() {
    let request = example("GET", "/", "", VANILLA);
    for (now, holds) in [
        (Time(NOW.0 + 300_000), true),
        (Time(NOW.0 + 301_000), false),
        (Time(NOW.0 - 300_000), true),
        (Time(NOW.0 - 301_000), false),
    ] {
        assert_eq!(verify(&request, now, secret_of).is_ok(), holds, "{now:?}");
    }
}

/// The example of "Authenticating Requests: Using Query Parameters", whose service is S3: its path
/// has nothing to encode, and its payload is left unsigned by a header here.
#[test]
fn a_presigned_url_verifies_until_it_expires() {
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
        &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
        &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    let request = http::Request {
        method: "GET".to_owned(),
        path: "/test.txt".to_owned(),
        query: Some(query.to_owned()),
        headers: vec![
            ("host".to_owned(), "examplebucket.s3.amazonaws.com".to_owned()),
            ("x-amz-content-sha256".to_owned(), "UNSIGNED-PAYLOAD".to_owned()),
        ],
        ..http::Request::default()
    };
    let secret = |_: &str| Some("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned());
    let signed_at = Time(1_369_353_600_000);
    verify(&request, Time(signed_at.0 + 86_400_000), secret).unwrap_or_else(|e| panic!("{e}"));
    let late = verify(&request, Time(signed_at.0 + 86_401_000), secret).unwrap_err();
    assert!(matches!(late, Refusal::Expired { .. }), "{late}");
}

/// Requests with the body `hello`, recorded from clients with the keys `test`/`test`.
fn recorded(lines: &str) -> http::Request {
    let mut lines = lines.lines().map(str::trim);
    let (method, path) = lines.next().and_then(|line| line.split_once(' ')).unwrap();
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    http::Request {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: "hello".into(),
        ..http::Request::default()
    }
}

const BOTOCORE: &str = "POST /dev/@connections/AbC_-1%3D
    Host: 127.0.0.1:4777
    X-Amz-Date: 20261124T154602Z
    Authorization: AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=bb48457ca7268706c5789d87d39e5e568de9f12d5cb24c5fe2aeb0f698017fea
    amz-sdk-invocation-id: ab59edf4-dd30-4207-8cdb-07d12d99a657";

const JAVASCRIPT: &str = "POST /dev/@connections/AbC_-1%3D
    content-type: application/octet-stream
    content-length: 5
    x-amz-user-agent: aws-sdk-js/3.1168.0
    host: 127.0.0.1:4778
    amz-sdk-invocation-id: 41fa2c5e-f76f-464b-bd88-0c54ad00e0d2
    amz-sdk-request: attempt=1; max=3
    x-amz-date: 20261124T154620Z
    x-amz-content-sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
    authorization: AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/execute-api/aws4_request, SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-user-agent, Signature=d545f6b6126f9ce40e829c0292fb238c27f4121ae707181de387ca493ff45570";

const CURL_7_88: &str = "POST /dev/@connections/AbC_-1%3D
    Host: 127.0.0.1:4777
    Authorization: AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=a5e4636af01de54b636424e5155a54ff50ada72e8180291bba97f8553679c12c
    X-Amz-Date: 20261124T154603Z
    Content-Type: application/x-www-form-urlencoded";

/// 2026-11-24T15:46:20Z, when the last of them was recorded.
const RECORDED: Time = Time(1_795_535_180_000);

#[test]
fn requests_verify_as_clients_send_them() {
    let test = |id: &str| (id == "test").then(|| "test".to_owned());
    for (client, request) in [("botocore", BOTOCORE), ("JavaScript", JAVASCRIPT)] {
        let signer = verify(&recorded(request), RECORDED, test);
        let signer = signer.unwrap_or_else(|e| panic!("{client}: {e}"));
        assert_eq!(signer.service, "execute-api");
    }
    // A header that tells the hash of the body does not stand for the body.
    let changed = http::Request { body: "other".into(), ..recorded(JAVASCRIPT) };
    assert!(verify(&changed, RECORDED, test).is_err());
    assert!(verify(&recorded(CURL_7_88), RECORDED, test).is_err());
    assert!(verify_path_as_sent(&recorded(CURL_7_88), RECORDED, test).is_ok());
}

#[test]
fn times_are_told_as_aws_tells_them() {
    let request = example("GET", "/", "", VANILLA);
    let told = |now| verify(&request, now, secret_of).unwrap_err().to_string();
    assert_eq!(
        told(Time(NOW.0 + 360_000)),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z (20150830T124200Z - 5 min.)"
    );
    assert_eq!(
        told(Time(NOW.0 - 360_000)),
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123500Z (20150830T123000Z + 5 min.)"
    );
}
