//! How long it takes to take in a photo of 24 megapixels, and how much memory.
//!
//!     cargo bench --bench media [-- FILE]
//!
//! Prints the time and the peak memory of a process that does nothing else, for a photo that it makes: as a JPEG whose
//! rows are decoded one after the other, as cameras write it, and as a PNG. With a file, for that file.

use image::{DynamicImage, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use pamphlet::{config::Media, media::Original};
use std::{
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

/// The variable that names the file to the process that measures.
const FILE: &str = "PAMPHLET_BENCH_MEDIA";

fn main() {
    if let Some(file) = std::env::var_os(FILE) {
        return take_in(Path::new(&file));
    }
    let folder = tempfile::tempdir().unwrap();
    let given = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"));
    let files = match given {
        Some(file) => vec![PathBuf::from(file)],
        None => make(folder.path()),
    };
    for file in files {
        let program = std::env::current_exe().unwrap();
        let done = Command::new(program).env(FILE, &file).status().unwrap();
        assert!(done.success());
    }
}

/// Makes a photo with smooth areas, edges and noise.
fn make(folder: &Path) -> Vec<PathBuf> {
    let mut seed = 1_u32;
    let photo = RgbImage::from_fn(6000, 4000, |x, y| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (seed >> 28) as u8;
        let edge = if (x / 300 + y / 200) % 2 == 0 { 60 } else { 0 };
        Rgb([
            (x * 180 / 6000) as u8 + noise + edge,
            (y * 180 / 4000) as u8 + noise,
            100 + noise + edge / 2,
        ])
    });
    let (jpeg, png) = (folder.join("photo.jpg"), folder.join("photo.png"));
    let file = BufWriter::new(File::create(&jpeg).unwrap());
    JpegEncoder::new_with_quality(file, 92)
        .encode_image(&photo)
        .unwrap();
    DynamicImage::from(photo).save(&png).unwrap();
    vec![jpeg, png]
}

fn take_in(file: &Path) {
    let limits = Media::default().limits();
    let before = peak();
    let begun = Instant::now();
    let original = Original::read(file, &limits).unwrap();
    let prepared = original.prepare(&limits).unwrap();
    let time = begun.elapsed();
    println!(
        "{}: {} bytes, {:.2} s, {} MB at most ({} MB before)",
        file.file_name().unwrap().display(),
        file.metadata().unwrap().len(),
        time.as_secs_f64(),
        peak() / 1000,
        before / 1000,
    );
    for stored in std::iter::once(&prepared.main).chain(&prepared.variants) {
        println!(
            "    {} {:?}, {} bytes",
            stored.content_type, stored.size, stored.bytes
        );
    }
}

/// Returns the peak memory of this process in kilobytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_ascii_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap()
}
