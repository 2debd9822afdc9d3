//! Rows by the database itself: a million calls would measure the calls.

use super::database::Database;
use std::time::Instant;

/// Numbers of rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) followers: i64,
    pub(crate) hosts: i64,
    pub(crate) articles: i64,
    pub(crate) comments: i64,
}

impl Size {
    pub(crate) fn full(divide: i64) -> Size {
        Size {
            followers: 1_000_000 / divide,
            hosts: 20_000 / divide,
            articles: 10_000 / divide,
            comments: 1_000_000 / divide,
        }
    }

    /// A hundredth of the followers, articles and comments. Each host has as many followers.
    pub(crate) fn hundredth(self) -> Size {
        Size {
            followers: self.followers / 100,
            hosts: (self.hosts / 100).max(1),
            // The commands name some of the first.
            articles: (self.articles / 100).max(20),
            comments: self.comments / 100,
        }
    }

    /// The id of the article with a hundredth of all comments beside its share.
    pub(crate) fn busiest(self) -> i64 {
        self.articles / 2
    }
}

/// Ten years in milliseconds, over which everything is spread.
const PERIOD: i64 = 10 * 365 * 86_400_000;

const WORDS: [&str; 20] = [
    "kettle", "orchard", "violin", "harbour", "lantern", "meadow", "copper", "sparrow", "granite",
    "velvet", "thunder", "ribbon", "walnut", "compass", "ember", "glacier", "tulip", "anchor",
    "saddle", "marble",
];

/// Fills an empty database. What the node derives from these rows is filled too, and no change waits to be published.
pub(crate) async fn fill(database: &Database, size: Size) {
    let start = Instant::now();
    for statement in statements(size, database.is_sqlite()) {
        database.run(&statement).await;
    }
    println!("  filled in {} s", start.elapsed().as_secs());
}

/// What SQLite and PostgreSQL write differently.
struct Dialect {
    is_sqlite: bool,
}

impl Dialect {
    /// A table `n` with the numbers from 1 in its column `i`.
    fn numbers(&self, last: i64) -> String {
        if self.is_sqlite {
            format!(
                "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n) AS n"
            )
        } else {
            format!("generate_series(1, {last}::bigint) AS n (i)")
        }
    }

    fn line(&self) -> &'static str {
        if self.is_sqlite {
            "char(10)"
        } else {
            "chr(10)"
        }
    }

    fn month(&self, time: &str) -> String {
        if self.is_sqlite {
            format!("strftime('%Y/%m', {time} / 1000, 'unixepoch')")
        } else {
            format!("to_char(to_timestamp({time} / 1000.0) AT TIME ZONE 'UTC', 'YYYY/MM')")
        }
    }

    fn day(&self, time: &str) -> String {
        if self.is_sqlite {
            format!("strftime('%Y-%m-%d', ({time}) / 1000, 'unixepoch')")
        } else {
            format!("to_char(to_timestamp(({time}) / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD')")
        }
    }
}

/// A word that depends on a number.
fn word(number: &str) -> String {
    let cases = WORDS.iter().enumerate();
    let cases: Vec<String> = cases
        .map(|(index, word)| format!("WHEN {index} THEN '{word}'"))
        .collect();
    format!("CASE ({number}) % {} {} END", WORDS.len(), cases.join(" "))
}

/// Several words that depend on `i`.
fn words(factors: &[i64]) -> String {
    let words: Vec<String> = factors
        .iter()
        .map(|factor| {
            format!(
                "{} || ' '",
                word(&format!("i * {factor} + i / {}", factor * 20))
            )
        })
        .collect();
    words.join(" || ")
}

fn statements(size: Size, is_sqlite: bool) -> Vec<String> {
    let dialect = Dialect { is_sqlite };
    let now = pamphlet::store::now();
    let start = now - PERIOD;
    let Size {
        followers,
        hosts,
        articles,
        comments,
    } = size;
    let commenters = (followers / 10).max(1);
    let host = |number: &str| format!("'h' || (1 + ({number}) % {hosts}) || '.example'");
    let base = |number: &str| format!("'https://' || {}", host(number));
    let (of_i, host_of_i) = (base("i"), host("i"));
    let paragraph = format!(
        "'A paragraph about ' || {} || 'and number ' || i || ' of them, with **strong** words and a '
            || '[link](https://example.org/).' || {line} || {line}",
        words(&[1, 3, 7, 11, 13, 17]),
        line = dialect.line()
    );
    let text = vec![paragraph; 8].join(" || ");
    let more = comments / 100;
    let even = comments - more;
    let number_of = |count: i64| dialect.numbers(count);
    let mut list = vec![
        format!(
            "INSERT INTO destinations (id, inbox, host, last_success_at, delivered)
             SELECT i + 1, {of_i} || '/inbox', {host_of_i}, {now}, 100 FROM (SELECT i - 1 AS i FROM {}) AS n",
            number_of(hosts)
        ),
        format!(
            "INSERT INTO remote_actors (id, uri, host, domain, kind, username, handle_host, name, url, icon_url, inbox,
                shared_inbox, followers, fetched_at, first_seen_at)
             SELECT i, {of_i} || '/users/u' || i, {host_of_i}, {host_of_i}, 'Person', 'u' || i, {host_of_i},
                'Reader ' || i, {of_i} || '/@u' || i, {of_i} || '/i/' || i || '.png', {of_i} || '/users/u' || i || '/inbox',
                {of_i} || '/inbox', {of_i} || '/users/u' || i || '/followers', {now}, {start} + i * ({PERIOD} / {followers})
             FROM {}",
            number_of(followers)
        ),
        format!(
            "INSERT INTO remote_keys (key_id, actor_id, public_key)
             SELECT uri || '#main-key', id, 'a key' FROM remote_actors WHERE id <= {commenters}"
        ),
        format!(
            "INSERT INTO followers (id, local_actor_id, actor_id, destination_id, follow_uri, created_at, state)
             SELECT i, (SELECT id FROM local_actors WHERE kind = 'site'), i, 1 + i % {hosts},
                {of_i} || '/follows/' || i, {start} + i * ({PERIOD} / {followers}),
                CASE WHEN i % 50000 = 7 THEN 'pending' ELSE 'accepted' END FROM {}",
            number_of(followers)
        ),
        format!(
            "INSERT INTO articles (id, uid, slug, title, markdown, summary, published_at, last_comment_number)
             SELECT i, 'uid' || i, 'article-' || i, 'Article ' || i || ' about ' || {}, {text}, 'Summary ' || i,
                {start} + i * ({PERIOD} / {articles}) - 1000,
                {} + CASE WHEN i = {} THEN {more} ELSE 0 END FROM {}",
            word("i"),
            even / articles,
            size.busiest(),
            number_of(articles)
        ),
        format!(
            "INSERT INTO article_tags (article_id, tag) SELECT i, 'tag' || (i % 200) FROM {}",
            number_of(articles)
        ),
        format!(
            "INSERT INTO article_tags (article_id, tag) SELECT i, 'common' FROM {} WHERE i % 3 = 0",
            number_of(articles)
        ),
        format!(
            "INSERT INTO publications (article_uid, state, form, local_actor_id, hash, path, published_at)
             SELECT uid, 'live', 'article', (SELECT id FROM local_actors WHERE kind = 'site'), '2:', '/' || {} || '/' || slug,
                published_at FROM articles",
            dialect.month("published_at")
        ),
        "INSERT INTO article_paths (path, article_uid) SELECT path, article_uid FROM publications".to_owned(),
        "INSERT INTO activities (id, uid, local_actor_id, kind, object_uri, body, public, created_at)
         SELECT id, 'create' || uid, (SELECT id FROM local_actors WHERE kind = 'site'), 'Create',
            'http://localhost/articles/' || uid, '{\"type\":\"Create\"}', TRUE, published_at FROM articles"
            .to_owned(),
        format!("INSERT INTO delivery_counts (activity_id, delivered) SELECT id, {hosts} FROM activities"),
        // The words of the texts are not indexed: `cargo bench --bench search` measures that.
        "UPDATE search_entries SET indexed = version".to_owned(),
        "DELETE FROM changes".to_owned(),
    ];
    let author = format!("(1 + i * 7919 % {commenters})");
    let of_author = base(&author);
    for (article, number, parent, rows) in [
        (
            format!("1 + (i - 1) % {articles}"),
            format!("1 + (i - 1) / {articles}"),
            format!("CASE WHEN i % 3 = 0 AND i > {articles} THEN i - {articles} END"),
            number_of(even),
        ),
        (
            size.busiest().to_string(),
            format!("{} + i - {even}", even / articles),
            format!("CASE WHEN i % 3 = 0 AND i > {even} + 1 THEN i - 1 END"),
            format!("(SELECT i + {even} AS i FROM {}) AS m", number_of(more)),
        ),
    ] {
        list.push(format!(
            "INSERT INTO comments (id, article_id, number, parent_id, uri, url, actor_id, author_name, author_handle,
                author_url, content, state, reason, published_at, received_at, text_hash, score, replies_uri, crawls,
                next_crawl_at)
             SELECT i, {article}, {number}, {parent}, {of_author} || '/notes/' || i,
                {of_author} || '/@u' || {author} || '/' || i, {author}, 'Reader ' || {author},
                '@u' || {author} || '@' || {}, {of_author} || '/@u' || {author},
                '<p>Remark ' || i || ': ' || {} || 'and so on, as readers say it.</p>',
                CASE WHEN i % 1000 = 7 THEN 'held' WHEN i % 50 = 9 THEN 'spam' ELSE 'visible' END,
                CASE WHEN i % 1000 = 7 THEN 'link' END,
                {start} + i * ({PERIOD} / {comments}), {start} + i * ({PERIOD} / {comments}), 't' || i, i % 10,
                {of_author} || '/notes/' || i || '/replies', 9,
                CASE WHEN i > {comments} - {comments} / 50 THEN {now} + 864000000 + i * 100 END FROM {rows}",
            host(&author),
            words(&[1, 3, 7, 11, 13]),
        ));
    }
    list.extend([
        format!(
            "INSERT INTO reactions (actor_id, article_id, kind, uri, created_at)
             SELECT 1 + i * 31 % {followers}, 1 + i % {articles}, CASE WHEN i % 4 = 0 THEN 'boost' ELSE 'like' END,
                {of_i} || '/likes/' || i, {start} + i FROM {} WHERE TRUE ON CONFLICT DO NOTHING",
            number_of(articles * 10)
        ),
        format!(
            "INSERT INTO reactions (actor_id, article_id, comment_id, kind, uri, created_at)
             SELECT 1 + id * 37 % {followers}, article_id, id, 'like', uri || '/like', received_at FROM comments
             WHERE id % 10 = 0"
        ),
        format!(
            "INSERT INTO rechecks (uri, host, checks, next_check_at)
             SELECT c.uri, a.host, 9, {now} + 86400000 + (c.id * 7919 % 2592000) * 1000
             FROM comments c JOIN remote_actors a ON a.id = c.actor_id"
        ),
        format!(
            "INSERT INTO rechecks (uri, host, checks, next_check_at)
             SELECT uri, host, 9, {now} + 86400000 + (id * 7919 % 2592000) * 1000 FROM remote_actors
             WHERE id <= {commenters}"
        ),
        format!(
            "INSERT INTO received (activity_uri, received_at)
             SELECT {of_i} || '/activities/' || i, {now} - i * 6000 FROM {}",
            number_of(comments / 10)
        ),
        format!(
            "INSERT INTO spellings (id, spelling) SELECT {of_i} || '/users/u' || i, 'HTTPS://' || {host_of_i} || '/users/u' || i
             FROM {}",
            number_of(followers / 100)
        ),
        format!(
            "INSERT INTO tombstones (uri, actor_uri, deleted_at, ended_by)
             SELECT {of_i} || '/gone/' || i, {of_i} || '/users/u' || i, {now} - i * 1000, 'author' FROM {}",
            number_of(comments / 20)
        ),
        format!(
            "INSERT INTO learned_words (word, ham, spam) SELECT 'word' || i, i % 100, i % 37 FROM {}",
            number_of(comments / 20)
        ),
        format!(
            "INSERT INTO follower_days (day, local_actor_id, followers, joined)
             SELECT {}, (SELECT id FROM local_actors WHERE kind = 'site'), {followers} - i, 1 FROM {}",
            dialect.day(&format!("{now} - i * 86400000")),
            number_of(3600.min(followers))
        ),
        format!(
            "INSERT INTO log (at, who, action, about, before)
             SELECT {start} + i, 'admin', 'approve', 'comment ' || i, 'held' FROM {}",
            number_of(comments / 10)
        ),
        format!(
            "INSERT INTO events (at, direction, kind, outcome, hosts)
             SELECT {now} - i * 2000, 'in', 'Create', 'accepted', {host_of_i} FROM {}",
            number_of(comments / 10)
        ),
        format!(
            "INSERT INTO notices (kind, actor_uri, text, created_at, subject)
             SELECT 'report', {of_i} || '/users/u' || i, 'A report', {now} - i * 100000, 'subject' || i FROM {}",
            number_of(comments / 100)
        ),
    ]);
    if !is_sqlite {
        for table in [
            "destinations",
            "remote_actors",
            "followers",
            "articles",
            "activities",
            "comments",
        ] {
            list.push(format!(
                "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))"
            ));
        }
        list.push("VACUUM ANALYZE".to_owned());
    }
    list
}
