//! The publication's profile on other servers, as the configuration says it, and what its pages say of their authors.

use crate::support::{Database, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::{Value, json};

#[apply(both_databases)]
async fn pictures_and_fields_are_on_the_profile(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let picture = node.folder.path().join("portrait.png");
    image::RgbImage::new(8, 8).save(&picture).unwrap();
    node.configure(&format!(
        "[site]\nicon = \"{}\"\nimage = \"https://pictures.example/banner.webp\"\nindexable = false\n\
         fields = [{{ name = \"Elsewhere\", value = \"https://social.example/@blog\" }}, {{ name = \"Since\", value = \"2006 <b>\" }}]\n",
        picture.display()
    ));
    let mut node = node;
    node.restart().await;
    let actor = node.document(&node.blog()).await.json();
    let icon = actor["icon"]["url"].as_str().unwrap();
    assert!(icon.starts_with(&node.url("/media/")), "{icon}");
    assert_eq!(
        (&actor["icon"]["type"], &actor["icon"]["mediaType"]),
        (&json!("Image"), &json!("image/png"))
    );
    assert_eq!(node.page(icon).await.header("content-type"), "image/png");
    assert_eq!(
        actor["image"],
        json!({"type": "Image", "url": "https://pictures.example/banner.webp", "mediaType": "image/webp"})
    );
    assert_eq!(
        actor["attachment"],
        json!([
            {"type": "PropertyValue", "name": "Elsewhere", "value": "<a href=\"https://social.example/@blog\" rel=\"me\">https://social.example/@blog</a>"},
            {"type": "PropertyValue", "name": "Since", "value": "2006 &lt;b&gt;"},
        ])
    );
    assert_eq!(
        (&actor["indexable"], &actor["discoverable"]),
        (&json!(false), &json!(true))
    );
    let home = node.page("/").await.text;
    assert!(
        home.contains("<link rel=\"me\" href=\"https://social.example/@blog\">"),
        "{home}"
    );
    assert!(home.contains("<meta name=\"robots\" content=\"noindex\">"));
}

#[apply(both_databases)]
async fn without_any_of_it_the_profile_names_the_site(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = node.document(&node.blog()).await.json();
    assert_eq!(
        (&actor["icon"], &actor["image"], &actor["memorial"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(
        actor["attachment"][0]["value"],
        format!("<a href=\"{0}\" rel=\"me\">{0}</a>", node.url("/"))
    );
    assert_eq!(
        (&actor["indexable"], &actor["discoverable"]),
        (&json!(true), &json!(true))
    );
    let host = node.origin.strip_prefix("http://").unwrap();
    assert_eq!(actor["attributionDomains"], json!([host]));
}

#[apply(both_databases)]
async fn a_page_names_its_author_to_link_previews(#[case] database: Database) {
    let node = TestNode::start(database).await;
    node.admin(&["author", "add", "ana", "--name", "Ana", "--federated"])
        .await;
    node.admin(&["author", "add", "guest", "--name", "A Guest"])
        .await;
    let actor = node.url("/users/ana");
    eventually("the author has an actor", || async {
        (node.document(&actor).await.status == 200).then_some(())
    })
    .await;
    let host = node.origin.strip_prefix("http://").unwrap();
    for (byline, creator) in [
        ("author: ana\n", "ana"),
        ("author: guest\n", "blog"),
        ("", "blog"),
    ] {
        let article = node
            .publish(&format!(
                "---\ntitle: By {creator}{}\n{byline}---\nText.\n",
                byline.len()
            ))
            .await;
        let page = node.page(&article.url).await.text;
        let meta = format!("<meta name=\"fediverse:creator\" content=\"@{creator}@{host}\">");
        assert!(page.contains(&meta), "{byline}: {page}");
    }
}

#[tokio::test]
async fn a_picture_that_is_neither_file_nor_address_is_said() {
    use pamphlet::config::{Config, Overrides};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pamphlet.toml");
    let overrides = Overrides {
        file: Some(file.clone()),
        ..Overrides::default()
    };
    for (setting, complaint) in [
        ("icon = \"http://insecure.example/x.png\"", "https://"),
        ("icon = \"javascript://x\"", "https://"),
        ("fields = [{ name = \"a\" }]", "value"),
    ] {
        std::fs::write(&file, format!("[site]\n{setting}\n")).unwrap();
        let error = Config::load_with(&overrides, &|_| None)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("line 2") && error.contains(complaint),
            "{setting}: {error}"
        );
    }
    std::fs::write(&file, "[site]\nicon = \"missing.png\"\n").unwrap();
    let mut config = Config::load_with(&overrides, &|_| None).unwrap();
    let url = format!("sqlite://{}/site.sqlite", folder.path().display());
    let store = pamphlet::store::Store::open(&url).await.unwrap();
    let imported = pamphlet::cli::import_site_pictures(&mut config, &store).await;
    let error = format!("{:#}", imported.unwrap_err());
    assert!(
        error.contains("site.icon") && error.contains("missing.png"),
        "{error}"
    );
}
