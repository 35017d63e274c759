//! Names in Kotlin that Java can use too, unique where the JVM wants them to be.

use std::collections::{BTreeMap, HashMap};

use crate::ir::{Field, Spec, Type, TypeId};
use crate::names::{Unique, camel_case, pascal_case};

/// Package of the hand-written part; every file of the spec has one below it.
pub(super) const PACKAGE: &str = "io.github.wechatpayrs";

/// Names that the generated files use themselves.
const TAKEN_TYPES: &[&str] = &[
    "Any",
    "ArrayList",
    "Boolean",
    "Builder",
    "ByteArray",
    "Client",
    "Companion",
    "Double",
    "DownloadProgress",
    "Downloaded",
    "Elements",
    "Fields",
    "Int",
    "JsonElement",
    "JsonObject",
    "JvmField",
    "JvmOverloads",
    "JvmStatic",
    "JvmSynthetic",
    "List",
    "Long",
    "Map",
    "Model",
    "ModelBuilder",
    "NameTheArguments",
    "Nothing",
    "Nullable",
    "OffsetDateTime",
    "Object",
    "OpenEnum",
    "Override",
    "Pair",
    "Path",
    "Reply",
    "String",
    "Unit",
    "UntypedReply",
    "WeChatPayException",
];

/// Members that every object or model has already.
const TAKEN_MEMBERS: &[&str] = &["class", "json", "rawJson", "requestId", "companion", "Companion"];

/// Methods of builders that a setter must not hide.
const TAKEN_SETTERS: &[&str] =
    &["build", "checked", "wait", "notify", "notifyAll", "equals", "hashCode", "toString", "getClass"];

const HARD_KEYWORDS: &[&str] = &[
    "as",
    "break",
    "class",
    "continue",
    "do",
    "else",
    "false",
    "for",
    "fun",
    "if",
    "in",
    "interface",
    "is",
    "null",
    "object",
    "package",
    "return",
    "super",
    "this",
    "throw",
    "true",
    "try",
    "typealias",
    "typeof",
    "val",
    "var",
    "when",
    "while",
];

const JAVA_KEYWORDS: &[&str] = &[
    "abstract",
    "assert",
    "boolean",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "extends",
    "final",
    "finally",
    "float",
    "for",
    "goto",
    "if",
    "implements",
    "import",
    "instanceof",
    "int",
    "interface",
    "long",
    "native",
    "new",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "short",
    "static",
    "strictfp",
    "super",
    "switch",
    "synchronized",
    "this",
    "throw",
    "throws",
    "transient",
    "try",
    "void",
    "volatile",
    "while",
    "true",
    "false",
    "null",
];

/// A Kotlin identifier as it is written in code.
pub(super) fn ident(name: &str) -> String {
    if HARD_KEYWORDS.contains(&name) { format!("`{name}`") } else { name.to_owned() }
}

/// An identifier that Java allows.
pub(super) fn java_ident(name: &str) -> String {
    if JAVA_KEYWORDS.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

/// `tradeBill`; a method that is a keyword in Java could not be called from it.
pub(super) fn method(name: &str) -> String {
    let camel = camel_case(name);
    if JAVA_KEYWORDS.contains(&camel.as_str()) || HARD_KEYWORDS.contains(&camel.as_str()) {
        format!("{camel}_")
    } else {
        camel
    }
}

/// The package of a file of the spec. `payments.native` would be a package that Java cannot name.
pub(super) fn package(path: &[String]) -> String {
    let mut name = PACKAGE.to_owned();
    for part in path {
        name.push('.');
        name.push_str(part);
        if JAVA_KEYWORDS.contains(&part.as_str()) || HARD_KEYWORDS.contains(&part.as_str()) {
            name.push('_');
        }
    }
    name
}

/// A Kotlin string literal.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' | '$' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Names of one field.
#[derive(Debug, Clone)]
pub(super) struct FieldNames {
    /// The property, not yet in back-ticks.
    pub(super) property: String,
    /// The method that reads it, which Kotlin takes for the property.
    pub(super) getter: String,
    /// The builder's method.
    pub(super) setter: String,
}

/// All names.
pub(super) struct Names {
    types: BTreeMap<TypeId, String>,
    full: BTreeMap<TypeId, String>,
    by_full_name: HashMap<String, TypeId>,
    fields: BTreeMap<TypeId, Vec<FieldNames>>,
    services: BTreeMap<Vec<String>, String>,
}

impl Names {
    pub(super) fn new(spec: &Spec) -> Self {
        let mut names = Self {
            types: BTreeMap::new(),
            full: BTreeMap::new(),
            by_full_name: HashMap::new(),
            fields: BTreeMap::new(),
            services: BTreeMap::new(),
        };
        for module in &spec.modules {
            let mut unique = Unique::new(TAKEN_TYPES.iter().copied());
            for id in &module.types {
                let name = spec.type_def(*id).name.clone();
                let name = if TAKEN_TYPES.contains(&name.as_str()) { format!("{name}Model") } else { name };
                let name = unique.take(name, "");
                let full = format!("{}.{name}", package(&module.path));
                names.types.insert(*id, name);
                names.by_full_name.insert(full.clone(), *id);
                names.full.insert(*id, full);
                names.fields.insert(*id, field_names(spec.fields(*id)));
            }
            for length in 1..=module.path.len() {
                let path = module.path[..length].to_vec();
                let name = format!("{}Service", pascal_case(&module.path[length - 1]));
                let is_own = length == module.path.len();
                if is_own || !spec.modules.iter().any(|other| other.path == path) {
                    let name = if is_own { unique.take(name, "") } else { name };
                    names.services.insert(path, name);
                }
            }
        }
        names
    }

    /// Name of a type in its package.
    pub(super) fn ty(&self, id: TypeId) -> &str {
        self.types.get(&id).map_or("", String::as_str)
    }

    /// Name of a type with its package.
    pub(super) fn full(&self, id: TypeId) -> &str {
        self.full.get(&id).map_or("", String::as_str)
    }

    /// The type of this full name.
    pub(super) fn find(&self, full: &str) -> Option<TypeId> {
        self.by_full_name.get(full).copied()
    }

    pub(super) fn fields(&self, id: TypeId) -> &[FieldNames] {
        self.fields.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Class of the operations of a file or folder: `JsapiService`.
    pub(super) fn service(&self, path: &[String]) -> &str {
        self.services.get(path).map_or("", String::as_str)
    }
}

/// Properties must differ in their getters too: `openid` and `Openid` are both `getOpenid`.
fn field_names(fields: &[Field]) -> Vec<FieldNames> {
    let mut getters = Unique::default();
    let mut setters = Unique::new(TAKEN_SETTERS.iter().chain(JAVA_KEYWORDS).copied());
    let getter = |name: &str| {
        let mut chars = name.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    fields
        .iter()
        .map(|field| {
            let mut name = field.name.clone();
            if TAKEN_MEMBERS.contains(&name.as_str()) || name.chars().all(|c| c == '_') {
                name.push_str("_value");
            } else if name.starts_with(|c: char| c.is_ascii_digit()) {
                name.insert(0, 'n');
            }
            while getters.is_taken(&getter(&name)) {
                name.push('_');
            }
            let method = format!("get{}", getters.take(getter(&name), "_"));
            let setter = setters.take(name.clone(), "_");
            FieldNames { property: name, getter: method, setter }
        })
        .collect()
}

/// Whether the JVM can call the function that takes all fields, with what Kotlin adds for those that are left out: 255 slots,
/// of which a `Long` or `Double` that must be given takes two, the first parameter and the end one each, and every 32 fields
/// one more. A type with more fields has its builder alone.
pub(super) fn fits_function(fields: &[Field]) -> bool {
    let wide = |field: &&Field| field.caller_must_give() && matches!(field.ty, Type::Int | Type::Number);
    let slots = fields.len() + fields.iter().filter(wide).count() + fields.len().div_ceil(32) + 2;
    slots <= 255
}

/// Whether a request without any field makes sense.
pub(super) fn is_all_optional(fields: &[Field]) -> bool {
    !fields.iter().any(Field::caller_must_give)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(count: usize, ty: &Type) -> Vec<Field> {
        (0..count)
            .map(|number| Field {
                name: format!("f{number}"),
                line: 1,
                required: true,
                ty: ty.clone(),
                max: None,
                rules: Vec::new(),
                encrypt: false,
                fill: None,
                choices: Vec::new(),
                doc: None,
                label: None,
            })
            .collect()
    }

    #[test]
    fn what_has_too_many_fields_for_a_function_is_found() {
        assert!(fits_function(&fields(245, &Type::String)));
        assert!(!fits_function(&fields(246, &Type::String)));
        // A Long takes two slots, unless it may be left out.
        let mut numbers = fields(130, &Type::Int);
        assert!(!fits_function(&numbers));
        for number in &mut numbers {
            number.required = false;
        }
        assert!(fits_function(&numbers));
    }

    #[test]
    fn names_that_the_jvm_would_mix_up_are_told_apart() {
        let mut two = fields(4, &Type::String);
        two[0].name = "openid".to_owned();
        two[1].name = "Openid".to_owned();
        two[2].name = "class".to_owned();
        two[3].name = "build".to_owned();
        let names = field_names(&two);
        let properties: Vec<&str> = names.iter().map(|name| name.property.as_str()).collect();
        assert_eq!(properties, ["openid", "Openid_", "class_value", "build"]);
        assert_eq!(names[3].setter, "build_2");
    }

    #[test]
    fn packages_and_methods_can_be_named_in_java() {
        assert_eq!(
            package(&["payments".to_owned(), "native".to_owned()]),
            "io.github.wechatpayrs.payments.native_"
        );
        assert_eq!(method("import"), "import_");
        assert_eq!(method("trade_bill"), "tradeBill");
        assert_eq!(literal("a$b\"c"), "\"a\\$b\\\"c\"");
    }
}
