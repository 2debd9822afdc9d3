//! How long a sync of 5,000 files takes, in which nothing changed.
//!
//!     cargo bench --bench sync [-- postgres://...]
//!
//! Writes 5,000 articles of 5 kB, every tenth with a picture; syncs them once, silently, and then three times more. Each
//! run is a process of its own, as an admin starts it. The database must be empty.

use std::{
    path::Path,
    process::{Command, Output},
    time::Instant,
};

const FILES: usize = 5_000;
const PICTURES: usize = 20;

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
    write_files(&folder.path().join("content"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(create(&database, folder.path()));
    let began = Instant::now();
    run(&config, &["sync", "content", "--silent", "--json"]);
    println!(
        "first sync of {FILES} files: {:.1} s",
        began.elapsed().as_secs_f64()
    );
    for _ in 0..3 {
        let began = Instant::now();
        let output = run(&config, &["sync", "content"]);
        let took = began.elapsed().as_secs_f64();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(printed.starts_with("Nothing changed"), "{printed}");
        println!("sync of {FILES} unchanged files: {took:.2} s");
    }
}

fn write_files(content: &Path) {
    std::fs::create_dir(content).unwrap();
    for number in 0..PICTURES {
        let colour = image::Rgb([number as u8, 99, 199]);
        image::RgbImage::from_pixel(64, 64, colour)
            .save(content.join(format!("{number}.png")))
            .unwrap();
    }
    let text = "A sentence of some words, as articles have them. ".repeat(100);
    for number in 0..FILES {
        let picture = match number % 10 {
            0 => format!("![A square]({}.png)\n\n", number / 10 % PICTURES),
            _ => String::new(),
        };
        let article = format!(
            "---\ntitle: Article {number}\ntags: [one, two]\ndate: 2020-01-01\n---\n{picture}{text}\n"
        );
        std::fs::write(content.join(format!("{number}.md")), article).unwrap();
    }
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

fn run(config: &Path, arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_pamphlet"))
        .arg("--config")
        .arg(config)
        .args(arguments)
        .current_dir(config.parent().unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}
