//! The union of all notifications, told apart by `type`.

use std::fmt::Write;

use crate::emit::describe::{notification_events, notification_notes};
use crate::emit::text::{header, markdown, page_url, sentence};
use crate::ir::Spec;

use super::models::{Names, Scope};
use super::{docs, quoted};

pub(super) fn declarations(spec: &Spec, names: &Names) -> String {
    let mut scope = Scope::new(spec, names, None);
    let mut entries = String::new();
    for (_, notification) in spec.notifications() {
        let mut text = sentence(&markdown(&notification.title));
        if let Some(title) = &notification.title_zh {
            let _ = write!(text, "\n\n{}", markdown(title));
        }
        let _ = write!(text, "\n\nEvents: {}.", notification_events(notification));
        if let Some(page) = &notification.doc {
            let _ = write!(text, " [Official page]({})", page_url(page));
        }
        for note in notification_notes(notification) {
            let _ = write!(text, "\n\n{note}");
        }
        entries.push_str(&docs::comment("  ", &text));
        let _ = writeln!(entries, "  {}: {};", quoted(&notification.id), scope.named(notification.resource));
    }
    let mut out = header("spec/**/*.yaml");
    out.push_str(&scope.imports(&[]));
    let _ = write!(
        out,
        "\n/** What each type of notification carries, decrypted. */\nexport interface NotificationResources {{\n{entries}}}\n"
    );
    out
}
