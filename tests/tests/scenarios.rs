//! Every scenario of `tests/scenarios/`, through the Rust client and through the host layer under the bindings.
#![expect(clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

use std::path::{Path, PathBuf};
use std::thread;

use wechatpay_tests::runner::{Outcome, Runner};
use wechatpay_tests::scenario;
use wechatpay_tests::subject::{self, Make};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("tests/scenarios")
        .map(|entry| entry.expect("tests/scenarios can be read").path())
        .collect();
    files.sort();
    files
}

#[test]
fn every_scenario_runs_through_the_rust_client() {
    run_all(subject::rust);
}

#[test]
fn every_scenario_runs_through_the_host_layer() {
    run_all(subject::host);
}

fn run_all(make: Make) {
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let threads: Vec<_> = files()
            .into_iter()
            .map(|path| {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                scope.spawn(move || match scenario::read(&path) {
                    Ok(file) => Runner::start(make).run(&name, &file),
                    Err(error) => Outcome { failures: vec![error], ..Outcome::default() },
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a runner does not panic")).collect()
    });
    let sum = |count: fn(&Outcome) -> usize| outcomes.iter().map(count).sum::<usize>();
    println!(
        "{} scenarios with {} steps ran from {} files; {} printed texts held no secret",
        sum(|outcome| outcome.scenarios),
        sum(|outcome| outcome.steps),
        outcomes.len(),
        sum(|outcome| outcome.printed),
    );
    let failures: Vec<&String> = outcomes.iter().flat_map(|outcome| &outcome.failures).collect();
    assert!(sum(|outcome| outcome.scenarios) > 0, "there are no scenarios");
    if !failures.is_empty() {
        let list: String = failures.iter().map(|failure| format!("\n\n- {failure}")).collect();
        panic!("{} scenarios failed:{list}", failures.len());
    }
}
