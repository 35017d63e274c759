//! `spec/options.yaml` to the setters of `ClientBuilder`.

use std::fmt::Write;

use super::names::{PACKAGE, literal};
use super::{SDK, header, kdoc};
use crate::Files;
use crate::emit::option_docs;
use crate::emit::text::markdown;
use crate::ir::{ClientOption, OptionKind, OptionSpec};

const OVERLOAD: &str = " (a Path)";

/// `ClientOptions.kt`, what `ClientBuilder` inherits: a class of Kotlin cannot be written in two files.
pub(super) fn emit(spec: &OptionSpec) -> Files {
    let mut out = header("spec/options.yaml");
    let _ = write!(
        out,
        "package {PACKAGE}

import java.nio.file.Path
import java.time.Duration
import java.util.Base64
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

{}public abstract class ClientOptions internal constructor() {{
    private val values = LinkedHashMap<String, JsonElement>()
    private val lists = LinkedHashMap<String, MutableList<JsonElement>>()

    internal abstract fun self(): ClientBuilder

    /** The options that were set, as the core takes them. */
    internal fun all(): MutableMap<String, JsonElement> =
        LinkedHashMap(values).apply {{ for ((name, list) in lists) put(name, JsonArray(list)) }}

    private fun set(name: String, value: String): ClientBuilder = set(name, JsonPrimitive(value))

    private fun set(name: String, value: JsonElement): ClientBuilder = self().also {{ values[name] = value }}

    private fun add(name: String, value: JsonElement): ClientBuilder =
        self().also {{ lists.getOrPut(name) {{ ArrayList() }}.add(value) }}
",
        kdoc("", &format!("The options of a [ClientBuilder].\n\n{}", option_docs::NEEDED))
    );
    for option in &spec.options {
        let path = option.spelled.get("kotlin").and_then(|own| own.strip_suffix(OVERLOAD)).map(str::to_owned);
        if let Some(name) = option.in_camel_case("kotlin").or(path) {
            setter(&mut out, option, &name);
        }
    }
    let _ = write!(
        out,
        "\n{}    override fun toString(): String = \"ClientBuilder(${{all().keys.joinToString()}})\"\n}}\n",
        kdoc("    ", "Shows no key.")
    );
    Files::from([(format!("{SDK}/{}/ClientOptions.kt", PACKAGE.replace('.', "/")), out)])
}

/// Lists are filled one by one.
const AGAIN: &str = "May be called several times.";

fn setter(out: &mut String, option: &ClientOption, name: &str) {
    let key = literal(&option.name);
    let mut write = |arguments: &str, note: &str, body: &str| {
        out.push('\n');
        out.push_str(&kdoc("    ", &markdown(&option_docs::option(option, "", note))));
        if arguments.contains(" = ") {
            out.push_str("    @JvmOverloads\n");
        }
        let _ = writeln!(out, "    public fun {name}({arguments}): ClientBuilder = {body}");
    };
    // What goes with the value: an id before it, a password after it.
    let (before, id) = option.id.as_ref().map_or_else(Default::default, |id| {
        ("id: String, ", format!(".also {{ set({}, id) }}", literal(id)))
    });
    let (after, password) = option.password.as_ref().map_or_else(Default::default, |password| {
        let set = format!("set({}, password)", literal(password));
        (", password: String? = null", format!(".also {{ if (password != null) {set} }}"))
    });
    let argument = |value: &str| format!("{before}{value}{after}");
    let call = |value: &str| format!("set({key}, {value}){id}{password}");
    match option.kind {
        OptionKind::Text => write(&argument("value: String"), "", &call("value")),
        OptionKind::Key | OptionKind::Pem => write(&argument("pem: String"), "As PEM text.", &call("pem")),
        OptionKind::Flag => write(&argument("enabled: Boolean"), "", &call("JsonPrimitive(enabled)")),
        OptionKind::Number => write(&argument("number: Int"), "", &call("JsonPrimitive(number)")),
        OptionKind::Bytes => write(&argument("number: Long"), "", &call("JsonPrimitive(number)")),
        OptionKind::Seconds => {
            let seconds = "JsonPrimitive(timeout.seconds + timeout.nano / 1e9)";
            write(&argument("timeout: Duration"), "", &call(seconds));
        }
        OptionKind::Binary => {
            let base64 = "Base64.getEncoder().encodeToString(content)";
            write(&argument("content: ByteArray"), "", &call(base64));
        }
        OptionKind::Path => write(&argument("path: Path"), "", &call("path.toString()")),
        OptionKind::Texts => write("value: String", AGAIN, &format!("add({key}, JsonPrimitive(value))")),
        OptionKind::Keys => {
            write(
                "pem: String",
                &format!("As PEM text. {AGAIN}"),
                &format!("add({key}, JsonPrimitive(pem))"),
            );
        }
        OptionKind::Paths => {
            write("path: Path", AGAIN, &format!("add({key}, JsonPrimitive(path.toString()))"))
        }
        OptionKind::PublicKeys => {
            for (argument, member, value) in
                [("pem: String", "key", "pem"), ("path: Path", "path", "path.toString()")]
            {
                write(
                    &format!("id: String, {argument}"),
                    AGAIN,
                    &format!(
                        "add({key}, JsonObject(mapOf(\"id\" to JsonPrimitive(id), \"{member}\" to JsonPrimitive({value}))))"
                    ),
                );
            }
        }
    }
}
