//! Tests of the rendered pages.

mod pages;
mod samples;

use super::*;
use crate::i18n::Locale;
use pages::*;
use samples::*;

const SHORT: &str = r#"<p>“Short.”</p>
<figure class="embed"><a href="https://vimeo.com/1">Watch the video on Vimeo</a></figure>"#;

fn all_pages() -> Vec<(&'static str, String)> {
    let both = || Paging {
        newer: Some(link("/")),
        older: Some(link("/?before=9")),
    };
    let site = site();
    let tagged = ListPage::titled(
        &site,
        "Tagged “History”".into(),
        link("https://example.org/tags/history"),
        summaries(),
        both(),
    );
    vec![
        ("note", note_page(|_| ())),
        ("article", article_page(|_, _| ())),
        (
            "article-warned",
            article_page(|article, discussion| {
                article.content_warning = Some("An assassination".into());
                article.language = "es-MX".into();
                discussion.open = false;
            }),
        ),
        (
            "article-bare",
            article_page(|article, discussion| {
                article.image = None;
                article.tags.clear();
                article.updated = None;
                article.content = html(SHORT);
                *discussion = Discussion {
                    threads: Vec::new(),
                    total: 0,
                    open: true,
                    paging: Paging::default(),
                    newest: None,
                    form: None,
                };
            }),
        ),
        (
            "home",
            home(
                summaries(),
                Paging {
                    newer: None,
                    older: Some(link("/?before=9")),
                },
            ),
        ),
        ("home-empty", home(Vec::new(), Paging::default())),
        ("tag", tagged.rendered()),
        ("profile", profile_page()),
        ("not-found", problem_page(404, Problem::NotFound)),
        ("gone", problem_page(410, Problem::Gone { since: None })),
        ("internal", problem_page(500, Problem::Internal)),
        ("write", write_page(Vec::new())),
        (
            "write-wrong",
            write_page(vec![
                FormProblem::new("", "Too fast."),
                FormProblem::new("mail", "No address."),
                FormProblem::new("text", "No text."),
            ]),
        ),
        (
            "message",
            MessagePage::new(
                &site,
                Locale::Ar,
                "confirm-title",
                "confirm-text",
                link("/"),
                "link-home",
            )
            .with_button(Button {
                action: link("/comments/confirm"),
                token: "1.2.3".into(),
                label: "Confirm".into(),
            })
            .rendered(),
        ),
        ("interaction", interaction_page(None)),
        (
            "interaction-wrong",
            interaction_page(Some("Enter your handle.".into())),
        ),
        (
            "commands",
            CommandsPage::new(
                &site,
                vec![CommandLine {
                    label: "commands-follow",
                    line: "pamphlet follow @reader@social.example".into(),
                }],
            )
            .rendered(),
        ),
    ]
}

#[test]
fn no_page_needs_what_its_policy_forbids() {
    for (name, page) in all_pages() {
        for forbidden in [
            " style=",
            "<style",
            " onclick=",
            "<iframe",
            "javascript:",
            "<base",
        ] {
            assert!(!page.contains(forbidden), "{name}: {forbidden}");
        }
        for source in page.split(" src=\"").skip(1) {
            assert!(
                source.starts_with("/") || source.starts_with("https://example.org/"),
                "{name}: {source:.40}"
            );
        }
        for script in page.split("<script").skip(1) {
            assert!(
                script.starts_with(" src=\"/static/")
                    || script.starts_with(" type=\"application/ld+json\">"),
                "{name}: {script:.40}"
            );
        }
    }
}

#[test]
fn every_page_has_one_heading_one_main_and_unique_ids() {
    for (name, page) in all_pages() {
        assert_eq!(page.matches("<h1").count(), 1, "{name}");
        assert_eq!(page.matches("<main").count(), 1, "{name}");
        let mut ids: Vec<&str> = page
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name}");
    }
}

#[test]
fn the_head_of_an_article_has_metadata_for_programs() {
    let page = article_page(|_, _| ());
    for line in [
        r#"<html lang="en" dir="ltr">"#,
        "<title>Leon Trotsky: Love, Death and Exile in Mexico · The Commonplace Book</title>",
        r#"<link rel="canonical" href="https://example.org/2010/leon-trotsky-love-death-and-exile-in-mexico">"#,
        r#"<link rel="alternate" type="application/activity+json" href="https://example.org/articles/0198c0de">"#,
        r#"<link rel="alternate" type="application/atom+xml" title="The Commonplace Book" href="https://example.org/feed.atom">"#,
        r#"<meta name="fediverse:creator" content="@blog@example.org">"#,
        r#"<meta property="og:type" content="article">"#,
        r#"<meta property="article:published_time" content="2010-08-21T09:00:00Z">"#,
        r#"<meta property="article:tag" content="Mexico">"#,
        r#"<meta property="og:image" content="https://example.org/media/lead.svg">"#,
        r#"<meta name="robots" content="index, follow, max-image-preview:large">"#,
    ] {
        assert!(page.contains(line), "{line}");
    }
}

#[test]
fn a_warned_article_is_hidden_and_has_no_picture_in_previews() {
    let page = article_page(|article, _| article.content_warning = Some("Blood & gore".into()));
    let card = "<meta property=\"og:image\" content=\"https://example.org/cards/site/0.png\">";
    assert!(page.contains(card) && !page.contains("content=\"https://example.org/media"));
    let (before, inside) = page.split_once("<details class=\"warning\">").unwrap();
    assert!(!before.contains("<img"));
    assert!(!before.contains("second only to Lenin"));
    assert!(inside.contains("Blood &#38; gore"));
    assert!(
        inside
            .split("</details>")
            .next()
            .unwrap()
            .contains("second only to Lenin")
    );
}

#[test]
fn names_and_titles_are_escaped() {
    let evil = "\"><script>alert(1)</script>";
    let page = article_page(|article, _| {
        article.title = evil.into();
        article.excerpt = evil.into();
        article.author.name = evil.into();
        article.tags[0].name = evil.into();
        article.content_warning = Some(evil.into());
    });
    assert!(!page.contains("<script>"));
    assert!(!page.contains("<b>bold</b>"), "the name of a commenter");
}

#[test]
fn a_comment_shows_its_author_number_and_original() {
    let page = article_page(|_, _| ());
    let comment = page
        .split(r#"id="comment-7""#)
        .nth(1)
        .unwrap()
        .split("</article>")
        .next()
        .unwrap();
    for part in [
        r#"href="https://photos.example/cactus" rel="nofollow ugc noopener"><bdi>A Reader's Cactus 🌵</bdi>"#,
        r#"<bdi class="handle">@cactus@photos.example</bdi>"#,
        r##"href="#comment-7"><span class="number">#7</span>"##,
        r#"datetime="2010-08-21T14:41:00Z">21 August 2010, 14:41 UTC</time>"#,
        r#"href="https://social.example/notes/7" rel="nofollow ugc noopener" aria-label="Original of comment 7">Original"#,
        "<li>3 likes</li>",
        "<li>1 boost</li>",
    ] {
        assert!(comment.contains(part), "{part}\n{comment}");
    }
}

#[test]
fn a_deleted_comment_keeps_its_position_and_replies() {
    let page = article_page(|_, _| ());
    let after = page.split(r#"id="comment-16""#).nth(1).unwrap();
    let (tombstone, rest) = after.split_once("</article>").unwrap();
    assert!(tombstone.contains("Comment deleted"));
    assert!(rest.trim_start().starts_with("<ol>"));
    assert!(
        rest.split("</ol>")
            .next()
            .unwrap()
            .contains(r#"id="comment-17""#)
    );
}

#[test]
fn closed_comments_offer_no_reply() {
    let open = article_page(|_, _| ());
    let closed = article_page(|_, discussion| discussion.open = false);
    assert!(open.contains("id=\"reply-title\"") && !open.contains("Comments are closed."));
    assert!(!closed.contains("id=\"reply-title\"") && closed.contains("Comments are closed."));
}

#[test]
fn lists_have_pages_and_can_be_empty() {
    let page = home(
        summaries(),
        Paging {
            newer: Some(link("/new")),
            older: Some(link("/old")),
        },
    );
    assert!(
        page.contains(r#"<a href="/new">Newer articles</a>"#)
            && page.contains(r#"<a href="/old">Older articles</a>"#)
    );
    assert!(page.contains("1 comment<") && !page.contains("0 comments<"));
    let empty = home(Vec::new(), Paging::default());
    assert!(empty.contains("Nothing is published here yet") && !empty.contains("class=\"paging\""));
}

#[test]
fn error_pages_are_not_indexed_and_give_advice() {
    for (status, problem) in [
        (404, Problem::NotFound),
        (410, Problem::Gone { since: None }),
        (500, Problem::Internal),
    ] {
        let page = problem_page(status, problem);
        assert!(page.contains(r#"<meta name="robots" content="noindex">"#));
        assert!(page.contains(&problem.title(Locale::En)) && page.contains(&status.to_string()));
        assert!(!page.contains("rel=\"canonical\""));
    }
}

#[test]
fn a_note_behind_a_warning_is_in_no_title_or_preview() {
    let open = note_page(|_| ());
    assert!(open.contains("<title>We read it twice. · The Commonplace Book</title>"));
    assert!(open.contains("og:image") && open.contains("in reply to this post"));
    let closed = note_page(|note| note.content_warning = Some("Ending revealed".into()));
    let (head, body) = closed.split_once("</head>").unwrap();
    assert!(
        head.contains("<title>Ending revealed")
            && !head.contains("twice")
            && !head.contains("og:image")
    );
    assert!(body.contains("<details class=\"warning\">") && body.contains("twice"));
}

#[test]
fn a_form_lists_its_problems_and_links_to_the_fields() {
    let right = write_page(Vec::new());
    assert!(!right.contains("aria-invalid") && !right.contains("autofocus"));
    let wrong = write_page(vec![
        FormProblem::new("", "Too fast."),
        FormProblem::new("mail", "No address."),
        FormProblem::new("text", "No text."),
    ]);
    for part in [
        r##"<li>Too fast.</li>"##,
        r##"<li><a href="#write-mail">No address.</a></li>"##,
        r#"aria-describedby="write-mail-how write-mail-problem" aria-invalid="true" autofocus>"#,
        r#"<p class="error" id="write-text-problem">No text.</p>"#,
    ] {
        assert!(wrong.contains(part), "{part}");
    }
    assert_eq!(wrong.matches("autofocus").count(), 1);
}
