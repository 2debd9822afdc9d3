//! Archives as foreign software and attackers write them.

use super::*;
use ::tar::{Builder, EntryType, Header};
use ::zip::{ZipWriter, write::SimpleFileOptions};
use flate2::{Compression, write::GzEncoder};
use std::{fs, io::Write};

/// Writes `bytes` to a file and opens it as an archive.
fn open(bytes: &[u8], limits: Limits) -> Result<Archive, ArchiveError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    fs::write(&path, bytes).unwrap();
    Archive::open_within(&path, limits)
}

fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A tar archive whose names are written as they are, which the crate's own methods refuse to do.
fn tar_of(entries: &[(&[u8], EntryType, &[u8])]) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    for (name, kind, content) in entries {
        let mut header = Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name);
        header.set_entry_type(*kind);
        header.set_mode(0o444);
        header.set_size(content.len() as u64);
        if *kind == EntryType::Symlink {
            header.set_link_name("/etc").unwrap();
        }
        header.set_cksum();
        tar.append(&header, *content).unwrap();
    }
    tar.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn names(archive: &Archive) -> Vec<String> {
    archive.files().map(|(name, _)| name).collect()
}

#[test]
fn nothing_is_unpacked_outside_of_the_folder() {
    let file = EntryType::Regular;
    let bytes = tar_of(&[
        (b"../climbs.txt", file, b"1"),
        (b"media/../../climbs.txt", file, b"2"),
        (b"media\\..\\..\\climbs.txt", file, b"3"),
        (b"/home/mastodon/system/media/a.png", file, b"4"),
        (b"link", EntryType::Symlink, b""),
        (b"link/passwd", file, b"5"),
        (b"pipe", EntryType::Fifo, b""),
        (b"notes\\b.txt", file, b"6"),
        (b"caf\xe9.txt", file, b"7"),
        (b"twice.txt", file, b"first"),
        (b"./twice.txt", file, b"second"),
        (b"twice.txt/below", file, b"8"),
        (b"__MACOSX/._a.png", file, b"9"),
    ]);
    for bytes in [bytes.clone(), gzip(&bytes)] {
        let archive = open(&bytes, LIMITS).unwrap();
        let kept = [
            "home/mastodon/system/media/a.png",
            "link/passwd",
            "notes/b.txt",
            "twice.txt",
        ];
        assert_eq!(names(&archive), kept);
        assert_eq!(
            fs::read(archive.folder().join("twice.txt")).unwrap(),
            b"first"
        );
        let left_out = archive.left_out.join("\n");
        assert_eq!(
            left_out.matches("leads out of the archive").count(),
            3,
            "{left_out}"
        );
        assert_eq!(
            left_out.matches("another entry has its name").count(),
            2,
            "{left_out}"
        );
        assert!(left_out.contains("link was left out: it is a link"));
        assert!(left_out.contains("pipe was left out: it is no file"));
        assert!(left_out.contains("its name is not UTF-8"));
        let folder = archive.folder().to_owned();
        drop(archive);
        assert!(!folder.exists());
    }
}

#[test]
fn a_zip_archive_is_unpacked_by_the_same_rules() {
    let mut bytes = zip_of(&[
        ("../climbs.txt", b"1"),
        ("C:\\climbs.txt", b"2"),
        ("folder/outbox.json", b"{}"),
        ("deeper/in/it/outbox.json", b"{}"),
        ("cafe.txt", b"3"),
    ]);
    // A name without the mark of UTF-8 is in the encoding of MS-DOS, in which 0x82 is an accented letter.
    while let Some(at) = bytes.windows(8).position(|w| w == b"cafe.txt") {
        bytes[at + 3] = 0x82;
    }
    let archive = open(&bytes, LIMITS).unwrap();
    let kept = ["café.txt", "deeper/in/it/outbox.json", "folder/outbox.json"];
    assert_eq!(names(&archive), kept);
    assert_eq!(
        archive.find("outbox.json"),
        Some(archive.folder().join("folder/outbox.json"))
    );
    assert_eq!(archive.find("actor.json"), None);
}

#[test]
fn bombs_are_refused() {
    let limits = Limits {
        files: 3,
        bytes: 10 << 20,
        small: 1 << 20,
        ratio: 100,
    };
    let zeros = vec![0; 2 << 20];
    let bombs = [
        zip_of(&[("zeros", &zeros)]),
        gzip(&tar_of(&[(b"zeros", EntryType::Regular, &zeros)])),
        zip_of(&[("1", b""), ("2", b""), ("3", b""), ("4", b"")]),
    ];
    for bomb in &bombs {
        let error = open(bomb, limits).unwrap_err();
        assert!(matches!(error, ArchiveError::TooLarge { .. }), "{error}");
    }
    // A name of two megabytes.
    let long = tar_of(&[(b"././@LongLink", EntryType::GNULongName, &zeros)]);
    let error = open(&gzip(&long), LIMITS).unwrap_err();
    assert!(matches!(error, ArchiveError::Damaged { .. }), "{error}");
}

#[test]
fn damaged_and_foreign_files_are_refused() {
    let content = vec![b'x'; 5000];
    let tar = tar_of(&[
        (b"media/a.png", EntryType::Regular, b"1"),
        (b"outbox.json", EntryType::Regular, &content),
    ]);
    let error = open(&tar[..2000], LIMITS).unwrap_err().to_string();
    assert!(error.contains("is damaged or incomplete after "), "{error}");
    let gzipped = gzip(&tar);
    let error = open(&gzipped[..gzipped.len() / 2], LIMITS).unwrap_err();
    assert!(matches!(error, ArchiveError::Damaged { .. }), "{error}");
    let zip = zip_of(&[("a", &content)]);
    let error = open(&zip[..zip.len() - 30], LIMITS).unwrap_err();
    assert!(matches!(error, ArchiveError::Damaged { .. }), "{error}");
    for foreign in [&b""[..], b"{}", b"7z\xbc\xaf\x27\x1c"] {
        let error = open(foreign, LIMITS).unwrap_err();
        assert!(matches!(error, ArchiveError::Unknown(_)), "{error}");
    }
    let missing = Archive::open(Path::new("/nonexistent.zip")).unwrap_err();
    assert!(matches!(missing, ArchiveError::Read { .. }));
}

#[test]
fn gzip_in_several_members_is_read_to_its_end() {
    let tar = tar_of(&[
        (b"outbox.json", EntryType::Regular, b"{}"),
        (b"actor.json", EntryType::Regular, b"{}"),
    ]);
    let members = [gzip(&tar[..512]), gzip(&tar[512..1024]), gzip(&tar[1024..])];
    let archive = open(&members.concat(), LIMITS).unwrap();
    assert_eq!(names(&archive), ["actor.json", "outbox.json"]);
}
