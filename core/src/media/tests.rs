use proptest::prelude::*;

use super::*;
use crate::clock::SystemRandom;
use crate::table::Place;
use crate::table::draft::Draft;

fn image() -> Upload {
    let mut draft = Draft::default();
    draft.upload(100, &["jpg", "png"]);
    Upload::at(Place::new(draft.table(), 0))
}

struct Zeros;

impl NonceSource for Zeros {
    fn fill(&self, random: &mut [u8]) -> Result<()> {
        random.fill(0);
        Ok(())
    }
}

fn pack(name: &str, content: &[u8]) -> Result<Multipart> {
    multipart(image(), &File::from_bytes(name, content), &Map::new(), &SystemRandom)
}

/// Takes a multipart body apart as a server does: head and content of each part.
fn parts(multipart: &Multipart) -> Vec<(String, Vec<u8>)> {
    let boundary = multipart.content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
    let body = [b"\r\n", multipart.body.as_slice()].concat();
    let mut starts: Vec<usize> = (0..body.len())
        .filter(|&at| body[at..].starts_with(&delimiter))
        .map(|at| at + delimiter.len())
        .collect();
    let last = starts.pop().unwrap();
    assert_eq!(&body[last..], b"--\r\n");
    let ends = starts[1..].iter().copied().chain([last]).map(|next| next - delimiter.len());
    let split = |(&start, end): (&usize, usize)| {
        let part = &body[start + 2..end];
        let blank = part.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        (String::from_utf8(part[..blank].to_vec()).unwrap(), part[blank + 4..].to_vec())
    };
    starts.iter().zip(ends).map(split).collect()
}

#[test]
fn body_on_the_wire() {
    let upload =
        multipart(image(), &File::from_bytes("商户 logo.JPG", *b"abc"), &Map::new(), &Zeros).unwrap();
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(upload.meta, format!(r#"{{"filename":"商户 logo.JPG","sha256":"{sha256}"}}"#));
    let boundary = "0".repeat(32);
    assert_eq!(upload.content_type, format!("multipart/form-data; boundary={boundary}"));
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"商户 logo.JPG\"\r\nContent-Type: image/jpeg\r\n\r\nabc\r\n\
         --{boundary}--\r\n",
        upload.meta
    );
    assert_eq!(String::from_utf8(upload.body).unwrap(), expected);
}

#[test]
fn names_cannot_break_out_of_the_header() {
    let upload = pack(r#"a"; filename="b.jpg"#, b"x").unwrap();
    let head = &parts(&upload)[1].0;
    assert!(head.contains("filename=\"a'; filename='b.jpg\"\r\n"), "{head}");
    let meta: Value = serde_json::from_str(&upload.meta).unwrap();
    assert_eq!(meta["filename"], "a'; filename='b.jpg", "one name in both parts");
    for name in ["a\r\nX: y.jpg", "a\n.jpg", "a\0.jpg", "../a.jpg", "c:\\a.jpg", "", " ", "\u{7f}.jpg"] {
        let error = pack(name, b"x").map(|_| ()).unwrap_err();
        assert_eq!((error.kind(), error.code()), (crate::ErrorKind::InvalidRequest, "FILE_NAME"), "{name:?}");
    }
    assert_eq!(pack("😀.jpg", b"x").map(|_| ()).unwrap_err().code(), "UNSUPPORTED_CHARACTER");
}

#[test]
fn limits_of_the_operation() {
    let code = |name: &str, size: usize| {
        pack(name, &vec![1; size]).map(|_| ()).map_err(|error| error.code().to_owned())
    };
    assert_eq!(code("a.png", 100), Ok(()));
    assert_eq!(code("a.png", 101), Err("FILE_TOO_LARGE".into()));
    assert_eq!(code("a.png", 0), Err("FILE_EMPTY".into()));
    assert_eq!(code("a.gif", 1), Err("FILE_EXTENSION".into()));
    assert_eq!(code("png", 1), Err("FILE_EXTENSION".into()));
    let message = pack("a.gif", b"x").map(|_| ()).unwrap_err().message().to_owned();
    assert!(message.contains("jpg, png"), "{message}");
}

#[test]
fn boundary_avoids_the_content() {
    let content = "0".repeat(60);
    let upload =
        multipart(image(), &File::from_bytes("a.jpg", content.as_bytes()), &Map::new(), &Zeros).unwrap();
    assert_eq!(parts(&upload)[1].1, content.as_bytes());
}

#[test]
fn file_from_disk() {
    let file = File::from_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    assert_eq!((file.name(), file.size() > 0), ("Cargo.toml", true));
    assert_eq!(File::from_path("/no such file").unwrap_err().kind(), crate::ErrorKind::Io);
    assert!(!format!("{file:?}").contains("wechatpay"), "content is not shown");
}

proptest! {
    #[test]
    fn any_file_comes_out_as_it_went_in(
        name in "[^\\p{C}/\\\\\u{10000}-\u{10ffff}]{0,20}\\.(jpg|PNG)",
        content in prop::collection::vec(any::<u8>(), 1..100),
    ) {
        let upload = pack(&name, &content).unwrap();
        let parts = parts(&upload);
        prop_assert_eq!(parts.len(), 2);
        prop_assert_eq!(&parts[0].1, upload.meta.as_bytes());
        prop_assert_eq!(&parts[1].1, &content);
        prop_assert_eq!(parts[1].0.lines().count(), 2);
        let meta: Value = serde_json::from_str(&upload.meta).unwrap();
        let sent = name.replace('"', "'");
        prop_assert_eq!(meta["filename"].as_str(), Some(sent.as_str()));
        let named = format!("; filename=\"{sent}\"\r\n");
        prop_assert!(parts[1].0.contains(&named), "{}", parts[1].0);
    }
}
