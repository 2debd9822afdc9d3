//! Requests over connections that are kept alive, and how long each takes.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const CONNECTIONS: usize = 64;
const THREADS: usize = 2;
const TIME: Duration = Duration::from_secs(5);
/// Longest answer, in bytes.
pub(crate) const LONGEST: usize = 1024 * 1024;

/// Asks the same again and again over all connections; the rate, and the time of 99 %.
pub(crate) async fn load(address: SocketAddr, request: String) -> (f64, Duration) {
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let request = request.clone();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(ask_all(address, request))
            })
        })
        .collect();
    let joined = tokio::task::spawn_blocking(|| {
        let times = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap());
        times.collect::<Vec<Duration>>()
    });
    let mut times = joined.await.unwrap();
    times.sort_unstable();
    let within = times[times.len() * 99 / 100];
    (times.len() as f64 / TIME.as_secs_f64(), within)
}

async fn ask_all(address: SocketAddr, request: String) -> Vec<Duration> {
    let tasks: Vec<_> = (0..CONNECTIONS / THREADS)
        .map(|_| tokio::spawn(ask(address, request.clone())))
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    times
}

async fn ask(address: SocketAddr, request: String) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answer = vec![0; LONGEST];
    let mut times = Vec::new();
    let start = Instant::now();
    while start.elapsed() < TIME {
        times.push(ask_once(&mut stream, &request, &mut answer).await);
    }
    times
}

/// Asks once; how long it took.
pub(crate) async fn ask_once(stream: &mut TcpStream, request: &str, answer: &mut [u8]) -> Duration {
    let asked = Instant::now();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut have = 0;
    while !is_whole(&answer[..have]) {
        let read = stream.read(&mut answer[have..]).await.unwrap();
        assert!(read > 0, "the node closed the connection");
        have += read;
    }
    assert!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer[..have])
    );
    asked.elapsed()
}

/// Whether an answer with a `content-length` has arrived with its body.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .expect("a content-length");
    answer.len() >= end + 4 + length.trim().parse::<usize>().unwrap()
}
