//! `spec/bill_columns.yaml`: the columns of bills. The format stands at the top of that file.

use crate::diagnostics::Diagnostics;
use crate::ir::{BillColumn, BillKind, BillSpec, BillTotal, BillValue, Compared, Needed, Standing};
use crate::names;
use crate::parse::reader::{Reader, Spanned};
use crate::yaml::Entry;

const VALUES: &[(&str, BillValue)] = &[
    ("text", BillValue::Text),
    ("time", BillValue::Time),
    ("rate", BillValue::Rate),
    ("fen", BillValue::Fen),
    ("yuan", BillValue::Yuan),
];
const TOTALS: &[(&str, BillValue)] =
    &[("count", BillValue::Count), ("fen", BillValue::Fen), ("yuan", BillValue::Yuan)];

/// Reads the file.
pub(super) fn read_bills(name: &str, text: &str, diagnostics: &mut Diagnostics) -> BillSpec {
    let mut spec = BillSpec::default();
    let Some(root) = crate::yaml::load(name, text, diagnostics) else { return spec };
    let mut reader = Reader { file: name, diagnostics };
    for entry in reader.map("spec/bill_columns.yaml", &root) {
        match entry.key.as_str() {
            "kinds" => {
                for entry in reader.map("kinds", &entry.node) {
                    spec.kinds.extend(kind(&mut reader, entry));
                }
            }
            _ => reader.unknown_key("spec/bill_columns.yaml", entry, &["kinds"]),
        }
    }
    spec
}

fn kind(reader: &mut Reader<'_>, entry: &Entry) -> Option<BillKind> {
    is_snake_case(reader, "a kind of bill", entry);
    let (mut title, mut title_zh, mut doc, mut totals) = (None, None, None, None);
    let mut kind = BillKind {
        name: entry.key.clone(),
        title: String::new(),
        title_zh: String::new(),
        doc: String::new(),
        operations: Vec::new(),
        standing: Standing::Documented,
        columns: Vec::new(),
        totals: Vec::new(),
    };
    for entry in reader.map(&format!("kind `{}`", entry.key), &entry.node) {
        match entry.key.as_str() {
            "title" => title = reader.text("title", &entry.node),
            "title_zh" => title_zh = reader.text("title_zh", &entry.node),
            "doc" => doc = reader.text("doc", &entry.node),
            "operations" => kind.operations = values(reader.texts("operations", &entry.node)),
            "standing" => {
                let known = [("documented", Standing::Documented), ("community", Standing::Community)];
                kind.standing = reader.choice("standing", &entry.node, &known).unwrap_or(kind.standing);
            }
            "columns" => {
                for entry in reader.map("columns", &entry.node) {
                    let column = column(reader, entry);
                    headers_are_free(reader, entry, column.as_ref(), &kind.columns);
                    kind.columns.extend(column);
                }
            }
            "totals" => totals = Some(entry),
            _ => {
                let known = &["title", "title_zh", "doc", "operations", "standing", "columns", "totals"];
                reader.unknown_key("a kind of bill", entry, known);
            }
        }
    }
    for (key, found) in [("title", title.is_some()), ("title_zh", title_zh.is_some()), ("doc", doc.is_some())]
    {
        if !found {
            reader.error(entry.pos, format!("kind `{}` needs a `{key}`", entry.key));
        }
    }
    if !kind.columns.iter().any(|column| column.needed == Needed::Always) {
        let message = format!(
            "kind `{}` needs a column that is `needed: always`: nothing else tells it apart",
            entry.key
        );
        reader.error(entry.pos, message);
    }
    // They speak of columns.
    for entry in totals.map(|entry| reader.map("totals", &entry.node)).unwrap_or_default() {
        let total = total(reader, entry, &kind);
        kind.totals.extend(total);
    }
    (kind.title, kind.title_zh, kind.doc) = (title?.value, title_zh?.value, doc?.value);
    Some(kind)
}

fn column(reader: &mut Reader<'_>, entry: &Entry) -> Option<BillColumn> {
    is_snake_case(reader, "a column", entry);
    let (mut header, mut value, mut doc, mut nothing) = (None, None, None, None);
    let (mut others, mut only, mut needed, mut partner) = (Vec::new(), Vec::new(), Needed::No, false);
    for entry in reader.map(&format!("column `{}`", entry.key), &entry.node) {
        match entry.key.as_str() {
            "column" => header = reader.text("column", &entry.node),
            "or" => others = values(reader.texts("or", &entry.node)),
            "type" => value = reader.choice("type", &entry.node, VALUES),
            "needed" => {
                let known = [("always", Needed::Always), ("together", Needed::Together)];
                needed = reader.choice("needed", &entry.node, &known).unwrap_or(needed);
            }
            "only" => only = values(reader.texts("only", &entry.node)),
            "role" => partner = reader.choice("role", &entry.node, &[("partner", true)]).unwrap_or_default(),
            "nothing" => nothing = reader.text("nothing", &entry.node),
            "doc" => doc = reader.text("doc", &entry.node),
            _ => {
                let known = &["column", "or", "type", "needed", "only", "role", "nothing", "doc"];
                reader.unknown_key("a column", entry, known);
            }
        }
    }
    if header.is_none() || value.is_none() || doc.is_none() {
        reader.error(entry.pos, format!("column `{}` needs `column`, `type` and `doc`", entry.key));
    }
    if nothing.is_some() && matches!(value, Some(BillValue::Fen | BillValue::Yuan)) {
        reader.error(entry.pos, format!("`nothing` of column `{}`: 0 is an amount", entry.key));
    }
    let mut headers = vec![header?.value];
    headers.extend(others);
    let nothing = nothing.map(|nothing| nothing.value);
    let (name, value, doc) = (entry.key.clone(), value?, doc?.value);
    Some(BillColumn { name, headers, value, needed, only, partner, nothing, doc })
}

/// A header that two columns claim would be read as whichever stands first.
fn headers_are_free(
    reader: &mut Reader<'_>,
    entry: &Entry,
    column: Option<&BillColumn>,
    before: &[BillColumn],
) {
    for header in column.iter().flat_map(|column| &column.headers) {
        if let Some(other) = before.iter().find(|other| other.headers.contains(header)) {
            reader.error(entry.pos, format!("`{header}` is the column `{}` already", other.name));
        }
    }
}

fn total(reader: &mut Reader<'_>, entry: &Entry, kind: &BillKind) -> Option<BillTotal> {
    is_snake_case(reader, "a total", entry);
    let (mut header, mut value, mut compared, mut only) = (None, None, Compared::Not, None);
    let place = |reader: &mut Reader<'_>, name: &str, pos| {
        let found = kind.column(name);
        if found.is_none() {
            reader.error(pos, format!("there is no column `{name}`"));
        }
        found
    };
    for entry in reader.map(&format!("total `{}`", entry.key), &entry.node) {
        match entry.key.as_str() {
            "column" => header = reader.text("column", &entry.node),
            "type" => value = reader.choice("type", &entry.node, TOTALS),
            "counts" => {
                compared =
                    reader.choice("counts", &entry.node, &[("rows", Compared::Rows)]).unwrap_or(compared);
            }
            "sums" => {
                let column = reader.text("sums", &entry.node);
                if let Some(found) = column.and_then(|column| place(reader, &column.value, column.pos)) {
                    if kind.columns[found].value != BillValue::Fen {
                        reader
                            .error(entry.pos, format!("`{}` is no column of fen", kind.columns[found].name));
                    }
                    compared = Compared::Sum(found);
                }
            }
            "where" => {
                for entry in reader.map("where", &entry.node) {
                    let found = place(reader, &entry.key, entry.pos);
                    let wanted = reader.text("the value of rows that count", &entry.node);
                    only = found.zip(wanted.map(|wanted| wanted.value));
                }
            }
            _ => reader.unknown_key("a total", entry, &["column", "type", "counts", "sums", "where"]),
        }
    }
    if header.is_none() || value.is_none() {
        reader.error(entry.pos, format!("total `{}` needs `column` and `type`", entry.key));
    }
    let fits = match compared {
        Compared::Rows => value == Some(BillValue::Count),
        Compared::Sum(_) => value == Some(BillValue::Fen),
        Compared::Not => only.is_none(),
    };
    if value.is_some() && !fits {
        let message =
            format!("total `{}`: `counts` goes with count, `sums` with fen, `where` with either", entry.key);
        reader.error(entry.pos, message);
    }
    Some(BillTotal { name: entry.key.clone(), header: header?.value, value: value?, compared, only })
}

fn is_snake_case(reader: &mut Reader<'_>, what: &str, entry: &Entry) {
    if !names::is_snake_case(&entry.key) {
        reader.error(entry.pos, format!("{what} is snake_case, not `{}`", entry.key));
    }
}

fn values(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}
