//! How long an import of 10,000 articles with 50,000 comments takes, and how much memory.
//!
//!     cargo bench --bench importing [-- postgres://...]
//!
//! Writes an export of WordPress with that many items, and imports it twice: the second time changes nothing. Each run is
//! a process of its own, as an admin starts it. The database must be empty.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const ARTICLES: usize = 10_000;
const COMMENTS: usize = 5;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let database = std::env::args()
        .find(|argument| argument.starts_with("postgres://"))
        .unwrap_or_else(|| format!("sqlite://{}/bench.sqlite", folder.path().display()));
    let config = folder.path().join("pamphlet.toml");
    std::fs::write(
        &config,
        format!(
            "public_url = \"https://blog.example\"\ndata = \"{}\"\ndatabase_url = \"{database}\"\n",
            folder.path().display()
        ),
    )
    .unwrap();
    let export = folder.path().join("export.xml");
    write_export(&export).unwrap();
    let megabytes = std::fs::metadata(&export).unwrap().len() / 1_000_000;
    println!(
        "{ARTICLES} articles, {} comments, {megabytes} MB",
        ARTICLES * COMMENTS
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(create(&database, folder.path()));
    for name in ["first import", "second import"] {
        let (took, memory) = run(&config, &export);
        println!("{name}: {:.1} s, {memory} MB at most", took.as_secs_f64());
    }
}

/// Writes an export as WordPress does.
fn write_export(path: &Path) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(
        b"<?xml version=\"1.0\" encoding=\"UTF-8\" ?>
<rss version=\"2.0\" xmlns:excerpt=\"http://wordpress.org/export/1.2/excerpt/\"
 xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"
 xmlns:wp=\"http://wordpress.org/export/1.2/\">
<channel><title>Old</title><link>https://old.example</link><language>en</language><wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>https://old.example</wp:base_site_url><wp:base_blog_url>https://old.example</wp:base_blog_url>
<wp:author><wp:author_id>1</wp:author_id><wp:author_login><![CDATA[ada]]></wp:author_login>
<wp:author_display_name><![CDATA[Ada]]></wp:author_display_name></wp:author>\n",
    )?;
    let sentence = "A sentence with some <em>words</em>, and <a href=\"https://elsewhere.example/x\">a link</a>. ";
    for number in 1..=ARTICLES {
        let (month, day) = (number % 12 + 1, number % 28 + 1);
        let date = format!("{}-{month:02}-{day:02} 12:00:00", 2000 + number % 20);
        let mut body = String::new();
        for _ in 0..5 {
            body.push_str("<p>");
            body.push_str(&sentence.repeat(4));
            body.push_str("</p>\n");
        }
        body.push_str(&format!(
            "<p>Before it: <a href=\"https://old.example/?p={}\">that</a></p>\n<h2>End</h2>\n<ul><li>one</li><li>two</li></ul>",
            number.saturating_sub(1)
        ));
        write!(
            out,
            "<item><title><![CDATA[Article {number}]]></title><link>https://old.example/article-{number}/</link>
<dc:creator><![CDATA[ada]]></dc:creator><guid isPermaLink=\"false\">https://old.example/?p={number}</guid>
<content:encoded><![CDATA[{body}]]></content:encoded><excerpt:encoded><![CDATA[]]></excerpt:encoded>
<wp:post_id>{number}</wp:post_id><wp:post_date><![CDATA[{date}]]></wp:post_date>
<wp:post_date_gmt><![CDATA[{date}]]></wp:post_date_gmt><wp:comment_status>open</wp:comment_status>
<wp:ping_status>open</wp:ping_status><wp:post_name><![CDATA[article-{number}]]></wp:post_name>
<wp:status>publish</wp:status><wp:post_parent>0</wp:post_parent><wp:menu_order>0</wp:menu_order>
<wp:post_type>post</wp:post_type><wp:post_password></wp:post_password><wp:is_sticky>0</wp:is_sticky>
<category domain=\"post_tag\" nicename=\"t{tag}\"><![CDATA[t{tag}]]></category>\n",
            tag = number % 50
        )?;
        for comment in 1..=COMMENTS {
            let id = number * COMMENTS + comment;
            let parent = if comment > 1 { id - 1 } else { 0 };
            write!(
                out,
                "<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author><![CDATA[Guest {id}]]></wp:comment_author>
<wp:comment_author_email>guest{}@example.org</wp:comment_author_email>
<wp:comment_author_url></wp:comment_author_url><wp:comment_date_gmt><![CDATA[{date}]]></wp:comment_date_gmt>
<wp:comment_date><![CDATA[{date}]]></wp:comment_date>
<wp:comment_content><![CDATA[What a text, number {id}. {}]]></wp:comment_content>
<wp:comment_approved>1</wp:comment_approved><wp:comment_type>comment</wp:comment_type>
<wp:comment_parent>{parent}</wp:comment_parent><wp:comment_user_id>0</wp:comment_user_id></wp:comment>\n",
                id % 20_000,
                "Some more words. ".repeat(5)
            )?;
        }
        out.write_all(b"</item>\n")?;
    }
    out.write_all(b"</channel></rss>\n")?;
    out.flush()
}

/// Creates the publication in the database.
async fn create(database: &str, folder: &Path) {
    use pamphlet::{
        config::{Config, Overrides},
        node::Node,
        store::Store,
    };
    let overrides = Overrides {
        public_url: Some("https://blog.example".into()),
        database_url: Some(database.into()),
        data: Some(folder.into()),
        without_file: true,
        ..Overrides::default()
    };
    let config = Config::load_with(&overrides, &|_| None).unwrap();
    let store = Store::open(database).await.unwrap();
    let node = Node::open(config, store).await.unwrap();
    node.store.close().await;
}

/// Imports the export. Returns the time, and the most memory that the process had, in MB.
fn run(config: &Path, export: &Path) -> (Duration, u64) {
    let began = Instant::now();
    let mut program = Command::new(env!("CARGO_BIN_EXE_pamphlet"))
        .arg("--config")
        .arg(config)
        .args(["import", "wordpress", "--no-download"])
        .arg(export)
        .current_dir(config.parent().unwrap())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", program.id());
    let mut memory = 0;
    loop {
        if let Ok(text) = std::fs::read_to_string(&status)
            && let Some(line) = text.lines().find(|line| line.starts_with("VmHWM:"))
        {
            let kilobytes = line
                .split_whitespace()
                .nth(1)
                .and_then(|it| it.parse().ok());
            memory = kilobytes.unwrap_or(memory).max(memory);
        }
        if let Some(status) = program.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return (began.elapsed(), memory / 1000);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
