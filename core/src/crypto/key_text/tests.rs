//! A good key, mangled in every way that was met: it loads, or the error says what happened to it.

use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;
use crate::crypto::{Certificate, PrivateKey, PublicKey};
use crate::error::ErrorKind;

fn pem() -> String {
    let published: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/published.json")).unwrap();
    published["keys"]["doc.merchant"]["private_key_pem"].as_str().unwrap().to_owned()
}

fn certificate() -> &'static str {
    include_str!("../../../tests/keys/merchant-cert.pem")
}

fn key() -> PublicKey {
    PrivateKey::from_pem(&pem()).unwrap().public_key()
}

/// Lines of the PEM text, without its first and last.
fn body(pem: &str) -> Vec<&str> {
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}

type Change = fn(&str) -> String;
type Encode = fn(&str) -> Vec<u8>;

/// Changes of a text that can be undone without doubt, whatever else happened to it.
const HARMLESS: &[(&str, Change)] = &[
    ("CRLF", |text| text.replace('\n', "\r\n")),
    ("CR", |text| text.replace('\n', "\r")),
    ("byte order mark", |text| format!("\u{feff}{text}")),
    ("NUL at the end", |text| format!("{text}\0")),
    ("line separators", |text| text.replace('\n', "\u{2028}")),
    ("no last line end", |text| text.trim_end().to_owned()),
    ("escaped line ends", |text| text.replace('\n', "\\n")),
    ("escaped line ends of Windows", |text| text.replace('\n', "\\r\\n")),
    ("escaped twice", |text| text.replace('\n', "\\\\n")),
    ("JSON", |text| serde_json::Value::from(text).to_string()),
    ("JSON of PHP", |text| serde_json::Value::from(text).to_string().replace('/', "\\/")),
    ("JSON of Gson", |text| serde_json::Value::from(text).to_string().replace('=', "\\u003d")),
    ("backslashes at line ends", |text| text.replace('\n', "\\\n")),
    ("blanks for line ends", |text| text.replace('\n', " ")),
    ("no line ends", |text| text.replace('\n', "")),
    ("blank lines", |text| text.replace('\n', "\n\n")),
    ("indented", |text| text.replace('\n', "\n    ")),
    ("quotation marks", |text| format!("\u{201c}{text}\u{201d}")),
    ("en dashes", |text| text.replace('-', "\u{2013}")),
    ("em dashes for two", |text| text.replace("--", "\u{2014}")),
    ("minus signs", |text| text.replace('-', "\u{2212}")),
    ("a dash lost", |text| text.replace("-----", "----")),
    ("no-break blanks", |text| text.replace(' ', "\u{a0}")),
    ("no-break blanks at line ends", |text| text.replace('\n', "\u{a0}\n")),
    ("ideographic blanks", |text| text.replace('\n', "\n\u{3000}")),
    ("zero-width blanks", |text| text.chars().flat_map(|c| [c, '\u{200b}']).collect()),
    ("soft hyphens", |text| text.replace('\n', "\u{ad}\n")),
    ("no padding", |text| text.replace('=', "")),
    ("a remark before", |text| format!("Bag Attributes\n    friendlyName: 商户\n{text}")),
    ("a remark after", |text| format!("{text}\n# 商户的私钥\n")),
];

/// How a text becomes bytes.
const ENCODINGS: &[(&str, Encode)] = &[
    ("UTF-8", |text| text.as_bytes().to_vec()),
    ("UTF-16 LE", |text| utf16_of(&format!("\u{feff}{text}"), u16::to_le_bytes)),
    ("UTF-16 BE", |text| utf16_of(&format!("\u{feff}{text}"), u16::to_be_bytes)),
    ("base64", |text| STANDARD.encode(text).into_bytes()),
    ("base64 in lines", |text| {
        let lines: Vec<String> = STANDARD
            .encode(text)
            .as_bytes()
            .chunks(76)
            .map(|line| String::from_utf8_lossy(line).into())
            .collect();
        lines.join("\n").into_bytes()
    }),
    ("base64 twice", |text| STANDARD.encode(STANDARD.encode(text)).into_bytes()),
    ("base64 of UTF-16", |text| {
        STANDARD.encode(utf16_of(&format!("\u{feff}{text}"), u16::to_le_bytes)).into_bytes()
    }),
];

fn utf16_of(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn what_can_be_undone_loads_the_same_key() {
    for (change, changed) in HARMLESS {
        for (encoding, encoded) in ENCODINGS {
            let loaded = PrivateKey::from_bytes(&encoded(&changed(&pem())));
            let loaded = loaded.unwrap_or_else(|error| panic!("{change}, {encoding}: {error}"));
            assert_eq!(loaded.public_key(), key(), "{change}, {encoding}");
        }
    }
    let bare = |bytes: fn(u16) -> [u8; 2]| utf16_of(&pem(), bytes);
    for without_mark in [bare(u16::to_le_bytes), bare(u16::to_be_bytes)] {
        assert_eq!(PrivateKey::from_bytes(&without_mark).unwrap().public_key(), key());
    }
    let mut gbk = b"\xc9\xcc\xbb\xa7\n".to_vec();
    gbk.extend_from_slice(pem().as_bytes());
    assert_eq!(PrivateKey::from_bytes(&gbk).unwrap().public_key(), key());
}

#[test]
fn pem_lines_that_are_missing_are_not_missed() {
    let pem = pem();
    let body = body(&pem).join("\n");
    for text in [
        format!("{body}\n-----END PRIVATE KEY-----\n"),
        format!("-----BEGIN PRIVATE KEY-----\n{body}\n"),
        format!("BEGIN PRIVATE KEY\n{body}\nEND PRIVATE KEY\n"),
        format!("-----BEGINPRIVATEKEY-----{}-----ENDPRIVATEKEY-----", body.replace('\n', "")),
        format!("-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\n"),
        format!("[\"{}\"]", body.replace('\n', "\",\n\"")).replace(['[', ']'], ""),
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", STANDARD.encode(&pem)),
        body,
    ] {
        let loaded = PrivateKey::from_pem(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(loaded.public_key(), key());
    }
}

#[test]
fn of_certificate_and_key_in_one_text_the_right_one_is_taken() {
    let (pem, certificate) = (pem(), certificate());
    let serial = Certificate::from_pem(certificate).unwrap().serial().to_owned();
    for text in [
        format!("{certificate}{pem}"),
        format!("{pem}{certificate}"),
        format!("{certificate}{pem}{pem}").replace('\n', "\\n"),
        // The END line of the first is missing.
        format!("{}{pem}", certificate.replace("-----END CERTIFICATE-----\n", "")),
        format!("{}{certificate}", pem.replace("-----END PRIVATE KEY-----\n", "")),
    ] {
        assert_eq!(PrivateKey::from_pem(&text).unwrap().public_key(), key(), "{text}");
        assert_eq!(Certificate::from_pem(&text).unwrap().serial(), serial, "{text}");
        let error = PublicKey::from_pem(&text).unwrap_err().to_string();
        assert!(error.contains("a certificate") || error.contains("a private key"), "{error}");
    }
    let published: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/generated.json")).unwrap();
    let other = published["keys"]["merchant"]["private_key"].as_str().unwrap();
    let error = PrivateKey::from_pem(&format!("{pem}{other}")).unwrap_err().to_string();
    assert!(error.contains("two different ones"), "{error}");
}

#[test]
fn what_cannot_be_undone_is_named() {
    let pem = pem();
    let lines = body(&pem);
    let without_last = lines[..lines.len() - 2].join("\n");
    let half = &pem[..pem.len() / 2];
    let between =
        |content: &str| format!("-----BEGIN PRIVATE KEY-----\n{content}\n-----END PRIVATE KEY-----\n");
    for (text, said) in [
        (pem[..901].to_owned(), &["END line is missing", "cut off"][..]),
        (lines.join("")[..901].to_owned(), &["base64 that was damaged", "cut off"]),
        (half.to_owned(), &["END line is missing", "cut off", "bytes are there"]),
        (between(&without_last), &["damaged", "cut off"]),
        (without_last.clone(), &["base64 that was damaged", "cut off"]),
        (format!("{without_last}\n-----END PRIVATE KEY-----"), &["BEGIN line is missing", "cut off"]),
        (between(&lines.join("\n").replace('a', "?")), &["it holds '?', which is not base64"]),
        (between(&lines.join("\n> ")), &["it holds '>'"]),
        (between(&lines[1..].join("\n")), &["what is in it is not a key"]),
        (between(&lines.join("\n").replacen('M', "", 1)), &["damaged"]),
        (pem.replace(' ', "%20").replace('\n', "%0A"), &["BEGIN and END lines cannot be made out", "'%'"]),
        (pem.replace(' ', "\n"), &["BEGIN and END lines cannot be made out"]),
    ] {
        let error = PrivateKey::from_pem(&text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        for said in said {
            assert!(error.message().contains(said), "wanted {said:?} of {text}: {error}");
        }
        let shown = format!("{error} {error:?}");
        assert!(lines.iter().all(|line| !shown.contains(line)), "{shown}");
    }
}

fn harmless() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..HARMLESS.len(), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn changes_on_top_of_each_other_load_the_same_key(changes in harmless(), encoding in 0..ENCODINGS.len()) {
        let text = changes.iter().fold(pem(), |text, change| HARMLESS[*change].1(&text));
        match PrivateKey::from_bytes(&ENCODINGS[encoding].1(&text)) {
            Ok(loaded) => prop_assert_eq!(loaded.public_key(), key()),
            Err(error) => prop_assert!(false, "{error}"),
        }
    }

    #[test]
    fn a_damaged_text_gives_the_same_key_or_an_error(
        place in 0_usize..1700,
        length in 0_usize..40,
        put in "[ -~\\n–\u{200b}茶]{0,8}",
        encoding in 0..ENCODINGS.len(),
    ) {
        let mut text = pem();
        let place = place.min(text.len());
        let end = (place + length).min(text.len());
        text.replace_range(place..end, &put);
        match PrivateKey::from_bytes(&ENCODINGS[encoding].1(&text)) {
            Ok(loaded) => prop_assert_eq!(loaded.public_key(), key()),
            Err(error) => prop_assert_eq!(error.kind(), ErrorKind::Config),
        }
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "(-|BEGIN|END| |PRIVATE KEY|\\PC|\\\\|\\\\u00|\n|MII|=){0,30}") {
        for input in [bytes.as_slice(), text.as_bytes(), &utf16_of(&text, u16::to_le_bytes)] {
            let _ = (PrivateKey::from_bytes(input), PublicKey::from_bytes(input), Certificate::from_bytes(input));
        }
    }
}
