//! The node's files: nobody but its own user reads them.

use crate::support::{Database, Peer, Program, TestNode, both_databases};
use rstest_reuse::apply;
use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Returns the entries of a folder that other users may access.
fn open_to_others(folder: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(path) = folders.pop() {
        let about = fs::symlink_metadata(&path).unwrap();
        if about.mode() & 0o077 != 0 {
            found.push((path.clone(), about.mode() & 0o777));
        }
        if about.is_dir() {
            folders.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        }
    }
    found
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Makes a folder and its entries accessible to others, as an older version left them.
fn open_up(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => open_up(&path),
            false => set_mode(&path, 0o644),
        }
    }
    set_mode(folder, 0o755);
}

const ARTICLE: &str = "---\ntitle: A lake\nimage: lake.png\nimage_alt: A lake\n---\nIt is deep.\n";

/// Creates a publication with its data in a folder below its own, and a picture to publish.
async fn publication(database: Database) -> (Program, PathBuf) {
    let mut program = Program::new(database).await;
    let data = program.folder.path().join("kept/data");
    program.set("PAMPHLET_DATA", &data.display().to_string());
    if program.database_url.starts_with("sqlite") {
        let url = format!("sqlite://{}/pamphlet.sqlite", data.display());
        program.set("PAMPHLET_DATABASE_URL", &url);
        program.database_url = url;
    }
    let picture = image::RgbImage::from_pixel(64, 48, image::Rgb([30, 60, 90]));
    picture
        .save(program.folder.path().join("lake.png"))
        .unwrap();
    program.file("lake.md", ARTICLE);
    (program, data)
}

#[apply(both_databases)]
async fn what_a_node_makes_is_for_its_user_alone(#[case] database: Database) {
    let (mut program, data) = publication(database).await;
    program.serve().await;
    program.admin(&["post", "publish", "lake.md"]).await;
    assert!(fs::read_dir(data.join("media")).unwrap().count() > 0);
    assert_eq!(open_to_others(&data), []);
    let above = fs::metadata(data.parent().unwrap()).unwrap();
    assert_eq!(above.mode() & 0o077, 0, "the folder above was made with it");
    program.terminate().await;
    assert_eq!(open_to_others(&data), []);

    // An older version left wider permissions. Each command repairs folder and database, the node the pictures too.
    open_up(&data);
    program.admin(&["post", "list"]).await;
    assert_eq!(fs::metadata(&data).unwrap().mode() & 0o777, 0o700);
    if database == Database::Sqlite {
        let database = fs::metadata(data.join("pamphlet.sqlite")).unwrap();
        assert_eq!(database.mode() & 0o777, 0o600);
    }
    open_up(&data);
    program.serve().await;
    assert_eq!(open_to_others(&data), []);
    program.terminate().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn init_writes_a_configuration_and_a_database_that_nobody_else_reads() {
    let (program, data) = publication(Database::Sqlite).await;
    program.admin(&["init", "--domain", "blog.example"]).await;
    let configuration = program.folder.path().join("pamphlet.toml");
    assert_eq!(fs::metadata(configuration).unwrap().mode() & 0o777, 0o600);
    assert_eq!(open_to_others(&data), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_elsewhere_is_mended_and_its_folder_is_not() {
    let (mut program, data) = publication(Database::Sqlite).await;
    let else_where = program.folder.path().join("databases");
    fs::create_dir(&else_where).unwrap();
    set_mode(&else_where, 0o777);
    let url = format!("sqlite://{}/blog.sqlite", else_where.display());
    program.set("PAMPHLET_DATABASE_URL", &url);
    program.database_url = url.clone();
    program.serve().await;
    let database = else_where.join("blog.sqlite");
    assert_eq!(fs::metadata(&database).unwrap().mode() & 0o777, 0o600);
    assert_eq!(open_to_others(&data), []);
    set_mode(&database, 0o644);
    program.admin(&["post", "list"]).await;
    assert_eq!(fs::metadata(&database).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&else_where).unwrap().mode() & 0o777, 0o777);

    let output = program.run(&["doctor"]).await;
    let printed = String::from_utf8(output.stdout).unwrap();
    let remedy = format!("chmod go-w {}", else_where.display());
    assert!(
        printed.contains(&remedy) && printed.contains("mode 0777"),
        "{printed}"
    );
    program.terminate().await;
}

#[apply(both_databases)]
async fn the_doctor_names_what_is_too_open_and_the_command_that_mends_it(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let doctor = async || {
        let output = node.cli(&["doctor", "--json"]).await;
        let printed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let checks = printed["checks"].as_array().unwrap();
        checks
            .iter()
            .find(|check| check["check"] == "files")
            .unwrap()
            .clone()
    };
    node.publish_any().await;
    assert_eq!(doctor().await["ok"], true);

    let folder = node.folder.path();
    set_mode(folder, 0o755);
    let mut open = vec![folder.to_owned()];
    let database = folder.join("pamphlet.sqlite");
    if database.exists() {
        set_mode(&database, 0o644);
        open.push(database);
    }
    node.configure("[notices]\nwebhook_secret = \"s3cret\"\n");
    set_mode(&node.config_file, 0o644);
    let check = doctor().await;
    let findings: Vec<&str> = check["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    let mut expected: Vec<String> = open
        .iter()
        .map(|path| {
            let (path, mode) = (path.display(), if path.is_dir() { "0755" } else { "0644" });
            format!("{path} has mode {mode}: `chmod go= {path}`")
        })
        .collect();
    let configuration = node.config_file.display();
    expected.push(format!(
        "{configuration} has mode 0644: `chmod o= {configuration}`"
    ));
    assert_eq!(findings, expected);

    // The doctor changes nothing; any other command repairs the node's own files.
    assert_eq!(fs::metadata(folder).unwrap().mode() & 0o777, 0o755);
    node.admin(&["post", "list"]).await;
    assert_eq!(
        doctor().await["ok"],
        true,
        "nobody else gets to the configuration in this folder"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_closes_the_database_of_an_older_version() {
    let peer = Peer::start("follower").await;
    let node = TestNode::start_after_upgrade(Database::Sqlite, &peer, "").await;
    node.publish_any().await;
    let database = node.folder.path().join("pamphlet.sqlite");
    assert_eq!(fs::metadata(&database).unwrap().mode() & 0o777, 0o600);
    let open = open_to_others(node.folder.path());
    let own: Vec<_> = open
        .iter()
        .filter(|(path, _)| path.starts_with(&database))
        .collect();
    assert!(own.is_empty(), "{own:?}");
}
