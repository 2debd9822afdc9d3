//! Large JSON files, read item by item.

use super::*;

/// A reader that hands out `size` bytes at a time.
struct Slow<'a>(&'a [u8], usize);

impl std::io::Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self.1.min(buffer.len()).min(self.0.len());
        buffer[..size].copy_from_slice(&self.0[..size]);
        self.0 = &self.0[size..];
        Ok(size)
    }
}

fn want(path: &[String]) -> Want {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    match names.as_slice() {
        [] | ["posts"] | ["db", "data", "posts"] | ["blogs", "posts" | "name"] => Want::Items,
        ["db" | "blogs"] | ["db", "data"] => Want::Enter,
        _ => Want::Skip,
    }
}

/// Returns each item as `path:line:text`, and the error at which reading ended.
fn read(json: &[u8]) -> (Vec<String>, Option<JsonError>) {
    let mut results = Vec::new();
    for size in [1, 7, 4096] {
        let input = std::io::BufReader::with_capacity(size, Slow(json, size));
        let (mut items, mut end) = (Vec::new(), None);
        for item in JsonItems::new(input, want as fn(&[String]) -> Want) {
            match item {
                Ok(item) => {
                    let text = String::from_utf8_lossy(item.text.as_ref().unwrap());
                    items.push(format!("{}:{}:{text}", item.path.join("."), item.line));
                }
                Err(error) => end = Some(error),
            }
        }
        results.push((items, end));
    }
    // It does not matter in which pieces the text comes.
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
    results.remove(0)
}

#[test]
fn items_are_read_with_their_paths_and_lines() {
    let json = "\u{feff}{\"db\": [{\"meta\": {\"a\": [1, \"]}\"]},\n \"data\": {\"posts\": [\n  {\"id\": 1, \"t\": \"a\\\"]}\"},\n\
                  [2], \"three\", 4 ,null],\n \"users\": []}}], \"blogs\": [{\"name\": \"n\", \"posts\": [{}]}, \
                  {\"posts\": [], \"name\":\"m\"}]}\n";
    let (items, end) = read(json.as_bytes());
    assert_eq!(end, None);
    assert_eq!(
        items,
        [
            "db.data.posts:3:{\"id\": 1, \"t\": \"a\\\"]}\"}",
            "db.data.posts:4:[2]",
            "db.data.posts:4:\"three\"",
            "db.data.posts:4:4",
            "db.data.posts:4:null",
            "blogs.name:5:\"n\"",
            "blogs.posts:5:{}",
            "blogs.name:5:\"m\"",
        ]
    );
    assert_eq!(read(b"[{\"id\":1},2]").0, [":1:{\"id\":1}", ":1:2"]);
}

#[test]
fn what_comes_before_an_error_is_read() {
    let cases: [(&[u8], usize, u64, &str); 8] = [
        (
            b"{\"posts\": [1,\n2,\n\"th",
            2,
            3,
            "the file ends too early",
        ),
        (b"{\"posts\": [1", 1, 1, "the file ends too early"),
        (b"", 0, 1, "the file ends too early"),
        (
            b"{\"posts\": [1]} x",
            1,
            1,
            "more text after the end of the JSON",
        ),
        (b"{posts: [1]}", 0, 1, "a name in quotes was expected"),
        (
            b"{\"posts\" [1]}",
            0,
            1,
            "a colon was expected after a name",
        ),
        (b"{\"posts\": [1}]", 1, 1, "a value was expected"),
        (b"{\"posts\": [1]]", 1, 1, "a name in quotes was expected"),
    ];
    for (json, count, line, reason) in cases {
        let (items, end) = read(json);
        let shown = String::from_utf8_lossy(json);
        assert_eq!(items.len(), count, "{shown}");
        let end = end.unwrap_or_else(|| panic!("no error: {shown}"));
        assert_eq!((end.line, end.reason.as_str()), (line, reason), "{shown}");
    }
}

#[test]
fn a_broken_item_and_a_huge_one_leave_the_others() {
    let huge = "x".repeat(MAX_ITEM);
    let json =
        format!("{{\"posts\": [{{\"id\": 1}}, {{\"id\": tru}}, \"{huge}\", {{\"id\": 2}}]}}");
    let items: Vec<JsonItem> = JsonItems::new(json.as_bytes(), want)
        .collect::<Result<_, _>>()
        .unwrap();
    let parsed: Vec<Result<serde_json::Value, String>> =
        items.iter().map(JsonItem::parse).collect();
    assert_eq!(parsed[0].as_ref().unwrap()["id"], 1);
    assert_eq!(parsed[1], Err("invalid JSON: expected ident".to_owned()));
    assert_eq!(parsed[2], Err("it is larger than 1 MiB".to_owned()));
    assert_eq!(parsed[3].as_ref().unwrap()["id"], 2);
    // Objects within each other without end, in an item and outside of items.
    let deep = format!(
        "{{\"posts\": [{}]}}",
        "[".repeat(100_000) + &"]".repeat(100_000)
    );
    let item = JsonItems::new(deep.as_bytes(), want)
        .next()
        .unwrap()
        .unwrap();
    assert!(item.parse::<serde_json::Value>().is_err());
    let deep = format!("{}1{}", "{\"db\":[".repeat(1000), "]}".repeat(1000));
    let enter = |_: &[String]| Want::Enter;
    let end = JsonItems::new(deep.as_bytes(), enter).last().unwrap();
    assert_eq!(end.unwrap_err().reason, "it is nested too deeply");
}
