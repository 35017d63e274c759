//! The patterns of the spec: one class of characters and how many of them, `^[0-9a-zA-Z_\-|*]{6,32}$`. So little that
//! neither the client nor the sandbox needs an engine for regular expressions.

use crate::ir::Characters;

/// A pattern taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// The characters that may stand in the text.
    pub(super) characters: Characters,
    /// Fewest of them.
    pub(super) min: u32,
    /// Most of them.
    pub(super) max: u32,
}

/// Takes a pattern apart, or says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Pattern, String> {
    let shape = "a pattern is ^[…]{6,32}$ or ^[…]{10}$: one class of characters and how many of them";
    let inner = text
        .strip_prefix("^[")
        .and_then(|rest| rest.strip_suffix("}$"))
        .ok_or_else(|| format!("`{text}`: {shape}"))?;
    // The last one: a class may hold the two characters itself.
    let (class, bounds) = inner.rsplit_once("]{").ok_or_else(|| format!("`{text}`: {shape}"))?;
    let (min, max) = parse_bounds(bounds).ok_or_else(|| format!("`{{{bounds}}}`: {shape}"))?;
    if max == 0 || min > max {
        return Err(format!("`{{{bounds}}}` allows no text"));
    }
    Ok(Pattern { characters: Characters { ranges: parse_class(class)? }, min, max })
}

fn parse_bounds(text: &str) -> Option<(u32, u32)> {
    let number = |text: &str| {
        // Digits only: `parse` by itself takes a sign.
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
    };
    match text.split_once(',') {
        Some((min, max)) => Some((number(min)?, number(max)?)),
        None => number(text).map(|count| (count, count)),
    }
}

fn parse_class(class: &str) -> Result<Vec<(char, char)>, String> {
    let mut ranges: Vec<(char, char)> = Vec::new();
    let mut rest = class.chars().peekable();
    while let Some(first) = rest.next() {
        let first = match first {
            '\\' => escaped(rest.next())?,
            '-' | '^' | '[' | ']' => {
                return Err(format!(
                    "write `{first}` in a class as `\\{first}`, so that nobody has to guess"
                ));
            }
            plain => plain,
        };
        let last = if rest.next_if_eq(&'-').is_some() {
            match rest.next() {
                Some('\\') => escaped(rest.next())?,
                Some(last) => last,
                None => return Err("a `-` that ends a class is written `\\-`".to_owned()),
            }
        } else {
            first
        };
        if first == '`' || last == '`' {
            return Err("a class cannot hold a back tick: the docstrings quote its signs in them".to_owned());
        }
        if !first.is_ascii_graphic() && first != ' ' || !last.is_ascii_graphic() && last != ' ' {
            return Err("a class holds printable ASCII characters only".to_owned());
        }
        let same_kind = |kind: fn(&char) -> bool| kind(&first) && kind(&last);
        let sensible = first == last
            || first < last
                && (same_kind(char::is_ascii_digit)
                    || same_kind(char::is_ascii_lowercase)
                    || same_kind(char::is_ascii_uppercase));
        if !sensible {
            return Err(format!("`{first}-{last}` is not a range of digits, small or capital letters"));
        }
        if let Some((from, to)) = ranges.iter().find(|(from, to)| first <= *to && last >= *from) {
            return Err(format!("`{first}-{last}` and `{from}-{to}` of one class overlap"));
        }
        ranges.push((first, last));
    }
    if ranges.is_empty() { Err("the class is empty".to_owned()) } else { Ok(ranges) }
}

fn escaped(character: Option<char>) -> Result<char, String> {
    match character {
        Some(character) if character.is_ascii_punctuation() => Ok(character),
        Some(character) => {
            Err(format!("`\\{character}` is not known: spell the characters out, 0-9 for digits"))
        }
        None => Err("the class ends with a lone `\\`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_pattern_is_a_class_and_bounds() {
        let order = parse(r"^[0-9a-zA-Z_\-|*]{6,32}$").unwrap();
        assert_eq!((order.min, order.max), (6, 32));
        let wanted = [('0', '9'), ('a', 'z'), ('A', 'Z'), ('_', '_'), ('-', '-'), ('|', '|'), ('*', '*')];
        assert_eq!(order.characters.ranges, wanted);
        assert_eq!(order.characters.words(""), "digits, letters and _-|*");
        let day = parse(r"^[0-9\-]{10}$").unwrap();
        assert_eq!((day.min, day.max, day.characters.words("").as_str()), (10, 10, "digits and -"));
        assert_eq!(parse(r"^[a-z]{1,2}$").unwrap().characters.words(""), "small letters");
        assert_eq!(parse(r"^[0-9a-f]{2}$").unwrap().characters.words(""), "digits and a-f");
        assert_eq!(parse(r"^[\]{\\ ]{0,2}$").unwrap().characters.words(""), r"]{\ and blanks");
    }

    #[test]
    fn anything_else_is_an_error() {
        for bad in [
            "",
            "[a]{1}",
            "^[a]{1}",
            "^[a]+$",
            "^[a]{1,}$",
            "^[a]{+1,2}$",
            "^[a]{2,1}$",
            "^[a]{0}$",
            "^[a][b]{1}$",
            "^[]{1}$",
            "^[^a]{1}$",
            "^[a-]{1}$",
            "^[-a]{1}$",
            r"^[\d]{1}$",
            r"^[a\]{1}$",
            "^[z-a]{1}$",
            "^[A-z]{1}$",
            "^[a-zb]{1}$",
            "^[aa]{1}$",
            "^[茶]{1}$",
            "^[`]{1}$",
            "^a{1}$",
            "^[a]{99999999999}$",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
