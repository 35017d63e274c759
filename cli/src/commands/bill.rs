//! `bill`: a day's bill, whole and right, or an error.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use wechatpay_core::host::{BillRows, HostClient, RowsOf};

use crate::failure::{Failure, Result};
use crate::output::Output;

pub(crate) fn run(
    client: &HostClient,
    date: &str,
    to: &Path,
    kind: &str,
    rows: bool,
    output: &Output,
) -> Result<ExitCode> {
    let operation = format!("bills.{kind}_bill");
    let params = json!({ "bill_date": date }).to_string();
    let announced = client.call(&operation, &params)?.json;
    // Rows and standard output get only what is whole: so it is fetched to a file first.
    let folder = tempfile::tempdir().map_err(|error| Failure::file(&std::env::temp_dir(), &error))?;
    let fetched = folder.path().join("bill");
    let direct = !rows && to != Path::new("-");
    let path = if direct { to } else { &fetched };
    let done = client.download_announced_to_path(&announced, path, None)?;
    let mut out: Box<dyn Write> = if to == Path::new("-") {
        Box::new(std::io::stdout().lock())
    } else if direct {
        Box::new(std::io::sink())
    } else {
        Box::new(fs::File::create(to).map_err(|error| Failure::file(to, &error))?)
    };
    let summary = if rows {
        print_rows(&fetched, kind, &mut out, to)?
    } else {
        if !direct {
            let content = fs::read(&fetched).map_err(|error| Failure::file(&fetched, &error))?;
            out.write_all(&content).map_err(|error| Failure::file(to, &error))?;
        }
        None
    };
    if to != Path::new("-") {
        let mut told: Value = serde_json::from_str(&done).unwrap_or_default();
        told["file"] = json!(to.display().to_string());
        if summary.is_some() {
            told["summary"] = json!(summary);
        }
        output.value(&told);
    }
    Ok(ExitCode::SUCCESS)
}

fn print_rows(
    bill: &Path,
    kind: &str,
    out: &mut dyn Write,
    to: &Path,
) -> Result<Option<serde_json::Map<String, Value>>> {
    let mut rows = BillRows::open(bill, RowsOf::named(kind)?)?;
    while let Some(row) = rows.next_object()? {
        writeln!(out, "{}", Value::Object(row)).map_err(|error| Failure::file(to, &error))?;
    }
    Ok(rows.summary_object())
}
