//! WeChat Pay adds fields, values and operations all the time: what could be named in Rust before can be named after. A column of a
//! bill and an option of a client are one entry each, for every language.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use support::{compare, read_folder, root};
use wechatpay_codegen::emit::{self, Api, RustTarget, rust_api};
use wechatpay_codegen::parse::{self, Source};
use wechatpay_codegen::{Files, rustfmt};

fn rust(sources: &[Source]) -> Files {
    let spec = parse::parse(sources).unwrap_or_else(|errors| panic!("{errors:?}"));
    rust_api::emit(&spec, &RustTarget { folder: "rust".to_owned(), features: false })
}

/// Compiled together with a program that uses it: `core/typed/src/growth.rs`.
#[test]
fn the_product_that_grows_gives_the_golden_output() {
    for name in ["before", "after"] {
        let path = root().join("bindings-uniffi/kotlin/tests/growth").join(name).with_extension("yaml");
        let source =
            Source { name: "spec/growth.yaml".to_owned(), text: std::fs::read_to_string(path).unwrap() };
        let mut made: Files = Files::new();
        for (file, text) in rust(&[source]) {
            made.insert(file.strip_prefix("rust/").unwrap().to_owned(), text);
        }
        rustfmt::format(&root(), &mut made).unwrap();
        let folder = root().join("codegen/tests/growth").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        compare(&folder, &read_folder(&folder), &made);
    }
}

/// Everything of a generated API that a program can name: getters, setters and what they take and give, values of enums,
/// calls and the ways to them.
fn surface(files: &Files) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (file, text) in files {
        let mut owner = "";
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
            let type_name = line.strip_suffix(" {").filter(|name| !name.contains([' ', '!', '"']));
            if let Some(name) = type_name {
                owner = name;
                found.insert(format!("{file}: {owner}"));
            } else if line.starts_with('"')
                || line.starts_with("pub fn ")
                || line.starts_with("fn ")
                || line.contains(" = \"")
                || line.contains("(super::")
            {
                found.insert(format!("{file}: {owner}: {line}"));
            }
        }
    }
    found
}

/// The spec with a field more at the beginning of every type, and a value more in every enum.
fn grown(sources: &[Source]) -> (Vec<Source>, usize) {
    let mut grown_types = 0;
    let sources = sources.iter().map(|source| {
        let mut text = String::new();
        let mut in_types = false;
        let lines: Vec<&str> = source.text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            text.push_str(line);
            text.push('\n');
            in_types = *line == "types:" || (in_types && !line.starts_with(|c: char| c.is_alphanumeric()));
            let is_type =
                in_types && line.starts_with("  ") && !line.starts_with("   ") && line.ends_with(':');
            let first = lines.get(index + 1).map_or("", |line| line.trim());
            if is_type && first.starts_with("open_enum:") {
                continue;
            }
            if in_types && *line == "    open_enum:" {
                text.push_str("      A_VALUE_OF_TOMORROW: Not known today.\n");
                grown_types += 1;
            } else if is_type {
                text.push_str("    a_field_of_tomorrow?: { type: string, doc: Not known today. }\n");
                grown_types += 1;
            }
        }
        Source { name: source.name.clone(), text }
    });
    let sources = sources.collect();
    (sources, grown_types)
}

#[test]
fn a_field_more_in_every_type_takes_nothing_away() {
    let (today, _) = parse::read_sources(&root()).unwrap();
    let (tomorrow, types) = grown(&today);
    let (before, after) = (surface(&rust(&today)), surface(&rust(&tomorrow)));
    let gone: Vec<&String> = before.difference(&after).collect();
    assert!(gone.is_empty(), "{gone:#?}");
    let new = after.difference(&before).filter(|line| line.to_lowercase().contains("of_tomorrow")).count();
    assert_eq!(new, types, "every type grew");
    assert!(types > 100 && before.len() > 1_000, "{types} types, {} names", before.len());
}

/// What all emitters make of the spec with these options and these bills.
fn everything(options: &Source, bills: &Source) -> Files {
    let (sources, errors) = parse::read_sources(&root()).unwrap();
    let spec = parse::parse(&sources).unwrap_or_else(|errors| panic!("{errors:?}"));
    let errors = parse::parse_errors(&errors).unwrap_or_else(|errors| panic!("{errors:?}"));
    let options = parse::parse_options(options).unwrap_or_else(|errors| panic!("{errors:?}"));
    let bills = parse::parse_bills(bills).unwrap_or_else(|errors| panic!("{errors:?}"));
    emit::all(Api { spec: &spec, errors: &errors, options: &options, bills: &bills }).unwrap()
}

/// The files that are not what they were; nothing may be gone from them but lines that `moves` says may change.
fn reached<'a>(before: &Files, after: &'a Files, moves: impl Fn(&str) -> bool) -> Vec<&'a str> {
    assert!(before.keys().eq(after.keys()), "the same files");
    let lines = |text: &str| -> BTreeSet<String> {
        text.lines().map(str::trim).filter(|line| !moves(line)).map(str::to_owned).collect()
    };
    let changed = after.iter().filter(|(name, text)| before[*name] != **text);
    changed
        .map(|(name, text)| {
            let gone: Vec<String> = lines(&before[name]).difference(&lines(text)).cloned().collect();
            assert!(gone.is_empty(), "{name}: {gone:#?}");
            name.as_str()
        })
        .collect()
}

#[test]
fn a_column_more_is_one_entry() {
    let (options, bills) =
        (parse::read_options_source(&root()).unwrap(), parse::read_bills_source(&root()).unwrap());
    let here = "      voucher_id:";
    let more = format!("      tomorrow: {{ column: 明日金额, type: fen, doc: Not known today. }}\n{here}");
    assert_eq!(bills.text.matches(here).count(), 1);
    let grown = Source { name: bills.name.clone(), text: bills.text.replacen(here, &more, 1) };
    let (before, after) = (everything(&options, &bills), everything(&options, &grown));
    // By which number the core finds a column is no concern of a program.
    let files = reached(&before, &after, |line| line.starts_with("self.0.typed_"));
    assert_eq!(
        files,
        [
            "bindings-node/lib/generated/bill_rows.d.ts",
            "bindings-python/python/wechatpay_rs/generated/bill_rows.py",
            "bindings-uniffi/kotlin/sdk/src/main/generated/io/github/wechatpayrs/FundFlowBill.kt",
            "bindings-uniffi/swift/Sources/WeChatPayCore/generated/BillRows.swift",
            "core/src/generated/bill_columns.rs",
            "core/src/generated/bill_rows.rs",
            "sandbox/src/generated/bill_headings.rs",
        ]
    );
    for name in files {
        assert!(after[name].contains("明日金额"), "{name} lacks the column");
    }
}

#[test]
fn an_option_more_is_one_entry() {
    let (options, bills) =
        (parse::read_options_source(&root()).unwrap(), parse::read_bills_source(&root()).unwrap());
    let here = "  user_agent:";
    assert_eq!(options.text.matches(here).count(), 1);
    for (kind, declared) in [
        (
            "seconds",
            [
                "tomorrow_limit: float",
                "tomorrowLimit?: number;",
                "tomorrowLimit(timeout: Duration)",
                "tomorrowLimit: Double?",
            ],
        ),
        (
            "path",
            [
                "tomorrow_limit: str | os.PathLike[str]",
                "tomorrowLimit?: string | URL;",
                "tomorrowLimit(path: Path)",
                "tomorrowLimit: String?",
            ],
        ),
        (
            "flag",
            [
                "tomorrow_limit: bool",
                "tomorrowLimit?: boolean;",
                "tomorrowLimit(enabled: Boolean)",
                "tomorrowLimit: Bool?",
            ],
        ),
    ] {
        let more = format!("  tomorrow_limit: {{ type: {kind}, doc: Not known today. }}\n{here}");
        let grown = Source { name: options.name.clone(), text: options.text.replacen(here, &more, 1) };
        let (before, after) = (everything(&options, &bills), everything(&grown, &bills));
        let files = reached(&before, &after, |_| false);
        let declarations = [
            "bindings-python/python/wechatpay_rs/generated/option_types.py",
            "bindings-node/lib/generated/options.d.ts",
            "bindings-uniffi/kotlin/sdk/src/main/generated/io/github/wechatpayrs/ClientOptions.kt",
            "bindings-uniffi/swift/Sources/WeChatPayCore/generated/Options.swift",
        ];
        let mut wanted = declarations.to_vec();
        wanted.extend([
            "bindings-node/lib/generated/options.js",
            "bindings-python/python/wechatpay_rs/generated/options.py",
            "core/src/generated/options.rs",
        ]);
        wanted.sort_unstable();
        assert_eq!(files, wanted);
        for (name, line) in declarations.iter().zip(declared) {
            assert!(after[*name].contains(line), "{name} does not declare {line}");
            assert!(after[*name].contains("Not known today."), "{name} does not describe it");
        }
        for name in files {
            assert!(
                after[name].contains("tomorrow_limit") || after[name].contains("tomorrowLimit"),
                "{name}"
            );
        }
    }
}
