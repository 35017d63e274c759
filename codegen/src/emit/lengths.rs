//! How long a generated file may be, and how what is longer is cut into several.

use crate::Files;

/// No generated file is longer, whatever the language.
pub const MAX_LINES: usize = 2000;

/// Lines that a part of a file needs besides what was cut: first line, imports, brackets.
const AROUND: usize = 100;

/// Says of the files that are too long how long they are.
pub fn check(files: &Files) -> Result<(), String> {
    let too_long: Vec<String> = files
        .iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(name, lines)| {
            format!("{name} has {lines} lines, and {MAX_LINES} are allowed: its emitter must split it")
        })
        .collect();
    if too_long.is_empty() { Ok(()) } else { Err(too_long.join("\n")) }
}

/// Items in as few parts as their lines allow, in their order. `taken` lines of the first part hold something else.
pub fn parts<T>(items: Vec<T>, taken: usize, lines: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut parts = vec![Vec::new()];
    let mut length = taken;
    for item in items {
        let more = lines(&item);
        if length > 0 && length + more > MAX_LINES - AROUND {
            parts.push(Vec::new());
            length = 0;
        }
        length += more;
        if let Some(part) = parts.last_mut() {
            part.push(item);
        }
    }
    parts
}

/// Pieces of code in as few files as their lines allow, in their order; one empty text when there is no piece.
pub fn joined(pieces: Vec<String>) -> Vec<String> {
    parts(pieces, 0, |piece| piece.lines().count()).into_iter().map(|part| part.concat()).collect()
}

/// Name of a part without the ending: `name`, `name.2`, `name.3`. No file of the spec can have such a name.
pub fn part_name(name: &str, index: usize) -> String {
    if index == 0 { name.to_owned() } else { format!("{name}.{}", index + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_long_is_an_error_that_names_it() {
        let long = "line\n".repeat(MAX_LINES + 1);
        let files =
            Files::from([("a/short.kt".to_owned(), "line\n".to_owned()), ("a/long.kt".to_owned(), long)]);
        let message = check(&files).unwrap_err();
        assert!(message.starts_with("a/long.kt has 2001 lines"), "{message}");
        assert!(!message.contains("short"), "{message}");
    }

    #[test]
    fn parts_are_full_and_keep_their_order() {
        let cut = |taken| parts(vec![900, 1000, 1, 1900, 3000], taken, |lines| *lines);
        assert_eq!(cut(0), [vec![900, 1000], vec![1], vec![1900], vec![3000]]);
        assert_eq!(cut(1000), [vec![900], vec![1000, 1], vec![1900], vec![3000]]);
        assert_eq!(parts(Vec::<usize>::new(), 0, |lines| *lines), [Vec::<usize>::new()]);
        assert_eq!([part_name("a", 0), part_name("a", 1)], ["a", "a.2"]);
    }
}
