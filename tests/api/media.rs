//! Uploads by the API, and their limits.

use super::{Client, assert_problem, next_of, sent};
use crate::support::{Database, Response, TestNode, both_databases};
use image::{DynamicImage, ImageFormat, RgbImage};
use reqwest::Method;
use rstest_reuse::apply;
use serde_json::json;
use std::io::Cursor;

/// Returns a picture in one colour.
pub(crate) fn picture(shade: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::from_pixel(64, 48, image::Rgb([shade, 20, 30])))
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

pub(crate) const FORM: &str = "multipart/form-data; boundary=frontier";

/// Returns a form of parts: names, file names and contents.
pub(crate) fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map_or(String::new(), |file| {
            format!("; filename=\"{file}\"\r\nContent-Type: application/octet-stream")
        });
        let head =
            format!("--frontier\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend(head.as_bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--frontier--\r\n");
    body
}

async fn upload(client: &Client<'_>, query: &str, kind: &str, body: Vec<u8>) -> Response {
    let request = client
        .request(Method::POST, &format!("/api/v1/media{query}"))
        .header("content-type", kind)
        .body(body);
    sent(request).await
}

#[apply(both_databases)]
async fn a_picture_is_uploaded_described_used_and_deleted(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let client = Client::new(&node, "all").await;
    let raw = upload(
        &client,
        "?alt=A+red+square&focus=0.5,-0.25",
        "image/png",
        picture(200),
    )
    .await;
    assert_eq!(raw.status, 201, "{}", raw.text);
    let media = raw.json();
    assert_eq!(media["alt"], "A red square");
    assert_eq!(media["focus"], json!([0.5, -0.25]));
    assert_eq!(
        (&media["width"], &media["kind"]),
        (&json!(64), &json!("picture"))
    );
    let address = media["address"].as_str().unwrap();
    assert_eq!(node.get_bytes(address).await.0, 200);
    let path = format!("/api/v1/media/{}", media["name"].as_str().unwrap());
    assert_eq!(raw.header("location"), node.url(&path));

    // The same picture in a form is the same file; its new description counts.
    let form = form(&[
        ("alt", None, b"Red"),
        ("file", Some("../../x.png"), &picture(200)),
    ]);
    let again = upload(&client, "", FORM, form).await;
    assert_eq!(again.status, 201, "{}", again.text);
    assert_eq!(again.json()["name"], media["name"]);
    assert_eq!(again.json()["alt"], "Red");

    let patched = client
        .patch(&path, json!({"alt": null, "focus": [0, 1]}))
        .await;
    assert_eq!(patched.status, 200, "{}", patched.text);
    assert_eq!(
        (&patched.json()["alt"], &patched.json()["focus"]),
        (&json!(null), &json!([0.0, 1.0]))
    );
    for bad in [
        json!({"focus": [2, 0]}),
        json!({"focus": "left"}),
        json!({"alt": 7}),
        json!({"name": "x"}),
    ] {
        assert_problem(&client.patch(&path, bad).await, 422, "invalid");
    }

    // An article shows it; so it stays.
    let body = json!({"title": "A", "markdown": format!("![Red]({address})"), "image": address, "image_alt": "Red"});
    let article = client.article(body).await;
    assert_eq!(article["warnings"], json!([]));
    let shown = client.get(&path).await.json();
    assert_eq!(shown["used_by"], json!([{"kind": "article", "name": "a"}]));
    assert_problem(&client.delete(&path).await, 409, "conflict");
    assert_eq!(
        client.get("/api/v1/media?unused=true").await.json()["items"],
        json!([])
    );

    for shade in [1, 2] {
        assert_eq!(
            upload(&client, "", "image/png", picture(shade))
                .await
                .status,
            201
        );
    }
    let first = client.get("/api/v1/media?limit=2").await;
    let second = client.get(&next_of(&first).unwrap()).await;
    assert_eq!(second.json()["items"].as_array().unwrap().len(), 1);
    let unused = client.get("/api/v1/media?unused=true").await.json();
    let unused = unused["items"].as_array().unwrap().clone();
    assert_eq!(unused.len(), 2);
    let name = unused[0]["name"].as_str().unwrap();
    let path = format!("/api/v1/media/{name}");
    assert_eq!(client.delete(&path).await.status, 204);
    assert_problem(&client.get(&path).await, 404, "not_found");
    assert_eq!(node.get_bytes(&format!("/media/{name}")).await.0, 410);
}

#[apply(both_databases)]
async fn uploads_are_bounded_and_checked(#[case] database: Database) {
    let limits = "[media]\npicture_megabytes = 1\nfile_megabytes = 1\n\
         [limits]\nuploads_of_token = 9\nupload_megabytes_of_token = 4\n";
    let node = TestNode::start_with(database, limits).await;
    let client = Client::new(&node, "media:write").await;
    for (kind, body, code) in [
        ("image/png", b"no picture".to_vec(), "invalid"),
        ("image/svg+xml", b"<svg onload='x'/>".to_vec(), "invalid"),
        ("image/png", Vec::new(), "invalid"),
        ("image/png", picture(3)[..60].to_vec(), "invalid"),
    ] {
        let refused = upload(&client, "?name=/etc/passwd", kind, body).await;
        assert_problem(&refused, 422, code);
        assert!(
            !refused.text.contains("pamphlet-upload"),
            "{}",
            refused.text
        );
    }
    let json = upload(&client, "", "application/json", b"{}".to_vec()).await;
    assert_problem(&json, 415, "unsupported_media_type");
    let cut = upload(
        &client,
        "",
        "multipart/form-data; boundary=x",
        b"--x\r\ncut".to_vec(),
    )
    .await;
    assert_problem(&cut, 400, "bad_request");
    let large = upload(&client, "", "image/png", vec![0; 1024 * 1024 + 1]).await;
    assert_problem(&large, 413, "body_too_large");
    assert!(node.number("SELECT COUNT(*) FROM media").await == Some(0));
    // The attempts used up what the token may upload in a day.
    let full = upload(&client, "", "image/png", vec![0; 1024 * 1024]).await;
    assert_eq!(full.status, 429, "{}", full.text);
    assert!(
        full.text.contains("upload_megabytes_of_token"),
        "{}",
        full.text
    );
    upload(&client, "", "image/png", Vec::new()).await;
    let many = upload(&client, "", "image/png", picture(3)).await;
    assert_problem(&many, 429, "too_many_requests");
    assert!(many.text.contains("uploads_of_token"), "{}", many.text);
    let left: Vec<_> = std::fs::read_dir(std::env::temp_dir())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| name.starts_with("pamphlet-upload-"))
        .collect();
    // Other tests upload at the same time, but nothing of this one stays.
    assert!(left.len() < 4, "{left:?}");
}

#[apply(both_databases)]
async fn an_upload_leaves_room_on_the_disk(#[case] database: Database) {
    let node = TestNode::start_with(
        database,
        "[limits]\nupload_reserve_megabytes = 1000000000\n",
    )
    .await;
    let client = Client::new(&node, "all").await;
    let refused = upload(&client, "", "image/png", picture(9)).await;
    assert_problem(&refused, 507, "disk_full");
}
