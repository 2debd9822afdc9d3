//! `pamphlet config`: all mistakes at once, and the origin of each value.

use crate::support::{Database, Program};
use serde_json::{Value, json};

const MISTAKEN: &str = "public_ulr = \"https://example.org\"\nlisten = \"everywhere\"\n[site]\nname = \"A\"\n\
                        time_zone = \"Berlin\"\nlang = \"en\"\n";

async fn bare(text: &str) -> Program {
    let mut program = Program::new(Database::Sqlite).await;
    program.environment.clear();
    program.file("pamphlet.toml", text);
    program
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_mistakes_are_found_at_once() {
    let program = bare(MISTAKEN).await;
    let output = program.run(&["config", "check"]).await;
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    for part in [
        "line 1: unknown key `public_ulr`: did you mean `public_url`?",
        "line 5: \"Berlin\" is not a time zone",
        "line 6: unknown key `lang`: did you mean `language`?",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert!(String::from_utf8_lossy(&output.stderr).contains("3 mistakes"));
    // Values are compared once the file can be read.
    let text = "public_url = \"http://example.org/blog\"\nlisten = \"everywhere\"\ndomain = \"a b\"\n\
                [site]\nstylesheet = \"gone.css\"\ntheme = \"gone\"\n";
    program.file("pamphlet.toml", text);
    let output = program.run(&["config", "check", "--json"]).await;
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&found["ok"], output.status.code()),
        (&json!(false), Some(1))
    );
    assert_eq!(found["mistakes"].as_array().unwrap().len(), 5, "{found}");
    // Files that are named, but can't be read.
    let text = "public_url = \"https://example.org\"\nextra_roots = \"roots.pem\"\n[site]\nicon = \"gone.png\"\n\
                [tls]\ncertificate = \"a.pem\"\nkey = \"b.pem\"\n";
    program.file("pamphlet.toml", text);
    let output = program.run(&["config", "check"]).await;
    let printed = String::from_utf8_lossy(&output.stdout);
    for name in ["site.icon", "tls.certificate", "tls.key", "extra_roots"] {
        assert!(printed.contains(name), "{name}: {printed}");
    }
    program.file("pamphlet.toml", "[site]\nname = \"A\"\n");
    let printed = program.admin(&["config", "check"]).await;
    assert_eq!(printed, "pamphlet.toml has no mistakes.\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_shown_with_their_origin_and_without_secrets() {
    let text = "public_url = \"https://example.org\"\ndatabase_url = \"postgres://ann:sesame@db/x\"\n\
                [mail]\nserver = \"smtps://ann:sesame@mail.example.org\"\n\
                [notices]\nwebhook_secret = \"sesame\"\n";
    let mut program = bare(text).await;
    program.set("PAMPHLET_LISTEN", "127.0.0.1:9999");
    let shown = program
        .admin(&["config", "show", "--json", "--domain", "ann.example"])
        .await;
    assert!(!shown.contains("sesame"), "{shown}");
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let origin = |key: &str| {
        let settings = shown["settings"].as_array().unwrap();
        let setting = settings
            .iter()
            .find(|setting| setting["key"] == key)
            .unwrap();
        (
            setting["value"].clone(),
            setting["origin"].as_str().unwrap().to_owned(),
        )
    };
    for (key, value, from) in [
        ("public_url", "https://example.org", "file"),
        ("domain", "ann.example", "flag"),
        ("listen", "127.0.0.1:9999", "environment"),
        ("data", "./data", "default"),
        ("database_url", "postgres://ann:***@db/x", "file"),
        ("mail.server", "smtps://ann:***@mail.example.org", "file"),
        ("notices.webhook_secret", "***", "file"),
    ] {
        assert_eq!(origin(key), (json!(value), from.to_owned()), "{key}");
    }
}
