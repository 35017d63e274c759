//! `NotificationResource`: the decrypted resource, typed by event type and original type.

use std::fmt::Write;

use crate::emit::RustTarget;
use crate::emit::describe::notification_events;
use crate::emit::rust_api::names::Names;
use crate::emit::text::{doc, header, literal, markdown, sentence};
use crate::ir::{Module, Notification, Spec};
use crate::names::{Unique, pascal_case, rust_module};

/// The file `notification_resource.rs`.
pub(super) fn emit(spec: &Spec, names: &Names, target: &RustTarget) -> String {
    let mut out = header("spec/**/*.yaml");
    out.push_str("//! The decrypted resource of a notification, typed.\n\nuse serde_json::Value;\n\nuse crate::{Notification, notification};\n\n");
    out.push_str(&doc("", "///", "The decrypted resource of a notification, chosen by its event type, its original type \
        **and** its members: `TRANSACTION.SUCCESS` with original type `transaction` is an order of a direct merchant, a \
        combined order or a partner's order, with different content.\n\nA notification of a product whose Cargo feature \
        is off, or that this version does not know, is `Unknown`: verified and decrypted as any other. Do not acknowledge \
        it unless you know what it is."));
    out.push_str("#[derive(Clone, PartialEq)]\n#[non_exhaustive]\npub enum NotificationResource {\n");
    let mut unique = Unique::new(["Unknown", "Self"]);
    let variants: Vec<(String, &Module, &Notification)> = spec
        .notifications()
        .map(|(module, notification)| {
            let name = module.path.iter().chain([&notification.name]).map(|part| pascal_case(part)).collect();
            (unique.take(name, ""), module, notification)
        })
        .collect();
    for (variant, module, notification) in &variants {
        let mut text =
            format!("{}\n\n{}", sentence(&markdown(&notification.title)), notification_events(notification));
        if let Some(page) = &notification.doc {
            let _ = write!(text, ": [official page]({})", crate::emit::text::page_url(page));
        }
        out.push_str(&doc("    ", "///", &text));
        let path: Vec<String> =
            spec.module_of(notification.resource).path.iter().map(|part| rust_module(part)).collect();
        let ty = format!("super::{}::{}", path.join("::"), names.plain(notification.resource));
        let _ = writeln!(out, "    {}    {variant}({ty}),", target.gate(module.family()));
    }
    out.push_str("    /// Any other notification, as JSON.\n    Unknown(Value),\n}\n\n");
    out.push_str("/// Shows the type, and nothing of the content.\nimpl std::fmt::Debug for NotificationResource {\n    \
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {\n        f.write_str(match self {\n");
    for (variant, module, _) in &variants {
        let gate = target.gate(module.family());
        let _ = writeln!(out, "            {gate}            Self::{variant}(_) => \"{variant}(…)\",");
    }
    out.push_str("            Self::Unknown(_) => \"Unknown(…)\",\n        })\n    }\n}\n\n");
    out.push_str("impl NotificationResource {\n");
    out.push_str(
        "    /// The typed resource of a notification.
    pub fn of(notification: &Notification) -> Self {
        let (id, resource) = notification::of(notification);
        Self::of_type(id, resource)
    }

    /// Types a resource that was decrypted elsewhere. What is not an object is `Unknown`, whatever the event says.
    pub fn new(event_type: &str, original_type: &str, resource: Value) -> Self {
        let (id, resource) = notification::among_all(event_type, original_type, resource);
        Self::of_type(id, resource)
    }

    #[allow(clippy::match_single_binding, reason = \"the products that are on may have no notification\")]
    pub(crate) fn of_type(id: &str, resource: Value) -> Self {
        match id {
",
    );
    for (variant, module, notification) in &variants {
        let _ = writeln!(
            out,
            "{}            {} => Self::{variant}(resource.into()),",
            target.gate(module.family()),
            literal(&notification.id)
        );
    }
    out.push_str("            _ => Self::Unknown(resource),\n        }\n    }\n}\n");
    out
}
