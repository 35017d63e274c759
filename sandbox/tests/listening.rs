//! Where the sandbox listens, and until when. In a program of its own: commands that other tests start hold the sockets of
//! their program for a moment, and nobody could say when one is closed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall say so and end")]

use wechatpay_sandbox::{Options, Sandbox};

#[test]
fn listens_on_this_machine_only_and_stops_when_dropped() {
    let mut options = Options::default();
    options.host = "0.0.0.0".parse().unwrap();
    assert!(Sandbox::start(options).unwrap_err().to_string().contains("loopback"));

    let running = Sandbox::start(Options::default()).unwrap();
    let authority = running.base_url().strip_prefix("http://").unwrap().to_owned();
    assert!(std::net::TcpStream::connect(&authority).is_ok());
    drop(running);
    assert!(std::net::TcpStream::connect(&authority).is_err());
}

#[tokio::test]
async fn starts_inside_an_asynchronous_program_and_says_when_the_port_is_taken() {
    let running = Sandbox::start(Options::default()).unwrap();
    let mut options = Options::default();
    options.port = running.base_url().rsplit_once(':').unwrap().1.parse().unwrap();
    assert!(Sandbox::start(options).unwrap_err().to_string().contains("cannot listen on"));
}
