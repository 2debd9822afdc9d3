//! Media files in a bucket of another implementation of S3: moto, which tests/buckets/install.sh installs.

use crate::support::{Database, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

/// A running service.
pub(crate) struct Service {
    process: Child,
    pub origin: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Service {
    /// Starts a service with one bucket, `files`.
    pub(crate) async fn start() -> Service {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/buckets");
        let installed = Command::new(folder.join("install.sh")).status().unwrap();
        assert!(installed.success());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let process = Command::new(folder.join(".venv/bin/moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let service = Service {
            process,
            origin: format!("http://127.0.0.1:{port}"),
        };
        eventually("the bucket is there", || async {
            let made = client().put(service.url("")).send().await.ok()?;
            made.status().is_success().then_some(())
        })
        .await;
        service
    }

    pub(crate) fn url(&self, key: &str) -> String {
        format!("{}/files{key}", self.origin)
    }

    /// Returns the status and the bytes of a key.
    pub(crate) async fn get(&self, key: &str) -> (u16, Vec<u8>) {
        // The files are private. The service verifies no signature.
        let owner = "AWS4-HMAC-SHA256 Credential=id/20260101/us-east-1/s3/aws4_request, \
                     SignedHeaders=host, Signature=00";
        let request = client().get(self.url(key)).header("authorization", owner);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.bytes().await.unwrap().to_vec())
    }
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[apply(both_databases)]
async fn files_are_kept_in_a_bucket_and_served_from_there(#[case] database: Database) {
    let service = Service::start().await;
    let media = format!(
        "[media]\nstore = \"s3://files/blog/media\"\nendpoint = \"{}\"\n\
         access_key_id = \"id\"\nsecret_access_key = \"secret\"\n",
        service.origin
    );
    let node = TestNode::start_with(database, &media).await;
    let path = |name: &str| node.folder.path().join(name);
    image::RgbImage::from_pixel(700, 20, image::Rgb([9, 99, 199]))
        .save(path("a.png"))
        .unwrap();
    // Larger than one part of an upload.
    let mut film = b"\0\0\0\x18ftypisom\0\0\0\0isommp42".to_vec();
    film.extend((0..9_000_000_u32).map(|number| (number % 253) as u8));
    std::fs::write(path("film.mp4"), &film).unwrap();
    let text = "---\ntitle: T\nslug: t\n---\n![A](a.png)\n\n<video src=\"film.mp4\"></video>\n";
    node.publish(text).await;
    node.publish("---\ntitle: U\nslug: u\n---\n![A](a.png)\n")
        .await;
    let list = node.admin_json(&["media", "list"]).await;
    let files = list.as_array().unwrap();
    assert_eq!(files.len(), 2, "{list:#}");
    assert!(!path("media").exists(), "nothing is in the folder");
    for file in files {
        let name = file["name"].as_str().unwrap();
        let (status, bytes) = node.get_bytes(&format!("/media/{name}")).await;
        assert_eq!(
            (status, bytes.len() as u64),
            (200, file["bytes"].as_u64().unwrap())
        );
        assert_eq!(
            service.get(&format!("/blog/media/{name}")).await,
            (200, bytes)
        );
        for variant in file["variants"].as_array().unwrap() {
            let name = variant["name"].as_str().unwrap();
            let (status, bytes) = node.get_bytes(&format!("/media/{name}")).await;
            assert_eq!(
                (status, bytes.len() as u64),
                (200, variant["bytes"].as_u64().unwrap())
            );
        }
    }
    let of = |kind: &str| {
        let found = files.iter().find(|file| file["kind"] == kind).unwrap();
        found["address"].as_str().unwrap().to_owned()
    };
    let (picture, video) = (of("picture"), of("video"));
    let request = node.client().get(node.url(&video));
    let part = request
        .header("range", "bytes=8999990-9000009")
        .send()
        .await
        .unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await.unwrap(), film[8_999_990..9_000_010]);
    node.admin(&["post", "delete", "t", "--yes"]).await;
    assert_eq!(node.get_bytes(&video).await.0, 410);
    node.admin(&["post", "bin", "empty", "--yes"]).await;
    let key = format!("/blog{video}");
    assert_eq!(service.get(&key).await.0, 404, "{key}");
    assert_eq!(
        node.get_bytes(&picture).await.0,
        200,
        "the other article has it"
    );
    // The service is down: neither a hang nor an error of ours.
    drop(service);
    let response = node.client().get(node.url(&picture)).send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert!(response.headers().contains_key("retry-after"));
    image::RgbImage::from_pixel(9, 9, image::Rgb([1, 2, 3]))
        .save(path("b.png"))
        .unwrap();
    let file = node.file("b.md", "---\ntitle: B\nslug: b\n---\n![B](b.png)\n");
    let output = node.cli(&["post", "publish", &file]).await;
    assert!(!output.status.success());
    let left = node
        .texts("SELECT slug FROM articles WHERE slug = 'b'")
        .await;
    assert!(left.is_empty());
}
