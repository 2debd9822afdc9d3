//! Imports into a bucket that has files of another node: what an import stored that failed or was interrupted
//! is removed, and nothing else is replaced or removed.

use crate::{
    buckets::{Service, client},
    support::{Database, TestNode, both_databases, eventually, node::pamphlet, postgres, sql},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use regex::Regex;
use rstest_reuse::apply;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tempfile::TempDir;

/// The treatment of uploads by a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Uploads {
    Pass,
    /// All after so many are refused.
    Refuse(usize),
    /// All after so many get no answer.
    Hold(usize),
}

struct Gated {
    upstream: String,
    client: reqwest::Client,
    rule: Mutex<Uploads>,
    uploads: AtomicUsize,
}

/// A proxy before the service of a bucket.
struct Gate {
    origin: String,
    gated: Arc<Gated>,
}

impl Gate {
    async fn start(upstream: &str) -> Gate {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let gated = Arc::new(Gated {
            upstream: upstream.to_owned(),
            client: client(),
            rule: Mutex::new(Uploads::Pass),
            uploads: AtomicUsize::new(0),
        });
        let router = Router::new().fallback(pass).with_state(gated.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Gate { origin, gated }
    }

    /// Treats uploads so from now on, and counts them from the beginning.
    fn set(&self, rule: Uploads) {
        *self.gated.rule.lock().unwrap() = rule;
        self.gated.uploads.store(0, Ordering::SeqCst);
    }

    fn uploads(&self) -> usize {
        self.gated.uploads.load(Ordering::SeqCst)
    }
}

async fn pass(State(gated): State<Arc<Gated>>, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    let body = to_bytes(body, 16 * 1024 * 1024).await.unwrap();
    if head.method == Method::PUT {
        let earlier = gated.uploads.fetch_add(1, Ordering::SeqCst);
        let rule = *gated.rule.lock().unwrap();
        match rule {
            Uploads::Refuse(most) if earlier >= most => {
                return StatusCode::FORBIDDEN.into_response();
            }
            Uploads::Hold(most) if earlier >= most => std::future::pending::<()>().await,
            _ => {}
        }
    }
    let path = head.uri.path_and_query().unwrap().as_str();
    let url = format!("{}{path}", gated.upstream);
    for name in ["host", "content-length"] {
        head.headers.remove(name);
    }
    let request = gated.client.request(head.method, url);
    let sent = request.headers(head.headers).body(body).send().await;
    let Ok(response) = sent else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (status, mut headers) = (response.status(), response.headers().clone());
    for name in ["connection", "transfer-encoding"] {
        headers.remove(name);
    }
    let bytes = response.bytes().await.unwrap();
    (status, headers, Body::from(bytes)).into_response()
}

/// Returns the configuration of a bucket's folder.
fn media(origin: &str, prefix: &str) -> String {
    format!(
        "[media]\nstore = \"s3://files/{prefix}\"\nendpoint = \"{origin}\"\n\
         access_key_id = \"id\"\nsecret_access_key = \"secret\"\n"
    )
}

/// Returns the files in a folder of the bucket, by their names. A key that is there twice fails.
async fn stored(service: &Service, prefix: &str) -> BTreeMap<String, Vec<u8>> {
    let (status, list) = service.get(&format!("?list-type=2&prefix={prefix}/")).await;
    let list = String::from_utf8(list).unwrap();
    assert_eq!(status, 200, "{list}");
    let key = Regex::new("<Key>([^<]*)</Key>").unwrap();
    let mut files = BTreeMap::new();
    for found in key.captures_iter(&list) {
        let (status, bytes) = service.get(&format!("/{}", &found[1])).await;
        assert_eq!(status, 200, "{}", &found[1]);
        let name = found[1].strip_prefix(&format!("{prefix}/")).unwrap();
        assert!(files.insert(name.to_owned(), bytes).is_none(), "{list}");
    }
    files
}

/// Stores a file in the bucket, as another node does.
async fn put(service: &Service, key: &str, content: &[u8]) {
    let url = service.url(&format!("/{key}"));
    let sent = client().put(url).body(content.to_vec()).send().await;
    assert!(sent.unwrap().status().is_success());
}

/// Returns the files in a folder, by their names.
fn exported(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect()
}

/// The place of an import: a database of its own, and media behind a gate.
struct Place {
    folder: TempDir,
    url: String,
    config: PathBuf,
}

impl Place {
    async fn new(database: Database, like: &TestNode, media: &str) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let url = match database {
            Database::Sqlite => format!("sqlite://{}/other.sqlite", folder.path().display()),
            Database::Postgres => postgres::new_database().await,
        };
        let config = folder.path().join("pamphlet.toml");
        let text = std::fs::read_to_string(&like.config_file).unwrap();
        let (text, _) = text.split_once("[media]").unwrap();
        let text = text.replace(&like.database_url, &url).replace(
            &like.folder.path().display().to_string(),
            &folder.path().display().to_string(),
        );
        std::fs::write(&config, text + media).unwrap();
        Place {
            folder,
            url,
            config,
        }
    }

    async fn import(&self, site: &Path) -> Output {
        let (config, folder) = (self.config.clone(), self.folder.path().to_owned());
        let site = site.display().to_string();
        let arguments = ["import", "site", &site, "--json"].map(str::to_owned);
        tokio::task::spawn_blocking(move || pamphlet(&config, &folder, &arguments))
            .await
            .unwrap()
    }

    /// Begins to import, and presses Ctrl-C once an upload gets no answer.
    async fn interrupt_import(&self, site: &Path, gate: &Gate, passed: usize) {
        // A shell that runs the tests in the background may have them ignore Ctrl-C.
        let mut child = Command::new("env")
            .args(["--default-signal=INT", env!("CARGO_BIN_EXE_pamphlet")])
            .arg("--config")
            .arg(&self.config)
            .args(["import", "site"])
            .arg(site)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        eventually("an upload waits", || async {
            (gate.uploads() > passed).then_some(())
        })
        .await;
        let process = child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &process]).status();
        assert!(sent.unwrap().success());
        let status = eventually("the import ends", || {
            let ended = child.try_wait().unwrap();
            async move { ended }
        })
        .await;
        assert!(!status.success());
    }

    /// Imports everything.
    async fn import_whole(&self, site: &Path, files: usize) {
        let imported = self.import(site).await;
        let complaint = String::from_utf8_lossy(&imported.stderr).into_owned();
        assert!(imported.status.success(), "{complaint}");
        let report: Value = serde_json::from_slice(&imported.stdout).unwrap();
        assert_eq!(report["media"], files, "{report}");
        assert_eq!(report["tables"]["articles"], 1, "{report}");
    }

    /// Returns the names of temporary files and folders that are left.
    fn temporary_files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .filter(|name| name.starts_with(".pamphlet-"))
            .collect()
    }

    async fn has_no_articles(&self) -> bool {
        sql::number(&self.url, "SELECT COUNT(*) FROM articles").await == Some(0)
    }
}

#[apply(both_databases)]
async fn a_failed_import_leaves_the_bucket_as_it_was_and_the_next_one_succeeds(
    #[case] database: Database,
) {
    let service = Service::start().await;
    let gate = Gate::start(&service.origin).await;
    let node = TestNode::start_with(database, &media(&service.origin, "former")).await;
    let mut text = "---\ntitle: Pictures\nslug: pictures\n---\n".to_owned();
    for shade in 1..=5 {
        let path = node.folder.path().join(format!("{shade}.png"));
        image::RgbImage::from_pixel(20, 20, image::Rgb([shade * 40, 99, 199]))
            .save(path)
            .unwrap();
        text += &format!("\n![A picture]({shade}.png)\n");
    }
    node.publish(&text).await;
    node.admin(&["export", "site", "site", "--with-keys"]).await;
    let archive = ["export", "site", "site.tar.gz", "--with-keys"];
    node.admin(&archive).await;
    let site = node.folder.path().join("site");
    let archive = node.folder.path().join("site.tar.gz");
    let files = exported(&site.join("static/media"));
    assert!(files.len() >= 5);
    assert_eq!(stored(&service, "former").await, files);

    // A new folder of the bucket, in which another node has the file that is stored second.
    let (shared, content) = files.iter().nth(1).unwrap();
    put(&service, &format!("new/{shared}"), content).await;
    let before = stored(&service, "new").await;
    let place = Place::new(database, &node, &media(&gate.origin, "new")).await;
    gate.set(Uploads::Refuse(3));
    let refused = place.import(&site).await;
    let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{complaint}");
    assert!(complaint.contains("in the media bucket"), "{complaint}");
    assert_eq!(gate.uploads(), 4, "it ended with the first failure");
    assert!(place.has_no_articles().await);
    assert_eq!(stored(&service, "new").await, before);

    gate.set(Uploads::Hold(3));
    place.interrupt_import(&archive, &gate, 3).await;
    assert!(place.has_no_articles().await);
    assert_eq!(stored(&service, "new").await, before);
    assert_eq!(place.temporary_files(), [] as [String; 0]);

    gate.set(Uploads::Pass);
    place.import_whole(&site, files.len()).await;
    assert_eq!(gate.uploads(), files.len() - 1);
    assert_eq!(stored(&service, "new").await, files);

    // The folder of the node that was exported, and still runs.
    gate.set(Uploads::Refuse(0));
    let place = Place::new(database, &node, &media(&gate.origin, "former")).await;
    place.import_whole(&site, files.len()).await;
    assert_eq!(stored(&service, "former").await, files);
    for (name, content) in &files {
        let found = node.get_bytes(&format!("/media/{name}")).await;
        assert!(found == (200, content.clone()), "{name}");
    }
}

#[apply(both_databases)]
async fn a_file_that_the_export_has_only_a_part_of_replaces_no_whole_one(
    #[case] database: Database,
) {
    let service = Service::start().await;
    let node = TestNode::start_with(database, &media(&service.origin, "former")).await;
    let path = node.folder.path().join("a.png");
    let picture = image::RgbImage::from_pixel(20, 20, image::Rgb([9, 99, 199]));
    picture.save(path).unwrap();
    node.publish("---\ntitle: A\nslug: a\n---\n\n![A picture](a.png)\n")
        .await;
    node.admin(&["export", "site", "site", "--with-keys"]).await;
    let site = node.folder.path().join("site");
    let files = exported(&site.join("static/media"));
    let (name, whole) = files.iter().next().unwrap();
    let half = &whole[..whole.len() / 2];
    std::fs::write(site.join("static/media").join(name), half).unwrap();
    let end = site.join("end.json");
    let mut text: Value = serde_json::from_slice(&std::fs::read(&end).unwrap()).unwrap();
    text["missing"] = Value::from(vec![name.clone()]);
    std::fs::write(&end, text.to_string()).unwrap();

    // Another node has the whole file; nobody has it; and another one has something else under the name.
    for (prefix, before, after) in [
        ("whole", Some(&whole[..]), &whole[..]),
        ("none", None, half),
        ("damaged", Some(&whole[1..]), &whole[1..]),
    ] {
        if let Some(before) = before {
            put(&service, &format!("{prefix}/{name}"), before).await;
        }
        let place = Place::new(database, &node, &media(&service.origin, prefix)).await;
        place.import_whole(&site, files.len()).await;
        assert_eq!(stored(&service, prefix).await[name], after, "{prefix}");
    }
}
