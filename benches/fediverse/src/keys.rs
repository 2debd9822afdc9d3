//! RSA keys: a few that all actors share, so that a fediverse of many actors starts at once.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{fs, path::Path};

/// A key pair, and its public half as actors publish it.
pub(crate) struct Key {
    pair: KeyPair,
    pub(crate) public_pem: String,
}

impl Key {
    /// Reads the key in `file`, or generates one and writes it there.
    pub(crate) fn load_or_generate(file: &Path) -> anyhow::Result<Self> {
        let pair = if file.exists() {
            KeyPair::from_pkcs8(&fs::read(file)?)?
        } else {
            let pair = KeyPair::generate(KeySize::Rsa2048)?;
            fs::write(file, AsDer::<Pkcs8V1Der>::as_der(&pair)?.as_ref())?;
            pair
        };
        let der: PublicKeyX509Der = pair.public_key().as_der()?;
        let public_pem = to_pem(der.as_ref());
        Ok(Self { pair, public_pem })
    }

    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256. Returns base64.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .expect("a 2048-bit key signs");
        STANDARD.encode(signature)
    }
}

fn to_pem(der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
    for (index, character) in encoded.chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem + "\n-----END PUBLIC KEY-----\n"
}

/// Verifies a base64 RSA-SHA256 signature with a public key in PEM (SubjectPublicKeyInfo).
pub(crate) fn is_valid(public_pem: &str, message: &[u8], signature: &str) -> bool {
    let encoded: String = public_pem
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let (Ok(der), Ok(signature)) = (STANDARD.decode(encoded), STANDARD.decode(signature)) else {
        return false;
    };
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)
        .verify(message, &signature)
        .is_ok()
}
