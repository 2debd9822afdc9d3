//! Keys: written, read again, read as others write them, and refused.

use super::*;
use std::sync::LazyLock;

static RSA: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate_rsa().unwrap());
static ED: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate_ed25519().unwrap());
const MESSAGE: &[u8] = b"message";

#[test]
fn signatures_hold_for_their_message_and_key_only() {
    let other = PrivateKey::generate_ed25519().unwrap();
    for key in [&*RSA, &*ED] {
        let signature = key.sign(MESSAGE).unwrap();
        let algorithm = key.algorithm();
        let public = key.public();
        public.verify(algorithm, MESSAGE, &signature).unwrap();
        let refused = [
            public.verify(algorithm, b"messagE", &signature),
            public.verify(algorithm, MESSAGE, &signature[1..]),
            public.verify(algorithm, MESSAGE, b""),
            other
                .public()
                .verify(Algorithm::Ed25519, MESSAGE, &signature),
        ];
        for result in refused {
            assert_eq!(result, Err(KeyError::Signature));
        }
    }
    let signature = RSA.sign(MESSAGE).unwrap();
    let confused = RSA.public().verify(Algorithm::Ed25519, MESSAGE, &signature);
    assert_eq!(confused, Err(KeyError::Algorithm));
}

#[test]
fn private_keys_survive_storage() {
    for key in [&*RSA, &*ED] {
        let der = key.to_pkcs8_der().unwrap();
        let again = PrivateKey::from_pkcs8_der(&der).unwrap();
        assert_eq!(again.public(), key.public());
        assert_eq!(again.sign(MESSAGE).unwrap(), key.sign(MESSAGE).unwrap());
        assert!(PrivateKey::from_pkcs8_der(&der[..der.len() - 1]).is_err());
    }
    assert!(matches!(
        PrivateKey::from_pkcs8_der(b""),
        Err(KeyError::Private)
    ));
}

#[test]
fn debug_shows_no_private_material() {
    for key in [&*RSA, &*ED] {
        let shown = format!("{key:?}");
        let algorithm = format!("{:?}", key.algorithm());
        assert_eq!(
            shown,
            format!("PrivateKey {{ algorithm: {algorithm}, .. }}")
        );
    }
}

#[test]
fn public_keys_survive_publishing() {
    for key in [&*RSA, &*ED] {
        let pem = key.public_key_pem();
        assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n") && pem.ends_with("-----\n"));
        assert_eq!(&PublicKey::from_pem(&pem).unwrap(), key.public());
    }
    let multibase = ED.public_multibase();
    assert!(multibase.starts_with("z6Mk"), "{multibase}");
    assert_eq!(&PublicKey::from_multibase(&multibase).unwrap(), ED.public());
    let rsa = RSA.public_multibase();
    assert!(rsa.starts_with("z4MX"), "{rsa}");
    assert_eq!(&PublicKey::from_multibase(&rsa).unwrap(), RSA.public());
    assert_ne!(RSA.public(), ED.public());
}

/// The key of the did:key specification's Ed25519 examples.
#[test]
fn the_multikey_of_did_key() {
    let text = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    let key = PublicKey::from_multibase(text).unwrap();
    assert_eq!(key.algorithm(), Algorithm::Ed25519);
    assert_eq!(key.to_multibase(), text);
}

#[test]
fn pem_is_read_in_every_layout() {
    let pem = RSA.public_key_pem();
    let one_line = pem
        .replace("-----\n", "-----")
        .replace("\n-----END", "-----END")
        .replace('\n', " ");
    for layout in [
        pem.replace('\n', "\r\n"),
        pem.replace('\n', "\n    "),
        pem.trim_end().to_owned(),
        format!("\n\n  {pem}\n\n"),
        pem.replace('\n', "\n\n"),
        pem.replace('\n', " \t\r\n"),
        one_line,
    ] {
        assert_eq!(
            &PublicKey::from_pem(&layout).unwrap(),
            RSA.public(),
            "{layout}"
        );
    }
}

#[test]
fn pkcs1_is_read() {
    let Secret::Rsa(pair) = &RSA.secret else {
        panic!("an RSA key");
    };
    let der = pair.public_key().as_ref().to_vec();
    let pem = pem::encode(&pem::Pem::new("RSA PUBLIC KEY", der));
    assert_eq!(&PublicKey::from_pem(&pem).unwrap(), RSA.public());
}

#[test]
fn what_is_no_public_key_is_refused() {
    let pem = RSA.public_key_pem();
    let private = pem::Pem::new("PRIVATE KEY", RSA.to_pkcs8_der().unwrap().to_vec());
    for text in [
        String::new(),
        "-----BEGIN PUBLIC KEY-----".to_owned(),
        "-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----".to_owned(),
        "-----END PUBLIC KEY----------BEGIN PUBLIC KEY-----".to_owned(),
        pem.replace("PUBLIC", "CERTIFICATE"),
        pem.replacen("MII", "!!!", 1),
        pem.replacen("MII", "AAA", 1),
        format!("{}{pem}", " ".repeat(MAX_PEM)),
        pem::encode(&private),
    ] {
        assert_eq!(
            PublicKey::from_pem(&text).unwrap_err(),
            KeyError::Public,
            "{text}"
        );
    }
}

#[test]
fn what_is_no_multikey_is_refused() {
    let good = ED.public_multibase();
    let x25519 = bs58::encode([&[0xec, 0x01][..], &[7; 32]].concat()).into_string();
    let short = bs58::encode([&MULTICODEC_ED25519[..], &[7; 31]].concat()).into_string();
    for text in [
        String::new(),
        "z".to_owned(),
        good[1..].to_owned(),
        good.replacen('z', "u", 1),
        format!("{good}0"),
        format!("{good}é"),
        format!("z{x25519}"),
        format!("z{short}"),
        format!("z{}", "1".repeat(100_000)),
    ] {
        assert_eq!(
            PublicKey::from_multibase(&text).unwrap_err(),
            KeyError::Public
        );
    }
}

/// A PKCS#1 key with a modulus of `bits` (odd, otherwise arbitrary) and the exponent 65537.
fn rsa_pem(bits: usize) -> String {
    let bytes = bits.div_ceil(8);
    let mut modulus = vec![0xa5; bytes];
    modulus[0] = 1 << ((bits - 1) % 8);
    if modulus[0] & 0x80 != 0 {
        modulus.insert(0, 0);
    }
    let body = [der(0x02, &modulus), der(0x02, &[1, 0, 1])].concat();
    pem::encode(&pem::Pem::new("RSA PUBLIC KEY", der(0x30, &body)))
}

/// One DER element of at least 128 bytes or at most 127, by its length.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let head = match content.len() {
        0..=127 => vec![tag, length[1]],
        128..=255 => vec![tag, 0x81, length[1]],
        _ => vec![tag, 0x82, length[0], length[1]],
    };
    [head, content.to_vec()].concat()
}

#[test]
fn rsa_keys_have_2048_to_8192_bits() {
    for bits in [2048, 2049, 3072, 4096, 8192] {
        let key = PublicKey::from_pem(&rsa_pem(bits)).unwrap();
        assert_eq!(key.algorithm(), Algorithm::RsaSha256);
    }
    for bits in [1024, 2047, 8193, 8200] {
        let error = PublicKey::from_pem(&rsa_pem(bits)).unwrap_err();
        assert_eq!(error, KeyError::Bits(bits));
    }
}

#[test]
fn bits_are_counted_from_the_first_set_one() {
    for (bytes, bits) in [
        (&[][..], 0),
        (&[1], 1),
        (&[0x80], 8),
        (&[1, 0], 9),
        (&[0xff, 0], 16),
    ] {
        assert_eq!(bit_length(bytes), bits);
    }
}
