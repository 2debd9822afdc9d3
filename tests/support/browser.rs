//! A real browser: Debian's Chromium, steered by WebDriver.

use super::TestNode;
use fantoccini::{Client, ClientBuilder, wd::Capabilities};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A browser with a window of its own; it ends with the value.
pub(crate) struct Browser {
    client: Client,
    pub runs_scripts: bool,
    _driver: Driver,
    _profile: tempfile::TempDir,
}

/// The WebDriver server of one browser, which ends with it.
struct Driver {
    process: Child,
    port: u16,
    session: Option<String>,
}

impl Driver {
    /// Ends the session, and the browser with it: one that is only left alone would run on.
    fn end_session(&self) -> std::io::Result<()> {
        let Some(session) = &self.session else {
            return Ok(());
        };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(
            stream,
            "DELETE /session/{session} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        )?;
        stream.read_to_end(&mut Vec::new()).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.end_session();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl std::ops::Deref for Browser {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Browser {
    /// One with JavaScript for a node on SQLite, one without for a node on PostgreSQL.
    pub(crate) async fn of(node: &TestNode) -> Browser {
        Self::start(node.database_url.starts_with("sqlite:")).await
    }

    /// One with JavaScript.
    pub(crate) async fn with_scripts() -> Browser {
        Self::start(true).await
    }

    async fn start(runs_scripts: bool) -> Browser {
        let mut driver = tokio::task::spawn_blocking(start_driver).await.unwrap();
        let profile = tempfile::tempdir().unwrap();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(profile.path().to_str().unwrap(), runs_scripts))
            .connect(&format!("http://127.0.0.1:{}", driver.port))
            .await
            .unwrap();
        driver.session = client.session_id().await.unwrap();
        Browser {
            client,
            runs_scripts,
            _driver: driver,
            _profile: profile,
        }
    }

    /// The accessibility checker axe must find nothing wrong with the page (WCAG 2.2, A and AA, and good
    /// practice). It is a script itself.
    pub(crate) async fn check_accessibility(&self) {
        if !self.runs_scripts {
            return;
        }
        let checker = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/browser/node_modules/axe-core/axe.min.js"
        );
        let checker = std::fs::read_to_string(checker).expect("tests/browser/install.sh was run");
        self.client.execute(&checker, vec![]).await.unwrap();
        let run = "const done = arguments[arguments.length - 1];
            axe.run().then(result => done(result.violations.flatMap(found =>
                found.nodes.map(node => `${found.id}: ${node.html} ${node.failureSummary}`))));";
        let found = self.client.execute_async(run, vec![]).await.unwrap();
        assert_eq!(
            found,
            json!([]),
            "{}",
            self.client.current_url().await.unwrap()
        );
    }

    /// Shows pages as a screen of this width in CSS pixels does, in light or dark colours.
    pub(crate) async fn emulate(&self, width: u32, dark: bool) {
        let metrics =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// The width of the page's content in CSS pixels: more than the screen's, if it must be scrolled sideways.
    pub(crate) async fn content_width(&self) -> f64 {
        let metrics = self.devtools("Page.getLayoutMetrics", json!({})).await;
        metrics["cssContentSize"]["width"].as_f64().unwrap()
    }

    /// A picture of the whole page, as PNG.
    pub(crate) async fn picture_of_page(&self) -> Vec<u8> {
        let how = json!({"format": "png", "captureBeyondViewport": true});
        let picture = self.devtools("Page.captureScreenshot", how).await;
        let text = picture["data"].as_str().unwrap().as_bytes();
        data_encoding::BASE64.decode(text).unwrap()
    }

    /// Runs a command of the DevTools protocol.
    async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        let command = DevToolsCommand(command, parameters);
        self.client.issue_cmd(command).await.unwrap()
    }

    /// The text that is visible on the page.
    pub(crate) async fn text(&self) -> String {
        let body = self.client.find(fantoccini::Locator::Css("body")).await;
        body.unwrap().text().await.unwrap()
    }

    /// What the browser had to complain of since it was asked last: scripts, loads, the policy of the page.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let log = self.client.issue_cmd(LogCommand).await.unwrap();
        let entries = log.as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

/// Chromium's own command to read its console.
#[derive(Debug)]
struct LogCommand;

impl fantoccini::wd::WebDriverCompatibleCommand for LogCommand {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let body = json!({"type": "browser"}).to_string();
        (http::Method::POST, Some(body))
    }
}

/// A command of the DevTools protocol, with its parameters.
#[derive(Debug)]
struct DevToolsCommand(&'static str, Value);

impl fantoccini::wd::WebDriverCompatibleCommand for DevToolsCommand {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let body = json!({"cmd": self.0, "params": self.1}).to_string();
        (http::Method::POST, Some(body))
    }
}

fn capabilities(profile: &str, javascript: bool) -> Capabilities {
    let switches = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--no-proxy-server",
    ];
    let own = format!("--user-data-dir={profile}");
    let switches: Vec<&str> = switches.into_iter().chain([own.as_str()]).collect();
    let setting = if javascript { 1 } else { 2 };
    let capabilities: Value = json!({
        "browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {
            "binary": "/usr/bin/chromium",
            "args": switches,
            "prefs": {"profile.managed_default_content_settings.javascript": setting}
        }
    });
    serde_json::from_value(capabilities).unwrap()
}

/// Starts a driver. On a busy machine one may give up before it listens.
fn start_driver() -> Driver {
    let started = (0..5).find_map(|_| try_to_start_driver());
    started.expect("chromedriver says its port")
}

fn try_to_start_driver() -> Option<Driver> {
    let mut child = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver can be started");
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut lines = output.lines().map_while(Result::ok);
    let port = lines.find_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    let Some(port) = port else {
        // Its output has ended, and so has the driver.
        let _ = child.wait();
        return None;
    };
    // The rest of its output is read, so that it never blocks.
    std::thread::spawn(move || lines.for_each(drop));
    Some(Driver {
        process: child,
        port,
        session: None,
    })
}
