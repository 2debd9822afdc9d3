//! Broken items, which do not break the rest.

use super::{HEAD, TAIL, articles, comment, export, notices, post, problems, read, titles};
use crate::importing::model::Body;

#[test]
fn broken_items_are_named_and_the_others_come_in() {
    let good = post(1, "Good", "");
    let last = post(9, "Last", "");
    for (name, items, expected_titles, expected_problems) in [
        (
            "an end that is missing",
            format!("{good}<item><title>Bad</title><wp:post_id>2</wp:post_id>\n{last}"),
            vec!["Good", "Last"],
            vec!["7: item 2 (Bad): it has no end: the next item begins in it"],
        ),
        (
            "text that never ends hides the next item",
            format!(
                "{good}<item><title>Bad</title>\n<content:encoded><![CDATA[Text</content:encoded></item>\n{last}"
            ),
            vec!["Good", "Last"],
            vec![
                "9: item (Bad): it is not well-formed XML: ill-formed document: expected `</content:encoded>`, but `</title>` was found",
            ],
        ),
        (
            "elements in the wrong order",
            format!("{good}<item>\n<title>Bad</title>\n<b><i></b></i></item>\n{last}"),
            vec!["Good", "Last"],
            vec![
                "9: item (Bad): it is not well-formed XML: ill-formed document: expected `</i>`, but `</b>` was found",
            ],
        ),
        (
            "no id",
            format!("{good}<item><title>Bad</title></item>{last}"),
            vec!["Good", "Last"],
            vec!["7: item (Bad): it has no id"],
        ),
        (
            "a comment without an end, one that is broken, one without an id",
            format!(
                "{}{last}",
                post(
                    1,
                    "Good",
                    "<wp:comment><wp:comment_id>1</wp:comment_id>\n<wp:comment><b></wp:comment>\n<wp:comment></wp:comment>"
                )
            ),
            vec!["Good", "Last"],
            vec![
                "6: comment: it has no end",
                "7: comment: it is not well-formed XML: ill-formed document: expected `</b>`, but `</wp:comment>` was found",
                "8: comment : it has no id",
            ],
        ),
        (
            "too deep",
            format!(
                "{good}<item><title>Bad</title>{}</item>{last}",
                "<a>".repeat(100)
            ),
            vec!["Good", "Last"],
            vec!["7: item (Bad): its elements are more than 16 levels deep"],
        ),
        (
            "too large",
            format!(
                "{good}<item><title>Bad</title><content:encoded><![CDATA[{}]]></content:encoded></item>\n{last}",
                "long\n".repeat(4 << 20)
            ),
            vec!["Good", "Last"],
            vec!["7: item (Bad): it is larger than 16 MB, and is not read"],
        ),
        (
            "an item in a text that mentions items",
            format!(
                "{good}<item><title>Bad</title><b><content:encoded><![CDATA[An <item> & <item>]]></content:encoded></item>\n{last}"
            ),
            vec!["Good", "Last"],
            vec![],
        ),
        (
            "too many empty elements",
            format!(
                "{good}<item><title>Bad</title>{}</item>\n{last}",
                "<a/>".repeat(200_001)
            ),
            vec!["Good", "Last"],
            vec!["7: item (Bad): it has more than 200000 elements"],
        ),
        (
            "a tag too large to be one",
            format!(
                "{good}<item><title a='{}>Bad</title></item>\n{last}",
                "x".repeat(100_000)
            ),
            vec!["Good", "Last"],
            vec![],
        ),
    ] {
        let read = read(export(&items));
        assert_eq!(titles(&read), expected_titles, "{name}");
        let problems = problems(&read);
        if expected_problems.is_empty() {
            assert_eq!(problems.len(), 1, "{name}: {problems:?}");
        } else {
            assert_eq!(problems, expected_problems, "{name}");
        }
    }
}

#[test]
fn broken_items_that_hide_others_are_read_to_a_limit() {
    let hidden = "<item><title>H</title><b></item>\n".repeat(5000);
    let items = format!(
        "<item><title>Bad</title><content:encoded><![CDATA[</content:encoded></item>\n{hidden}<title>]]></title></item>{}",
        post(9, "Last", &comment(1, ""))
    );
    let read = read(export(&items));
    assert_eq!(titles(&read), ["Last"]);
    let problems = problems(&read);
    assert_eq!(problems.len(), 102, "{problems:?}");
    assert!(problems[101].contains("are not read"), "{problems:?}");
}

#[test]
fn comments_of_items_that_are_left_out_are_counted() {
    let comments = comment(1, "") + &comment(2, "");
    let items = format!(
        "<item><title>Bad</title>{comments}</item>\n<item><wp:post_id>3</wp:post_id><wp:status>trash</wp:status>{}</item>\n{}",
        comment(3, ""),
        post(9, "Last", &comment(4, ""))
    );
    let read = read(export(&items));
    assert_eq!(
        notices(&read),
        [
            "comments of items in the trash: 1, which are not imported",
            "comments of items that can't be read: 2, which are not imported",
            "items in the trash: 1, which are not imported",
        ]
    );
    let last = articles(&read)[0];
    assert_eq!(last.comments.len(), 1);
    assert_eq!(
        last.comments[0].value.former_path.as_deref(),
        Some("/blog/?c=4")
    );
}

#[test]
fn a_run_of_signs_that_begin_tags_takes_no_long_time() {
    let items = post(1, "One", &"<".repeat(1 << 18)) + &post(2, "Two", "");
    let read = read(export(&items));
    assert_eq!(titles(&read).last(), Some(&"Two"));
}

#[test]
fn a_file_that_is_cut_off_is_read_until_there() {
    let whole = export(&(post(1, "One", &comment(1, "")) + &post(2, "Two", &comment(2, ""))));
    let end = whole.len();
    for (cut, count) in [
        (end - 4, 2),
        (end - TAIL.len(), 2),
        (end - TAIL.len() - 20, 1),
        (HEAD.len() + 40, 0),
        (HEAD.len() - 2, 0),
    ] {
        let read = read(&whole[..cut]);
        assert_eq!(titles(&read).len(), count, "{cut}");
        let problems = problems(&read);
        assert!(
            problems
                .last()
                .is_some_and(|problem| problem.ends_with("it is cut off")),
            "{cut}: {problems:?}"
        );
    }
    assert_eq!(problems(&read(&whole)), Vec::<String>::new());
}

#[test]
fn characters_that_xml_forbids_are_left_out() {
    let read = read(export(&post(
        1,
        "N\0U\u{1b}L\u{FFFF} &",
        "<excerpt:encoded>a&#0;b&#x1;c&#xD800;d&nbsp;e&unknown;f & g &amp; h</excerpt:encoded>",
    )));
    let article = articles(&read)[0];
    assert_eq!(article.title, "NUL &");
    assert_eq!(article.summary.as_deref(), Some("abcd e&unknown;f & g & h"));
}

#[test]
fn the_end_of_a_text_in_the_text_is_text() {
    let text = |inner: &str| {
        let items = format!(
            "<item><title>T</title><content:encoded><![CDATA[{inner}]]></content:encoded><wp:post_id>1</wp:post_id></item>"
        );
        let read = read(export(&items));
        let body = articles(&read).first().map(|article| article.body.clone());
        body.unwrap_or_else(|| panic!("{:?}", problems(&read)))
    };
    let expected = Body::Html("<p>a[b[0]]>c <i>d</i></p>".to_owned());
    assert_eq!(text("a[b[0]]]]><![CDATA[>c <i>d</i>"), expected);
    assert_eq!(text("a[b[0]]>c <i>d</i>"), expected);
    assert_eq!(
        text("a ]]> <i>b</i> ]]> <br> c ]]]]><![CDATA[> d"),
        Body::Html("<p>a ]]> <i>b</i> ]]> <br> c ]]> d</p>".to_owned())
    );
}

#[test]
fn entities_are_not_expanded() {
    let bomb = r#"<!DOCTYPE rss [
<!ENTITY a "aaaaaaaaaa"> <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"> <!ENTITY f SYSTEM "file:///etc/passwd">
]>
<rss"#;
    let items = post(1, "Bomb", "<excerpt:encoded>&a;&b;&f;</excerpt:encoded>");
    let read = read(export(&items).replace("<rss", bomb));
    assert_eq!(articles(&read)[0].summary.as_deref(), Some("&a;&b;&f;"));
    assert_eq!(problems(&read), Vec::<String>::new());
}
