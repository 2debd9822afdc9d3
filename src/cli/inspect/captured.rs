//! Reads a captured activity: its JSON alone, an HTTP request as it was sent, or JSON with `headers` and `body`.

use crate::federation::inbox::explain::{Captured, CapturedHead};
use anyhow::{Result, bail};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

/// The path of a request whose capture does not name one.
const DEFAULT_PATH: &str = "/inbox";

/// Reads the content of a file.
///
/// # Errors
/// If it is empty, or begins as a request and is none.
pub(super) fn read(content: &[u8]) -> Result<Captured> {
    let start = content.trim_ascii_start();
    if start.is_empty() {
        bail!(
            "there is nothing to explain: name a file with an activity, or with the request that brought it"
        );
    }
    if let Some(captured) = read_wrapped(content) {
        return Ok(captured);
    }
    if begins_as_request(start) {
        return read_request(start);
    }
    Ok(Captured {
        request: None,
        body: content.to_owned(),
    })
}

/// Reads JSON with the fields `headers` and `body`, and perhaps `method` and `path`.
fn read_wrapped(content: &[u8]) -> Option<Captured> {
    let value: Value = serde_json::from_slice(content).ok()?;
    let given = value.get("headers")?.as_object()?;
    let body = match value.get("body")? {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        for value in values {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            headers.append(name, HeaderValue::from_str(value.as_str()?).ok()?);
        }
    }
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let method = text("method").unwrap_or("POST");
    Some(Captured {
        request: Some(CapturedHead {
            method: Method::from_bytes(method.as_bytes()).ok()?,
            path: text("path").unwrap_or(DEFAULT_PATH).to_owned(),
            headers,
        }),
        body: body.into_bytes(),
    })
}

/// Returns whether the first line is a request line or a header.
fn begins_as_request(content: &[u8]) -> bool {
    let line = content
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line) else {
        return false;
    };
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    line.trim_end().contains(" HTTP/")
        || line.split_once(':').is_some_and(|(name, _)| is_name(name))
}

fn read_request(content: &[u8]) -> Result<Captured> {
    let (head, mut body) = split_head(content);
    let head = std::str::from_utf8(head)
        .map_err(|_| anyhow::anyhow!("the headers of the request are not text"))?;
    let mut lines = head.lines().peekable();
    let (mut method, mut path) = (Method::POST, DEFAULT_PATH.to_owned());
    if let Some(line) = lines.next_if(|line| line.contains(" HTTP/")) {
        let mut words = line.split_whitespace();
        let (first, second) = (words.next(), words.next());
        let parsed = first.and_then(|word| Method::from_bytes(word.as_bytes()).ok());
        let (Some(parsed), Some(target)) = (parsed, second) else {
            bail!("the first line is no request line, such as POST /inbox HTTP/1.1");
        };
        (method, path) = (parsed, target.to_owned());
    }
    let mut headers = HeaderMap::new();
    for line in lines {
        let header = line.split_once(':').and_then(|(name, value)| {
            let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(value.trim()).ok()?))
        });
        let Some((name, value)) = header else {
            let line: String = line.chars().filter(|c| !c.is_control()).take(60).collect();
            bail!(
                "{line:?} is no header of a request: expected NAME: VALUE, and an empty line before the body"
            );
        };
        headers.append(name, value);
    }
    let length = headers
        .get("content-length")
        .and_then(|it| it.to_str().ok()?.parse().ok());
    if let Some(length) = length {
        // An editor may have added the end of a line.
        body = &body[..body.len().min(length)];
    }
    Ok(Captured {
        request: Some(CapturedHead {
            method,
            path,
            headers,
        }),
        body: body.to_owned(),
    })
}

/// Splits a request at its first empty line.
fn split_head(content: &[u8]) -> (&[u8], &[u8]) {
    for end in [b"\r\n\r\n".as_slice(), b"\n\n"] {
        if let Some(at) = content.windows(end.len()).position(|window| window == end) {
            return (&content[..at], &content[at + end.len()..]);
        }
    }
    (content, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_activity_alone_is_kept_byte_for_byte() {
        for text in [
            "{\"type\": \"Like\"}\n",
            "  {}",
            "\"text\"",
            "no JSON at all",
        ] {
            let captured = read(text.as_bytes()).unwrap();
            assert!(captured.request.is_none(), "{text}");
            assert_eq!(captured.body, text.as_bytes());
        }
        assert!(read(b" \n").is_err());
    }

    #[test]
    fn a_request_is_read_with_either_end_of_line() {
        let text = "POST /users/blog/inbox HTTP/1.1\nHost: a.example\nContent-Length: 2\n\n{}\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let captured = read(text.as_bytes()).unwrap();
            let head = captured.request.unwrap();
            assert_eq!(
                (head.path.as_str(), head.headers["host"].to_str().unwrap()),
                ("/users/blog/inbox", "a.example")
            );
            assert_eq!(captured.body, b"{}");
        }
        let captured = read(b"Host: a.example\n\n{}").unwrap();
        assert_eq!(captured.request.unwrap().path, "/inbox");
        assert!(read(b"POST /inbox HTTP/1.1\nno header\n\n{}").is_err());
    }

    #[test]
    fn json_with_headers_and_a_body_is_a_request() {
        let text = br#"{"headers": {"Host": "a.example", "Digest": ["1", "2"]}, "body": "{ }"}"#;
        let captured = read(text).unwrap();
        let head = captured.request.unwrap();
        assert_eq!(head.headers.get_all("digest").iter().count(), 2);
        assert_eq!(captured.body, b"{ }");
    }
}
