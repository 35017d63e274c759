//! A bill of 25 MB passes through the client without being held in memory. A binary of its own, because memory is
//! measured for the whole process.
#![cfg(all(target_os = "linux", feature = "transport"))]
#![allow(unreachable_pub, clippy::panic, clippy::unwrap_used, reason = "a test is a crate of its own")]

#[path = "kernel/platform.rs"]
#[allow(dead_code, reason = "shared with the tests of the kernel")]
mod platform;

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use flate2::Compression;
use flate2::write::GzEncoder;
use platform::{PUBLIC_KEY_ID, TestClock, cast, merchant};
use sha1::{Digest, Sha1};
use wechatpay_core::Client;
use wechatpay_core::bill::BillReader;
use wechatpay_core::download::Download;

const ROWS: usize = 250_000;
const LIMIT_KB: u64 = 8 * 1024;

fn write_bill(out: &mut dyn Write) {
    let mut line = |text: String| out.write_all(text.as_bytes()).unwrap();
    line("交易时间,微信订单号,商户订单号,交易状态,应结订单金额,订单金额,商品名称\r\n".into());
    for n in 0..ROWS {
        line(format!(
            "`2026-08-08 10:34:56,`4200000001202608080{n:09},`T{n:09},`SUCCESS,`0.01,`0.01,`一个商品, 名字带逗号\r\n"
        ));
    }
    line(format!("总交易单数,订单总金额\r\n`{ROWS},`{}.00\r\n", ROWS / 100));
}

struct Hasher(Sha1);

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Largest memory the process has had, in kilobytes.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_large_bill_is_never_held_in_memory() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
        let mut stream = std::io::BufWriter::new(stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").unwrap();
        let mut gzip = GzEncoder::new(stream, Compression::fast());
        write_bill(&mut gzip);
        gzip.finish().unwrap().flush().unwrap();
    });
    let mut hasher = Hasher(Sha1::new());
    write_bill(&mut hasher);
    let sha1: String = hasher.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let config = merchant(&TestClock::new())
        .wechatpay_public_key(PUBLIC_KEY_ID, cast().wechatpay.public_key())
        .base_url(&base_url);
    let client = Client::new(config).unwrap();
    let path = std::env::temp_dir().join(format!("wechatpay-large-bill-{}.csv", std::process::id()));

    let before = peak_kb();
    let done = client.download_to_path(&Download::new(format!("{base_url}/file")).sha1(sha1), &path).unwrap();
    server.join().unwrap();
    let mut bill = BillReader::trade(BufReader::new(File::open(&path).unwrap())).unwrap();
    let total: i64 = bill.by_ref().map(|row| row.unwrap().trade().unwrap().total().unwrap().unwrap()).sum();
    let grown = peak_kb() - before;
    std::fs::remove_file(&path).unwrap();

    assert!(done.verified && done.bytes > 20_000_000, "{done:?}");
    assert_eq!(bill.summary().unwrap().fen("订单总金额").unwrap(), Some(total));
    assert!(grown < LIMIT_KB, "memory grew by {grown} KB for a file of {} bytes", done.bytes);
}
