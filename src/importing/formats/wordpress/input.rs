//! The text of an export: of a plain file, a gzipped one, or the files of a zip archive, in whatever character set.

use crate::importing::ImportError;
use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flate2::read::MultiGzDecoder;
use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::{NamedTempFile, TempPath};

/// The number of bytes that are read at once.
const CHUNK: usize = 64 * 1024;
/// The number of bytes in which the XML declaration has to be.
const HEAD: usize = 1024;
/// The maximum size of all files in a zip archive together, unpacked, for an archive of any size.
const SMALL: u64 = 256 << 20;
/// How many times the size of the archive they may have together, if that is more.
const RATIO: u64 = 100;

/// A file with an export, which can be read several times.
#[derive(Debug, Clone)]
pub(super) struct Export {
    /// The name in messages; empty if there is only one file.
    pub(super) name: String,
    path: PathBuf,
    is_gzipped: bool,
    encoding: &'static Encoding,
    /// The unpacked file of an archive, which is deleted with the last of these values.
    _unpacked: Option<Arc<TempPath>>,
}

/// Opens a file: the export itself, gzipped or not, or a zip archive of exports.
pub(super) fn open(path: &Path) -> Result<Vec<Export>, ImportError> {
    let failed = |error| unreadable(path, error);
    let mut file = File::open(path).map_err(failed)?;
    let mut magic = Vec::new();
    (&mut file)
        .take(4)
        .read_to_end(&mut magic)
        .map_err(failed)?;
    if magic == b"PK\x03\x04" {
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        return unpack(path, file);
    }
    let export = Export {
        name: String::new(),
        path: path.to_owned(),
        is_gzipped: magic.starts_with(&[0x1F, 0x8B]),
        encoding: UTF_8,
        _unpacked: None,
    };
    Ok(vec![export.examined(path)?])
}

/// Unpacks the XML files of an archive into temporary files. Their names in the archive are only shown.
fn unpack(path: &Path, file: File) -> Result<Vec<Export>, ImportError> {
    let failed = |error| unreadable(path, error);
    let size = file.metadata().map_err(failed)?.len();
    let limit = size.saturating_mul(RATIO).max(SMALL);
    let mut archive = zip::ZipArchive::new(BufReader::new(file))
        .map_err(|error| failed(io::Error::other(error)))?;
    let mut left = limit;
    let mut exports = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive
            .by_index(index)
            .map_err(|error| failed(io::Error::other(error)))?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let is_xml = Path::new(&name)
            .extension()
            .is_some_and(|found| found.eq_ignore_ascii_case("xml"));
        if !entry.is_file() || !is_xml || name.starts_with("__MACOSX/") {
            continue;
        }
        let mut unpacked = NamedTempFile::new().map_err(failed)?;
        let written = io::copy(&mut (&mut entry).take(left + 1), &mut unpacked).map_err(failed)?;
        left = left.checked_sub(written).ok_or_else(|| {
            ImportError::mistake(format!(
                "{} unpacks to more than {} MiB, which is too much for its size: unpack it, and import its XML files",
                path.display(),
                limit >> 20
            ))
        })?;
        let unpacked = unpacked.into_temp_path();
        let export = Export {
            name,
            path: unpacked.to_path_buf(),
            is_gzipped: false,
            encoding: UTF_8,
            _unpacked: Some(Arc::new(unpacked)),
        };
        exports.push(export.examined(path)?);
    }
    if exports.is_empty() {
        return Err(ImportError::mistake(format!(
            "{} has no XML file: export the site with Tools > Export in WordPress",
            path.display()
        )));
    }
    Ok(exports)
}

impl Export {
    /// Finds out the character set, by all bytes of the file: what the declaration says is often wrong.
    fn examined(mut self, shown: &Path) -> Result<Export, ImportError> {
        let failed = |error| unreadable(shown, error);
        let mut bytes = self.bytes().map_err(failed)?;
        let mut head = vec![0; HEAD];
        let length = fill(&mut bytes, &mut head).map_err(failed)?;
        head.truncate(length);
        let hint = Hint::of(&head);
        if !hint.is_markup(&head) {
            return Err(not_wordpress(shown));
        }
        let mut census = Census::default();
        census.add(&head);
        let mut chunk = vec![0; CHUNK];
        loop {
            match bytes.read(&mut chunk).map_err(failed)? {
                0 => break,
                read => census.add(&chunk[..read]),
            }
        }
        self.encoding = hint.decide(&census);
        Ok(self)
    }

    fn bytes(&self) -> io::Result<Box<dyn Read + Send>> {
        let file = BufReader::with_capacity(CHUNK, File::open(&self.path)?);
        Ok(if self.is_gzipped {
            Box::new(Packed {
                unpacked: MultiGzDecoder::new(file),
                has_begun: false,
            })
        } else {
            Box::new(file)
        })
    }

    /// Begins to read the text.
    pub(super) fn text(&self) -> io::Result<Text> {
        Ok(Text {
            bytes: self.bytes()?,
            decoder: self.encoding.new_decoder_with_bom_removal(),
            chunk: vec![0; CHUNK],
            is_at_end: false,
        })
    }
}

/// A gzipped file. One that is cut off, or has other bytes after its end, ends there.
struct Packed {
    unpacked: MultiGzDecoder<BufReader<File>>,
    has_begun: bool,
}

impl Read for Packed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        match self.unpacked.read(buffer) {
            Err(error)
                if self.has_begun
                    && matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof) =>
            {
                Ok(0)
            }
            read => {
                self.has_begun |= matches!(read, Ok(1..));
                read
            }
        }
    }
}

pub(super) fn unreadable(path: &Path, source: io::Error) -> ImportError {
    ImportError::Read {
        path: path.display().to_string(),
        source,
    }
}

/// Returns the error for a file that is no export.
pub(super) fn not_wordpress(path: &Path) -> ImportError {
    ImportError::mistake(format!(
        "{} is no export of WordPress: make one with Tools > Export there, for all content",
        path.display()
    ))
}

/// Reads until the buffer is full or the input ends. Returns how many bytes there are.
fn fill(bytes: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match bytes.read(&mut buffer[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

/// The character set that the first bytes indicate.
struct Hint {
    /// By a byte order mark, or because the first sign takes two bytes.
    certain: Option<&'static Encoding>,
    declared: Option<&'static Encoding>,
}

impl Hint {
    fn of(head: &[u8]) -> Hint {
        let certain = match head {
            [b'<', 0, ..] => Some(UTF_16LE),
            [0, b'<', ..] => Some(UTF_16BE),
            _ => Encoding::for_bom(head).map(|(encoding, _)| encoding),
        };
        let start = String::from_utf8_lossy(head);
        let declaration = start
            .split_once("?>")
            .map_or("", |(declaration, _)| declaration);
        let declared = declaration.split_once("encoding").and_then(|(_, rest)| {
            let rest = rest.trim_start().strip_prefix('=')?.trim_start();
            let label = rest.get(1..)?.split(['"', '\'']).next()?;
            Encoding::for_label(label.as_bytes())
        });
        // An encoding in which the declaration could be read so far has one byte for each of its characters.
        let declared = declared.filter(|declared| *declared != UTF_16LE && *declared != UTF_16BE);
        Hint { certain, declared }
    }

    /// Returns whether the text begins with a tag or a declaration.
    fn is_markup(&self, head: &[u8]) -> bool {
        let (text, _) = self.certain.unwrap_or(UTF_8).decode_with_bom_removal(head);
        text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control())
            .starts_with('<')
    }

    fn decide(&self, census: &Census) -> &'static Encoding {
        match (self.certain, self.declared) {
            (Some(wide), _) if wide != UTF_8 => wide,
            _ if census.broken == 0 => UTF_8,
            // Characters that were cut in the middle, in a file that has whole ones. In other character sets, few pairs of
            // bytes happen to be one.
            _ if census.whole > MOSTLY * census.broken => UTF_8,
            (_, Some(declared)) if declared != UTF_8 => declared,
            _ if census.whole > census.broken => UTF_8,
            _ => WINDOWS_1252,
        }
    }
}

/// How many whole characters of UTF-8 there are for each broken one in a file that is UTF-8, whatever it declares.
const MOSTLY: u64 = 2;

/// How many characters beyond ASCII are valid UTF-8, and how many sequences are not.
#[derive(Default)]
struct Census {
    whole: u64,
    broken: u64,
    /// The beginning of a character, whose rest comes with the next bytes.
    cut: Vec<u8>,
}

impl Census {
    fn add(&mut self, bytes: &[u8]) {
        let joined;
        let mut rest = bytes;
        if !self.cut.is_empty() {
            joined = [self.cut.as_slice(), bytes].concat();
            self.cut.clear();
            rest = &joined;
        }
        while !rest.is_empty() {
            let (valid, skipped) = match std::str::from_utf8(rest) {
                Ok(_) => (rest.len(), 0),
                Err(error) => match error.error_len() {
                    Some(length) => {
                        self.broken += 1;
                        (error.valid_up_to(), length)
                    }
                    None => {
                        self.cut = rest[error.valid_up_to()..].to_vec();
                        (error.valid_up_to(), self.cut.len())
                    }
                },
            };
            self.whole += rest[..valid].iter().filter(|byte| **byte >= 0xC0).count() as u64;
            rest = &rest[valid + skipped..];
        }
    }
}

/// The text of a file, from its beginning. Characters that XML forbids are left out: WordPress writes them.
pub(super) struct Text {
    bytes: Box<dyn Read + Send>,
    decoder: Decoder,
    chunk: Vec<u8>,
    is_at_end: bool,
}

impl Text {
    /// Appends more of the text. Returns `false` at its end.
    pub(super) fn read_more(&mut self, window: &mut String) -> io::Result<bool> {
        if self.is_at_end {
            return Ok(false);
        }
        let read = self.bytes.read(&mut self.chunk)?;
        self.is_at_end = read == 0;
        let needed = self
            .decoder
            .max_utf8_buffer_length(read)
            .unwrap_or(CHUNK * 3);
        let start = window.len();
        window.reserve(needed);
        let _ = self
            .decoder
            .decode_to_string(&self.chunk[..read], window, self.is_at_end);
        if window[start..].contains(is_forbidden) {
            let kept: String = window[start..]
                .chars()
                .filter(|c| !is_forbidden(*c))
                .collect();
            window.truncate(start);
            window.push_str(&kept);
        }
        Ok(true)
    }
}

/// Returns whether a character must not be in XML 1.0, not even by reference.
pub(super) fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}
