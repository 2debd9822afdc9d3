//! A mail server (tests/peers/python/smtp.py), and the mails that it received.

use super::{TestNode, eventually, foreign_server::installed};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The server that all tests share. Each test has recipients of its own.
pub(crate) struct Smtp {
    /// `127.0.0.1:PORT`.
    pub address: String,
    received: Arc<Mutex<Vec<Value>>>,
    /// It ends when its input is closed, which also happens when the tests are killed.
    _process: Child,
}

/// Returns the server, which the first call starts.
pub(crate) fn server() -> &'static Smtp {
    static SERVER: OnceLock<Smtp> = OnceLock::new();
    SERVER.get_or_init(start)
}

fn start() -> Smtp {
    let folder = installed("python");
    let mut process = Command::new(folder.join(".venv/bin/python"))
        .arg("smtp.py")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let received: Arc<Mutex<Vec<Value>>> = Arc::default();
    let more = received.clone();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            more.lock()
                .unwrap()
                .push(serde_json::from_str(&line).unwrap());
        }
    });
    Smtp {
        address: first.strip_prefix("READY ").unwrap().to_owned(),
        received,
        _process: process,
    }
}

/// Returns an address that no other test uses.
pub(crate) fn new_address(user: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!("{user}-{}@mail.test", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Returns the table `[mail]` for a node with an admin of its own.
pub(crate) fn table() -> String {
    format!(
        "[mail]\nserver = \"smtp://{}\"\nfrom = \"Die Bl\u{e4}tter, t\u{e4}glich <blog@mail.test>\"\n\
         admin = [\"\u{c5}sa <{}>\"]\n",
        server().address,
        new_address("admin"),
    )
}

/// Returns the mails to an address.
pub(crate) fn mails_to(address: &str) -> Vec<Value> {
    let mut all = server().received.lock().unwrap().clone();
    all.retain(|mail| mail["to"][0] == address);
    all
}

/// Waits until an address received this many mails of a node. Returns all of them.
pub(crate) async fn wait_for(node: &TestNode, address: &str, count: usize) -> Vec<Value> {
    // On PostgreSQL, the inbox does not wake the node.
    node.node.store.wake();
    eventually(&format!("{count} mails arrive at {address}"), || async {
        let mails = mails_to(address);
        (mails.len() >= count).then_some(mails)
    })
    .await
}

/// Returns a header of a mail, decoded. The mail must not have it twice.
pub(crate) fn header<'a>(mail: &'a Value, name: &str) -> &'a str {
    let headers = mail["headers"].as_array().unwrap().iter();
    let found: Vec<&Value> = headers.filter(|header| header[0] == name).collect();
    assert!(found.len() < 2, "{name} twice: {mail}");
    found
        .first()
        .map_or("", |header| header[1].as_str().unwrap())
}

/// Returns the text of a mail.
pub(crate) fn text(mail: &Value) -> &str {
    mail["text"].as_str().unwrap()
}

/// Returns the first word of a mail's text with this beginning.
pub(crate) fn link(mail: &Value, beginning: &str) -> String {
    let word = text(mail)
        .split_whitespace()
        .find(|word| word.starts_with(beginning));
    word.unwrap_or_else(|| panic!("no {beginning} in {mail}"))
        .to_owned()
}

impl TestNode {
    /// Returns the email address of the admin of this node.
    pub(crate) fn admin_address(&self) -> String {
        let full = &self.node.config.mail.admin[0];
        full.split_once('<')
            .unwrap()
            .1
            .trim_end_matches('>')
            .to_owned()
    }
}
