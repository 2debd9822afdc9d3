//! Sample data for the tests, with everything that is hard to render.

use crate::base::time::parse_rfc3339;
use chrono::{DateTime, TimeDelta, Utc};

use crate::{content::Html, web::views::*};

pub(super) fn link(address: &str) -> Link {
    Link::parse(address).unwrap()
}

/// Sanitized HTML, taken as such.
pub(super) fn html(markup: &str) -> Html {
    Html::unverified(markup.to_owned())
}

pub(super) fn timestamp(rfc3339: &str) -> Timestamp {
    Timestamp::from(time(rfc3339))
}

fn time(rfc3339: &str) -> DateTime<Utc> {
    parse_rfc3339(rfc3339).unwrap()
}

pub(super) fn site() -> Site {
    Site {
        name: "The Commonplace Book".into(),
        description: "Culture worth an evening: films, letters, music & lectures, found and explained, one a day.".into(),
        language: "en".into(),
        locale: crate::i18n::Locale::En,
        handle: "@blog@example.org".into(),
        follow: link("/interact?uri=https%3A%2F%2Fexample.org%2Fusers%2Fblog"),
        home: link("https://example.org/"),
        feed: link("https://example.org/feed.atom"),
        source_code: link("https://example.org/source"),
        logo: None,
        cover: None,
        me: vec![link("https://social.example/@blog")],
        indexable: true,
        article_type: "BlogPosting",
        card: card(),
        links: vec![NamedLink { label: "Donate".into(), url: link("https://example.org/donate") }],
        accounts: Vec::new(),
        donate: Vec::new(),
        is_static: false,
    }
}

fn card() -> Image {
    Image {
        url: link("https://example.org/cards/site/0.png"),
        alt: "The Commonplace Book".into(),
        size: Some((1200, 630)),
    }
}

pub(super) fn author(name: &str, handle: Option<&str>, url: Option<&str>) -> Author {
    Author {
        name: name.into(),
        handle: handle.map(Into::into),
        url: url.map(link),
        avatar: Avatar::initials(name, handle.unwrap_or(name)),
    }
}

fn tags(names: &[&str]) -> Vec<Tag> {
    let tag = |name: &&str| Tag {
        name: (*name).into(),
        url: Some(link(&format!("/tags/{}", name.to_lowercase()))),
    };
    names.iter().map(tag).collect()
}

pub(super) fn note() -> Note {
    Note {
        author: author(
            "The Commonplace Book",
            Some("@blog@example.org"),
            Some("https://example.org/"),
        ),
        published: timestamp("2026-11-23T09:00:00Z"),
        edited: None,
        language: "en".into(),
        in_reply_to: Some(link("https://other.example/notes/1")),
        content_warning: None,
        content: html("<p>We read it <em>twice</em>.</p>"),
        image: Some(Image {
            url: link("https://example.org/media/1.jpg"),
            alt: "A book".into(),
            size: None,
        }),
        permalink: link("https://example.org/notes/1"),
    }
}

fn lead() -> Image {
    Image {
        url: link("https://example.org/media/lead.svg"),
        alt: "A street corner in Coyoacán, drawn in two colours".into(),
        size: Some((1200, 630)),
    }
}

pub(super) fn article() -> Article {
    Article {
        title: "Leon Trotsky: Love, Death and Exile in Mexico".into(),
        author: author("Open Culture", Some("@blog@example.org"), Some("https://example.org/authors/open-culture")),
        published: timestamp("2010-08-21T09:00:00Z"),
        updated: Some(timestamp("2010-08-23T17:20:00Z")),
        language: "en".into(),
        tags: tags(&["History", "Mexico", "Video"]),
        excerpt: "Grainy footage from 1937: Trotsky, in exile in Mexico, thanks the country for its sanctuary and defends himself against the show trials.".into(),
        preview: Some(lead()),
        card: card(),
        image: Some(lead().into()),
        content_warning: None,
        content: html(ARTICLE),
        permalink: link("https://example.org/2010/leon-trotsky-love-death-and-exile-in-mexico"),
        activity: Some(link("https://example.org/articles/0198c0de")),
        remote_reply: Some(link("/interact?uri=https%3A%2F%2Fexample.org%2Farticles%2F0198c0de")),
        indexable: true,
        reactions: Reactions {
            likes: 128,
            boosts: 1,
            ..Reactions::default()
        },
        quotes: Vec::new(),
    }
}

const ARTICLE: &str = r##"<p>Leon Trotsky, one of the fathers of the Russian Revolution, second only to Lenin, was assassinated in Mexico 70 years ago today (August 21, 1940). During the early years of the Revolution, Trotsky headed up foreign affairs for Russia and founded the Red Army. Following Lenin’s death (1924), he looked primed to take control of the revolutionary state. But Stalin had other thoughts about the matter, and, before too long, Trotsky found himself in exile again. Previous exiles took him to Siberia, Kazakhstan, Austria, Switzerland, Spain and the United States. This time, he went to France, Norway, Turkey (see the film Vanessa Redgrave narrates on <a href="https://example.com/istanbul">his stint in Istanbul</a>) and later Mexico (1936), where he lived with painter Diego Rivera and his wife/fellow painter, Frida Kahlo. Eventually, Kahlo and Trotsky would have a famous affair.</p>
<figure class="embed embed-youtube" data-embed-id="aaaaaaaaaaa"><a href="https://www.youtube.com/watch?v=aaaaaaaaaaa">Watch the video on YouTube</a></figure>
<p>Above, we have some grainy footage of Trotsky from his Mexico years. The footage dates back to 1937, and it shows Trotsky, speaking in broken English, giving thanks to Mexico for providing sanctuary and defending himself against the show trials that Stalin orchestrated back in Russia. Trotsky was sentenced to death in absentia. Three years later, he would be assassinated by an undercover agent while still living in Mexico. YouTube has more on the assassination here. A big thanks goes to Mike S. for unearthing this great little cluster of videos.</p>
<h2>What else a text can hold</h2>
<blockquote><p>Life is beautiful. Let the future generations cleanse it of all evil, oppression and violence, and enjoy it to the full.</p></blockquote>
<ul><li>A list with <strong>weight</strong> and <em>stress</em>,</li><li>and <code>code</code> in its line.</li></ul>
<pre><code>pamphlet post publish leon-trotsky-love-death-and-exile-in-mexico.md --and-a-line-that-is-longer-than-the-page</code></pre>
<table><thead><tr><th>Year</th><th>Place</th></tr></thead><tbody><tr><td>1929</td><td>Büyükada</td></tr><tr><td>1937</td><td>Coyoacán</td></tr></tbody></table>
<h3>Notes</h3>
<ol><li>Footnotes look like this.</li></ol>
<hr>
<p>End.</p>"##;

const PEOPLE: [(&str, Option<&str>, Option<&str>); 8] = [
    (
        "Première Lectrice",
        Some("@reader@social.example"),
        Some("https://social.example/@reader"),
    ),
    (
        "قارئة أخرى",
        Some("@second@fedi.example"),
        Some("https://fedi.example/users/second"),
    ),
    (
        "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwaren the Very Long-Named Third of That Name",
        Some(
            "@a_rather_long_user_name_that_goes_on@an.instance.with.a.remarkably.long.name.example",
        ),
        Some("https://an.example/@long"),
    ),
    (
        "A visitor with a site",
        None,
        Some("https://visitor.example/"),
    ),
    (
        "読者 三号",
        Some("@third@xn--r8jz45g.example"),
        Some("https://xn--r8jz45g.example/@third"),
    ),
    (
        "fan <3 <b>bold</b> & co",
        Some("@fan@social.example"),
        Some("https://social.example/@fan"),
    ),
    ("A visitor", None, None),
    (
        "A Reader's Cactus 🌵",
        Some("@cactus@photos.example"),
        Some("https://photos.example/cactus"),
    ),
];

const SAYINGS: [&str; 7] = [
    "<p>The house in Coyoacán is a museum now. You can still see the bullet holes from the first attempt in May 1940 in the bedroom wall.</p>",
    "<p>Worth reading beside this: his <em>Diary in Exile</em>, and the novel by Leonardo Padura.</p><p>Both are in most libraries.</p>",
    "<p>هذه المقالة رائعة، شكرا على الفيديو!</p>",
    "<p><span class=\"h-card\"><a href=\"https://social.example/@reader\" class=\"u-url mention\">@<span>ana</span></a></span> I had no idea, thank you. More: <a href=\"https://archive.example/films/1937/coyoacan-reel-3\" rel=\"nofollow ugc noopener\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">archive.example/films/1937</span><span class=\"invisible\">/coyoacan-reel-3</span></a> <a href=\"https://social.example/tags/mexico\" class=\"mention hashtag\" rel=\"tag\">#<span>mexico</span></a></p>",
    "<p>Is the second reel online anywhere?</p>",
    "<blockquote><p>a famous affair</p></blockquote><p>“Famous” is one word for it.</p>",
    "<p>Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!</p>",
];

/// The parent of each of the thirty comments; 0 is the article.
const PARENTS: [u64; 30] = [
    0, 1, 2, 3, 4, 5, 3, 0, 8, 0, 10, 10, 12, 0, 0, 15, 16, 16, 1, 0, 20, 0, 0, 23, 24, 25, 26, 27,
    0, 0,
];

pub(super) fn discussion() -> Discussion {
    let comments = (1..=30_u64)
        .zip(PARENTS)
        .map(|(number, parent)| comment(number, parent))
        .collect();
    Discussion {
        threads: Thread::arrange(comments),
        total: 72,
        open: true,
        paging: Paging {
            newer: Some(link("?comments=2#comments")),
            older: None,
        },
        newest: Some(link("?after=20#comments")),
        form: Some(comment_form()),
    }
}

pub(super) fn comment_form() -> CommentForm {
    CommentForm {
        action: link("/articles/0198c0de/comments"),
        token: "1.2.3".into(),
        parent: 0,
        returning: Some(link("/2010/08/leon-trotsky/reply/0")),
        name: String::new(),
        mail: String::new(),
        site: String::new(),
        text: String::new(),
        wants_replies: false,
        can_mail: true,
        problems: Vec::new(),
    }
}

fn comment(number: u64, parent: u64) -> Comment {
    let permalink = |number: u64| link(&format!("#comment-{number}"));
    Comment {
        number,
        permalink: permalink(number),
        reply_to: (parent > 0).then(|| ReplyTo {
            number: parent,
            permalink: permalink(parent),
        }),
        state: match number {
            8 | 16 => CommentState::Deleted,
            _ => CommentState::Visible(Box::new(body(number))),
        },
    }
}

fn body(number: u64) -> CommentBody {
    let (name, handle, url) = PEOPLE[number as usize % PEOPLE.len()];
    let author = author(name, handle, url);
    let published = time("2010-08-21T09:12:00Z") + TimeDelta::minutes(number as i64 * 47);
    let picture = |name: &str| Image {
        url: link(&format!("/pictures/comments/{number}/{name}")),
        alt: "A house with a blue wall".into(),
        size: None,
    };
    CommentBody {
        name: Html::from_text(&author.name)
            .with_emoji(|_| Some("/pictures/names/1/0?v=12345678".into())),
        author,
        published: published.into(),
        edited: (number % 7 == 3).then(|| Timestamp::from(published + TimeDelta::days(1))),
        original: handle.map(|_| link(&format!("https://social.example/notes/{number}"))),
        is_own: number == 2,
        reply: Some(link(&format!("/2010/08/leon-trotsky/reply/{number}"))),
        report: Some(link(&format!(
            "/2010/08/leon-trotsky/comments/{number}/report"
        ))),
        language: number.is_multiple_of(3).then(|| "en".into()),
        content_warning: (number % 10 == 9).then(|| Html::from_text("Violence, an ice axe")),
        content: html(SAYINGS[number as usize % SAYINGS.len()]),
        is_shortened: false,
        pictures: (0..number % 3).map(|n| picture(&n.to_string())).collect(),
        hides_pictures: number % 4 == 1,
        files: (number % 5 == 1)
            .then(|| NamedLink {
                label: "A recording".into(),
                url: link("https://social.example/files/1.mp4"),
            })
            .into_iter()
            .collect(),
        poll: (number % 6 == 2).then(|| Poll {
            options: vec![
                (Html::from_text("Coyoacán"), 12),
                (Html::from_text("San Ángel"), 1),
            ],
            ends: Some(published.into()),
        }),
        quote: (number % 6 == 3).then(|| link("https://social.example/notes/quoted")),
        reactions: Reactions {
            likes: number % 4,
            boosts: number % 3,
            emoji: vec![(Html::from_text("🎉"), 2)],
            who: Link::parse("/2024/05/x/comments/1/reactions"),
            ..Reactions::default()
        },
    }
}

pub(super) fn summaries() -> Vec<Summary> {
    let summary =
        |title: &str, slug: &str, day: &str, excerpt: &str, names: &[&str], comments| Summary {
            title: title.into(),
            url: link(&format!("/2010/{slug}")),
            author: author("Open Culture", None, None),
            published: timestamp(&format!("{day}T09:00:00Z")),
            language: "en".into(),
            excerpt: excerpt.into(),
            picture: None,
            tags: tags(names),
            comments: Some(comments),
        };
    vec![
        summary(
            "Leon Trotsky: Love, Death and Exile in Mexico",
            "leon-trotsky",
            "2010-08-21",
            &article().excerpt,
            &["History", "Mexico", "Video"],
            72,
        ),
        summary(
            "The Letters of a Lighthouse Keeper, Read Aloud",
            "lighthouse",
            "2010-08-20",
            "Eleven winters on a rock with a barometer, a violin and a cat. An actor reads from the keeper’s letters to his sister, and the wind does the rest…",
            &["Letters", "Audio"],
            1,
        ),
        summary(
            "How to Listen to a Fugue",
            "fugue",
            "2010-08-19",
            "A lecture in four parts for people who like music and cannot read it.",
            &["Music"],
            0,
        ),
        summary(
            "معرض للخط العربي في متحف صغير",
            "calligraphy",
            "2010-08-18",
            "ثلاث غرف وأربعون ورقة، وكل ورقة تستحق الزيارة.",
            &[],
            4,
        ),
    ]
}

pub(super) fn profile() -> Profile {
    Profile {
        author: author("Première Lectrice", Some("@reader@example.org"), None),
        bio: Some(html(
            "<p>Writes about film and the letters of people who were alone a lot. Lives by the sea; answers <a href=\"https://example.org/ask\">questions</a>.</p>",
        )),
        bio_text: "Writes about film and the letters of people who were alone a lot.".into(),
        picture: None,
        links: vec![NamedLink {
            label: "Elsewhere".into(),
            url: link("https://example.com/ana"),
        }],
        permalink: link("https://example.org/authors/ana"),
        activity: Some(link("https://example.org/users/ana")),
        follow: Some(link(
            "/interact?uri=https%3A%2F%2Fexample.org%2Fusers%2Fana",
        )),
    }
}
