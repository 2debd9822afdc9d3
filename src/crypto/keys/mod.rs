//! Actor keys: generates, serializes and parses them, and makes and verifies raw signatures.
//!
//! RSA keys are published as PEM in `publicKey` (the security vocabulary, which all servers read),
//! Ed25519 keys as a Multikey in `assertionMethod` (FEP-521a).

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
        RSA_PKCS1_SHA256, RsaKeyPair, RsaSubjectPublicKey,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{fmt, ops::RangeInclusive};
use zeroize::Zeroizing;

/// The accepted sizes of RSA keys, in bits: smaller keys are insecure, larger ones only cost time.
pub const RSA_BITS: RangeInclusive<usize> = 2048..=8192;

/// The maximum length of a PEM key, in bytes: enough for the largest of [`RSA_BITS`].
const MAX_PEM: usize = 8192;

/// The maximum length of a Multikey, in characters: the largest of [`RSA_BITS`] takes about 1,430 in base58btc.
const MAX_MULTIBASE: usize = 1500;

/// The multicodec prefix of an Ed25519 public key (`ed25519-pub`, 0xed as a varint).
const MULTICODEC_ED25519: [u8; 2] = [0xed, 0x01];

/// The multicodec prefix of an RSA public key in PKCS#1 DER (`rsa-pub`, 0x1205 as a varint).
const MULTICODEC_RSA: [u8; 2] = [0x85, 0x24];

/// An error of a key or a signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The random generator failed, or the library refused its own key.
    #[error("a key could not be generated")]
    Generate,
    /// Not PKCS#8, of another algorithm, or inconsistent in itself.
    #[error("the private key is not a PKCS#8 RSA or Ed25519 key")]
    Private,
    /// Not PEM or multibase, of another algorithm, or no valid key.
    #[error("the public key is not an RSA or Ed25519 key in PEM or multibase")]
    Public,
    /// An RSA key outside [`RSA_BITS`].
    #[error("the RSA key has {0} bits, not 2048 to 8192")]
    Bits(usize),
    /// The signature is said to be of an algorithm that this key does not have.
    #[error("the key is not for this algorithm")]
    Algorithm,
    /// The signature was not made over this message by this key.
    #[error("the signature does not match the key")]
    Signature,
    /// The library could not sign.
    #[error("the message could not be signed")]
    Sign,
}

/// The signature algorithm of a key. Each key has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017): `rsa-sha256` in draft-cavage, `rsa-v1_5-sha256` in RFC 9421.
    RsaSha256,
    /// Ed25519 (RFC 8032): `ed25519` in RFC 9421.
    Ed25519,
}

/// A parsed private key of a local actor. Only [`to_pkcs8_der`](Self::to_pkcs8_der) exposes its material.
pub struct PrivateKey {
    secret: Secret,
    public: PublicKey,
}

enum Secret {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl PrivateKey {
    /// Generates an RSA key of 2048 bits, which every server accepts. Takes tens to hundreds of milliseconds.
    ///
    /// # Errors
    /// [`KeyError::Generate`]
    pub fn generate_rsa() -> Result<Self, KeyError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Generate)?;
        Self::of_rsa(pair).map_err(|_| KeyError::Generate)
    }

    /// Generates an Ed25519 key.
    ///
    /// # Errors
    /// [`KeyError::Generate`]
    pub fn generate_ed25519() -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::generate().map_err(|_| KeyError::Generate)?;
        Self::of_ed25519(pair).map_err(|_| KeyError::Generate)
    }

    /// Reads an unencrypted PKCS#8 key (RFC 5958), RSA of 2048 to 8192 bits or Ed25519.
    ///
    /// # Errors
    /// [`KeyError::Private`] for anything else.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        let key = match RsaKeyPair::from_pkcs8(der) {
            Ok(pair) => Self::of_rsa(pair),
            Err(_) => {
                Self::of_ed25519(Ed25519KeyPair::from_pkcs8(der).map_err(|_| KeyError::Private)?)
            }
        };
        key.map_err(|_| KeyError::Private)
    }

    fn of_rsa(pair: RsaKeyPair) -> Result<Self, KeyError> {
        let public = PublicKey::from_rsa_der(pair.public_key().as_ref())?;
        Ok(Self {
            secret: Secret::Rsa(pair),
            public,
        })
    }

    fn of_ed25519(pair: Ed25519KeyPair) -> Result<Self, KeyError> {
        let public = PublicKey::from_ed25519(pair.public_key().as_ref())?;
        Ok(Self {
            secret: Secret::Ed25519(pair),
            public,
        })
    }

    /// Serializes the key as PKCS#8 DER for the database. The bytes are wiped from memory when they are dropped.
    ///
    /// # Errors
    /// [`KeyError::Private`] if the library cannot encode it.
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let der = match &self.secret {
            Secret::Rsa(pair) => pair.as_der().map(|der| der.as_ref().to_vec()),
            Secret::Ed25519(pair) => pair.to_pkcs8v1().map(|der| der.as_ref().to_vec()),
        };
        der.map(Zeroizing::new).map_err(|_| KeyError::Private)
    }

    /// Returns the public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Returns the public key as PEM; see [`PublicKey::to_pem`].
    pub fn public_key_pem(&self) -> String {
        self.public.to_pem()
    }

    /// Returns the public key as a Multikey; see [`PublicKey::to_multibase`].
    pub fn public_multibase(&self) -> String {
        self.public.to_multibase()
    }

    /// Returns the signature algorithm of this key.
    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm
    }

    /// Signs a message with the key's algorithm.
    ///
    /// # Errors
    /// [`KeyError::Sign`]
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.secret {
            Secret::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    message,
                    &mut signature,
                )
                .map_err(|_| KeyError::Sign)?;
                Ok(signature)
            }
            Secret::Ed25519(pair) => pair
                .try_sign(message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| KeyError::Sign),
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

/// A parsed public key of a local or remote actor.
#[derive(Clone)]
pub struct PublicKey {
    algorithm: Algorithm,
    parsed: ParsedPublicKey,
    /// The key as `SubjectPublicKeyInfo` (RFC 5280), as the library serializes it.
    spki: Vec<u8>,
}

impl PublicKey {
    /// Reads the `publicKeyPem` of an actor: `PUBLIC KEY` (SPKI; RSA or Ed25519) or `RSA PUBLIC
    /// KEY` (PKCS#1). Line ends, indentation and line lengths may vary (RFC 7468 3).
    ///
    /// # Errors
    /// [`KeyError::Public`], or [`KeyError::Bits`] for an RSA key that is too small or too large.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        if text.len() > MAX_PEM {
            return Err(KeyError::Public);
        }
        if let Some(der) = pem_block(text, "RSA PUBLIC KEY") {
            return Self::from_rsa_der(&der);
        }
        let der = pem_block(text, "PUBLIC KEY").ok_or(KeyError::Public)?;
        match Self::from_rsa_der(&der) {
            Err(KeyError::Public) => Self::from_ed25519(&der),
            known => known,
        }
    }

    /// Reads the `publicKeyMultibase` of a Multikey (FEP-521a): Ed25519 (`z6Mk...`) or RSA.
    ///
    /// # Errors
    /// [`KeyError::Public`], also for a Multikey of another algorithm, or [`KeyError::Bits`].
    pub fn from_multibase(text: &str) -> Result<Self, KeyError> {
        let encoded = text.strip_prefix('z').ok_or(KeyError::Public)?;
        if encoded.len() > MAX_MULTIBASE {
            return Err(KeyError::Public);
        }
        let bytes = bs58::decode(encoded)
            .into_vec()
            .map_err(|_| KeyError::Public)?;
        if let Some(key) = bytes.strip_prefix(&MULTICODEC_RSA) {
            return Self::from_rsa_der(key);
        }
        match bytes.strip_prefix(&MULTICODEC_ED25519) {
            Some(key) if key.len() == 32 => Self::from_ed25519(key),
            _ => Err(KeyError::Public),
        }
    }

    /// Parses PKCS#1 or SPKI.
    fn from_rsa_der(der: &[u8]) -> Result<Self, KeyError> {
        let key = RsaSubjectPublicKey::from_der(der).map_err(|_| KeyError::Public)?;
        let bits = bit_length(key.modulus().big_endian_without_leading_zero());
        if !RSA_BITS.contains(&bits) {
            return Err(KeyError::Bits(bits));
        }
        let parsed = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.as_ref());
        Self::from_parsed(Algorithm::RsaSha256, parsed.map_err(|_| KeyError::Public)?)
    }

    /// Parses the 32 bytes of the point, or SPKI.
    fn from_ed25519(bytes: &[u8]) -> Result<Self, KeyError> {
        let parsed = ParsedPublicKey::new(&ED25519, bytes).map_err(|_| KeyError::Public)?;
        Self::from_parsed(Algorithm::Ed25519, parsed)
    }

    fn from_parsed(algorithm: Algorithm, parsed: ParsedPublicKey) -> Result<Self, KeyError> {
        let spki = parsed.as_der().map_err(|_| KeyError::Public)?;
        Ok(Self {
            algorithm,
            spki: spki.as_ref().to_vec(),
            parsed,
        })
    }

    /// Returns the key as SPKI PEM with `\n` line ends, for `publicKeyPem`.
    pub fn to_pem(&self) -> String {
        let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
        pem::encode_config(&pem::Pem::new("PUBLIC KEY", self.spki.clone()), config)
    }

    /// Returns the key as `publicKeyMultibase` of a Multikey (FEP-521a).
    pub fn to_multibase(&self) -> String {
        let bytes = match self.algorithm {
            // The point is the last field of an Ed25519 SPKI (RFC 8410 4).
            Algorithm::Ed25519 => {
                let point = &self.spki[self.spki.len().saturating_sub(32)..];
                [&MULTICODEC_ED25519[..], point].concat()
            }
            Algorithm::RsaSha256 => {
                // Cannot fail: the bytes come from a parsed key.
                let key = RsaSubjectPublicKey::from_der(&self.spki);
                let pkcs1 = key.as_ref().map_or(&[][..], AsRef::as_ref);
                [&MULTICODEC_RSA[..], pkcs1].concat()
            }
        };
        format!("z{}", bs58::encode(bytes).into_string())
    }

    /// Returns the signature algorithm of this key.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Verifies that `signature` was made over `message` with this key and `algorithm`.
    ///
    /// # Errors
    /// [`KeyError::Algorithm`] if the key has another algorithm, [`KeyError::Signature`] if the signature does not match.
    pub fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), KeyError> {
        if algorithm != self.algorithm {
            return Err(KeyError::Algorithm);
        }
        self.parsed
            .verify_sig(message, signature)
            .map_err(|_| KeyError::Signature)
    }

    /// Parses a key of 1024 bits or more, for the examples of draft-cavage.
    #[cfg(test)]
    pub(crate) fn short_rsa_for_test(pem: &str) -> Self {
        let der = pem_block(pem, "PUBLIC KEY").unwrap();
        let algorithm = &aws_lc_rs::signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
        let parsed = ParsedPublicKey::new(algorithm, der).unwrap();
        Self::from_parsed(Algorithm::RsaSha256, parsed).unwrap()
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("algorithm", &self.algorithm)
            .field("spki", &STANDARD.encode(&self.spki))
            .finish()
    }
}

/// Decodes the PEM block named `label`. The `pem` crate refuses the indented and one-line PEM that some servers send.
fn pem_block(text: &str, label: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let base64: String = body.split_whitespace().collect();
    STANDARD.decode(base64).ok()
}

/// Returns the size in bits of a big-endian number without leading zero bytes.
fn bit_length(bytes: &[u8]) -> usize {
    let unused = bytes.first().map_or(0, |first| first.leading_zeros());
    bytes.len() * 8 - unused as usize
}

#[cfg(test)]
mod tests;
