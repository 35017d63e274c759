//! `client.payments.jsapi.prepay(…)`: a class per file of the spec, a method per operation; and the same suspending.

use std::fmt::Write;

use crate::emit::describe::{Tree, notification_doc, operation_doc};
use crate::emit::kotlin::kdoc;
use crate::emit::kotlin::names::{Names, PACKAGE, ident, is_all_optional, literal, method, package};
use crate::emit::text::{markdown, sentence};
use crate::ir::{Notification, Operation, Request, Response, Spec};
use crate::names::pascal_case;

/// The blocking service of a file or folder of the spec.
pub(super) fn blocking(spec: &Spec, names: &Names, node: &Tree<'_>) -> String {
    let mut out = kdoc("", &node.doc());
    let service = names.service(&node.path);
    let operations = operations(node);
    let _ = writeln!(out, "public class {service} internal constructor(private val client: Client) {{");
    for child in &node.children {
        out.push_str(&kdoc("    ", &child.doc()));
        let name = format!("{}.{}", package(&child.path), names.service(&child.path));
        let _ = writeln!(out, "    public val {}: {name} get() = {name}(client)\n", ident(child.name()));
    }
    for operation in operations {
        for overload in overloads(spec, names, operation) {
            out.push_str(&kdoc("    ", &operation_doc(operation)));
            function(&mut out, names, operation, &overload);
        }
    }
    close(&mut out);
    out
}

/// One of the functions for an operation.
struct Overload {
    parameters: Vec<String>,
    /// What carries it out.
    call: Call,
    /// Whether the suspending service has it too: not what only saves a blocking caller a line.
    suspends: bool,
}

enum Call {
    /// A method of the client.
    Client(String),
    /// Another overload.
    Other(String),
}

impl Overload {
    /// The names of the parameters, to pass them on.
    fn arguments(&self) -> String {
        let name = |parameter: &String| parameter.split(':').next().unwrap_or_default().to_owned();
        self.parameters.iter().map(name).collect::<Vec<_>>().join(", ")
    }
}

fn overloads(spec: &Spec, names: &Names, operation: &Operation) -> Vec<Overload> {
    let id = literal(&operation.id);
    let request = operation.request_type().map(|id| format!("request: {}", names.full(id)));
    let given = request.as_ref().map_or("", |_| ", request");
    let overload = |request: Option<&String>, more: &[&str], call: String, suspends| Overload {
        parameters: request.into_iter().cloned().chain(more.iter().map(|&one| one.to_owned())).collect(),
        call: Call::Client(call),
        suspends,
    };
    if let Request::Upload { .. } = operation.request {
        let content = ["fileName: String", "content: ByteArray"];
        return vec![
            overload(request.as_ref(), &content, format!("sendFile({id}, fileName, content{given})"), true),
            overload(request.as_ref(), &["file: Path"], format!("sendFile({id}, file{given})"), false),
        ];
    }
    let (to, end): (&[&str], _) = match operation.answers_file() {
        true => (&["path: Path", "progress: DownloadProgress? = null"], ", path, progress"),
        false => (&[], ""),
    };
    let call = match (operation.answers_file(), &request) {
        (true, None) => format!("sendForFile({id}, null{end})"),
        (true, Some(_)) => format!("sendForFile({id}{given}{end})"),
        (false, _) => format!("send({id}{given})"),
    };
    let mut all = vec![overload(request.as_ref(), to, call, true)];
    if let Some(id) = operation.request_type().filter(|id| is_all_optional(spec.fields(*id))) {
        let nothing = format!("{}({}(EMPTY){end})", method(&operation.name), names.full(id));
        all.push(Overload { call: Call::Other(nothing), ..overload(None, to, String::new(), true) });
    }
    all
}

/// What a function returns.
fn answer<'n>(names: &'n Names, operation: &Operation) -> &'n str {
    match operation.response {
        Response::Type(id) => names.full(id),
        Response::Json => "UntypedReply",
        Response::File => "Downloaded",
        Response::None => "Unit",
    }
}

/// A method that makes a call and puts the answer into its class.
fn function(out: &mut String, names: &Names, operation: &Operation, overload: &Overload) {
    let signature = format!("{}({})", method(&operation.name), overload.parameters.join(", "));
    let answer = answer(names, operation);
    let overloads = if operation.answers_file() { "    @JvmOverloads\n" } else { "" };
    let call = match &overload.call {
        Call::Client(call) => call,
        Call::Other(call) => {
            let _ = writeln!(out, "{overloads}    public fun {signature}: {answer} = {call}\n");
            return;
        }
    };
    let _ = match operation.response {
        Response::Type(_) => writeln!(
            out,
            "    public fun {signature}: {answer} {{\n        val answer = client.{call}\n        return answer.to({answer}(answer.content))\n    }}\n"
        ),
        Response::Json => {
            writeln!(out, "    public fun {signature}: {answer} = UntypedReply(client.{call})\n")
        }
        Response::File => {
            writeln!(out, "{overloads}    public fun {signature}: {answer} =\n        client.{call}\n")
        }
        Response::None => writeln!(out, "    public fun {signature} {{\n        client.{call}\n    }}\n"),
    };
}

fn close(out: &mut String) {
    while out.ends_with('\n') {
        out.pop();
    }
    out.push_str("\n}\n\n");
}

fn operations<'a>(node: &'a Tree<'_>) -> Vec<&'a Operation> {
    node.module.iter().flat_map(|(_, module)| module.operations.iter()).collect()
}

/// Makes the content of a family's notifications an instance of its class. A function per family: no class names all.
pub(super) fn notifications(names: &Names, family: &Tree<'_>) -> String {
    let found: Vec<&Notification> = family
        .walk()
        .into_iter()
        .filter_map(|node| node.module)
        .flat_map(|(_, module)| &module.notifications)
        .collect();
    if found.is_empty() {
        return String::new();
    }
    let mut out =
        kdoc("", "What a notification of this family tells, in its class; null when the type is not known.");
    out.push_str("internal fun notificationOf(type: String, json: JsonObject): Reply? = when (type) {\n");
    for notification in found {
        let _ = writeln!(
            out,
            "    // {}",
            notification_doc(notification).replace("\n\n", " ").replace('\n', " ")
        );
        let _ =
            writeln!(out, "    {} -> {}(json)", literal(&notification.id), names.full(notification.resource));
    }
    out.push_str("    else -> null\n}\n\n");
    out
}

/// The one of a type, by its family.
pub(super) fn notification_families(tree: &Tree<'_>) -> String {
    let mut out = kdoc(
        "",
        "What a notification tells, in the class that belongs to its type; null when the type is not known.",
    );
    out.push_str(
        "internal fun notificationOf(type: String, json: JsonObject): Reply? = when (type.substringBefore('.')) {\n",
    );
    for family in &tree.children {
        let has_some = family
            .walk()
            .into_iter()
            .filter_map(|node| node.module)
            .any(|(_, m)| !m.notifications.is_empty());
        if has_some {
            let _ = writeln!(
                out,
                "    {} -> {}.notificationOf(type, json)",
                literal(family.name()),
                package(&family.path)
            );
        }
    }
    out.push_str("    else -> null\n}\n");
    out
}

/// All product families, which the client inherits.
pub(super) fn products(names: &Names, tree: &Tree<'_>) -> String {
    let mut out = kdoc("", "All typed operations of a [Client], by product.");
    out.push_str("public abstract class Products internal constructor() {\n");
    out.push_str("    internal abstract fun client(): Client\n\n");
    for family in &tree.children {
        out.push_str(&kdoc("    ", &family.doc()));
        let name = format!("{}.{}", package(&family.path), names.service(&family.path));
        let _ = writeln!(out, "    public val {}: {name} get() = {name}(client())\n", ident(family.name()));
    }
    close(&mut out);
    out
}

/// Class of the suspending operations of a file or folder: `SuspendPaymentsJsapi`.
fn suspending_name(path: &[String]) -> String {
    let parts: String = path.iter().map(|part| pascal_case(part)).collect();
    format!("Suspend{parts}")
}

/// The suspending service of a file or folder of the spec.
pub(super) fn suspending(spec: &Spec, names: &Names, node: &Tree<'_>) -> String {
    let name = suspending_name(&node.path);
    let blocking = format!("{}.{}", package(&node.path), names.service(&node.path));
    let mut out = kdoc(
        "",
        &format!("`{}`, suspending: see [{blocking}] for what the operations do.", node.path.join(".")),
    );
    let operations = operations(node);
    let _ = writeln!(out, "public class {name} internal constructor(private val blocking: {blocking}) {{");
    for child in &node.children {
        out.push_str(&kdoc("    ", &format!("`{}`, suspending.", child.path.join("."))));
        let child_name = suspending_name(&child.path);
        let property = ident(child.name());
        let _ = writeln!(
            out,
            "    public val {property}: {child_name} get() = {child_name}(blocking.{property})\n"
        );
    }
    for operation in operations {
        let title = sentence(&markdown(&operation.title));
        let (method, answer) = (method(&operation.name), answer(names, operation));
        for overload in overloads(spec, names, operation).iter().rev().filter(|overload| overload.suspends) {
            out.push_str(&kdoc("    ", &title));
            let (parameters, arguments) = (overload.parameters.join(", "), overload.arguments());
            let _ = writeln!(
                out,
                "    public suspend fun {method}({parameters}): {answer} =\n        detached {{ blocking.{method}({arguments}) }}\n"
            );
        }
    }
    close(&mut out);
    out
}

/// All product families, suspending.
pub(super) fn suspending_products(tree: &Tree<'_>) -> String {
    let mut out = kdoc("", "All typed operations, suspending, by product.");
    let _ = writeln!(
        out,
        "public abstract class SuspendProducts internal constructor(private val blocking: {PACKAGE}.Products) {{"
    );
    for family in &tree.children {
        out.push_str(&kdoc("    ", &family.doc()));
        let name = suspending_name(&family.path);
        let property = ident(family.name());
        let _ = writeln!(out, "    public val {property}: {name} get() = {name}(blocking.{property})\n");
    }
    close(&mut out);
    out
}
