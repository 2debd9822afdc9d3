//! A small PNG that takes 200 MB when it is decoded.

/// Its width and height.
const SIDE: u32 = 8192;
/// Bytes of the decoded picture: three for each pixel, and one for each row's filter.
const DECODED: usize = SIDE as usize * (3 * SIDE as usize + 1);
/// Bytes that one match of DEFLATE repeats at most.
const LONGEST_MATCH: usize = 258;

/// Makes a black picture of 8192 x 8192 pixels, of about one megabyte.
pub(super) fn wide_picture() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = [SIDE.to_be_bytes(), SIDE.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 0]); // 8 bits, RGB
    push_chunk(&mut png, b"IHDR", &header);
    push_chunk(&mut png, b"IDAT", &zeros());
    push_chunk(&mut png, b"IEND", &[]);
    png
}

fn push_chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
    let begin = png.len();
    png.extend(kind);
    png.extend(data);
    let sum = crc32(&png[begin..]);
    png.extend(sum.to_be_bytes());
}

/// `DECODED` zeros as zlib writes them (RFC 1950, 1951): one zero, then matches that repeat it.
fn zeros() -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push(0b011, 3); // the last block, with fixed codes
    bits.push_code(0x30, 8); // the literal 0
    let mut left = DECODED - 1;
    while left >= LONGEST_MATCH {
        bits.push_code(0b1100_0101, 8); // the length 258
        bits.push_code(0, 5); // the distance 1
        left -= LONGEST_MATCH;
    }
    for _ in 0..left {
        bits.push_code(0x30, 8);
    }
    bits.push_code(0, 7); // the end
    let mut zlib = vec![0x78, 0x01];
    zlib.extend(bits.finish());
    // The Adler-32 of zeros alone.
    let sum = (u32::try_from(DECODED % 65_521).unwrap() << 16) | 1;
    zlib.extend(sum.to_be_bytes());
    zlib
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    rest: u32,
    count: u32,
}

impl Bits {
    /// Appends the lowest bits of a number, the lowest first.
    fn push(&mut self, value: u32, length: u32) {
        self.rest |= value << self.count;
        self.count += length;
        while self.count >= 8 {
            self.bytes.push(self.rest.to_le_bytes()[0]);
            self.rest >>= 8;
            self.count -= 8;
        }
    }

    /// Appends a Huffman code, the highest bit first.
    fn push_code(&mut self, code: u32, length: u32) {
        self.push(code.reverse_bits() >> (32 - length), length);
    }

    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(self.rest.to_le_bytes()[0]);
        }
        self.bytes
    }
}

fn crc32(data: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg())
        })
    };
    !data.iter().fold(u32::MAX, step)
}
