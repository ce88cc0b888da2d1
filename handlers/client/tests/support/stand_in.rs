/// A service that answers one request, whatever it is.
struct StandIn {
    url: String,
    request: std::thread::JoinHandle<String>,
}

impl StandIn {
    fn answering(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        use std::io::{Read as _, Write as _};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let headers: String = headers.iter().map(|(k, v)| format!("{k}: {v}\r\n")).collect();
        let answer = format!(
            "HTTP/1.1 {status} -\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
            body.len()
        );
        let request = std::thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            let mut request = Vec::new();
            let is_whole = |request: &[u8]| {
                let text = String::from_utf8_lossy(request).to_lowercase();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                length.is_none_or(|length| body.len() >= length.parse().unwrap())
            };
            while !is_whole(&request) {
                let mut part = [0; 4096];
                let read = stream.read(&mut part).unwrap();
                assert_ne!(read, 0, "the request ends in the middle");
                request.extend_from_slice(&part[..read]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(request).unwrap()
        });
        Self { url, request }
    }

    fn client(&self) -> herald_client::Client {
        let keys = herald_client::Credentials::new("test", "test", None, None, "test");
        let provider = herald_client::SharedCredentialsProvider::new(keys);
        let mut config = herald_client::Config::new("eu-central-1", provider);
        config.endpoint_url = Some(self.url.clone());
        herald_client::Client::new(config)
    }

    fn publisher(&self) -> herald_client::Publisher {
        herald_client::Publisher::new(self.client(), "herald-dev-publish")
    }

    /// The request that came.
    fn request(self) -> String {
        self.request.join().unwrap()
    }
}
