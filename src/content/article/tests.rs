//! Files that must be read, and files that must be refused with a clear message.

use chrono::TimeZone;

use super::*;

fn read(front_matter: &str) -> ArticleSource {
    ArticleSource::parse(&format!("---\ntitle: T\n{front_matter}\n---\ntext\n")).unwrap()
}

fn refusal(front_matter: &str) -> String {
    ArticleSource::parse(&format!("---\ntitle: T\n{front_matter}\n---\ntext\n"))
        .unwrap_err()
        .to_string()
}

const FULL: &str = r##"---
title: "Leon Trotsky: Love, Death and Exile in Mexico"
slug: trotsky-in-mexico
author: Open Culture
date: 2010-08-21T09:00:00Z
updated: 2010-08-22
tags: [History, "#Mexico", history, 1937]
summary: "Grainy footage from 1937: Trotsky, in exile."
language: en-GB
image: images/trotsky.jpg
alt: Trotsky at a desk
federate: note
federate_summary: excerpt
pictures: attached
comments: moderated
comment_days: 30
pings: closed
quotes: followers
sensitive: yes
content_warning: Violence
---

Leon Trotsky, one of the fathers

---
is no front matter.
"##;

#[test]
fn all_keys_are_read() {
    let article = ArticleSource::parse(FULL).unwrap();
    let expected = ArticleSource {
        title: "Leon Trotsky: Love, Death and Exile in Mexico".into(),
        slug: Some("trotsky-in-mexico".parse().unwrap()),
        author: Some("Open Culture".into()),
        date: Some(Utc.with_ymd_and_hms(2010, 8, 21, 9, 0, 0).unwrap()),
        updated: Some(Utc.with_ymd_and_hms(2010, 8, 22, 0, 0, 0).unwrap()),
        tags: vec!["History".into(), "Mexico".into(), "1937".into()],
        summary: Some("Grainy footage from 1937: Trotsky, in exile.".into()),
        language: Some("en-GB".parse().unwrap()),
        image: Some(ImageSource::Path("images/trotsky.jpg".into())),
        image_alt: Some("Trotsky at a desk".into()),
        federate: Some(FederatedForm::Note),
        federate_summary: Some(SummaryPolicy::Excerpt),
        pictures: Some(PicturePlacement::Attached),
        comments: Some(CommentPolicy::Moderated),
        comment_days: Some(30),
        pings: Some(PingPolicy::Closed),
        quotes: Some(QuotePolicy::Followers),
        sensitive: true,
        content_warning: Some("Violence".into()),
        markdown: "Leon Trotsky, one of the fathers\n\n---\nis no front matter.\n".into(),
    };
    assert_eq!(article, expected);
}

#[test]
fn a_written_file_is_parsed_to_the_same_article() {
    let hostile = ArticleSource {
        title: "no: \"yes\" # 'x' | > - é\u{1F600}".into(),
        author: Some("1984".into()),
        tags: vec!["true".into(), "a: b".into(), "c, d".into(), "- e".into()],
        summary: Some("two\nlines: {x}\n---\nend".into()),
        image: Some(ImageSource::Url(
            Url::parse("https://a.example/x?y=#z").unwrap(),
        )),
        content_warning: Some("~".into()),
        date: Some(Utc.timestamp_opt(1_700_000_000, 123_000_000).unwrap()),
        ..read("")
    };
    for article in [ArticleSource::parse(FULL).unwrap(), read(""), hostile] {
        let file = article.to_file_text();
        assert_eq!(ArticleSource::parse(&file), Ok(article), "{file}");
    }
}

#[test]
fn values_stay_texts() {
    let title = |title: &str| {
        ArticleSource::parse(&format!("---\ntitle: {title}\n---\n"))
            .unwrap()
            .title
    };
    assert_eq!(title("1984"), "1984");
    assert_eq!(title("1.10"), "1.10");
    assert_eq!(title("no"), "no");
    assert_eq!(title(">\n  two\n  lines"), "two lines");
}

#[test]
fn empty_values_are_absent() {
    let article = read("slug:\nauthor: ''\ndate: ~\ntags:\nsummary: \"  \"\ncomments:");
    assert_eq!(article, read(""));
}

#[test]
fn tags_are_a_list_or_words_separated_by_commas() {
    assert_eq!(
        read("tags: a, #b ,, A").tags,
        ["a"],
        "a comment begins at ` #`, as YAML says"
    );
    assert_eq!(read("tags: \"a, #b c ,, A\"").tags, ["a", "b c"]);
    assert_eq!(
        read("tags:\n- a\n- 2024\n- true").tags,
        ["a", "2024", "true"]
    );
    assert!(refusal("tags: {a: b}").starts_with("line 3: tags: must be a list"));
    assert!(refusal("tags: [[a]]").starts_with("line 3: tags: each tag must be"));
}

#[test]
fn dates_have_several_forms() {
    let date = |date: &str| read(&format!("date: {date}")).date.unwrap().to_rfc3339();
    assert_eq!(date("2026-01-31"), "2026-01-31T00:00:00+00:00");
    assert_eq!(date("2026-01-31 18:30"), "2026-01-31T18:30:00+00:00");
    assert_eq!(date("2026-01-31 18:30:15"), "2026-01-31T18:30:15+00:00");
    assert_eq!(
        date("2026-01-31T18:30:00+01:00"),
        "2026-01-31T17:30:00+00:00"
    );
    assert_eq!(date("\"2026-01-31 18:30\""), "2026-01-31T18:30:00+00:00");
}

#[test]
fn an_invalid_date_is_refused_with_its_line() {
    for date in [
        "tomorrow",
        "2026-02-30",
        "2026-13-01",
        "31.1.2026",
        "99999-01-01",
        "0000-01-01",
        "2026-01-31 25:00",
        "2026",
        "-1-01-01",
    ] {
        let message = refusal(&format!("author: A\ndate: {date}"));
        assert!(
            message.starts_with(&format!(
                "line 4: date: \"{date}\" is not a date; write 2026-01-31"
            )),
            "{message}"
        );
    }
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_closest() {
    assert_eq!(
        refusal("author: A\ncoments: open"),
        "line 4: unknown key `coments`; did you mean `comments`?"
    );
    assert_eq!(read("Author: A").author.as_deref(), Some("A"));
    assert_eq!(
        refusal("\"content warning\": A"),
        "line 3: unknown key `content warning`; did you mean `content_warning`?"
    );
}

#[test]
fn bad_values_are_refused_with_their_line() {
    for (line, message) in [
        (
            "slug: Not A Slug",
            "line 3: slug: \"Not A Slug\": a slug has only a-z, 0-9 and hyphens, not 'N'",
        ),
        (
            "comments: maybe",
            "line 3: comments: \"maybe\": must be one of open, moderated, followers, closed",
        ),
        (
            "federate: all",
            "line 3: federate: \"all\": must be one of article, note, teaser, no",
        ),
        (
            "language: english language",
            "line 3: language: \"english language\": a language is a tag like en, pt-BR or zh-Hant",
        ),
        (
            "sensitive: perhaps",
            "line 3: sensitive: \"perhaps\" must be yes or no",
        ),
        (
            "image: javascript:alert(1)",
            "line 3: image: the URL of an image begins with https: or http:, not javascript:",
        ),
    ] {
        assert_eq!(refusal(line), message);
    }
}

#[test]
fn broken_yaml_is_refused_with_its_line() {
    for broken in [
        "author: \"A",
        "author: [a, b",
        "author: a: b",
        "\tauthor: A",
        "author: A\nauthor: B",
        "- a",
        "author: *a",
    ] {
        let message = refusal(broken);
        assert!(message.starts_with("line "), "{message}");
        assert!(
            message.contains(": the front matter is not valid YAML: "),
            "{message}"
        );
        assert!(!message.contains('\n') && message.len() < 250, "{message}");
    }
    assert!(
        refusal("author: a: b").starts_with("line 3:"),
        "{}",
        refusal("author: a: b")
    );
    let no_mapping = ArticleSource::parse("---\njust words\n---\n").unwrap_err();
    assert!(
        matches!(no_mapping, FrontMatterError::Syntax { .. }),
        "{no_mapping}"
    );
}

#[test]
fn a_yaml_bomb_is_refused() {
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (level, below) in ('b'..='z').zip('a'..) {
        bomb += &format!(
            "{level}: &{level} [{}]\n",
            vec![format!("*{below}"); 9].join(",")
        );
    }
    let start = std::time::Instant::now();
    assert!(refusal(&bomb).starts_with("line "));
    refusal(&format!("author: {}", "[".repeat(16_000)));
    assert!(
        start.elapsed() < std::time::Duration::from_secs(60),
        "took {:?}",
        start.elapsed()
    );
}

#[test]
fn front_matter_must_be_closed_and_short() {
    assert_eq!(
        ArticleSource::parse("---\ntitle: T\n\ntext"),
        Err(FrontMatterError::NotClosed { fence: "---" })
    );
    let long = format!("---\ntitle: T\nsummary: {}\n---\n", "x".repeat(17_000));
    assert!(matches!(
        ArticleSource::parse(&long),
        Err(FrontMatterError::FrontMatterTooLong { .. })
    ));
}

#[test]
fn a_file_of_more_than_2_mib_is_refused() {
    let bytes = MAX_FILE_BYTES + 1;
    assert_eq!(
        ArticleSource::parse(&"x".repeat(bytes)),
        Err(FrontMatterError::TooLong { bytes })
    );
}

#[test]
fn the_title_can_be_the_first_heading() {
    let article = ArticleSource::parse("\u{FEFF}\r\n# A *title*\r\n\r\nText\r\n").unwrap();
    assert_eq!(
        (article.title.as_str(), article.markdown.as_str()),
        ("A title", "Text\n")
    );
    let with_front_matter = ArticleSource::parse("---\nauthor: A\n---\n\n# T\ntext").unwrap();
    assert_eq!(
        (
            with_front_matter.title.as_str(),
            with_front_matter.markdown.as_str()
        ),
        ("T", "text")
    );
    let titled = ArticleSource::parse("---\ntitle: T\n---\n# H\n").unwrap();
    assert_eq!(
        (titled.title.as_str(), titled.markdown.as_str()),
        ("T", "# H\n")
    );
    for file in [
        "",
        "text",
        "---\n---\ntext",
        "---\nauthor: A\n---\n",
        "# \n",
        "---\ntitle: ' '\n---\n",
    ] {
        assert_eq!(
            ArticleSource::parse(file),
            Err(FrontMatterError::NoTitle),
            "{file:?}"
        );
    }
}

#[test]
fn windows_line_ends_are_read() {
    let article = ArticleSource::parse(&FULL.replace('\n', "\r\n"));
    assert_eq!(article, ArticleSource::parse(FULL));
}

/// Texts that YAML or Markdown could take for something else.
fn hostile_text() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let piece = prop_oneof![
        "[ -~]{0,12}",
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "---",
            "...",
            "\n",
            "\r\n",
            "\r",
            "\t",
            "  ",
            " #x",
            ": ",
            "- ",
            "? ",
            "~",
            "null",
            "yes",
            "0x1F",
            "1e3",
            "1_000",
            "2026-01-01",
            "%YAML",
            "&a",
            "*a",
            "!t",
            "|",
            ">-",
            "'",
            "\"",
            "\\",
            "{",
            "}",
            "[",
            "]",
            ",",
            "`",
            "@",
            "\u{FEFF}",
            "\u{85}",
            "\u{2028}",
            "title: other",
            "é",
            "\u{0}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest::proptest! {
    /// The file that is written for a stored article, whoever stored it, is read, and reading it again changes nothing.
    #[test]
    fn a_written_file_is_read_to_what_it_is_written_from(
        texts in proptest::array::uniform5(hostile_text()),
        tags in proptest::collection::vec(hostile_text(), 0..4),
        date in -60_000_000_000_000i64..250_000_000_000_000,
    ) {
        let [title, markdown, summary, author, warning] = texts;
        let stored = ArticleSource {
            author: Some(author),
            summary: Some(summary),
            content_warning: Some(warning),
            tags,
            date: chrono::DateTime::from_timestamp_millis(date),
            ..ArticleSource::plain(format!("T{title}"), markdown)
        };
        let read = ArticleSource::parse(&stored.to_file_text()).unwrap();
        proptest::prop_assert_eq!(read.date, stored.date);
        let again = ArticleSource::parse(&read.to_file_text()).unwrap();
        proptest::prop_assert_eq!(&again, &read);
        proptest::prop_assert_eq!(again.to_file_text(), read.to_file_text());
    }
}
