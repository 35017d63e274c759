//! What files, operations, notifications and types are written with alike.

use crate::parse::reader::{Reader, Spanned};
use crate::yaml::{Data, Node};

pub(super) fn has_key(node: &Node, key: &str) -> bool {
    matches!(&node.data, Data::Map(entries) if entries.iter().any(|entry| entry.key == key))
}

pub(super) fn text_of(text: Option<Spanned<String>>) -> Option<String> {
    text.map(|text| text.value)
}

pub(super) fn values(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

pub(super) fn title(reader: &mut Reader<'_>, node: &Node) -> String {
    let Some(title) = reader.text("title", node) else { return String::new() };
    if title.value.contains('\n') {
        reader.error(title.pos, "a title is one line; the rest belongs into `description`");
    }
    title.value
}

pub(super) fn doc_page(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let page = reader.text("doc", node)?;
    let well_formed = page.value.split_once('/').is_some_and(|(family, id)| {
        !family.is_empty()
            && family.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            && !id.is_empty()
            && id.chars().all(|c| c.is_ascii_digit())
    });
    if !well_formed {
        reader.error(page.pos, format!("doc is a page id like merchant/4012791856, not `{}`", page.value));
    }
    Some(page.value)
}
