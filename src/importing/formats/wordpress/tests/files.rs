//! Character sets, packed files, several files, and files that are something else.

use super::{articles, export, file, open, post, problems, read, refusal, titles};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1251, WINDOWS_1252};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;
use zip::write::SimpleFileOptions;

#[test]
fn the_character_set_is_found_whatever_is_declared() {
    let title = "Käse & Crème — “quoted”";
    let xml = export(&post(1, title, ""));
    let encoded = |declared: &str, actual: &'static Encoding| {
        let declared = xml.replacen("UTF-8", declared, 1);
        actual.encode(&declared).0.into_owned()
    };
    let utf_16: Vec<u8> = ("\u{FEFF}".to_owned() + &xml)
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let cut = {
        // A character that a program has cut in the middle.
        let mut bytes = xml.clone().into_bytes();
        let at = bytes
            .windows(6)
            .position(|window| window == b"Text 1")
            .unwrap();
        bytes.insert(at, 0xC3);
        bytes
    };
    for (name, bytes) in [
        ("UTF-8", xml.clone().into_bytes()),
        (
            "a byte order mark",
            ("\u{FEFF}".to_owned() + &xml).into_bytes(),
        ),
        ("declared Latin 1, is UTF-8", encoded("ISO-8859-1", UTF_8)),
        (
            "declared UTF-8, is Windows 1252",
            encoded("UTF-8", WINDOWS_1252),
        ),
        (
            "declared Latin 1, is Windows 1252",
            encoded("iso-8859-1", WINDOWS_1252),
        ),
        ("declared UTF-16, is UTF-8", encoded("UTF-16", UTF_8)),
        ("UTF-16", utf_16),
        (
            "a character that is cut, declared Latin 1",
            [
                b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>".as_slice(),
                &cut["<?xml version='1.0' encoding='UTF-8' ?>".len()..],
            ]
            .concat(),
        ),
        ("a character that is cut", cut),
    ] {
        assert_eq!(titles(&read(bytes)), [title], "{name}");
    }
    let cyrillic = export(&post(1, "О поездах", "")).replacen("UTF-8", "windows-1251", 1);
    assert_eq!(
        titles(&read(WINDOWS_1251.encode(&cyrillic).0)),
        ["О поездах"]
    );
}

#[test]
fn exports_may_be_packed_and_in_several_files() {
    let first = export(&post(1, "One", ""));
    let second = export(&post(2, "Two", "<postmeta/>"));
    let mut gzipped = GzEncoder::new(Vec::new(), Compression::default());
    gzipped.write_all(first.as_bytes()).unwrap();
    let gzipped = gzipped.finish().unwrap();
    assert_eq!(titles(&read(&gzipped)), ["One"]);
    let padded = [gzipped.as_slice(), &[0; 512]].concat();
    assert_eq!(titles(&read(&padded)), ["One"]);
    assert_eq!(problems(&read(&padded)), Vec::<String>::new());
    let long = export(&(1..=2000).map(|id| post(id, "P", "")).collect::<String>());
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(long.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let cut = read(&packed[..packed.len() / 2]);
    assert!((100..2000).contains(&titles(&cut).len()));
    let reported = problems(&cut);
    assert!(
        matches!(reported.as_slice(), [problem] if problem.ends_with("it is cut off")),
        "{reported:?}"
    );

    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [
        ("../../a.xml", &*first),
        ("notes.txt", "no export"),
        ("b/b.XML", &second),
    ] {
        archive
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    let archive = archive.finish().unwrap().into_inner();
    assert_eq!(titles(&read(&archive)), ["One", "Two"]);

    let broken = export(&(post(3, "Three", "") + "<item><title>Bad</title></item>"));
    let files = [file(&gzipped), file(&broken)];
    let paths: Vec<_> = files.iter().map(|file| file.path().to_owned()).collect();
    let source = open(&paths).unwrap();
    assert_eq!(
        (source.name.as_str(), source.total),
        ("old.example/blog", Some(3))
    );
    let read: Vec<_> = source.items.collect();
    assert_eq!(articles(&read).len(), 2);
    assert_eq!(problems(&read).len(), 1);
    let problem = read.iter().find_map(|read| read.as_ref().err()).unwrap();
    assert_eq!(
        problem.place.file,
        paths[1].file_name().unwrap().to_string_lossy()
    );
}

#[test]
fn other_files_are_refused() {
    let sentence =
        "FILE is no export of WordPress: make one with Tools > Export there, for all content";
    for bytes in [
        b"".as_slice(),
        b"\xFF\xD8\xFF\xE0 a picture",
        b"{\"db\": []}",
        b"<html><p>x</html>",
        b"<rss><channel><title>A feed</title><item><title>x</title></item></channel></rss>",
        b"<rss",
    ] {
        assert_eq!(refusal(bytes), sentence, "{bytes:?}");
    }
    let empty = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let empty = empty.finish().unwrap().into_inner();
    assert_ne!(refusal(empty), "it is read");
    assert_eq!(refusal([0x1F, 0x8B, 8, 0, 1]), "cannot read FILE");
}
