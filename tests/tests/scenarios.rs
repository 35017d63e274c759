//! Every scenario of `tests/scenarios/`, through the Rust client and through the host layer under the bindings.
#![expect(clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use wechatpay_core::operation;
use wechatpay_tests::runner::{Report, Runner};
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

/// A product that is typed and that no scenario speaks of would be typed and nothing more.
#[test]
fn every_product_family_has_its_story() {
    let told: String =
        files().iter().map(|path| std::fs::read_to_string(path).expect("a scenario")).collect();
    let is_told = |family: &str| {
        ["call", "upload"].iter().any(|verb| told.contains(&format!("\"{verb}\": \"{family}.")))
    };
    let mut families: Vec<&str> =
        operation::all().filter_map(|operation| operation.id().split('.').next()).collect();
    families.dedup();
    let missing: Vec<&str> = families.iter().copied().filter(|family| !is_told(family)).collect();
    assert!(families.len() > 50 && missing.is_empty(), "no scenario calls an operation of {missing:?}");
}

fn run_file(path: &Path, make: Make) -> Report {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    match scenario::read(path) {
        Ok(file) => Runner::start(make).run(&name, &file),
        Err(error) => Report { failures: vec![error], ..Report::default() },
    }
}

fn run_all(make: Make) {
    // A file at a time on each core: a sandbox makes keys when it starts, and all at once would only wait for each other.
    let (files, next) = (files(), AtomicUsize::new(0));
    let worker = || {
        let mine = std::iter::from_fn(|| files.get(next.fetch_add(1, Ordering::Relaxed)));
        mine.map(|path| run_file(path, make)).collect::<Vec<Report>>()
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let reports: Vec<Report> = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a runner does not panic")).collect()
    });
    let sum = |count: fn(&Report) -> usize| reports.iter().map(count).sum::<usize>();
    println!(
        "{} scenarios with {} steps ran from {} files; {} printed texts held no secret",
        sum(|report| report.scenarios),
        sum(|report| report.steps),
        reports.len(),
        sum(|report| report.printed),
    );
    let failures: Vec<&String> = reports.iter().flat_map(|report| &report.failures).collect();
    assert!(sum(|report| report.scenarios) > 0, "there are no scenarios");
    if !failures.is_empty() {
        let list: String = failures.iter().map(|failure| format!("\n\n- {failure}")).collect();
        panic!("{} scenarios failed:{list}", failures.len());
    }
}
