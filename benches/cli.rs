//! How long commands take, as processes from start to end, on one machine.
//!
//!     cargo bench --bench cli
//!
//! Prints the median and the slowest of 20 runs. The targets: `pamphlet --help` under 20 ms, `post publish` of an article
//! of 5 kB under 100 ms.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const RUNS: usize = 20;

/// The configuration: a node beside the internet.
const CONFIGURATION: &str =
    "public_url = \"http://localhost:18091\"\nlisten = \"127.0.0.1:18091\"\ndevelopment = true\n";

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("pamphlet.toml"), CONFIGURATION).unwrap();
    make_database(here);
    say("--help", here, &|_| arguments(&["--help"]));
    say("--version", here, &|_| arguments(&["--version"]));
    say("comments --help", here, &|_| {
        arguments(&["comments", "--help"])
    });
    say("post list", here, &|_| arguments(&["post", "list"]));
    say("post publish, 5 kB", here, &|run| {
        let file = format!("article-{run}.md");
        std::fs::write(here.join(&file), article(run)).unwrap();
        arguments(&["post", "publish", &file])
    });
    let mut completion = command(here);
    completion
        .args(["--", "pamphlet", "post", "show", ""])
        .env("PAMPHLET_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", "3");
    measure("completion of slugs", &mut |_| run(&mut completion));
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pamphlet"));
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// Starts the node once, which makes the database and its keys.
fn make_database(folder: &Path) {
    let mut node = command(folder).arg("serve").spawn().unwrap();
    let begun = Instant::now();
    while std::net::TcpStream::connect("127.0.0.1:18091").is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "no node");
        std::thread::sleep(Duration::from_millis(50));
    }
    let id = node.id().to_string();
    Command::new("kill").arg(id).status().unwrap();
    node.wait().unwrap();
}

/// Returns an article of 5 kB.
fn article(number: usize) -> String {
    let paragraph = "A paragraph with *words*, a [link](https://example.org/) and `code`, as articles have them.\n\n";
    let text = paragraph.repeat(5_000 / paragraph.len());
    format!("---\ntitle: Article number {number}\ntags: [one, two]\n---\n{text}")
}

fn arguments(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn say(name: &str, folder: &Path, make: &dyn Fn(usize) -> Vec<String>) {
    measure(name, &mut |number| {
        let arguments = make(number);
        run(command(folder).args(arguments));
    });
}

fn run(command: &mut Command) {
    assert!(command.status().unwrap().success());
}

fn measure(name: &str, work: &mut dyn FnMut(usize)) {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|number| {
            let begun = Instant::now();
            work(number);
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "{name}: {:.1} ms, at most {:.1} ms",
        milliseconds(times[RUNS / 2]),
        milliseconds(times[RUNS - 1])
    );
}
