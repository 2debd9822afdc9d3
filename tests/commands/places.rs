//! Where a command finds its publication: the configuration file, and the paths in it.

use super::assert_failure;
use crate::support::{Database, Program};
use std::{fs, os::unix::fs::MetadataExt, path::Path, process::Output};

/// Creates a folder for publications that no environment variable configures.
async fn bare() -> Program {
    let mut program = Program::new(Database::Sqlite).await;
    program.environment.clear();
    program
}

/// Runs a command in a folder below the program's own.
fn run_in(program: &Program, folder: &str, arguments: &[&str]) -> Output {
    let folder = program.folder.path().join(folder);
    fs::create_dir_all(&folder).unwrap();
    let mut command = program.commands().command(arguments);
    command.current_dir(folder).output().unwrap()
}

fn name_of(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    shown["name"].as_str().unwrap().to_owned()
}

const SHOW: &[&str] = &["actor", "show", "--json"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_configuration_is_found_from_below_and_in_the_users_folder() {
    let program = bare().await;
    let init = |folder: &str, name: &str| {
        let arguments = ["init", "--domain", "example.org", "--name", name];
        let output = run_in(&program, folder, &arguments);
        assert!(output.status.success(), "{output:?}");
    };
    init("blog", "Blog");
    init(".config/pamphlet", "Everywhere");
    assert_eq!(name_of(&run_in(&program, "blog", SHOW)), "Blog");
    assert_eq!(name_of(&run_in(&program, "blog/drafts/new", SHOW)), "Blog");
    assert_eq!(name_of(&run_in(&program, "elsewhere", SHOW)), "Everywhere");
    // A named file comes first, and leads to its own database.
    let named = [
        "--config",
        "../blog/pamphlet.toml",
        "actor",
        "show",
        "--json",
    ];
    assert_eq!(name_of(&run_in(&program, "elsewhere", &named)), "Blog");
    // Nothing was made where the commands ran.
    let left = |folder: &str| {
        fs::read_dir(program.folder.path().join(folder))
            .unwrap()
            .count()
    };
    assert_eq!((left("elsewhere"), left("blog/drafts/new")), (0, 0));
    // `init` sets up another publication, whatever is above.
    init("blog/other", "Other");
    assert_eq!(name_of(&run_in(&program, "blog/other", SHOW)), "Other");
    let mode = |path: &str| {
        let about = fs::metadata(program.folder.path().join(path)).unwrap();
        about.mode() & 0o777
    };
    assert_eq!(
        (mode("blog/pamphlet.toml"), mode("blog/data")),
        (0o600, 0o700)
    );
    assert_eq!(mode("blog/data/pamphlet.sqlite"), 0o600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relative_paths_begin_at_the_configuration_file() {
    let program = bare().await;
    let folder = program.folder.path().join("a 50% folder");
    fs::create_dir(&folder).unwrap();
    let text = "data = \"kept\"\ndatabase_url = \"sqlite://db/p.sqlite\"\n[site]\nname = \"Kept\"\n\
                stylesheet = \"my.css\"\n";
    fs::write(folder.join("pamphlet.toml"), text).unwrap();
    fs::write(folder.join("my.css"), "").unwrap();
    fs::create_dir(folder.join("db")).unwrap();
    let file = folder.join("pamphlet.toml").display().to_string();
    let output = run_in(&program, "elsewhere", &["--config", &file, "post", "list"]);
    let words = ["no publication here", "db/p.sqlite", "pamphlet serve"];
    assert_failure("no database yet", &output, &words);
    // A flag is relative to the working folder, as everywhere.
    let flags = [
        "--config",
        &file,
        "--data",
        "d",
        "--database-url",
        "sqlite://here.sqlite",
        "post",
        "list",
    ];
    let output = run_in(&program, "elsewhere", &flags);
    assert_failure("a flag", &output, &["since here.sqlite is missing"]);
    let elsewhere = program.folder.path().join("elsewhere");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

/// Sets up a publication with its data in `place`, as an earlier version did that was run there.
fn set_up_before(program: &Program, place: &str) {
    let arguments = ["init", "--domain", "example.org"];
    assert!(run_in(program, place, &arguments).status.success());
    let root = program.folder.path();
    fs::create_dir_all(root.join("etc")).unwrap();
    fs::rename(
        root.join(place).join("pamphlet.toml"),
        root.join("etc/pamphlet.toml"),
    )
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_in_the_place_of_earlier_versions_is_never_replaced_by_new_keys() {
    let program = bare().await;
    set_up_before(&program, "work");
    let file = program
        .folder
        .path()
        .join("etc/pamphlet.toml")
        .display()
        .to_string();
    let old = "work/data/pamphlet.sqlite";
    for command in [&["serve"][..], &["post", "list"], &["worker"], &["doctor"]] {
        let arguments = [&["--config", &file], command].concat();
        let words = [old, "etc/data/pamphlet.sqlite", &file, "move it"];
        assert_failure(
            &command.join(" "),
            &run_in(&program, "work", &arguments),
            &words,
        );
    }
    assert!(!program.folder.path().join("etc/data").exists());
    // Both remedies work.
    let text = fs::read_to_string(&file).unwrap();
    let data = program
        .folder
        .path()
        .join("work/data")
        .display()
        .to_string();
    fs::write(&file, format!("data = \"{data}\"\n{text}")).unwrap();
    let show = [&["--config", &file], SHOW].concat();
    assert_eq!(name_of(&run_in(&program, "work", &show)), "example.org");
    fs::write(&file, text).unwrap();
    fs::rename(&data, Path::new(&file).with_file_name("data")).unwrap();
    for folder in ["work", "elsewhere"] {
        assert_eq!(name_of(&run_in(&program, folder, &show)), "example.org");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_creates_no_database_for_a_configuration_that_it_only_found() {
    let program = bare().await;
    let text = "public_url = \"https://example.org\"\nlisten = \"127.0.0.1:0\"\n";
    fs::create_dir_all(program.folder.path().join(".config/pamphlet")).unwrap();
    program.file(".config/pamphlet/pamphlet.toml", text);
    let output = run_in(&program, "elsewhere", &["serve"]);
    let words = [
        ".config/pamphlet/pamphlet.toml",
        "--config",
        "pamphlet init",
    ];
    assert_failure("serve in the wrong folder", &output, &words);
    assert!(!program.folder.path().join(".config/pamphlet/data").exists());
}
