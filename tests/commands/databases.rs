//! Databases that can't be used: away, locked away, of another version, of another publication.

use super::{assert_failure, rows};
use crate::support::{Database, Program, both_databases, sql};
use rstest_reuse::apply;
use std::{os::unix::process::CommandExt, process::Command};

const COMMANDS: [&[&str]; 4] = [
    &["post", "list"],
    &["serve"],
    &["deliveries", "status", "--json"],
    &["author", "add", "ada", "--name", "Ada"],
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_out_of_reach_is_said_so() {
    let mut program = Program::new(Database::Sqlite).await;
    let not_a_database = program.file("text.sqlite", "This is text and no database. ".repeat(100));
    let folder = program.folder.path().display().to_string();
    let cases = [
        (
            "postgres://user:sesame@127.0.0.1:1/x".to_owned(),
            vec!["can't be opened"],
        ),
        (
            "postgres://user:sesame@127.0.0.1:none/x".to_owned(),
            vec!["database URL"],
        ),
        (
            format!("sqlite://{folder}/no/such/folder/x.sqlite"),
            vec!["x.sqlite"],
        ),
        (format!("sqlite://{folder}"), vec!["can't be opened"]),
        (
            format!("sqlite://{}", not_a_database.display()),
            vec!["not a database"],
        ),
        (
            "mysql://localhost/x".to_owned(),
            vec!["sqlite://", "postgres://"],
        ),
        (
            "pamphlet.sqlite".to_owned(),
            vec!["sqlite://", "postgres://"],
        ),
    ];
    for (url, words) in cases {
        program.set("PAMPHLET_DATABASE_URL", &url);
        for command in COMMANDS {
            let printed = assert_failure(
                &format!("{url} {command:?}"),
                &program.run(command).await,
                &words,
            );
            assert!(
                !printed.contains("sesame"),
                "a password is shown: {printed}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_may_not_be_written_is_said_so() {
    let program = Program::new(Database::Postgres).await;
    program.create_database().await;
    let name = program.database_url.rsplit('/').next().unwrap();
    let lock = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    sql::run(&program.database_url, &lock).await;
    let file = program
        .file("news.md", "---\ntitle: News\n---\nText.\n")
        .display()
        .to_string();
    assert_failure(
        "postgres",
        &program.run(&["post", "publish", &file]).await,
        &["read-only"],
    );
    assert_eq!(rows(&program, "articles").await, 0);

    let mut program = Program::new(Database::Sqlite).await;
    program.create_database().await;
    let file = program
        .file("news.md", "---\ntitle: News\n---\nText.\n")
        .display()
        .to_string();
    let url = program.database_url.clone();
    program.set("PAMPHLET_DATABASE_URL", &format!("{url}?mode=ro"));
    assert_failure(
        "mode=ro",
        &program.run(&["post", "publish", &file]).await,
        &["readonly"],
    );
    program.set("PAMPHLET_DATABASE_URL", &url);
    assert_failure(
        "permissions",
        &run_unprivileged(&program, &["post", "publish", &file]).await,
        &["database"],
    );
    assert_eq!(rows(&program, "articles").await, 0);
    program.admin(&["post", "publish", &file]).await;
}

/// Runs a command as a user who may read the publication and write nothing.
async fn run_unprivileged(program: &Program, arguments: &[&str]) -> std::process::Output {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let folder = program.folder.path();
    let set = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for entry in std::fs::read_dir(folder).unwrap() {
        set(&entry.unwrap().path(), 0o444);
    }
    set(folder, 0o555);
    let mut command = Command::new(env!("CARGO_BIN_EXE_pamphlet"));
    command
        .args(arguments)
        .current_dir(folder)
        .envs(program.environment.iter().cloned());
    if std::fs::metadata(folder).unwrap().uid() == 0 {
        // Root may write everywhere.
        command.uid(65_534);
    }
    let output = command.output().unwrap();
    set(folder, 0o755);
    for entry in std::fs::read_dir(folder).unwrap() {
        set(&entry.unwrap().path(), 0o644);
    }
    output
}

#[apply(both_databases)]
async fn a_database_of_a_newer_version_is_left_alone(#[case] database: Database) {
    let program = Program::new(database).await;
    program.create_database().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
            SELECT 99990101, 'of the future', success, checksum, 1 FROM _sqlx_migrations WHERE version = 1";
    sql::run(&program.database_url, newer).await;
    let settings = sql::texts(
        &program.database_url,
        "SELECT name || value FROM settings ORDER BY name",
    )
    .await;
    for command in COMMANDS {
        let output = program.run(command).await;
        assert_failure(
            &format!("{command:?}"),
            &output,
            &["newer version of Pamphlet", "install the newer version"],
        );
    }
    assert_eq!(rows(&program, "authors").await, 0);
    let after = sql::texts(
        &program.database_url,
        "SELECT name || value FROM settings ORDER BY name",
    )
    .await;
    assert_eq!(after, settings);
}

#[apply(both_databases)]
async fn a_database_of_another_publication_is_left_alone(#[case] database: Database) {
    let mut program = Program::new(database).await;
    program.create_database().await;
    let ours = program.environment.clone();
    for (name, value) in [
        ("PAMPHLET_PUBLIC_URL", "https://other.example"),
        ("PAMPHLET_DOMAIN", "other.example"),
    ] {
        program.environment = ours.clone();
        program.set(name, value);
        for command in COMMANDS {
            let what = format!("{name} {command:?}");
            assert_failure(
                &what,
                &program.run(command).await,
                &["belongs to", "other.example"],
            );
        }
    }
    program.environment = ours;
    program.admin(&["post", "list"]).await;
    assert_eq!(rows(&program, "authors").await, 0);
}
