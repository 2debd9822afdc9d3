//! Exports of Ghost, read.

use super::*;
use crate::importing::model::{
    ImportedArticle, ImportedCommentState, ImportedPage, ImportedStatus, Located,
};
use serde_json::json;

/// Reads an export.
fn read(export: &str) -> Vec<Read> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.ghost.json");
    std::fs::write(&path, export).unwrap();
    let source = Export::find(&path).unwrap().open(None).unwrap();
    source.items.collect()
}

fn items<'a, T>(reads: &'a [Read], pick: impl Fn(&'a Item) -> Option<&'a T>) -> Vec<&'a T> {
    let read = reads.iter().filter_map(|read| read.as_ref().ok());
    read.filter_map(|located| pick(&located.value)).collect()
}

fn articles(reads: &[Read]) -> Vec<&ImportedArticle> {
    items(reads, |item| match item {
        Item::Article(article) => Some(&**article),
        _ => None,
    })
}

fn pages(reads: &[Read]) -> Vec<&ImportedPage> {
    items(reads, |item| match item {
        Item::Page(page) => Some(&**page),
        _ => None,
    })
}

fn remarks(reads: &[Read]) -> Vec<&str> {
    reads
        .iter()
        .filter_map(|read| match read {
            Ok(Located {
                value: Item::Notice(remark),
                ..
            }) => Some(remark.as_str()),
            _ => None,
        })
        .collect()
}

fn html(body: &Body) -> &str {
    match body {
        Body::Html(html) | Body::Markdown(html) => html,
    }
}

#[test]
fn an_export_of_version_6_is_read_with_its_relations() {
    let post = |id: &str, title: &str, more: Value| {
        let mut post = json!({
            "id": id, "uuid": format!("0000-{id}"), "title": title, "slug": title.to_lowercase(), "mobiledoc": null,
            "lexical": "{}", "html": "<p>Text</p>", "type": "post", "status": "published", "visibility": "public",
            "featured": 0, "locale": null, "created_at": "2024-03-01T09:00:00.000Z",
            "updated_at": "2024-03-02T10:00:00.000Z", "published_at": "2024-03-01T10:00:00.000Z",
            "custom_excerpt": null, "canonical_url": null, "feature_image": null,
        });
        for (name, value) in more.as_object().unwrap() {
            post[name] = value.clone();
        }
        post
    };
    let export = json!({ "db": [{
        "meta": { "exported_on": 1_709_290_000_000_i64, "version": "6.0.5" },
        "data": {
            "comments": [
                { "id": "c1", "post_id": "p1", "member_id": "m1", "parent_id": null, "status": "published",
                  "html": "<p>First</p>", "created_at": "2024-03-01T11:00:00.000Z" },
                { "id": "c2", "post_id": "p1", "member_id": null, "parent_id": "c1", "in_reply_to_id": "c3",
                  "status": "hidden", "html": "<p>Second</p>", "created_at": "2024-03-01T12:00:00.000Z" },
                { "id": "c4", "post_id": "p1", "member_id": null, "parent_id": null, "status": "deleted", "html": null },
            ],
            "members": [{ "id": "m1", "name": "Ola", "email": "ola@example.org" }],
            "newsletters": [{ "id": "n1", "name": "Weekly" }],
            "posts": [
                post("p1", "Trains", json!({
                    "html": "<p>See <a href=\"__GHOST_URL__/boats/\">boats</a></p>", "custom_excerpt": "On trains",
                    "feature_image": "__GHOST_URL__/content/images/2024/03/train.jpg",
                })),
                post("p2", "About", json!({ "type": "page" })),
                post("p3", "Draft", json!({ "status": "draft", "published_at": null })),
                post("p4", "Later", json!({ "status": "scheduled", "published_at": "2999-01-01T00:00:00.000Z" })),
                post("p5", "Paid", json!({ "visibility": "paid", "canonical_url": "https://example.com/paid" })),
                post("p6", "Mail", json!({ "status": "sent" })),
                { "title": "No id" },
                "nonsense",
            ],
            "posts_authors": [
                { "id": "1", "post_id": "p1", "author_id": "u2", "sort_order": 1 },
                { "id": "2", "post_id": "p1", "author_id": "u1", "sort_order": 0 },
                { "id": "3", "post_id": "p5", "author_id": "u1", "sort_order": 0 },
            ],
            "posts_meta": [{ "id": "1", "post_id": "p1", "feature_image_alt": "A train", "email_only": 0 }],
            "posts_tags": [
                { "id": "1", "post_id": "p1", "tag_id": "t2", "sort_order": 1 },
                { "id": "2", "post_id": "p1", "tag_id": "t1", "sort_order": 0 },
                { "id": "3", "post_id": "p1", "tag_id": "t3", "sort_order": 2 },
            ],
            "settings": [{ "key": "title", "value": "Rails" }, { "key": "timezone", "value": "Europe/Oslo" }],
            "tags": [
                { "id": "t1", "name": "Night Trains", "slug": "night", "visibility": "public" },
                { "id": "t2", "name": "Norway", "slug": "norway", "visibility": "public" },
                { "id": "t3", "name": "#hidden", "slug": "hash-hidden", "visibility": "internal" },
            ],
            "users": [
                { "id": "u1", "name": "Kari", "slug": "kari", "bio": "Writes", "website": "https://example.net/",
                  "profile_image": "__GHOST_URL__/content/images/kari.png", "email": "kari@example.org",
                  "password": "$2a$10$x" },
                { "id": "u2", "name": "Per", "slug": "per" },
                { "id": "u3", "name": "Silent", "slug": "silent" },
            ],
        },
    }]});
    let reads = read(&serde_json::to_string_pretty(&export).unwrap());
    let authors: Vec<&ImportedAuthor> = reads
        .iter()
        .filter_map(|read| match read {
            Ok(Located {
                value: Item::Author(author),
                ..
            }) => Some(author),
            _ => None,
        })
        .collect();
    assert_eq!(authors.len(), 2);
    assert_eq!(authors[0].username, "kari");
    assert_eq!(
        authors[0].picture.as_deref(),
        Some("/content/images/kari.png")
    );
    assert_eq!(authors[0].former_paths, ["/author/kari/"]);

    let articles = articles(&reads);
    let train = articles[0];
    assert_eq!(train.author.as_deref(), Some("u1"));
    assert_eq!(train.byline.as_deref(), Some("Kari, Per"));
    assert_eq!(train.tags, ["Night Trains", "Norway"]);
    assert_eq!(train.summary.as_deref(), Some("On trains"));
    assert_eq!(
        html(&train.body),
        "<p>See <a href=\"/boats/\">boats</a></p>"
    );
    assert_eq!(
        train.image.as_deref(),
        Some("/content/images/2024/03/train.jpg")
    );
    assert_eq!(train.image_alt.as_deref(), Some("A train"));
    assert_eq!(train.published_at, Some(1_709_287_200_000));
    assert_eq!(
        train.former_paths,
        ["/trains/", "/trains/amp/", "/p/0000-p1/"]
    );
    let states: Vec<ImportedStatus> = articles.iter().map(|article| article.status).collect();
    use ImportedStatus::{Draft, Published, Scheduled};
    assert_eq!(states, [Published, Draft, Scheduled, Draft, Draft]);
    assert_eq!(pages(&reads)[0].title, "About");
    assert_eq!(
        remarks(&reads),
        [
            "it is for members only: imported as a draft",
            "a canonical address on another site is left out",
            "it was sent by mail only: imported as a draft",
            "deleted comments that were left out: 1",
            "members, who stay with your mail service: 1",
        ]
    );

    let redirects: Vec<String> = reads
        .iter()
        .filter_map(|read| match read {
            Ok(Located {
                value: Item::Redirect { from, to },
                ..
            }) => Some(format!("{from} {to}")),
            _ => None,
        })
        .collect();
    assert_eq!(
        redirects,
        [
            "/tag/night/ /tags/night%20trains",
            "/tag/norway/ /tags/norway"
        ]
    );
    let comments: Vec<_> = reads
        .iter()
        .filter_map(|read| match read {
            Ok(Located {
                value: Item::Comment(comment),
                ..
            }) => Some(comment),
            _ => None,
        })
        .collect();
    assert_eq!(
        (
            comments[0].author_name.as_str(),
            comments[0].article.as_str()
        ),
        ("Ola", "p1")
    );
    assert_eq!(comments[1].parent.as_deref(), Some("c3"));
    assert_eq!(comments[1].state, ImportedCommentState::Hidden);
    let broken: Vec<String> = reads
        .iter()
        .filter_map(|read| read.as_ref().err())
        .map(|broken| format!("{}: {}", broken.place.describe(), broken.value))
        .collect();
    assert_eq!(broken.len(), 2, "{broken:?}");
    assert!(
        broken[0].ends_with("post No id: the post has no id"),
        "{broken:?}"
    );
    assert!(broken[0].starts_with("line "), "{broken:?}");
}

#[test]
fn exports_of_old_versions_are_read() {
    let export = json!({
        "meta": { "version": "003" },
        "data": {
            "posts": [
                { "id": 7, "uuid": "u-7", "title": "Old", "slug": "old", "markdown": "A *word*", "html": null, "image":
                  "/content/images/a.png", "page": 0, "status": "published", "language": "nb", "author_id": 1,
                  "published_at": 1_388_664_000_000_i64, "updated_at": "2014-02-01 10:00:00" },
                { "id": 8, "title": "Page", "slug": "page", "html": "<p>x</p>", "page": 1, "status": "published" },
            ],
            "users": [{ "id": 1, "name": "Kari", "slug": "kari", "image": "/content/images/k.png" }],
            "settings": [{ "key": "permalinks", "value": "/:year/:month/:slug/" }],
        },
    });
    let reads = read(&export.to_string());
    let old = articles(&reads)[0];
    assert_eq!((old.key.as_str(), old.author.as_deref()), ("7", Some("1")));
    assert_eq!(old.body, Body::Markdown("A *word*".to_owned()));
    assert_eq!(
        (old.published_at, old.language.as_deref()),
        (Some(1_388_664_000_000), Some("nb"))
    );
    assert_eq!(old.former_paths[..2], ["/2014/01/old/", "/old/"]);
    assert_eq!(old.image.as_deref(), Some("/content/images/a.png"));
    assert_eq!(pages(&reads).len(), 1);
}

#[test]
fn cards_become_html_that_needs_no_style_sheet() {
    let cases = [
        (
            "<figure class=\"kg-card kg-bookmark-card\"><a class=\"kg-bookmark-container\" href=\"https://example.org/\">\
             <div class=\"kg-bookmark-content\"><div class=\"kg-bookmark-title\">A &amp; B</div>\
             <div class=\"kg-bookmark-description\">On them</div><div class=\"kg-bookmark-metadata\">\
             <img class=\"kg-bookmark-icon\" src=\"i.png\"><span class=\"kg-bookmark-author\">P</span></div></div></a></figure>",
            "<p><a href=\"https://example.org/\">A &amp; B</a><br>On them</p>",
        ),
        (
            "<p>a</p><div class=\"kg-card kg-audio-card\"><img alt=\"audio-thumbnail\"><div class=\"x\"><svg><path></path>\
             </svg></div><div class=\"kg-audio-player-container\"><audio src=\"/a.mp3\" preload=\"metadata\"></audio>\
             <div class=\"kg-audio-title\">Song</div><div class=\"kg-audio-player\"><span>0:00</span><button>1&#215;\
             </button></div></div></div><p>b</p>",
            "<p>a</p><p><audio src=\"/a.mp3\" aria-label=\"Song\" controls></audio></p><p>b</p>",
        ),
        (
            "<figure class=\"kg-card kg-embed-card\"><iframe width=\"200\" src=\"https://www.youtube.com/embed/aqz-KE-bpKQ?feature=oembed\">\
             </iframe><figcaption>A film</figcaption></figure>",
            "<iframe src=\"https://www.youtube.com/embed/aqz-KE-bpKQ?feature=oembed\"></iframe><p>A film</p>",
        ),
        (
            "<div class=\"kg-card kg-toggle-card\" data-kg-toggle-state=\"close\"><div class=\"kg-toggle-heading\">\
             <h4 class=\"kg-toggle-heading-text\">Why?</h4><button><svg></svg></button></div>\
             <div class=\"kg-toggle-content\"><p>So</p></div></div>",
            "<p><strong>Why?</strong></p><p>So</p>",
        ),
        (
            "<div class=\"kg-card kg-callout-card kg-callout-card-blue\"><div class=\"kg-callout-emoji\">!</div>\
             <div class=\"kg-callout-text\">Mind <b>the gap</b></div></div>",
            "<blockquote><p>! Mind <b>the gap</b></p></blockquote>",
        ),
        (
            "<div class=\"kg-card kg-button-card kg-align-center\"><a href=\"/go/\" class=\"kg-btn\">Go</a></div>",
            "<p><a href=\"/go/\">Go</a></p>",
        ),
        (
            "<div class=\"kg-card kg-file-card\"><a class=\"kg-file-card-container\" href=\"/f.pdf\"><div class=\"kg-file-card-contents\">\
             <div class=\"kg-file-card-title\">Plan</div><div class=\"kg-file-card-caption\">Of it</div></div>\
             <div class=\"kg-file-card-icon\"><svg><title>download-circle</title></svg></div></a></div>",
            "<p><a href=\"/f.pdf\">Plan</a><br>Of it</p>",
        ),
        (
            "<figure class=\"kg-card kg-gallery-card\"><div class=\"kg-gallery-container\"><div class=\"kg-gallery-row\">\
             <div class=\"kg-gallery-image\"><img src=\"/1.png\" alt=\"One\"></div><div class=\"kg-gallery-image\">\
             <img src=\"/2.png\"></div></div></div><figcaption>Two</figcaption></figure>",
            "<figure><img src=\"/1.png\" alt=\"One\"><img src=\"/2.png\" alt=\"\"><figcaption>Two</figcaption></figure>",
        ),
        (
            "<div class=\"kg-card kg-signup-card\"><form><input></form></div><p>End</p>",
            "<p>End</p>",
        ),
        // Elements that are not closed have no content.
        (
            "<div class=\"kg-card kg-callout-card\"><p>open",
            "<blockquote><p></p></blockquote><p>open",
        ),
    ];
    for (before, after) in cases {
        assert_eq!(rendered::simplified(before), after);
    }
    // As many cards in each other as fit: the time must not grow with their square.
    let nested = "<div class=\"kg-card kg-image-card\">".repeat(20_000);
    assert!(rendered::simplified(&nested).len() >= nested.len());
}

#[test]
fn texts_without_html_are_read_from_lexical_and_mobiledoc() {
    let text =
        |text: &str, format: u8| json!({ "type": "extended-text", "text": text, "format": format });
    let lexical = json!({ "root": { "type": "root", "children": [
        { "type": "paragraph", "children": [
            text("Plain, ", 0), text("bold & italic", 3), { "type": "linebreak" },
            { "type": "link", "url": "https://example.org/?a=1&b=2", "children": [text("link", 0)] },
        ] },
        { "type": "extended-heading", "tag": "h3", "children": [text("Head", 0)] },
        { "type": "list", "listType": "number", "start": 3, "children": [
            { "type": "listitem", "children": [text("one", 0)] },
            { "type": "listitem", "children": [{ "type": "list", "listType": "bullet", "children": [
                { "type": "listitem", "children": [text("in one", 0)] }] }] },
        ] },
        { "type": "image", "src": "__GHOST_URL__/content/images/a.png", "alt": "A", "caption": "<b>Cap</b>" },
        { "type": "codeblock", "code": "a < b", "language": "rust" },
        { "type": "markdown", "markdown": "**bold**" },
        { "type": "horizontalrule" },
        { "type": "html", "html": "<script>x</script><i>raw</i>" },
        { "type": "paywall" },
        { "type": "newcard", "text": "future" },
    ] } });
    let expected = "<p>Plain, <strong><em>bold &amp; italic</em></strong><br>\
                    <a href=\"https://example.org/?a=1&amp;b=2\">link</a></p><h3>Head</h3>\
                    <ol start=\"3\"><li>one<ul><li>in one</li></ul></li></ol>\
                    <figure><img src=\"__GHOST_URL__/content/images/a.png\" alt=\"A\"><figcaption><b>Cap</b></figcaption></figure>\
                    <pre><code class=\"language-rust\">a &lt; b</code></pre><p><strong>bold</strong></p>\n<hr>\
                    <script>x</script><i>raw</i><p>future</p>";
    assert_eq!(lexical::to_html(&lexical.to_string()).unwrap(), expected);
    let mobiledoc = json!({
        "version": "0.3.1", "markups": [["strong"], ["a", ["href", "https://example.org/"]], ["script"]],
        "atoms": [["soft-return", "", {}]], "cards": [["image", { "src": "/a.png" }], ["hr", {}]],
        "sections": [
            [1, "p", [[0, [], 0, "A "], [0, [0], 0, "b"], [0, [1], 2, "c"], [1, [], 0, 0], [0, [2], 1, "<d>"]]],
            [3, "ol", [[[0, [], 0, "one"]], [[0, [], 0, "two"]]]], [10, 0], [10, 1], [10, 9], [2, "/b.png"], [1, "script", []],
        ],
    });
    assert_eq!(
        mobiledoc::to_html(&mobiledoc.to_string()).unwrap(),
        "<p>A <strong>b<a href=\"https://example.org/\">c</a></strong><br>&lt;d&gt;</p><ol><li>one</li><li>two</li></ol>\
         <figure><img src=\"/a.png\" alt=\"\"></figure><hr><p><img src=\"/b.png\" alt=\"\"></p><p></p>"
    );
    assert_eq!(lexical::to_html("{\"root\": "), None);
    assert_eq!(mobiledoc::to_html("[]"), None);
}

#[test]
fn a_file_that_ends_too_early_yields_what_it_has_and_a_foreign_one_nothing() {
    let whole = json!({ "db": [{ "data": { "posts": [
        { "id": "1", "title": "One", "slug": "one", "html": "<p>1</p>", "status": "published" },
        { "id": "2", "title": "Two", "slug": "two", "html": "<p>2</p>", "status": "published" },
    ] } }] });
    let whole = serde_json::to_string_pretty(&whole).unwrap();
    let cut = &whole[..whole.find("Two").unwrap()];
    let reads = read(cut);
    assert_eq!(articles(&reads).len(), 1);
    let broken = reads.iter().find_map(|read| read.as_ref().err()).unwrap();
    assert_eq!(
        broken.value,
        "the rest can't be read: the file ends too early"
    );
    assert!(broken.place.line > 10);
    let folder = tempfile::tempdir().unwrap();
    for (name, foreign) in [
        ("a.json", "{\"a\": 1}"),
        ("b.json", "<rss/>"),
        ("c.json", ""),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, foreign).unwrap();
        let error = Export::find(&path).unwrap().open(None).err().unwrap();
        assert!(
            error.to_string().contains("is no export of Ghost"),
            "{error}"
        );
    }
}
