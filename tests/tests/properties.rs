//! What the fuzz targets check, for random input and for good input with a few bytes changed.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use wechatpay_tests::fuzzing;

/// Anything, or a good sample with a few bytes changed, taken out or put in.
fn input(samples: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let mutated =
        (proptest::sample::select(samples), vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 0..6));
    let mutated = mutated.prop_map(|(mut sample, edits)| {
        for (index, byte, kind) in edits {
            if sample.is_empty() {
                break;
            }
            let at = index.index(sample.len());
            match kind {
                0 => sample[at] = byte,
                1 => sample.insert(at, byte),
                2 => drop(sample.remove(at)),
                _ => sample.truncate(at),
            }
        }
        sample
    });
    prop_oneof![1 => vec(any::<u8>(), 0..400), 3 => mutated]
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    let seeds: Vec<Vec<u8>> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    assert!(!seeds.is_empty());
    // The seeds themselves must hold too.
    seeds
}

macro_rules! properties {
    ($($target:ident: $cases:literal),+ $(,)?) => {$(
        #[test]
        fn $target() {
            let seeds = seeds(stringify!($target));
            seeds.iter().for_each(|seed| fuzzing::$target(seed));
            let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases($cases) };
            proptest!(config, |(data in input(seeds))| fuzzing::$target(&data));
        }
    )+};
}

properties! {
    notification: 300,
    answer: 300,
    keys: 300,
    bill: 500,
    authorization: 500,
    download: 200,
    spec: 300,
    path_parameter: 300,
}
