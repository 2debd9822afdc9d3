//! Items of an export, read.

use super::{articles, comment, export, notices, post, problems, read};
use crate::importing::model::{
    Body, ImportedAuthor, ImportedCommentKind, ImportedCommentState, ImportedPage, ImportedStatus,
    Item, Located, Read, RemoteOrigin,
};

fn pages(read: &[Read]) -> Vec<&ImportedPage> {
    let items = read.iter().filter_map(|read| match read {
        Ok(Located {
            value: Item::Page(page),
            ..
        }) => Some(page.as_ref()),
        _ => None,
    });
    items.collect()
}

fn authors(read: &[Read]) -> Vec<&ImportedAuthor> {
    let items = read.iter().filter_map(|read| match read {
        Ok(Located {
            value: Item::Author(author),
            ..
        }) => Some(author),
        _ => None,
    });
    items.collect()
}

#[test]
fn an_export_is_read_as_wordpress_means_it() {
    let bytes = include_bytes!("../../../../../tests/fixtures/importing/wordpress.xml");
    let read = read(bytes);
    assert_eq!(problems(&read), Vec::<String>::new());
    let [trotsky, draft] = articles(&read)[..] else {
        panic!("{read:?}");
    };
    assert_eq!(
        trotsky.title,
        "Leon Trotsky: Love, Death and Exile in Mexico"
    );
    assert_eq!(trotsky.key, "4711");
    assert_eq!(trotsky.published_at, Some(1_282_381_200_000));
    assert_eq!(trotsky.author.as_deref(), Some("dan"));
    assert_eq!(trotsky.tags, ["History", "Mexico"]);
    assert_eq!(
        (trotsky.comments_are_open, trotsky.pings_are_open),
        (Some(true), Some(false))
    );
    assert_eq!(
        trotsky.former_paths,
        [
            "/2010/08/leon_trotsky_love_death_exile_in_mexico.html",
            "/?p=4711"
        ]
    );
    let states: Vec<_> = trotsky
        .comments
        .iter()
        .map(|comment| (comment.value.parent.as_deref(), comment.value.state))
        .collect();
    let visible = ImportedCommentState::Visible;
    assert_eq!(
        states,
        [
            (None, visible),
            (Some("1"), visible),
            (None, visible),
            (None, ImportedCommentState::Spam)
        ]
    );
    assert_eq!(
        (draft.status, draft.published_at),
        (ImportedStatus::Draft, None)
    );
    let dan = authors(&read)[0];
    assert_eq!((dan.key.as_str(), dan.name.as_str()), ("dan", "Dan Colman"));
    assert_eq!(dan.former_paths, ["/?author=2", "/author/dan/"]);
    let redirects: Vec<_> = read
        .iter()
        .filter_map(|read| match read {
            Ok(Located {
                value: Item::Redirect { from, to },
                ..
            }) => Some((from.as_str(), to.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(
        redirects,
        [
            ("/category/history/", "/tags/history"),
            ("/tag/mexico/", "/tags/mexico"),
            ("/?tag=mexico", "/tags/mexico")
        ]
    );
}

#[test]
fn states_dates_and_addresses_have_fallbacks() {
    let item = |id: u32, more: &str| {
        format!("<item><title>T{id}</title><wp:post_id>{id}</wp:post_id>{more}</item>\n")
    };
    let read = read(export(&[
        item(1, "<wp:status>publish</wp:status><wp:post_type>post</wp:post_type><wp:post_date>2019-05-01 12:00:00</wp:post_date><wp:post_date_gmt>2019-05-01 10:00:00</wp:post_date_gmt><wp:is_sticky>1</wp:is_sticky>"),
        item(2, "<wp:status>publish</wp:status><wp:post_date>2019-05-01 12:00:00</wp:post_date><wp:post_date_gmt>0000-00-00 00:00:00</wp:post_date_gmt>"),
        item(3, "<wp:status>publish</wp:status><pubDate>Wed, 01 May 2019 10:00:00 +0000</pubDate>"),
        item(4, "<wp:status>publish</wp:status><pubDate>Wed, 30 Nov -0001 00:00:00 +0000</pubDate><wp:post_date>0000-00-00 00:00:00</wp:post_date>"),
        item(5, "<wp:status>private</wp:status>"),
        item(6, "<wp:status>publish</wp:status><wp:post_password>x</wp:post_password>"),
        item(7, "<wp:status>future</wp:status>"),
        item(8, "<wp:status>pending</wp:status>"),
        item(9, "<wp:status>trash</wp:status>"),
        item(10, "<wp:status>auto-draft</wp:status>"),
        item(11, "<wp:post_type>product</wp:post_type>"),
        item(12, "<wp:post_type>product</wp:post_type>"),
        item(13, "<wp:post_type>revision</wp:post_type>"),
        item(14, "<wp:status>publish</wp:status><link>https://www.old.example/blog/2019/%d0%be/</link><wp:post_name>%d0%be</wp:post_name><guid>https://former.example/?p=14</guid><wp:postmeta><wp:meta_key>_wp_old_slug</wp:meta_key><wp:meta_value>before</wp:meta_value></wp:postmeta>"),
    ].concat()));
    assert_eq!(problems(&read), Vec::<String>::new());
    use ImportedStatus::{Draft, Published, Scheduled};
    let found: Vec<_> = articles(&read)
        .into_iter()
        .map(|article| (article.key.as_str(), article.status, article.published_at))
        .collect();
    let may = Some(1_556_704_800_000);
    assert_eq!(
        found,
        [
            ("1", Published, may),
            ("2", Published, may),
            ("3", Published, may),
            ("4", Published, None),
            ("5", Draft, None),
            ("6", Draft, None),
            ("7", Scheduled, None),
            ("8", Draft, None),
            ("14", Published, None),
        ]
    );
    assert!(articles(&read)[0].is_pinned);
    let last = articles(&read)[8];
    assert_eq!(last.slug, "о");
    assert_eq!(
        last.former_paths,
        ["/blog/2019/%d0%be/", "/blog/?p=14", "/blog/2019/before/"]
    );
    assert_eq!(
        notices(&read),
        [
            "posts and pages with a password become drafts: Pamphlet has nothing like it",
            "private posts and pages become drafts: Pamphlet has nothing like it",
            "items in the trash: 1, which are not imported",
            "items of the type `product`: 2, which are not imported",
        ]
    );
}

#[test]
fn pages_are_in_the_menu_that_the_site_has() {
    let page = |id: u32, more: &str| {
        format!(
            "<item><title>P{id}</title><wp:post_id>{id}</wp:post_id><wp:status>publish</wp:status><wp:post_type>page</wp:post_type><wp:menu_order>{id}</wp:menu_order>{more}</item>"
        )
    };
    let pages_xml =
        page(1, "") + &page(2, "<wp:post_parent>1</wp:post_parent>") + &page(3, &comment(1, ""));
    let menus = |xml: &str| {
        let read = read(export(xml));
        let found: Vec<_> = pages(&read)
            .into_iter()
            .map(|page| (page.in_menu, page.position))
            .collect();
        (found, notices(&read).len())
    };
    assert_eq!(
        menus(&pages_xml),
        (vec![(true, 1), (false, 2), (true, 3)], 1)
    );
    let item = "<item><wp:post_id>9</wp:post_id><wp:menu_order>5</wp:menu_order><wp:post_type>nav_menu_item</wp:post_type>\
        <wp:postmeta><wp:meta_key>_menu_item_object</wp:meta_key><wp:meta_value>page</wp:meta_value></wp:postmeta>\
        <wp:postmeta><wp:meta_key>_menu_item_object_id</wp:meta_key><wp:meta_value>2</wp:meta_value></wp:postmeta></item>";
    assert_eq!(
        menus(&(pages_xml + item)),
        (vec![(false, 1), (true, 5), (false, 3)], 1)
    );
}

#[test]
fn comments_keep_what_they_are() {
    let meta = |key: &str, value: &str| {
        format!(
            "<wp:commentmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value>{value}</wp:meta_value></wp:commentmeta>"
        )
    };
    let activitypub = |id: &str| meta("protocol", "activitypub") + &meta("source_id", id);
    let comments = [
        comment(
            1,
            "<wp:comment_type>pingback</wp:comment_type><wp:comment_parent>0</wp:comment_parent><wp:comment_author_url>https://a.example/?b=1&c=2</wp:comment_author_url>",
        ),
        comment(
            2,
            &(activitypub("https://social.example/n/1")
                + &meta("source_url", "https://social.example/@sam/1")
                + "<wp:comment_author_email>sam@social.example</wp:comment_author_email>"),
        ),
        comment(
            3,
            &("<wp:comment_type>like</wp:comment_type>".to_owned()
                + &activitypub("https://social.example/l/1")),
        ),
        comment(
            4,
            &("<wp:comment_type>repost</wp:comment_type>".to_owned()
                + &activitypub("https://social.example/a/1")),
        ),
        comment(5, "<wp:comment_type>like</wp:comment_type>"),
        comment(6, "<wp:comment_type>order_note</wp:comment_type>"),
        comment(
            7,
            "<wp:comment_author_email>sam@example.org</wp:comment_author_email><wp:comment_author_url>http://</wp:comment_author_url><wp:comment_parent>9</wp:comment_parent>",
        ),
    ];
    let read = read(export(&post(1, "P", &comments.concat())));
    assert_eq!(
        problems(&read),
        ["10: comment 5: it is a reaction without an id"]
    );
    assert_eq!(
        notices(&read),
        ["comments of the type `order_note`: 1, which are not imported"]
    );
    let comments: Vec<_> = articles(&read)[0]
        .comments
        .iter()
        .map(|comment| &comment.value)
        .collect();
    let kinds: Vec<_> = comments.iter().map(|comment| comment.kind).collect();
    use ImportedCommentKind::{Boost, Comment, Like, Ping};
    assert_eq!(kinds, [Ping, Comment, Like, Boost, Comment]);
    assert_eq!(
        comments[0].author_url.as_deref(),
        Some("https://a.example/?b=1&c=2")
    );
    assert_eq!(comments[0].parent, None);
    assert_eq!(comments[1].author_mail, None);
    assert_eq!(
        comments[1].remote,
        Some(RemoteOrigin {
            uri: "https://social.example/n/1".to_owned(),
            url: Some("https://social.example/@sam/1".to_owned()),
            actor: None,
            handle: Some("@sam@social.example".to_owned()),
        })
    );
    let last = comments[4];
    assert_eq!(
        (
            last.author_mail.as_deref(),
            last.author_url.as_deref(),
            last.parent.as_deref()
        ),
        (Some("sam@example.org"), None, Some("9"))
    );
    assert_eq!(last.body, Body::Html("<p>Comment 7</p>".to_owned()));
}

#[test]
fn many_comments_come_before_their_post() {
    let comments: String = (1..=1200).map(|id| comment(id, "")).collect();
    let read = read(export(&post(5, "P", &comments)));
    assert_eq!(problems(&read), Vec::<String>::new());
    let apart = read.iter().filter(|read| matches!(read, Ok(Located { value: Item::Comment(comment), .. }) if comment.article == "5"));
    assert_eq!(
        (apart.count(), articles(&read)[0].comments.len()),
        (1000, 200)
    );
}
