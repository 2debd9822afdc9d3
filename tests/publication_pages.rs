//! Pages about the publication: static pages, privacy, archive, indexes, the page for subscribers, errors.

use crate::support::{Database, Peer, TestNode, both_databases, eventually, sql};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Returns the addresses of links with this text.
fn links<'a>(page: &'a str, text: &str) -> Vec<&'a str> {
    let end_of_link = format!(">{text}</a>");
    let ends = page.match_indices(&end_of_link).map(|(at, _)| at);
    ends.filter_map(|end| page[..end].rsplit_once("href=\"")?.1.split('"').next())
        .collect()
}

#[apply(both_databases)]
async fn static_pages_are_published_renamed_and_withdrawn(#[case] database: Database) {
    let node = TestNode::start(database).await;
    image::RgbImage::new(8, 8)
        .save(node.folder.path().join("us.png"))
        .unwrap();
    let text = "---\ntitle: About us\nslug: about\nmenu: header\nlanguage: fr\n---\n\nWe write. ![Us](us.png)\n";
    let file = node.file("about.md", text);
    let published = node.admin_json(&["page", "publish", &file]).await;
    assert_eq!(published[0]["url"], node.url("/about"));
    let page = node.page("/about").await;
    assert_eq!(page.status, 200);
    for part in [
        "<html lang=\"fr\"",
        "About us</h1>",
        "We write.",
        "/media/",
        "Dernière modification",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert_eq!(
        node.page("/ABOUT").await.header("location"),
        node.url("/about")
    );
    // Menus follow within a second, also those that another program writes.
    sql::run(
        &node.database_url,
        "INSERT INTO pages (slug, title, markdown, menu) VALUES ('imprint', 'Imprint', 'Who *we* are.', 'footer')",
    )
    .await;
    eventually("both pages are in the menus", || async {
        let home = node.page("/").await.text;
        let (header, footer) = home.split_once("<main")?;
        let are_linked = header.contains(">About us</bdi>") && footer.contains(">Imprint</bdi>");
        are_linked.then_some(())
    })
    .await;
    assert!(
        node.page("/imprint")
            .await
            .text
            .contains("Who <em>we</em> are.")
    );
    let shown = node.admin(&["page", "show", "about"]).await;
    let same = node.file("same.md", &shown);
    node.admin(&["page", "edit", "about", &same]).await;
    assert_eq!(node.admin(&["page", "show", "about"]).await, shown);
    let renamed = node.file("renamed.md", "---\ntitle: Us\nslug: who-we-are\n---\nWe.\n");
    node.admin(&["page", "edit", "about", &renamed]).await;
    let moved = node.page("/about?x=1").await;
    assert_eq!(
        (moved.status, moved.header("location")),
        (308, node.url("/who-we-are?x=1").as_str())
    );
    let slugs: Vec<Value> = node
        .admin_json(&["page", "list"])
        .await
        .as_array()
        .unwrap()
        .clone();
    let slugs: Vec<&str> = slugs
        .iter()
        .filter_map(|page| page["slug"].as_str())
        .collect();
    assert_eq!(slugs, ["who-we-are", "imprint"]);
    node.admin(&["page", "delete", "who-we-are", "--yes"]).await;
    for former in ["/who-we-are", "/about"] {
        let gone = node.page(former).await;
        assert_eq!(gone.status, 410);
        assert!(
            gone.text.contains("This was withdrawn on")
                && gone.text.contains("<time datetime=\"20"),
            "{}",
            gone.text
        );
    }
    // A new page takes the address.
    node.admin(&["page", "publish", &file]).await;
    assert_eq!(node.page("/about").await.status, 200);
}

#[apply(both_databases)]
async fn a_page_with_a_mistake_is_not_published(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let good = node.file("good.md", "---\ntitle: Good\n---\nText.\n");
    for (text, complaint) in [
        (
            "---\ntitle: A\nmenue: footer\n---\n",
            "line 3: unknown key `menue`; did you mean `menu`?",
        ),
        ("---\ntitle: Tags\n---\n", "/tags is reserved"),
        ("---\ntitle: A year\nslug: 2026\n---\n", "/2026 is reserved"),
        ("---\ntitle: A\nmenu: sidebar\n---\n", "header, footer"),
        ("---\ntitle: A\n---\n![x](missing.png)\n", "line 4"),
        ("---\ntitle: A\nslug: a/b\n---\n", "slug"),
    ] {
        let bad = node.file("bad.md", text);
        let output = node.cli(&["page", "publish", &good, &bad]).await;
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && error.contains(complaint),
            "{text}: {error}"
        );
    }
    assert_eq!(node.admin_json(&["page", "list"]).await, json!([]));
    let missing = node.file("m.md", "---\ntitle: M\n---\n![x](missing.png)\n");
    for command in [&["publish"][..], &["edit", "m"]] {
        let args = [&["page"], command, &[&missing, "--lenient"]].concat();
        let output = node.cli(&args).await;
        let warning = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && warning.contains("line 4: "),
            "{args:?}: {warning}"
        );
    }
    node.admin(&["page", "publish", &good]).await;
    let output = node.cli(&["page", "publish", &good]).await;
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("`pamphlet page edit good "), "{error}");
}

#[apply(both_databases)]
async fn the_page_about_privacy_states_the_settings_in_force(#[case] database: Database) {
    let settings = "[comments]\nkeep_addresses = \"36 hours\"\n[notices]\nkeep = \"90 days\"\n[cache]\npictures = 123\n";
    let node = TestNode::start_with(database, settings).await;
    let page = node.page("/privacy").await.text;
    for part in [
        "36 hours",
        "90 days",
        "123 MiB",
        "“guest”",
        "1 year",
        "@blog@",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("spam service"), "{page}");
    let settings = "[comments]\nguests = \"closed\"\n[site]\nlanguage = \"de\"\n";
    let node = TestNode::start_with(database, settings).await;
    let page = node.page("/privacy").await.text;
    assert!(
        page.contains("180 Tage") && !page.contains("Cookie „"),
        "{page}"
    );
    let file = node.file(
        "privacy.md",
        "---\ntitle: Datenschutz\nslug: privacy\n---\nUnser Text.\n",
    );
    node.admin(&["page", "publish", &file]).await;
    let page = node.page("/privacy").await.text;
    assert!(
        page.contains("Unser Text.") && !page.contains("180 Tage"),
        "{page}"
    );
}

/// Milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;
/// 2024-12-31 12:00 UTC.
const NEW_YEARS_EVE: i64 = 1_735_646_400_000;

#[apply(both_databases)]
async fn the_archive_lists_each_article_once_by_year_and_month(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut statements = String::new();
    // 130 articles in 2024, three in each minute; two in January 2025; a draft and a future one.
    for number in 0..130 {
        let at = NEW_YEARS_EVE - i64::from(number / 3) * 60_000;
        statements.push_str(&format!(
            "INSERT INTO articles (slug, title, markdown, published_at) VALUES ('a{number}', 'A{number}', 'x', {at});"
        ));
    }
    for (slug, at, status) in [
        ("january", NEW_YEARS_EVE + 2 * DAY, "published"),
        ("later", NEW_YEARS_EVE + 3 * DAY, "published"),
        ("draft", NEW_YEARS_EVE, "draft"),
        ("future", pamphlet::store::now() + DAY, "published"),
    ] {
        statements.push_str(&format!(
            "INSERT INTO articles (slug, title, markdown, published_at, status) VALUES ('{slug}', '{slug}', 'x', {at}, '{status}');"
        ));
    }
    sql::run(&node.database_url, &statements).await;
    let archive = node.page("/archive").await.text;
    assert_eq!(links(&archive, "2025"), ["/archive/2025"]);
    for part in [
        "130 articles",
        "2 articles",
        ">January</a>",
        ">December</a>",
    ] {
        assert!(archive.contains(part), "{part}: {archive}");
    }
    let first = node.page("/archive/2024").await.text;
    let older = links(&first, "Older");
    let second = node.page(older[0]).await.text;
    assert_eq!(links(&second, "Newer"), ["/archive/2024"]);
    for number in 0..130 {
        let title = format!(">A{number}</a>");
        let times = first.matches(&title).count() + second.matches(&title).count();
        assert_eq!(times, 1, "{title}");
    }
    assert!(
        !first.contains("draft") && !first.contains(">january<"),
        "{first}"
    );
    assert_eq!(links(&first, "2025"), ["/archive/2025"]);
    assert_eq!(links(&second, "Older"), Vec::<&str>::new());
    let december = links(&archive, "December");
    assert!(node.page(december[0]).await.text.contains(">A0</a>"));
    for nothing in [
        "/archive/2023",
        "/archive/24",
        "/archive/x",
        "/archive/2024?before=x",
    ] {
        assert_eq!(node.page(nothing).await.status, 404, "{nothing}");
    }
}

#[apply(both_databases)]
async fn an_article_leads_to_the_next_ones_and_to_those_with_its_tags(#[case] database: Database) {
    let node = TestNode::start(database).await;
    for (title, day, tags) in [
        ("Oldest", 1, "tea, cups"),
        ("Before", 2, "x"),
        ("Here", 3, "Tea, Cups, pots"),
        ("After", 4, "y"),
        ("Newest", 5, "tea"),
        ("Unrelated", 6, "z"),
    ] {
        node.publish(&format!(
            "---\ntitle: {title}\ndate: 2026-01-0{day}\ntags: [{tags}]\n---\nText.\n"
        ))
        .await;
    }
    let draft = node.file(
        "draft.md",
        "---\ntitle: Secret\ntags: [tea, cups, pots]\n---\nText.\n",
    );
    node.admin(&["post", "draft", &draft]).await;
    node.publish("---\ntitle: Tomorrow\ndate: 2999-01-01\ntags: [tea, cups, pots]\n---\nText.\n")
        .await;
    let aside = eventually("spellings of tags are one tag", || async {
        let page = node.page("/2026/01/here").await.text;
        let (_, aside) = page.split_once("<aside class=\"neighbours\"")?;
        let aside = aside.split("</aside>").next()?.to_owned();
        aside.contains(">Oldest<").then_some(aside)
    })
    .await;
    let at = |title: &str| {
        aside
            .find(&format!(">{title}</a>"))
            .unwrap_or_else(|| panic!("{title}: {aside}"))
    };
    assert!(
        at("Oldest") < at("Newest") && at("Newest") < at("Unrelated"),
        "{aside}"
    );
    assert!(at("Before") < at("After"), "{aside}");
    assert!(
        aside.contains("rel=\"prev\"") && aside.contains("rel=\"next\""),
        "{aside}"
    );
    for hidden in ["Secret", "Tomorrow", ">Here<"] {
        assert!(!aside.contains(hidden), "{hidden}: {aside}");
    }
}

#[apply(both_databases)]
async fn authors_have_pictures_and_links_on_their_pages_and_profiles(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let picture = node.folder.path().join("ana.png");
    image::RgbImage::new(8, 8).save(&picture).unwrap();
    node.admin(&[
        "author",
        "add",
        "ana",
        "--name",
        "Ana",
        "--bio",
        "Writes about *tea*.\n\n| Tea |\n|---|\n| green |\n",
        "--federated",
    ])
    .await;
    let actor = node.url("/users/ana");
    eventually("the author has an actor", || async {
        (node.document(&actor).await.status == 200).then_some(())
    })
    .await;
    let peer = Peer::start("reader").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &actor)
        .await;
    peer.wait_for("Accept").await;
    node.admin(&[
        "author",
        "edit",
        "ana",
        "--picture",
        picture.to_str().unwrap(),
        "--picture-alt",
        "Ana, laughing",
        "--link",
        "Website=https://ana.example/",
    ])
    .await;
    let update = peer.wait_for("Update").await.activity;
    let icon = update["object"]["icon"]["url"].as_str().unwrap().to_owned();
    assert!(icon.starts_with(&node.url("/media/")), "{update}");
    assert_eq!(update["object"]["attachment"][1]["name"], "Website");
    node.publish("---\ntitle: Tea\nauthor: ana\ntags: [Tea]\n---\nText.\n")
        .await;
    let page = node.page("/authors/ana").await.text;
    for part in [
        "Writes about <em>tea</em>.",
        "<div class=\"table\"",
        "alt=\"Ana, laughing\"",
        "rel=\"me\" href=\"https://ana.example/\"",
        "u-photo",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let index = node.page("/authors").await.text;
    assert!(
        index.contains("1 article") && index.contains("Writes about tea."),
        "{index}"
    );
    assert_eq!(node.page("/authors?after=ana").await.status, 200);
    assert_eq!(node.page("/authors?after=nobody").await.status, 404);
    let home = eventually("the footer links to the authors", || async {
        let home = node.page("/").await.text;
        home.contains("href=\"/authors\"").then_some(home)
    })
    .await;
    assert!(home.contains("href=\"/tags\"") && home.contains("href=\"/archive\""));
    let tags = node.page("/tags").await.text;
    assert_eq!(links(&tags, "Tea"), [node.url("/tags/tea").as_str()]);
    node.admin(&["author", "edit", "ana", "--no-picture", "--no-links"])
        .await;
    eventually("the picture is gone from the profile", || async {
        let document = node.document(&actor).await.json();
        document["icon"].is_null().then_some(())
    })
    .await;
    for link in ["Website", "=https://a.example", "x=javascript:alert(1)"] {
        let output = node.cli(&["author", "edit", "ana", "--link", link]).await;
        assert_eq!(output.status.code(), Some(2), "{link}");
    }
}

#[apply(both_databases)]
async fn notes_are_listed_without_replies_and_without_what_is_behind_a_warning(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    for number in 0..22 {
        node.admin(&["note", &format!("Note number {number}.")])
            .await;
    }
    let page = eventually("all notes are published", || async {
        let page = node.page("/notes").await.text;
        page.contains("number 21.").then_some(page)
    })
    .await;
    let older = links(&page, "Older");
    let second = node.page(older[0]).await.text;
    assert!(
        second.contains("number 0.") && !second.contains("number 21."),
        "{second}"
    );
    assert_eq!(page.matches("dt-published").count(), 20);
}

#[apply(both_databases)]
async fn the_page_for_subscribers_names_all_ways(#[case] database: Database) {
    let settings = "[site]\naccounts = [{ label = \"Bluesky\", url = \"https://bsky.example/blog\" }]\n\
                    donate = [{ label = \"Tea money\", url = \"https://pay.example/\" }]\n";
    let node = TestNode::start_with(database, settings).await;
    let page = node.page("/subscribe").await;
    let actor = node.blog();
    for part in [
        "rel=\"me\" href=\"https://bsky.example/blog\"",
        "Tea money",
        "/feed.atom",
        "/feed.rss",
        "/feed.json",
        "action=\"/interact\"",
        actor.as_str(),
        "@blog@",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(
        page.header("content-security-policy")
            .contains("form-action 'self' http")
    );
    assert!(node.page("/").await.text.contains("href=\"/subscribe\""));
}

#[apply(both_databases)]
async fn errors_are_pages_for_people_and_json_for_programs(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let kept = node.publish("---\ntitle: Kept\n---\nText.\n").await;
    let article = node
        .publish("---\ntitle: Withdrawn soon\n---\nText.\n")
        .await;
    eventually("it is published", || async {
        (node.document(&article.id).await.status == 200).then_some(())
    })
    .await;
    node.admin(&["post", "delete", &article.slug, "--yes"])
        .await;
    let gone = eventually("it is withdrawn", || async {
        let page = node.page(&article.url).await;
        (page.status == 410).then_some(page.text)
    })
    .await;
    assert!(
        gone.contains("This was withdrawn on") && gone.contains("<time"),
        "{gone}"
    );
    assert!(
        !gone.contains("for good") && !gone.contains("will not return"),
        "{gone}"
    );
    for missing in [
        "/nothing",
        "/a/b/c/d",
        "/2026/01/nothing",
        "/tags/nothing",
        "/static/nothing",
    ] {
        let page = eventually("the newest articles are named", || async {
            let page = node.page(missing).await;
            let is_current =
                page.text.contains(">Kept</a>") && !page.text.contains("Withdrawn soon");
            is_current.then_some(page)
        })
        .await;
        assert_eq!(page.status, 404, "{missing}");
        assert!(page.text.contains("action=\"/search\""), "{missing}");
        let problem = node.get_as(missing, "application/activity+json").await;
        assert_eq!(
            problem.header("content-type"),
            "application/problem+json",
            "{missing}"
        );
    }
    let post = |accept: &'static str| {
        reqwest::Client::new()
            .post(&kept.url)
            .header("accept", accept)
            .send()
    };
    let page = post("text/html").await.unwrap();
    assert_eq!(page.status().as_u16(), 405);
    assert!(page.headers().contains_key("allow"));
    assert!(
        page.text()
            .await
            .unwrap()
            .contains("This page takes no form")
    );
    let bare = post("*/*").await.unwrap();
    assert_eq!(bare.status().as_u16(), 405);
    assert!(!bare.text().await.unwrap().contains("<html"));
}
