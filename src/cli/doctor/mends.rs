//! The lines that mend the configuration of a front end: a web server or proxy before the node.

/// The front end, as its responses name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrontEnd {
    Nginx,
    Caddy,
    Apache,
    Cloudflare,
    Unknown,
}

impl FrontEnd {
    /// Recognizes a front end by the headers `Server` and `Via`.
    pub(super) fn named(text: &str) -> FrontEnd {
        let text = text.to_ascii_lowercase();
        let known = [
            ("cloudflare", FrontEnd::Cloudflare),
            ("nginx", FrontEnd::Nginx),
            ("openresty", FrontEnd::Nginx),
            ("caddy", FrontEnd::Caddy),
            ("apache", FrontEnd::Apache),
        ];
        let found = known.iter().find(|(name, _)| text.contains(name));
        found.map_or(FrontEnd::Unknown, |(_, front)| *front)
    }

    /// Returns the lines that mend a fault; those of each known front end if it is not known which one this is.
    pub(super) fn mend(self, fault: Fault) -> String {
        let lines = fault.lines();
        match self {
            FrontEnd::Nginx => format!("nginx: {}", lines[0]),
            FrontEnd::Caddy => format!("Caddy: {}", lines[1]),
            FrontEnd::Apache => format!("Apache: {}", lines[2]),
            FrontEnd::Cloudflare => format!("Cloudflare: {}", lines[4]),
            FrontEnd::Unknown => format!(
                "nginx: {}\nCaddy: {}\nApache: {}\nHAProxy: {}",
                lines[0], lines[1], lines[2], lines[3]
            ),
        }
    }
}

/// A fault of a front end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Host,
    Header,
    Path,
    Body,
    BodyLimit,
    ForwardedFor,
    Cache,
    Redirect,
    Http2,
    Encoding,
    Upstream,
    Chain,
    Blocked,
}

impl Fault {
    /// Returns the lines for nginx, Caddy, Apache, HAProxy and Cloudflare.
    fn lines(self) -> [&'static str; 5] {
        match self {
            Fault::Host => [
                "proxy_set_header Host $http_host;",
                "remove `header_up Host` from reverse_proxy",
                "ProxyPreserveHost On",
                "remove `http-request set-header Host`",
                "remove the rule that overrides the Host header",
            ],
            Fault::Header => [
                "remove the `proxy_set_header` of this header, and `proxy_pass_request_headers off`",
                "remove the `header_up` of this header from reverse_proxy",
                "remove the `RequestHeader` of this header",
                "remove the `http-request set-header`, `add-header` or `del-header` of this header",
                "remove the transform rule of this header",
            ],
            Fault::Path => [
                "proxy_pass http://127.0.0.1:8080; (without a path, not even a slash)",
                "use reverse_proxy without `uri`, `rewrite` and `handle_path`",
                "ProxyPass / http://127.0.0.1:8080/ nocanon",
                "remove `http-request set-path` and `replace-path`",
                "remove the rewrite rule",
            ],
            Fault::Body => [
                "remove what rewrites request bodies (njs, lua, mod_security)",
                "remove the module that rewrites request bodies",
                "remove the input filters: `SetInputFilter`",
                "remove what rewrites request bodies (lua, compression of requests)",
                "exclude the inboxes from the rule that changes bodies",
            ],
            Fault::BodyLimit => [
                "client_max_body_size 2m;",
                "request_body { max_size 2MB }",
                "LimitRequestBody 2097152 (with mod_security: SecRequestBodyLimit 2097152)",
                "remove the rule with `req.body_size`, or let it be 2097152",
                "exclude the inboxes from the rule that limits bodies",
            ],
            Fault::ForwardedFor => [
                "proxy_set_header X-Forwarded-For $remote_addr;",
                "header_up X-Forwarded-For {remote_host}",
                "RequestHeader unset X-Forwarded-For (mod_proxy then adds the address itself)",
                "http-request set-header X-Forwarded-For %[src]",
                "leave it to Cloudflare, and set real_ip_header in the web server behind it",
            ],
            Fault::Cache => [
                "remove `proxy_cache` and `proxy_ignore_headers Vary` for this site",
                "remove the cache module for this site",
                "remove `CacheEnable` for this site",
                "remove `http-request cache-use` for this site",
                "remove the rule \"Cache everything\", or exclude /users, /articles, /actor and /notes from it",
            ],
            Fault::Redirect => [
                "serve the host of public_url itself, and redirect only other names: return 301 https://HOST$request_uri;",
                "serve the host of public_url itself, and redirect only other names: redir https://HOST{uri} permanent",
                "serve the host of public_url itself, and redirect only other names: Redirect permanent / https://HOST/",
                "http-request redirect scheme https code 301 unless { ssl_fc }",
                "turn \"Always Use HTTPS\" on, and remove other redirect rules",
            ],
            Fault::Http2 => [
                "listen 443 ssl http2;",
                "remove `protocols h1` from the global option servers",
                "Protocols h2 http/1.1",
                "bind :443 ssl crt FILE alpn h2,http/1.1",
                "look for the setting HTTP/2 of the zone",
            ],
            Fault::Encoding => [
                "remove `gzip_proxied`, `gunzip` and `add_header Content-Encoding` for this site",
                "remove `header Content-Encoding` for this site",
                "remove `Header set Content-Encoding` and `SetOutputFilter DEFLATE` for this site",
                "remove `compression` for this site",
                "remove the compression rule",
            ],
            Fault::Upstream => [
                "proxy_pass http://127.0.0.1:8080; (the address that the node listens on)",
                "reverse_proxy 127.0.0.1:8080 (the address that the node listens on)",
                "ProxyPass / http://127.0.0.1:8080/ nocanon (the address that the node listens on)",
                "server node 127.0.0.1:8080 (the address that the node listens on)",
                "let the DNS record lead to the machine of the node",
            ],
            Fault::Chain => [
                "ssl_certificate /etc/letsencrypt/live/HOST/fullchain.pem; (not cert.pem)",
                "tls /path/fullchain.pem /path/key.pem, or no `tls` at all",
                "SSLCertificateFile /etc/letsencrypt/live/HOST/fullchain.pem (not cert.pem)",
                "bind :443 ssl crt FILE, where FILE has the certificate, its chain and the key",
                "renew the edge certificate",
            ],
            Fault::Blocked => [
                "allow POST to /inbox and /users/NAME/inbox: look for `limit_except`, `deny` and `auth_basic`",
                "allow POST to /inbox and /users/NAME/inbox: look for `respond` and `basic_auth`",
                "allow POST to /inbox and /users/NAME/inbox: look for `Require`, `Limit` and mod_security",
                "allow POST to /inbox and /users/NAME/inbox: look for `http-request deny`",
                "exclude /inbox and /users from \"Bot Fight Mode\" and from challenges",
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_front_end_gets_its_own_line() {
        let front = FrontEnd::named("nginx/1.22.1");
        assert_eq!(
            front.mend(Fault::Host),
            "nginx: proxy_set_header Host $http_host;"
        );
        let unknown = FrontEnd::named("").mend(Fault::Host);
        assert_eq!(unknown.lines().count(), 4);
    }
}
