//! Files of Hugo, Jekyll and Zola.

use super::{complaint, file_in, json, number};
use crate::support::{Database, Program, both_databases, http_client, sql};
use rstest_reuse::apply;

/// Front matter in the forms that the documents of the three programs show.
const FILES: &[(&str, &str, &str)] = &[
    (
        "hugo/content/posts",
        "toml.md",
        "+++\ntitle = 'Notes on lakes'\ndate = 2024-02-02T04:14:54-08:00\nlastmod = 2024-03-01\ndraft = false\n\
         slug = 'lakes'\naliases = ['/old/lakes/', 'lakes.html']\ntags = ['Water', 'Maps']\ncategories = ['Travel']\n\
         description = 'Short.'\nweight = 10\n[params]\n  author = 'A. Writer'\n  toc = true\n[cover]\n  \
         image = '/images/lake.png'\n  alt = 'A lake'\n+++\n\n{{< figure src=\"/images/lake.png\" caption=\"A lake\" >}}\n\n\
         {{< youtube w7Ft2ymGmfc >}}\n\n{{< chart data=1 >}}\n",
    ),
    (
        "hugo/content/posts",
        "json.md",
        "{\n   \"date\": \"2024-02-02T04:14:54-08:00\",\n   \"draft\": true,\n   \"title\": \"In JSON\",\n   \"weight\": 10\n}\n\nText.\n",
    ),
    (
        "jekyll/_posts",
        "2014-03-15-hello-world.markdown",
        "---\r\nlayout: post\r\ntitle:  \"Hello: a start\"\r\ncategories: travel maps\r\ntags: lakes\r\nexcerpt: Hi.\r\n\
         comments: false\r\npermalink: /:year/:title/\r\nredirect_from: /hello\r\n---\r\n\r\n\
         {% highlight ruby %}\r\nputs 1\r\n{% endhighlight %}\r\n\r\n![Logo]({{ site.baseurl }}/assets/logo.png)\r\n",
    ),
    (
        "zola/content",
        "page.md",
        "+++\ntitle = \"From Zola\"\ndate = 2017-02-01\nupdated = 2018-02-01\npath = \"a-fixed-url\"\n\
         authors = [\"A. Writer\", \"B. Writer\"]\n[taxonomies]\ntags = [\"rust\"]\ncategories = [\"web\"]\nseries = [\"x\"]\n\
         [extra]\nlang = \"de\"\nmath = true\n+++\n\n{{ youtube(id=\"dQw4w9WgXcQ\") }}\n",
    ),
];

/// A PNG of one pixel.
const PIXEL: &[u8] = include_bytes!("../fixtures/pixel.png");

#[apply(both_databases)]
async fn files_of_other_programs_are_read(#[case] database: Database) {
    let mut program = Program::new(database).await;
    program.create_database().await;
    for (folder, name, text) in FILES {
        file_in(&program, folder, name, text);
    }
    for folder in ["hugo/static/images", "jekyll/assets"] {
        std::fs::create_dir_all(program.folder.path().join(folder)).unwrap();
    }
    let picture = |name: &str| std::fs::write(program.folder.path().join(name), PIXEL).unwrap();
    picture("hugo/static/images/lake.png");
    picture("jekyll/assets/logo.png");
    file_in(&program, "jekyll", "_config.yml", "title: x\n");

    let output = program
        .run(&["post", "publish", "hugo", "jekyll", "zola", "--silent"])
        .await;
    let told = complaint(&output, 0);
    for expected in [
        "toml.md: ignored: weight, params.toc",
        "line 24: {{< chart >}} is an instruction to another program",
        "hello-world.markdown: ignored: layout, permalink",
        "page.md: ignored: taxonomies.series, extra.math",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    let lakes = json(&program, &["post", "show", "lakes"]).await;
    assert_eq!(lakes["title"], "Notes on lakes");
    assert_eq!(lakes["published"], "2024-02-02T12:14:54.000Z");
    assert_eq!(
        lakes["tags"],
        serde_json::json!(["Maps", "Travel", "Water"])
    );
    let text = lakes["markdown"].as_str().unwrap();
    assert!(text.starts_with("![A lake](/media/"), "{text}");
    assert!(
        text.contains("\nhttps://www.youtube.com/watch?v=w7Ft2ymGmfc\n"),
        "{text}"
    );
    let file = program.admin(&["post", "show", "lakes"]).await;
    for expected in [
        "author: A. Writer",
        "summary: Short.",
        "image: /media/",
        "image_alt: A lake",
    ] {
        assert!(file.contains(expected), "{expected}: {file}");
    }
    assert_eq!(
        json(&program, &["post", "show", "in-json"]).await["status"],
        "draft"
    );

    let hello = json(&program, &["post", "show", "hello-world"]).await;
    assert_eq!(hello["title"], "Hello: a start");
    assert_eq!(hello["published"], "2014-03-15T00:00:00.000Z");
    assert_eq!(hello["comments"], "closed");
    assert_eq!(
        hello["tags"],
        serde_json::json!(["lakes", "maps", "travel"])
    );
    let text = hello["markdown"].as_str().unwrap();
    assert!(
        text.starts_with("```ruby\nputs 1\n```\n\n![Logo](/media/"),
        "{text}"
    );

    let zola = program.admin(&["post", "show", "from-zola"]).await;
    for expected in [
        "author: A. Writer, B. Writer",
        "language: de",
        "- rust\n- web\n",
    ] {
        assert!(zola.contains(expected), "{expected}: {zola}");
    }

    // Former addresses lead to the articles.
    program.serve().await;
    let client = http_client()
        .redirect(reqwest::redirect::Policy::limited(3))
        .build()
        .unwrap();
    for (path, target) in [
        ("/old/lakes/", "/lakes"),
        ("/lakes.html", "/lakes"),
        ("/hello", "/hello-world"),
        ("/a-fixed-url", "/from-zola"),
    ] {
        let response = client
            .get(format!("{}{path}", program.origin))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert!(
            response.url().path().ends_with(target),
            "{path}: {}",
            response.url()
        );
    }
    let none = client
        .get(format!("{}/old/other", program.origin))
        .send()
        .await
        .unwrap();
    assert_eq!(none.status(), 404);
}

#[apply(both_databases)]
async fn mistakes_in_other_formats_have_a_line(#[case] database: Database) {
    let program = Program::new(database).await;
    program.create_database().await;
    for (text, expected) in [
        (
            "+++\ntitle = 'a'\ntitle = 'b'\n+++\n",
            "line 3: the front matter is not valid TOML: duplicate key",
        ),
        (
            "+++\ntitle = a\n+++\n",
            "line 2: the front matter is not valid TOML: ",
        ),
        (
            "+++\ntitle = 'a'\n",
            "line 1: the front matter begins with `+++` but has no closing line `+++`",
        ),
        (
            "+++\ntitle = 'a'\ndate = 'soon'\n+++\n",
            "line 3: date: \"soon\" is not a date",
        ),
        (
            "+++\ntitle = ['a']\n+++\n",
            "line 2: title: must be one text, not a list",
        ),
        (
            "+++\ntitle = 'a'\ndraft = 'maybe'\n+++\n",
            "line 3: draft: \"maybe\" must be",
        ),
        (
            "+++\ntitle = 'a'\nlastmod = 'x'\n+++\n",
            "line 3: lastmod: \"x\" is not a date",
        ),
        (
            "{\n \"title\": \"a\",\n \"title\": \"b\"\n}\n",
            "line 3: the front matter is not valid JSON: the key \"title\" is there twice",
        ),
        (
            "{\n \"title\": \"a\"\n \"x\": 1 }\n",
            "line 3: the front matter is not valid JSON: ",
        ),
        (
            "{ \"title\": \"a\"",
            "line 1: the front matter is not valid JSON: ",
        ),
        (
            "---\ntitle: a\ntags:\n\t- b\n---\n",
            "indent with blanks, not with tabs",
        ),
        (
            "\u{feff}---\r\ntitle: a\r\ntitle: b\r\n---\r\n",
            "line 3: the front matter is not valid YAML: duplicate entry",
        ),
        (
            "---\ntitle: a\ncoments: open\n---\n",
            "line 3: unknown key `coments`; did you mean `comments`?",
        ),
        (
            "---\ntitle: a\nimage: {src: 'javascript:x'}\n---\n",
            "line 3: image: the URL of an image begins with",
        ),
    ] {
        program.file("x.md", text);
        let told = complaint(&program.run(&["post", "publish", "x.md"]).await, 1);
        assert!(told.contains(expected), "{text}: {told}");
    }
    assert_eq!(number(&program, "SELECT COUNT(*) FROM articles").await, 0);
}

#[apply(both_databases)]
async fn an_author_learns_what_is_lost_or_unknown(#[case] database: Database) {
    let program = Program::new(database).await;
    program.create_database().await;
    program
        .admin(&["author", "add", "ana", "--name", "Ana"])
        .await;
    program.file(
        "x.md",
        "---\ntitle: X\nauthor: anna\n---\n\n![](https://a.example/x.png)\n\n<form>A</form>\n",
    );
    let told = complaint(&program.run(&["post", "publish", "x.md"]).await, 0);
    for expected in [
        "no author is called \"anna\"",
        "did you mean ana (Ana)?",
        "`pamphlet author add`",
        "has no alternative text",
        "<form>",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    // An edit that changes nothing writes nothing.
    let shown = program.admin(&["post", "show", "x"]).await;
    sql::run(&program.database_url, "DELETE FROM changes").await;
    program.file("same.md", shown);
    let printed = program.admin(&["post", "edit", "x", "same.md"]).await;
    assert_eq!(printed, "Nothing changed: X\n");
    assert_eq!(number(&program, "SELECT COUNT(*) FROM changes").await, 0);
    program.file("about.md", "---\ntitle: About\nmenu: footer\n---\nText.\n");
    program.admin(&["page", "publish", "about.md"]).await;
    program.file("about.md", program.admin(&["page", "show", "about"]).await);
    let printed = program.admin(&["page", "edit", "about", "about.md"]).await;
    assert!(printed.starts_with("Nothing changed: About\n"), "{printed}");
}
