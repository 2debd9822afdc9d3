//! Setting up and starting: `init`, the configuration, the address to listen on.

use super::assert_failure;
use crate::support::{Database, Program};

/// Creates a publication that no environment variable configures.
async fn bare() -> Program {
    let mut program = Program::new(Database::Sqlite).await;
    program.environment.clear();
    program
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_init_changes_nothing() {
    let program = bare().await;
    let init = ["init", "--domain", "example.org", "--name", "Example"];
    program.admin(&init).await;
    let config = program.folder.path().join("pamphlet.toml");
    let before = (
        std::fs::read(&config).unwrap(),
        program.admin(&["actor", "show", "--json"]).await,
    );
    for arguments in [&init[..], &["init"], &["init", "--domain", "other.example"]] {
        let output = program.run(arguments).await;
        assert_failure(
            &format!("{arguments:?}"),
            &output,
            &["pamphlet.toml already exists"],
        );
    }
    let after = (
        std::fs::read(&config).unwrap(),
        program.admin(&["actor", "show", "--json"]).await,
    );
    assert_eq!(after, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_init_that_fails_leaves_nothing_behind() {
    let cases: [(&[&str], &[&str]); 9] = [
        (&["init"], &["--domain"]),
        (&["init", "--domain", "not a domain"], &["domain"]),
        (
            &["init", "--domain", "https://example.org"],
            &["domain is", "such as example.org"],
        ),
        (
            &[
                "init",
                "--domain",
                "example.org",
                "--public-url",
                "example.org",
            ],
            &["public_url"],
        ),
        (
            &[
                "init",
                "--domain",
                "example.org",
                "--public-url",
                "http://example.org",
            ],
            &["public_url", "https"],
        ),
        (
            &["init", "--domain", "example.org", "--listen", "8080"],
            &["listen"],
        ),
        (
            &[
                "init",
                "--domain",
                "example.org",
                "--database-url",
                "mysql://x/y",
            ],
            &["sqlite://"],
        ),
        (
            &[
                "init",
                "--domain",
                "example.org",
                "--database-url",
                "postgres://u:sesame@127.0.0.1:1/x",
            ],
            &["database"],
        ),
        (
            &[
                "--config",
                "no/folder/p.toml",
                "init",
                "--domain",
                "example.org",
            ],
            &["no/folder/p.toml"],
        ),
    ];
    for (arguments, words) in cases {
        let program = bare().await;
        let printed = assert_failure(&arguments.join(" "), &program.run(arguments).await, words);
        assert!(!printed.contains("sesame"));
        assert!(
            !program.folder.path().join("pamphlet.toml").exists(),
            "{arguments:?}"
        );
        assert!(
            !program.folder.path().join("data/pamphlet.sqlite").exists(),
            "{arguments:?}"
        );
        // The corrected configuration works.
        program.admin(&["init", "--domain", "example.org"]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mistake_in_the_configuration_is_named_with_its_line() {
    let cases: [(&str, &str, &[&str]); 13] = [
        (
            "no switch",
            "[comments]\nfederate_guests = \"perhaps\"\n",
            &["line 2", "perhaps", "by the publication"],
        ),
        (
            "a misspelt key",
            "public_ulr = \"https://example.org\"\n",
            &["line 1", "public_ulr", "public_url"],
        ),
        (
            "a misspelt table",
            "\n[delivry]\ntimeout = 3\n",
            &["line 2", "delivry", "delivery"],
        ),
        (
            "a misspelt key in a table",
            "[site]\nname = \"x\"\nlang = \"en\"\n",
            &["line 3", "lang", "language"],
        ),
        ("no TOML", "public_url: https://example.org\n", &["line 1"]),
        (
            "not closed",
            "public_url = \"https://example.org\n",
            &["line 1"],
        ),
        (
            "a word for a number",
            "[delivery]\ntimeout = \"long\"\n",
            &["line 2", "long"],
        ),
        (
            "a key given twice",
            "listen = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:2\"\n",
            &["line 2", "duplicate key"],
        ),
        (
            "an unknown value",
            "[site]\nactor_type = \"Robot\"\n",
            &["line 2", "Robot", "Person"],
        ),
        (
            "a bad user name",
            "[site]\nusername = \"no spaces\"\n",
            &["line 2"],
        ),
        (
            "a bad address",
            "listen = \"everywhere\"\n",
            &["listen", "everywhere", "127.0.0.1:8080"],
        ),
        (
            "http in public",
            "public_url = \"http://example.org\"\n",
            &["public_url", "https://"],
        ),
        (
            "a path",
            "public_url = \"https://example.org/blog\"\n",
            &["public_url", "path"],
        ),
    ];
    for (what, text, words) in cases {
        let program = bare().await;
        program.file("pamphlet.toml", text);
        for command in [&["serve"][..], &["post", "list"]] {
            assert_failure(what, &program.run(command).await, words);
        }
        assert_eq!(
            std::fs::read_dir(program.folder.path()).unwrap().count(),
            1,
            "{what}: something was made"
        );
    }
    let mut program = bare().await;
    assert_failure(
        "no file",
        &program.run(&["--config", "gone.toml", "serve"]).await,
        &["gone.toml", "can't be read"],
    );
    assert_failure(
        "a folder",
        &program.run(&["--config", ".", "serve"]).await,
        &["can't be read"],
    );
    program.file("latin1.toml", b"[site]\nname = \"Caf\xe9\"\n");
    assert_failure(
        "not UTF-8",
        &program.run(&["--config", "latin1.toml", "serve"]).await,
        &["latin1.toml"],
    );
    program.set("PAMPHLET_DEVELOPMENT", "perhaps");
    assert_failure(
        "a bad switch",
        &program.run(&["post", "list"]).await,
        &["PAMPHLET_DEVELOPMENT", "perhaps"],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_taken_is_said_so() {
    let mut program = Program::new(Database::Sqlite).await;
    program.serve().await;
    let address = program.origin.replace("http://localhost", "127.0.0.1");
    let output = program.run(&["serve"]).await;
    assert_failure(
        "the same port",
        &output,
        &["another program listens", &address, "--listen"],
    );
    let output = program.run(&["serve", "--listen", "192.0.2.1:8080"]).await;
    assert_failure(
        "not our address",
        &output,
        &["192.0.2.1:8080", "can't listen on"],
    );
    // The first one goes on.
    assert!(program.terminate().await.0.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_the_output_may_leave_early() {
    let program = Program::new(Database::Sqlite).await;
    program.create_database().await;
    let file = program.file(
        "news.md",
        "---\ntitle: News\nslug: news\n---\nText.\n".to_owned() + &"Long line. ".repeat(50_000),
    );
    program
        .admin(&["post", "publish", &file.display().to_string()])
        .await;
    let mut shell = std::process::Command::new("sh");
    shell
        .args([
            "-c",
            "\"$0\" post show news | head -n 1; exit 0",
            env!("CARGO_BIN_EXE_pamphlet"),
        ])
        .current_dir(program.folder.path())
        .envs(program.environment.iter().cloned());
    let output = tokio::task::spawn_blocking(move || shell.output().unwrap())
        .await
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "---");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
