//! Markdown as a comment of Java, which is HTML.

use crate::emit::text::doc;

/// A Javadoc comment.
pub(super) fn javadoc(indent: &str, markdown: &str) -> String {
    let text = html(markdown);
    let body = doc(&format!("{indent} "), "*", &text);
    let mut lines = body.lines();
    match (lines.next(), lines.next()) {
        (Some(only), None) => format!("{indent}/** {} */\n", only.trim().trim_start_matches("* ")),
        _ => format!("{indent}/**\n{body}{indent} */\n"),
    }
}

/// Code between back-ticks, addresses, links and paragraphs; all that the docstrings of the spec have.
fn html(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len() + 32);
    let mut rest = markdown;
    while let Some(c) = rest.chars().next() {
        if let Some((code, after)) = rest.strip_prefix('`').and_then(|rest| rest.split_once('`')) {
            out.push_str("<code>");
            code.chars().for_each(|c| push(&mut out, c));
            out.push_str("</code>");
            rest = after;
        } else if let Some((address, after)) = rest
            .strip_prefix('<')
            .and_then(|rest| rest.split_once('>'))
            .filter(|(text, _)| text.starts_with("http"))
        {
            link(&mut out, address, address);
            rest = after;
        } else if let Some((text, address, after)) = bracketed(rest) {
            link(&mut out, text, address);
            rest = after;
        } else if let Some(after) = rest.strip_prefix("\n\n") {
            out.push_str("\n\n<p>");
            rest = after;
        } else {
            // A back-slash before a mark says that the mark is no Markdown.
            let escaped = rest
                .strip_prefix('\\')
                .and_then(|rest| rest.chars().next())
                .filter(char::is_ascii_punctuation);
            push(&mut out, escaped.unwrap_or(c));
            rest = &rest[c.len_utf8() + escaped.map_or(0, char::len_utf8)..];
        }
    }
    out
}

/// `[text](address)`
fn bracketed(rest: &str) -> Option<(&str, &str, &str)> {
    let (text, rest) = rest.strip_prefix('[')?.split_once("](")?;
    let (address, rest) = rest.split_once(')')?;
    (address.starts_with("http") && !text.contains('\n')).then_some((text, address, rest))
}

fn link(out: &mut String, text: &str, address: &str) {
    out.push_str("<a href=\"");
    address.chars().for_each(|c| push(out, c));
    out.push_str("\">");
    text.chars().for_each(|c| push(out, c));
    out.push_str("</a>");
}

/// A back-slash too: Java reads `\u` in comments.
fn push(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '@' => out.push_str("&#64;"),
        '\\' => out.push_str("&#92;"),
        '/' if out.ends_with('*') => out.push_str("&#47;"),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::javadoc;

    #[test]
    fn markdown_becomes_html_that_java_can_read() {
        assert_eq!(
            javadoc("", "A `List<T>` of a\\_b & c */ at <https://a.b/c>."),
            "/** A <code>List&lt;T&gt;</code> of a_b &amp; c *&#47; at <a href=\"https://a.b/c\">https://a.b/c</a>. */\n"
        );
        assert_eq!(javadoc("  ", "`\\u4e00`"), "  /** <code>&#92;u4e00</code> */\n");
        assert_eq!(
            javadoc("", "One.\n\n[page](https://a.b): two."),
            "/**\n * One.\n *\n * <p><a href=\"https://a.b\">page</a>: two.\n */\n"
        );
    }
}
