//! The node's own TLS: a certificate by ACME from Pebble, a test authority of Let's Encrypt, and one in files.
//!
//! `apt-get install pebble`.

use crate::support::{eventually, tls::Authority};
use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Starts Pebble, which looks for challenges at a port of this machine, whatever the name of the host.
fn start_pebble(folder: &Path, authority: &Authority, directory: u16, challenge: u16) -> Running {
    let (certificate, key) = authority.certificate("localhost", 2020, 2099);
    std::fs::write(folder.join("pebble.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("pebble.key"), key.serialize_pem()).unwrap();
    let management = free_port();
    let config = serde_json::json!({"pebble": {
        "listenAddress": format!("127.0.0.1:{directory}"),
        "managementListenAddress": format!("127.0.0.1:{management}"),
        "certificate": folder.join("pebble.pem"),
        "privateKey": folder.join("pebble.key"),
        "httpPort": 5002,
        "tlsPort": challenge,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": false,
    }});
    let file = folder.join("pebble.json");
    std::fs::write(&file, config.to_string()).unwrap();
    let mut command = Command::new("pebble");
    command
        .args(["-config", file.to_str().unwrap()])
        .env("PEBBLE_VA_NOSLEEP", "1")
        .env("PEBBLE_WFE_NONCEREJECT", "0")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Running(command.spawn().expect("pebble is installed"))
}

fn start_node(folder: &Path) -> Running {
    let config = folder.join("pamphlet.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_pamphlet"));
    command
        .args(["--config", config.to_str().unwrap(), "serve"])
        .current_dir(folder)
        .env_remove("RUST_LOG")
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.join("node.log")).unwrap());
    Running(command.spawn().unwrap())
}

/// Returns a page and the certificate with which it came, once the node has one.
async fn served(url: &str) -> (reqwest::Version, String, Vec<u8>) {
    eventually("the page arrives over TLS", || async {
        let client = reqwest::Client::builder()
            .danger_accept_invalid_certs(true)
            .tls_info(true)
            .no_proxy();
        let response = client.build().unwrap().get(url).send().await.ok()?;
        let info = response.extensions().get::<reqwest::tls::TlsInfo>()?;
        let certificate = info.peer_certificate()?.to_vec();
        let version = response.version();
        Some((version, response.text().await.ok()?, certificate))
    })
    .await
}

#[tokio::test]
async fn a_certificate_is_obtained_by_acme_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let authority = Authority::new();
    let trusted = authority.trusted_by(&folder.join("roots.pem"));
    let (directory, port, plain) = (free_port(), free_port(), free_port());
    let _pebble = start_pebble(folder, &authority, directory, port);
    let config = format!(
        "public_url = \"https://localhost:{port}\"\nlisten = \"127.0.0.1:{port}\"\ndata = \"{}/data\"\ndevelopment = true\n{trusted}\n\
         [tls]\nacme = true\ncontact = \"mailto:admin@example.org\"\ndirectory = \"https://localhost:{directory}/dir\"\n\
         redirect_from = \"127.0.0.1:{plain}\"\n",
        folder.display()
    );
    std::fs::write(folder.join("pamphlet.toml"), config).unwrap();
    let node = start_node(folder);
    let url = format!("https://localhost:{port}/");
    let (version, page, certificate) = served(&url).await;
    assert_eq!(version, reqwest::Version::HTTP_2);
    assert!(page.contains("<html"), "{page}");
    let text = String::from_utf8_lossy(&certificate).into_owned();
    assert!(
        text.contains("Pebble"),
        "the authority's name is in the certificate"
    );

    // Plain HTTP leads there.
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    let client = client.build().unwrap();
    let plain = format!("http://127.0.0.1:{plain}/feed.atom?x=y");
    let redirected = client.get(&plain).send().await.unwrap();
    assert_eq!(redirected.status(), 308);
    assert_eq!(
        redirected.headers()["location"],
        format!("{url}feed.atom?x=y").as_str()
    );
    assert_eq!(client.post(&plain).send().await.unwrap().status(), 403);

    // A client that never completes its handshake does not keep others waiting.
    let _silent: Vec<_> = (0..50)
        .map(|_| std::net::TcpStream::connect(("127.0.0.1", port)).unwrap())
        .collect();
    let (_, _, same) = served(&url).await;
    assert_eq!(same, certificate);

    let mode = std::os::unix::fs::MetadataExt::mode(&folder.join("data/acme").metadata().unwrap());
    assert_eq!(mode & 0o777, 0o700);
    drop(node);
    let _node = start_node(folder);
    let (_, _, kept) = served(&url).await;
    assert_eq!(kept, certificate);
    let log = std::fs::read_to_string(folder.join("node.log")).unwrap();
    assert!(!log.contains("a new TLS certificate"), "{log}");
}

#[tokio::test]
async fn a_certificate_in_files_is_used_and_a_mistake_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let authority = Authority::new();
    let port = free_port();
    let config = format!(
        "public_url = \"https://localhost:{port}\"\nlisten = \"127.0.0.1:{port}\"\ndata = \"{0}/data\"\ndevelopment = true\n\
         [tls]\ncertificate = \"{0}/a.pem\"\nkey = \"{0}/a.key\"\n",
        folder.display()
    );
    std::fs::write(folder.join("pamphlet.toml"), config).unwrap();
    let mut failing = start_node(folder);
    assert!(!failing.0.wait().unwrap().success());
    let log = std::fs::read_to_string(folder.join("node.log")).unwrap();
    assert!(log.contains("a.pem can't be read"), "{log}");

    let (certificate, key) = authority.certificate("localhost", 2020, 2099);
    std::fs::write(folder.join("a.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("a.key"), key.serialize_pem()).unwrap();
    let _node = start_node(folder);
    let (_, page, served) = served(&format!("https://localhost:{port}/")).await;
    assert!(page.contains("<html"), "{page}");
    assert_eq!(served, certificate.der().to_vec());
}
