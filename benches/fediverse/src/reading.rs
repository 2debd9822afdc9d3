//! Asks for one page again and again. It writes the same bytes each time and reads no more of a response than its length,
//! so that the client takes little of the processors that it shares with the server.

use crate::{inbox::seconds_since_1970, load::Outcome};
use serde_json::Value;
use std::{
    fmt::Write as _,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// What is asked for, and how often.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Read {
    connect: SocketAddr,
    host: String,
    path: String,
    #[serde(default)]
    headers: std::collections::BTreeMap<String, String>,
    #[serde(default = "one")]
    connections: usize,
    seconds: f64,
}

fn one() -> usize {
    1
}

/// Reads for some seconds over all connections. Returns the rate and the latencies.
pub(crate) async fn read(read: Read) -> anyhow::Result<Value> {
    let Read { host, path, .. } = &read;
    let mut request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n");
    for (name, value) in &read.headers {
        write!(request, "{name}: {value}\r\n")?;
    }
    request.push_str("\r\n");
    let time = Duration::from_secs_f64(read.seconds);
    let began = seconds_since_1970();
    let start = Instant::now();
    let readers: Vec<_> = (0..read.connections)
        .map(|_| tokio::spawn(ask_until(read.connect, request.clone(), start + time)))
        .collect();
    let mut outcome = Outcome::default();
    for reader in readers {
        outcome.times.extend(reader.await??);
    }
    Ok(outcome.describe(began, start.elapsed()))
}

async fn ask_until(
    address: SocketAddr,
    request: String,
    end: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut times = Vec::new();
    let mut response = Vec::with_capacity(256 * 1024);
    while Instant::now() < end {
        let asked = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        response.clear();
        let mut length = None;
        while length.is_none_or(|length| response.len() < length) {
            let read = stream.read_buf(&mut response).await?;
            anyhow::ensure!(read > 0, "the server closed the connection");
            if length.is_none() {
                length = length_of(&response)?;
            }
        }
        times.push(asked.elapsed());
    }
    Ok(times)
}

/// Returns the length of a response with its head, once the head is there.
fn length_of(response: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(end) = response
        .windows(END_OF_HEAD.len())
        .position(|window| window == END_OF_HEAD)
    else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&response[..end])?.to_ascii_lowercase();
    anyhow::ensure!(head.starts_with("http/1.1 200"), "{head}");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let length = length.ok_or_else(|| anyhow::anyhow!("no content-length: {head}"))?;
    Ok(Some(
        end + END_OF_HEAD.len() + length.trim().parse::<usize>()?,
    ))
}
