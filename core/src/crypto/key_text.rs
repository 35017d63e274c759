//! Keys as text, as they really arrive: through environment variables, chat programs, spreadsheets and secret stores.
//!
//! What can be undone without doubt is undone; for the rest there is a [`Damage`] that says what happened to the text.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

/// Padding is often lost together with line ends; the length that DER announces tells whether all is there.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The text, when the bytes are one. DER is not: it starts with a SEQUENCE, whose tag is the digit zero in ASCII, and
/// soon has bytes that no text has.
pub(super) fn as_text(input: &[u8]) -> Option<Zeroizing<String>> {
    if let Some(text) = utf16(input) {
        return Some(text);
    }
    let marked =
        [&b"-BEGIN"[..], b"-END "].iter().any(|mark| input.windows(mark.len()).any(|at| at == *mark));
    match std::str::from_utf8(input) {
        Ok(text)
            if marked || text.chars().all(|c| !c.is_control() || c.is_ascii_whitespace() || c == '\0') =>
        {
            Some(Zeroizing::new(text.to_owned()))
        }
        // In another character set than UTF-8, which matters for the remarks around a key only.
        Err(_) if marked => Some(Zeroizing::new(String::from_utf8_lossy(input).into_owned())),
        _ => None,
    }
}

/// UTF-16, as editors on Windows and PowerShell's `>` write it: by its mark, or because PEM begins with dashes.
fn utf16(input: &[u8]) -> Option<Zeroizing<String>> {
    let unit: fn([u8; 2]) -> u16 = match input {
        [0xff, 0xfe, ..] | [b'-', 0, b'-', 0, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] | [0, b'-', 0, b'-', ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units = input.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    // Room for all of it: growing would leave copies of the key behind.
    let mut text = Zeroizing::new(String::with_capacity(input.len() * 3 / 2 + 1));
    text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    Some(text)
}

/// The text with plain blanks, line ends and dashes, without what cannot be seen and without backslashes.
pub(super) fn clean(text: &str) -> Zeroizing<String> {
    let mut seen = Zeroizing::new(String::with_capacity(text.len()));
    seen.extend(text.chars().filter_map(plain));
    let mut clean = Zeroizing::new(String::with_capacity(seen.len()));
    let mut rest = seen.as_str();
    while let Some((before, after)) = rest.split_once('\\') {
        clean.push_str(before);
        // Escapes of JSON, shells and settings files. A backslash itself is in no key: before a line end, or anything
        // else, it goes.
        let (stands_for, length) = match after.as_bytes() {
            [b'n' | b'r', ..] => (Some('\n'), 1),
            [b't', ..] => (Some(' '), 1),
            [b'u', ..] => match after.get(1..5).and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
                Some(number) => (char::from_u32(number), 5),
                None => (None, 0),
            },
            _ => (None, 0),
        };
        clean.extend(stands_for.and_then(plain));
        rest = &after[length..];
    }
    clean.push_str(rest);
    clean
}

/// The character that was meant; none for one that cannot be seen.
fn plain(c: char) -> Option<char> {
    match c {
        '\0' | '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => None,
        '\u{2060}'..='\u{206f}' | '\u{feff}' => None,
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => Some('-'),
        '\u{201c}'..='\u{201f}' | '\u{2018}'..='\u{201b}' => Some('"'),
        c if c.is_whitespace() => Some(' '),
        c => Some(c),
    }
}

/// What happened to the text of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Damage {
    lines: Lines,
    content: Content,
}

/// The PEM lines around the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    Both,
    NoBegin,
    NoEnd,
    /// There is something like them, but not so that it could be told where they end.
    Broken,
    Neither,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Nothing,
    /// This character is not in base64.
    Holds(char),
    /// So many characters cannot be base64.
    Uneven,
    Cut {
        there: usize,
        announced: usize,
    },
    Other,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.lines {
            Lines::Both => "PEM text that was damaged: ",
            Lines::NoBegin => "PEM text that was damaged: its BEGIN line is missing, and ",
            Lines::NoEnd => "PEM text that was damaged: its END line is missing, and ",
            Lines::Broken => "PEM text that was damaged: its BEGIN and END lines cannot be made out, and ",
            Lines::Neither => "base64 that was damaged: ",
        })?;
        match self.content {
            Content::Nothing => f.write_str("there is nothing where the key should be"),
            Content::Holds(c) => write!(f, "it holds {c:?}, which is not base64"),
            Content::Uneven => f.write_str("characters were lost"),
            Content::Cut { there, announced } => {
                write!(f, "it is cut off: {there} of {announced} bytes are there")
            }
            Content::Other => {
                f.write_str("what is in it is not a key (characters were lost, changed or added)")
            }
        }
    }
}

/// One thing in a text: what the PEM lines call it, and the base64 between them.
pub(super) struct Piece<'t> {
    label: &'t str,
    content: &'t str,
    lines: Lines,
}

impl Piece<'_> {
    /// Keys with a password say so in their PEM lines, or in a line below.
    pub(super) fn is_encrypted(&self) -> bool {
        self.label.contains("ENCRYPTED") || self.content.contains(",ENCRYPTED")
    }

    pub(super) fn is_openssh(&self) -> bool {
        self.label.contains("OPENSSH")
    }

    fn damage(&self, content: Content) -> Damage {
        Damage { lines: self.lines, content }
    }

    /// The bytes. Line ends, blanks, quotation marks and commas do not count.
    pub(super) fn decode(&self) -> Result<Zeroizing<Vec<u8>>, Option<Damage>> {
        let mut compact = Zeroizing::new(String::with_capacity(self.content.len()));
        compact.extend(self.content.chars().filter(|c| !matches!(c, ' ' | '\n' | '"' | '\'' | '`' | ',')));
        // A text without PEM lines that is not base64 was never a key.
        let damage = |content| (self.lines != Lines::Neither).then(|| self.damage(content));
        if compact.is_empty() {
            return Err(damage(Content::Nothing));
        }
        let foreign = |c: &char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/' | '=');
        // Dashes say less than anything else: they are of PEM lines that cannot be made out.
        let foreign =
            compact.chars().filter(foreign).find(|c| *c != '-').or(compact.contains('-').then_some('-'));
        if let Some(foreign) = foreign {
            return Err(damage(Content::Holds(foreign)));
        }
        BASE64.decode(compact.as_bytes()).map(Zeroizing::new).map_err(|_| {
            // Cut between any two characters: whole groups of four still tell how much is there.
            let whole = &compact.as_bytes()[..compact.len() / 4 * 4];
            let cut = BASE64.decode(whole).map(Zeroizing::new).ok().and_then(|der| self.cut(&der));
            cut.or_else(|| damage(Content::Uneven))
        })
    }

    fn cut(&self, der: &[u8]) -> Option<Damage> {
        let announced = announced_length(der).filter(|announced| *announced > der.len())?;
        Some(self.damage(Content::Cut { there: der.len(), announced }))
    }

    /// What happened to a text whose bytes are in no known format. None: it was no key.
    pub(super) fn damage_of(&self, der: &[u8]) -> Option<Damage> {
        self.cut(der).or_else(|| (self.lines != Lines::Neither).then(|| self.damage(Content::Other)))
    }
}

/// How long a SEQUENCE is by its own account, head included: keys and certificates are of two length bytes.
fn announced_length(der: &[u8]) -> Option<usize> {
    match der {
        [0x30, 0x82, high, low, ..] => Some(4 + usize::from(u16::from_be_bytes([*high, *low]))),
        _ => None,
    }
}

/// A PEM line.
struct Mark<'t> {
    begins: bool,
    label: &'t str,
    start: usize,
    end: usize,
}

/// All pieces of a cleaned text. One without PEM lines is one piece.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let marks = marks(text);
    if marks.is_empty() {
        let broken =
            text.contains('-') && ["BEGIN", "PRIVATE", "CERTIFICATE"].iter().any(|word| text.contains(word));
        let lines = if broken { Lines::Broken } else { Lines::Neither };
        return vec![Piece { label: "", content: text, lines }];
    }
    let mut pieces = Vec::new();
    let mut before = 0;
    let mut marks = marks.into_iter().peekable();
    while let Some(mark) = marks.next() {
        let (label, content, lines) = if mark.begins {
            match marks.next_if(|next| !next.begins) {
                Some(end) => {
                    let content = &text[mark.end..end.start];
                    before = end.end;
                    (mark.label, content, Lines::Both)
                }
                None => {
                    let end = marks.peek().map_or(text.len(), |next| next.start);
                    (mark.label, &text[mark.end..end], Lines::NoEnd)
                }
            }
        } else {
            let content = &text[before..mark.start];
            before = mark.end;
            (mark.label, content, Lines::NoBegin)
        };
        // openssl puts the parameters of a curve before its key.
        if !label.contains("PARAMETERS") {
            pieces.push(Piece { label, content, lines });
        }
    }
    pieces
}

/// The PEM lines of a text. They may have lost line ends, blanks and dashes.
fn marks(text: &str) -> Vec<Mark<'_>> {
    let words = text.match_indices("BEGIN").map(|(at, word)| (at, word, true));
    let mut words: Vec<_> =
        words.chain(text.match_indices("END").map(|(at, word)| (at, word, false))).collect();
    words.sort_unstable();
    let mut marks: Vec<Mark<'_>> = Vec::new();
    for (at, word, begins) in words {
        let before = marks.last().map_or(0, |mark| mark.end);
        if at < before {
            continue;
        }
        let head = text[..at].trim_end_matches(' ');
        let rest = &text[at + word.len()..];
        let of_label = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b' ';
        let (label, tail) = rest.split_at(rest.bytes().take_while(of_label).count());
        let alone = (head.is_empty() || head.ends_with('\n')) && (tail.is_empty() || tail.starts_with('\n'));
        let named = ["KEY", "CERTIFICATE"].iter().any(|noun| label.trim_end().ends_with(noun));
        let dashed = head.ends_with('-') || (tail.starts_with('-') && named);
        if label.trim().is_empty() || !(dashed || (alone && named)) {
            continue;
        }
        // Of dashes between two lines that run together, the first line has them all.
        let start = head.trim_end_matches(['-', ' ']).len().max(before);
        let end = text.len() - tail.trim_start_matches(['-', ' ']).len();
        marks.push(Mark { begins, label: label.trim(), start, end });
    }
    marks
}

#[cfg(test)]
mod tests;
