//! The records of one file as they are numbered: texts, runs of fields, of values and of rules, each kept once.

use std::collections::HashMap;

use crate::emit::text::literal;

/// Width of the lines of texts.
const WIDTH: usize = 108;

/// All texts of a file, one after the other.
#[derive(Default)]
pub(super) struct Texts {
    texts: Vec<String>,
    places: HashMap<String, String>,
    length: usize,
}

impl Texts {
    /// Where the text stands: `Text(120, 9)`.
    pub(super) fn place(&mut self, text: &str) -> String {
        if let Some(place) = self.places.get(text) {
            return place.clone();
        }
        let place = format!("Text({}, {})", self.length, text.len());
        self.length += text.len();
        self.texts.push(text.to_owned());
        self.places.insert(text.to_owned(), place.clone());
        place
    }

    /// The texts as arguments of `concat!`, as many on a line as fit.
    pub(super) fn print(&self, out: &mut String) {
        let mut column = 0;
        for text in &self.texts {
            let literal = literal(text);
            if column > 0 && column + literal.len() + 2 > WIDTH {
                out.push('\n');
                column = 0;
            }
            out.push_str(if column == 0 { "        " } else { " " });
            out.push_str(&literal);
            out.push(',');
            column += literal.len() + if column == 0 { 9 } else { 2 };
        }
        out.push('\n');
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }
}

/// A record as it is written: the expression, and the name that it stands for.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Record {
    pub(super) code: String,
    pub(super) name: String,
}

/// Records of which others name runs. A run that was there before is named again.
#[derive(Default)]
pub(super) struct Runs {
    /// With a heading before the first of each run.
    lines: Vec<(Option<String>, Record)>,
    starts: HashMap<Vec<Record>, usize>,
}

impl Runs {
    /// Number of the first, and how many there are.
    pub(super) fn take(&mut self, heading: &str, records: Vec<Record>) -> (usize, usize) {
        let count = records.len();
        if count == 0 {
            return (0, 0);
        }
        if let Some(start) = self.starts.get(&records) {
            return (*start, count);
        }
        let start = self.lines.len();
        for (index, record) in records.iter().enumerate() {
            self.lines.push(((index == 0).then(|| heading.to_owned()), record.clone()));
        }
        self.starts.insert(records, start);
        (start, count)
    }

    /// As [`take`](Self::take): `Run(12, 3)`.
    pub(super) fn run(&mut self, heading: &str, records: Vec<Record>) -> String {
        let (start, count) = self.take(heading, records);
        format!("Run({start}, {count})")
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The records as a member of the table; nothing when there are none.
    pub(super) fn print(&self, out: &mut String, member: &str) {
        let lines = self.lines.iter().map(|(heading, record)| (heading.as_deref(), record));
        print_member(out, member, lines);
    }
}

/// A member of the table with its records, one a line; nothing when there are none.
pub(super) fn print_member<'a>(
    out: &mut String,
    member: &str,
    records: impl IntoIterator<Item = (Option<&'a str>, &'a Record)>,
) {
    let mut records = records.into_iter().peekable();
    if records.peek().is_none() {
        return;
    }
    out.push_str(&format!("    {member}: &[\n"));
    for (heading, record) in records {
        if let Some(heading) = heading.filter(|heading| !heading.is_empty()) {
            out.push_str(&format!("        // {heading}\n"));
        }
        let comment = record.name.chars().filter(|c| !c.is_control()).collect::<String>();
        out.push_str(format!("        {}, // {comment}", record.code).trim_end_matches(" // "));
        out.push('\n');
    }
    out.push_str("    ],\n");
}
