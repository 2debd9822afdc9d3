//! The items of large JSON files, one after another: only one item is in memory at a time.
//!
//! The reader follows the structure of a file down to the arrays that the caller asks for, and yields the text of each of
//! their elements with its line. An element that is no valid JSON is the caller's to report; the rest of the file can be
//! read nevertheless.

#[cfg(test)]
mod tests;

use serde::de::DeserializeOwned;
use std::io::{BufRead, ErrorKind};

/// The maximum size of an item, in bytes. A larger one is skipped. Tests have a smaller limit, to be quick.
const MAX_ITEM: usize = if cfg!(test) { 1 << 20 } else { 32 << 20 };
/// The maximum depth of the part of a file that is not in items.
const MAX_DEPTH: usize = 32;
const MAX_KEY: usize = 1024;

/// The handling of a value that is found on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::importing::formats) enum Want {
    /// Go into it: an object, or the objects of an array.
    Enter,
    /// If it is an array, yield its elements, otherwise yield it.
    Items,
    Skip,
}

/// A value with its path.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::importing::formats) struct JsonItem {
    /// The names of the objects that it is in, from the outside: `["db", "data", "posts"]`.
    pub(in crate::importing::formats) path: Vec<String>,
    /// The line on which it begins, from 1.
    pub(in crate::importing::formats) line: u64,
    /// Its text, or the reason why it was not kept.
    pub(in crate::importing::formats) text: Result<Vec<u8>, String>,
}

impl JsonItem {
    /// Returns the last name of the path.
    pub(in crate::importing::formats) fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// Parses the text.
    ///
    /// # Errors
    /// If it is not valid JSON of that type. The error is the reason.
    pub(in crate::importing::formats) fn parse<T: DeserializeOwned>(&self) -> Result<T, String> {
        let text = self.text.as_ref().map_err(String::clone)?;
        serde_json::from_slice(text).map_err(|error| {
            // The position within the item is of no use to anybody.
            let error = error.to_string();
            let reason = error.split(" at line ").next().unwrap_or(&error);
            format!("invalid JSON: {reason}")
        })
    }
}

/// The reason why a file can't be read further, with its line.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::importing::formats) struct JsonError {
    pub(in crate::importing::formats) line: u64,
    pub(in crate::importing::formats) reason: String,
}

/// A reader of items.
pub(in crate::importing::formats) struct JsonItems<R, F> {
    input: R,
    line: u64,
    want: F,
    /// The values that the reader is in.
    open: Vec<Open>,
    path: Vec<String>,
    has_begun: bool,
    has_ended: bool,
}

/// A value that the reader is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Object,
    /// An array whose objects are entered.
    Array,
    /// An array whose elements are items.
    Items,
}

impl<R: BufRead, F: Fn(&[String]) -> Want> JsonItems<R, F> {
    /// Reads `input`. `want` decides by the path of a value what to do with it; the whole file is always entered if it is an
    /// object, and has the empty path.
    pub(in crate::importing::formats) fn new(input: R, want: F) -> JsonItems<R, F> {
        JsonItems {
            input,
            line: 1,
            want,
            open: Vec::new(),
            path: Vec::new(),
            has_begun: false,
            has_ended: false,
        }
    }

    fn step(&mut self) -> Result<Option<JsonItem>, JsonError> {
        loop {
            if !self.has_begun {
                self.has_begun = true;
                self.skip_byte_order_mark()?;
                if let Some(item) = self.value()? {
                    return Ok(Some(item));
                }
                continue;
            }
            let Some(open) = self.open.last().copied() else {
                return match self.peek_mark()? {
                    None => Ok(None),
                    Some(_) => Err(self.error("more text after the end of the JSON")),
                };
            };
            let is_object = open == Open::Object;
            match self.require_mark()? {
                b'}' if is_object => self.close()?,
                b']' if !is_object => self.close()?,
                b',' => {
                    self.take()?;
                }
                b'"' if is_object => {
                    let key = self.key()?;
                    self.path.push(key);
                    if let Some(item) = self.value()? {
                        return Ok(Some(item));
                    }
                }
                _ if is_object => return Err(self.error("a name in quotes was expected")),
                _ if open == Open::Items => {
                    let item = self.item()?;
                    return Ok(Some(item));
                }
                _ => {
                    if let Some(item) = self.value()? {
                        return Ok(Some(item));
                    }
                }
            }
        }
    }

    /// Reads the value that comes next: enters it, skips it, or returns it as an item.
    fn value(&mut self) -> Result<Option<JsonItem>, JsonError> {
        let first = self.require_mark()?;
        let want = match self.open.last() {
            // The objects of an array are entered as the array was.
            Some(Open::Array) => Want::Enter,
            _ if self.path.is_empty() && first == b'{' => Want::Enter,
            _ => (self.want)(&self.path),
        };
        let opened = match (want, first) {
            (Want::Enter, b'{') => Some(Open::Object),
            (Want::Enter, b'[') => Some(Open::Array),
            (Want::Items, b'[') => Some(Open::Items),
            _ => None,
        };
        if let Some(opened) = opened {
            if self.open.len() >= MAX_DEPTH {
                return Err(self.error("it is nested too deeply"));
            }
            self.take()?;
            self.open.push(opened);
            return Ok(None);
        }
        if want == Want::Items {
            let item = self.item()?;
            self.leave();
            return Ok(Some(item));
        }
        self.scan(None)?;
        self.leave();
        Ok(None)
    }

    /// Reads the value that comes next as an item.
    fn item(&mut self) -> Result<JsonItem, JsonError> {
        let line = self.line;
        let mut text = Vec::new();
        let is_kept = self.scan(Some(&mut text))?;
        Ok(JsonItem {
            path: self.path.clone(),
            line,
            text: if is_kept {
                Ok(text)
            } else {
                Err(format!("it is larger than {} MiB", MAX_ITEM >> 20))
            },
        })
    }

    /// Ends the array or object that the reader is in.
    fn close(&mut self) -> Result<(), JsonError> {
        self.take()?;
        self.open.pop();
        self.leave();
        Ok(())
    }

    /// Removes the name of a value that was read from the path.
    fn leave(&mut self) {
        if self.open.last() == Some(&Open::Object) {
            self.path.pop();
        }
    }

    /// Reads a name and the colon after it.
    fn key(&mut self) -> Result<String, JsonError> {
        let mut text = Vec::new();
        self.scan(Some(&mut text))?;
        if text.len() > MAX_KEY {
            return Err(self.error("a name is too long"));
        }
        let key = serde_json::from_slice(&text).map_err(|_| self.error("a name is invalid"))?;
        if self.require_mark()? != b':' {
            return Err(self.error("a colon was expected after a name"));
        }
        self.take()?;
        Ok(key)
    }

    /// Reads over one value, and copies its bytes. Returns whether it is small enough; a larger one is not copied.
    fn scan(&mut self, mut copy: Option<&mut Vec<u8>>) -> Result<bool, JsonError> {
        let mut depth = 0_usize;
        let mut in_string = false;
        let mut is_escaped = false;
        let mut is_kept = true;
        let mut has_begun = false;
        loop {
            let line = self.line;
            let chunk = fill(&mut self.input, line)?;
            if chunk.is_empty() {
                // Numbers and words end with the file.
                return if has_begun && depth == 0 && !in_string {
                    Ok(is_kept)
                } else {
                    Err(self.error("the file ends too early"))
                };
            }
            let mut used = 0;
            let mut is_done = false;
            for &byte in chunk {
                if in_string {
                    match byte {
                        _ if is_escaped => is_escaped = false,
                        b'\\' => is_escaped = true,
                        b'"' => in_string = false,
                        _ => {}
                    }
                    is_done = !in_string && depth == 0;
                } else {
                    match byte {
                        b'"' if depth == 0 && has_begun => {
                            is_done = true;
                            break;
                        }
                        b'"' => in_string = true,
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' | b',' | b':' if depth == 0 => {
                            is_done = true;
                            break;
                        }
                        b'}' | b']' => {
                            depth -= 1;
                            is_done = depth == 0;
                        }
                        b' ' | b'\t' | b'\r' | b'\n' if depth == 0 && has_begun => {
                            is_done = true;
                            break;
                        }
                        _ => {}
                    }
                }
                has_begun = true;
                used += 1;
                self.line += u64::from(byte == b'\n');
                if is_done {
                    break;
                }
            }
            if let Some(copy) = copy.as_mut()
                && is_kept
            {
                if copy.len() + used > MAX_ITEM {
                    is_kept = false;
                    copy.clear();
                    copy.shrink_to_fit();
                } else {
                    copy.extend_from_slice(&chunk[..used]);
                }
            }
            self.input.consume(used);
            if is_done {
                return if has_begun {
                    Ok(is_kept)
                } else {
                    Err(self.error("a value was expected"))
                };
            }
        }
    }

    fn skip_byte_order_mark(&mut self) -> Result<(), JsonError> {
        for byte in [0xef, 0xbb, 0xbf] {
            if fill(&mut self.input, 1)?.first() != Some(&byte) {
                break;
            }
            self.input.consume(1);
        }
        Ok(())
    }

    /// Skips white space. Returns the next byte, which is not consumed, unless the file ends.
    fn peek_mark(&mut self) -> Result<Option<u8>, JsonError> {
        loop {
            let chunk = fill(&mut self.input, self.line)?;
            let Some(&first) = chunk.first() else {
                return Ok(None);
            };
            if !matches!(first, b' ' | b'\t' | b'\r' | b'\n') {
                return Ok(Some(first));
            }
            self.line += u64::from(first == b'\n');
            self.input.consume(1);
        }
    }

    fn require_mark(&mut self) -> Result<u8, JsonError> {
        match self.peek_mark()? {
            Some(mark) => Ok(mark),
            None => Err(self.error("the file ends too early")),
        }
    }

    fn take(&mut self) -> Result<(), JsonError> {
        self.require_mark()?;
        self.input.consume(1);
        Ok(())
    }

    fn error(&self, reason: &str) -> JsonError {
        JsonError {
            line: self.line,
            reason: reason.to_owned(),
        }
    }
}

impl<R: BufRead, F: Fn(&[String]) -> Want> Iterator for JsonItems<R, F> {
    type Item = Result<JsonItem, JsonError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let step = self.step().transpose();
        // Nothing can be read after an error of the structure.
        self.has_ended = !matches!(step, Some(Ok(_)));
        step
    }
}

/// Returns the bytes that the input has at hand; none at its end.
fn fill(input: &mut impl BufRead, line: u64) -> Result<&[u8], JsonError> {
    // A borrow that is returned from a loop is not accepted, so that an interrupted read is repeated first.
    loop {
        match input.fill_buf() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                return Err(JsonError {
                    line,
                    reason: format!("it can't be read: {error}"),
                });
            }
            Ok(_) => break,
        }
    }
    input.fill_buf().map_err(|error| JsonError {
        line,
        reason: format!("it can't be read: {error}"),
    })
}
