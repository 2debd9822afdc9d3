//! The languages of the interface: of the site, and of an article in another one; dates in the time zone of the site.

use crate::support::{Database, Guest, Peer, TestNode};
use pamphlet::{
    config::{Config, Overrides},
    i18n::Locale,
};
use std::{collections::BTreeMap, fs, path::Path};

/// Returns the texts of a language that are written on one line and have no arguments, by their keys.
fn plain_texts(locale: Locale) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales");
    let mut texts = BTreeMap::new();
    for file in fs::read_dir(folder.join(locale.tag())).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for (key, value) in text.lines().filter_map(|line| line.split_once(" = ")) {
            if !key.contains([' ', '#']) && !value.contains('{') {
                texts.insert(key.to_owned(), value.to_owned());
            }
        }
    }
    texts
}

/// Returns the English texts that a page shows and that the language writes otherwise.
fn english_on(page: &str, locale: Locale) -> Vec<String> {
    // Metadata for programs has English terms.
    let page: String = page
        .split("<script type=\"application/ld+json\">")
        .enumerate()
        .map(|(number, part)| match part.split_once("</script>") {
            Some((_, rest)) if number > 0 => rest,
            _ => part,
        })
        .collect();
    let translated = plain_texts(locale);
    let english = plain_texts(Locale::En).into_iter();
    english
        .filter(|(key, text)| {
            let written = text.replace('>', "&#62;");
            let is_shown = page.contains(&format!(">{written}<"))
                || (written.starts_with(char::is_uppercase)
                    && page.contains(&format!("\"{written}\"")))
                || (written.contains(' ') && page.contains(&written));
            is_shown && translated[key] != *text
        })
        .map(|(key, text)| format!("{key}: {text}"))
        .collect()
}

/// Starts a node whose site has this language.
async fn site_in(locale: Locale) -> TestNode {
    let tables = format!(
        "[site]\nname = \"Zibaldone\"\nlanguage = \"{}\"\ntime_zone = \"Europe/Berlin\"\n\
         [comments]\nproxies = [\"127.0.0.1\"]\n",
        locale.tag()
    );
    TestNode::start_with(Database::Sqlite, &tables).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_page_is_in_the_language_of_the_site() {
    for locale in Locale::ALL
        .into_iter()
        .filter(|locale| *locale != Locale::En)
    {
        let node = site_in(locale).await;
        let peer = Peer::start("polyglot").await;
        let article = node
            .publish("---\ntitle: Xyz\ndate: 2026-02-01T23:30:00Z\ntags: Abc\n---\nQwertz.\n")
            .await;
        let empty = node
            .page(&node.url("/authorize_interaction?uri=@a@example.org"))
            .await;
        assert_eq!(empty.status, 200, "{locale:?}");
        let reader = peer.actor("reader").await;
        reader
            .comment(&node.inbox(), &article.id, "<p>Uiop.</p>")
            .await;
        reader
            .deliver(
                &node.inbox(),
                &reader.activity("Like", article.id.clone().into()),
            )
            .await;
        let guest = Guest::at(&node, "192.0.2.9");
        let wrong = guest.write(&article, &[("mail", "x"), ("site", "x")]).await;
        assert_eq!(wrong.status, 422, "{locale:?}");
        let mut pages = vec![("form", wrong.text)];
        let path = article.url.strip_prefix(&node.origin).unwrap();
        for (name, path) in [
            ("home", "/".to_owned()),
            ("article", path.to_owned()),
            ("reply form", format!("{path}/reply/1")),
            ("reactions", format!("{path}/reactions")),
            ("tag", "/tags/abc".to_owned()),
            ("interaction", format!("/interact?uri={}", article.id)),
            (
                "commands",
                "/authorize_interaction?uri=@a@example.org".to_owned(),
            ),
            ("link", "/comments/confirm?token=x".to_owned()),
            ("not found", "/2026/02/none".to_owned()),
        ] {
            pages.push((name, node.page(&node.url(&path)).await.text));
        }
        let html = format!(
            "<html lang=\"{0}\" dir=\"{1}\">",
            locale.tag(),
            locale.direction().as_str()
        );
        for (name, page) in &pages {
            assert!(page.contains(&html), "{locale:?}: {name}");
            assert!(!page.contains("lang=\"en\""), "{locale:?}: {name}: {page}");
            assert_eq!(
                english_on(page, locale),
                [] as [String; 0],
                "{locale:?}: {name}"
            );
        }
        let date = match locale {
            Locale::De => "2. Februar 2026",
            Locale::Fr => "2 février 2026",
            Locale::Es => "2 de febrero de 2026",
            _ => "2 فبراير 2026",
        };
        for (name, page) in &pages[1..3] {
            assert!(page.contains(date), "{locale:?}: {name}: {page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_article_in_another_language_has_its_own_interface_and_direction() {
    let node = TestNode::start(Database::Sqlite).await;
    let arabic = node
        .publish("---\ntitle: عن القراءة\nslug: arabic\nlanguage: ar\ndate: 2026-02-01\n---\nنص.\n")
        .await;
    let polish = node
        .publish(
            "---\ntitle: O czytaniu\nslug: polish\nlanguage: pl\ndate: 2026-02-01\n---\nTekst.\n",
        )
        .await;
    let page = node.page(&arabic.url).await.text;
    for part in [
        "<html lang=\"ar\" dir=\"rtl\">",
        "<header class=\"masthead\" lang=\"en\" dir=\"ltr\">",
        "<p class=\"byline\" lang=\"ar\" dir=\"rtl\">بقلم",
        "1 فبراير 2026",
        "aria-labelledby=\"comments-title\" lang=\"ar\" dir=\"rtl\">",
        "لا توجد تعليقات بعد",
        ">Home</a>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let page = node.page(&polish.url).await.text;
    for part in [
        "<html lang=\"pl\" dir=\"ltr\">",
        "<p class=\"byline\" lang=\"en\" dir=\"ltr\">By",
        "No comments yet",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let home = node.page(&node.url("/")).await.text;
    assert!(home.contains("<html lang=\"en\" dir=\"ltr\">"), "{home}");
    assert!(
        home.contains(" lang=\"ar\" dir=\"rtl\"") && home.contains("بقلم"),
        "{home}"
    );
    // Another program wrote these rows.
    for language in ["deutsch, bitte", "\"><script>", "ar-"] {
        let update = format!("UPDATE articles SET language = '{language}' WHERE slug = 'polish'");
        node.sql(&update).await;
        let page = node.page(&polish.url).await;
        assert_eq!(page.status, 200, "{language}");
        assert!(
            page.text.contains("<html lang=\"en\" dir=\"ltr\">"),
            "{language}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slug_is_made_from_a_title_in_any_script() {
    let node = TestNode::start(Database::Sqlite).await;
    for (front_matter, slug) in [
        ("title: Über Größe\nlanguage: de", "ueber-groesse"),
        ("title: Über Größe", "uber-grosse"),
        ("title: О чтении", "o-chtenii"),
        ("title: 読書について", "du-shu-nituite"),
    ] {
        let article = node
            .publish(&format!("---\n{front_matter}\n---\nText.\n"))
            .await;
        assert_eq!(article.slug, slug, "{front_matter}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_language_is_refused_with_its_place() {
    let node = TestNode::start(Database::Sqlite).await;
    for (language, reason) in [
        ("german", "no language has the code \"german\""),
        ("de_DE", "a language is a tag like en, pt-BR or zh-Hant"),
        ("deu", "the code of this language is \"de\", not \"deu\""),
    ] {
        let file = node.file(
            "x.md",
            &format!("---\ntitle: X\nlanguage: {language}\n---\nY.\n"),
        );
        let output = node.cli(&["post", "publish", &file]).await;
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{language}");
        assert!(
            error.contains("line 3") && error.contains(reason),
            "{language}: {error}"
        );
    }
    for (line, reason) in [
        (
            "language = \"xx\"",
            "language is \"xx\", but no language has the code \"xx\"",
        ),
        ("language = \"\"", "a language is a tag like"),
        (
            "time_zone = \"Berlin\"",
            "\"Berlin\" is not a time zone; time_zone must be an IANA name",
        ),
    ] {
        let file = node.file("other.toml", &format!("[site]\n{line}\n"));
        let overrides = Overrides {
            file: Some(file.into()),
            ..Overrides::default()
        };
        let error = Config::load(&overrides).unwrap_err().to_string();
        assert!(
            error.contains("line 2") && error.contains(reason),
            "{line}: {error}"
        );
    }
}
