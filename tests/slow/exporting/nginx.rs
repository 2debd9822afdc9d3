//! `pamphlet export static` behind a real nginx, with the rules for former addresses.

use crate::support::{Database, both_databases, eventually, sample_site::SampleSite};
use rstest_reuse::apply;
use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command},
};

/// The example of docs/exporting.md, with the test's own port and folders.
const CONFIGURATION: &str = "
daemon off;
user root;
worker_processes 1;
pid FOLDER/nginx.pid;
error_log FOLDER/error.log;
events {}
http {
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
    include FOLDER/public/_redirects.nginx;
    server {
        listen 127.0.0.1:PORT;
        server_name localhost;
        absolute_redirect off;
        root FOLDER/public;
        error_page 404 /404.html;
        if ($pamphlet_redirect) { return 301 $pamphlet_redirect; }
    }
}
";

struct Nginx(Child);

impl Nginx {
    async fn start(folder: &Path, port: u16) -> Nginx {
        let text = CONFIGURATION
            .replace("FOLDER", &folder.display().to_string())
            .replace("PORT", &port.to_string());
        let file = folder.join("nginx.conf");
        std::fs::write(&file, text).unwrap();
        let mut nginx = Command::new("nginx");
        let nginx = nginx
            .arg("-c")
            .arg(&file)
            .arg("-e")
            .arg(folder.join("error.log"));
        let nginx = Nginx(nginx.spawn().unwrap());
        eventually("nginx listens", || async {
            TcpStream::connect(("127.0.0.1", port))
                .is_ok()
                .then_some(())
        })
        .await;
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

#[apply(both_databases)]
async fn nginx_serves_the_exported_pages(#[case] database: Database) {
    let site = SampleSite::open(database, "en").await;
    let node = &site.node;
    node.sql(
        "INSERT INTO article_paths (path, article_uid) SELECT '/archives/42', uid FROM articles WHERE slug = 'plain';
         INSERT INTO article_paths (path, article_uid) SELECT '/archives/Case', uid FROM articles WHERE slug = 'plain';
         INSERT INTO article_paths (path, article_uid) SELECT '/archives/case', uid FROM articles WHERE slug = 'trotsky';
         INSERT INTO article_paths (path, article_uid) SELECT '/Tags/film', uid FROM articles WHERE slug = 'plain';
         UPDATE pages SET slug = 'about-us' WHERE slug = 'about';",
    )
    .await;
    node.admin(&["export", "static", "public"]).await;
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let _nginx = Nginx::start(node.folder.path(), port).await;
    let client = node.client();
    let get = async |path: &str| {
        let response = client
            .get(format!("http://127.0.0.1:{port}{path}"))
            .send()
            .await
            .unwrap();
        let header = |name: &str| {
            let value = response.headers().get(name);
            value.map_or(String::new(), |value| value.to_str().unwrap().to_owned())
        };
        let (kind, location) = (header("content-type"), header("location"));
        (
            response.status().as_u16(),
            kind,
            location,
            response.text().await.unwrap_or_default(),
        )
    };
    let (_, _, _, home) = get("/").await;
    let (_, style_sheet) = home.split_once("rel=\"stylesheet\" href=\"").unwrap();
    let style_sheet = style_sheet.split('"').next().unwrap();
    for (path, kind) in [
        ("/", "text/html"),
        ("/2026/05/trotsky/", "text/html"),
        ("/tags/film/", "text/html"),
        ("/feed.atom", "application/atom+xml"),
        (style_sheet, "text/css"),
        ("/favicon.ico", "image/x-icon"),
    ] {
        let (status, found, _, _) = get(path).await;
        assert_eq!((status, found.as_str()), (200, kind), "{path}");
    }
    for (path, to) in [
        ("/2026/05/trotsky", "/2026/05/trotsky/"),
        ("/archives/42", "/2026/04/plain/"),
        ("/archives/42/", "/2026/04/plain/"),
        ("/archives/Case", "/2026/04/plain/"),
        ("/archives/case", "/2026/05/trotsky/"),
        ("/Tags/film", "/2026/04/plain/"),
        ("/about", "/about-us/"),
    ] {
        let (status, _, location, _) = get(path).await;
        assert_eq!((status, location.as_str()), (301, to), "{path}");
    }
    let (status, _, _, text) = get("/nowhere").await;
    assert_eq!(status, 404);
    assert!(text.contains("Open Culture"), "{text}");
}
