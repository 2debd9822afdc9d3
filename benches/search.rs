//! How long a search over 10,000 articles takes.
//!
//!     cargo bench --bench search [-- postgres://...]
//!
//! Writes 10,000 articles of 800 words by SQL, of a vocabulary of 20,000 words in which a few are in every text, as in a
//! language; waits until the node has indexed them; then requests pages of results one after the other over HTTP. The
//! database must be empty.

use pamphlet::{
    config::{Config, Overrides},
    node::Node,
    store::Store,
    web,
};
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const ARTICLES: usize = 10_000;
const WORDS: usize = 800;
const VOCABULARY: usize = 20_000;
/// Requests for each query.
const REQUESTS: usize = 30;

/// A small generator of random numbers, the same in each run.
struct Random(u64);

impl Random {
    /// Returns a number of at least 0 and below 1.
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Returns words whose frequency is the inverse of their rank, as in a language (Zipf).
    fn text(&mut self, words: usize) -> String {
        let rank = |random: f64| (VOCABULARY as f64).powf(random) as usize - 1;
        let words: Vec<String> = (0..words).map(|_| word(rank(self.next()))).collect();
        words.join(" ")
    }
}

/// Returns the word with this rank.
fn word(rank: usize) -> String {
    let syllables = ["ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su"];
    let digits = format!("{rank:05}");
    digits
        .bytes()
        .map(|digit| syllables[usize::from(digit - b'0')])
        .collect()
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let url = std::env::args()
        .find(|argument| argument.starts_with("postgres://"))
        .unwrap_or_else(|| format!("sqlite://{}/bench.sqlite", folder.path().display()));
    let overrides = Overrides {
        public_url: Some("https://blog.example".into()),
        database_url: Some(url.clone()),
        data: Some(folder.path().into()),
        without_file: true,
        ..Overrides::default()
    };
    let mut config = Config::load_with(&overrides, &|_| None).unwrap();
    config.limits = toml::from_str("searches_of_address = 1000000").unwrap();
    let store = Store::open(&url).await.unwrap();
    let node = Node::open(config, store).await.unwrap();
    fill(&url).await;
    let stop = CancellationToken::new();
    let listener = web::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let began = Instant::now();
    let running = tokio::spawn(pamphlet::cli::run_node(
        node.clone(),
        listener,
        stop.clone(),
    ));
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut conn = node.store.read().await.unwrap();
        if conn.count_pending_search_entries().await.unwrap() == 0 {
            break;
        }
    }
    println!(
        "indexing {ARTICLES} articles: {:.0} s",
        began.elapsed().as_secs_f64()
    );
    let client = reqwest::Client::new();
    for (name, query) in [
        ("a word of every article", word(0)),
        (
            "two words of every article",
            format!("{} {}", word(0), word(1)),
        ),
        ("a frequent word", word(100)),
        ("a rare word", word(5_000)),
        (
            "three words",
            format!("{} {} {}", word(10), word(100), word(1_000)),
        ),
        ("the beginning of words", word(12_345)[..7].to_owned()),
        ("nothing", "nothing".to_owned()),
    ] {
        let mut times = Vec::new();
        for _ in 0..REQUESTS {
            let began = Instant::now();
            let query = query.replace(' ', "+");
            let request = client
                .get(format!("http://{address}/search?q={query}"))
                .header("host", "blog.example");
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 200);
            response.bytes().await.unwrap();
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        let (median, worst) = (times[REQUESTS / 2], times[REQUESTS - 1]);
        println!("{name}: {median:.1} ms, at worst {worst:.1} ms");
    }
    stop.cancel();
    running.await.unwrap().unwrap();
}

async fn fill(url: &str) {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    for start in (0..ARTICLES).step_by(500) {
        let mut statements = String::from(
            "BEGIN; INSERT INTO articles (slug, title, markdown, summary, language, federate, published_at) VALUES ",
        );
        for number in start..start + 500 {
            let comma = if number > start { "," } else { "" };
            statements.push_str(&format!(
                "{comma} ('a{number}', '{}', '{}', '{}', 'en', 'no', {})",
                random.text(6),
                random.text(WORDS),
                random.text(20),
                1_600_000_000_000u64 + number as u64 * 1_000_000
            ));
        }
        statements.push_str("; DELETE FROM changes; COMMIT;");
        let statements = sqlx::raw_sql(sqlx::AssertSqlSafe(statements));
        if url.starts_with("postgres://") {
            let mut connection = PgConnection::connect(url).await.unwrap();
            statements.execute(&mut connection).await.unwrap();
        } else {
            let mut connection = SqliteConnection::connect(url).await.unwrap();
            connection
                .execute("PRAGMA synchronous = OFF")
                .await
                .unwrap();
            statements.execute(&mut connection).await.unwrap();
        }
    }
}
