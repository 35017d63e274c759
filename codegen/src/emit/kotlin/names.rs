//! Names in Kotlin that Java can use too, unique where the JVM wants them to be.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Field, Spec, Type, TypeDef, TypeId};
use crate::names::{Unique, pascal_case};

/// Package of the hand-written part; every file of the spec has one below it.
pub(super) const PACKAGE: &str = "io.github.wechatpayrs";

/// Names that the generated files use themselves.
const TAKEN_TYPES: &[&str] = &[
    "Any",
    "Boolean",
    "Builder",
    "ByteArray",
    "Client",
    "Companion",
    "Double",
    "Int",
    "JsonElement",
    "JsonObject",
    "JvmField",
    "JvmStatic",
    "KSerializer",
    "List",
    "Long",
    "Map",
    "Nothing",
    "OffsetDateTime",
    "OpenEnum",
    "OpenEnumSerializer",
    "Pair",
    "Path",
    "Reply",
    "SerialName",
    "Serializable",
    "Serializer",
    "String",
    "TimestampSerializer",
    "Unit",
    "UseSerializers",
    "WeChatPayException",
];

/// Members that every object or model has already.
const TAKEN_MEMBERS: &[&str] = &["class", "json", "rawJson", "requestId", "companion", "Companion"];

/// Methods of builders that a setter must not hide.
const TAKEN_SETTERS: &[&str] =
    &["build", "wait", "notify", "notifyAll", "equals", "hashCode", "toString", "getClass"];

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

/// `tradeBill`; a method that is a keyword in Java could not be called from it.
pub(super) fn method(name: &str) -> String {
    let pascal = pascal_case(name);
    let mut chars = pascal.chars();
    let camel: String =
        chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default();
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
    /// The builder's method, not yet in back-ticks.
    pub(super) setter: String,
    /// Whether the serializer must be told the name on the wire.
    pub(super) renamed: bool,
}

/// All names.
pub(super) struct Names {
    types: BTreeMap<TypeId, String>,
    packages: BTreeMap<TypeId, String>,
    fields: BTreeMap<TypeId, Vec<FieldNames>>,
    services: BTreeMap<Vec<String>, String>,
    models: BTreeMap<TypeId, String>,
    all_optional: BTreeSet<TypeId>,
}

impl Names {
    pub(super) fn new(spec: &Spec) -> Self {
        let mut names = Self {
            types: BTreeMap::new(),
            packages: BTreeMap::new(),
            fields: BTreeMap::new(),
            services: BTreeMap::new(),
            models: BTreeMap::new(),
            all_optional: BTreeSet::new(),
        };
        for module in &spec.modules {
            let mut unique = Unique::new(TAKEN_TYPES.iter().copied());
            for id in &module.types {
                let name = spec.type_def(*id).name.clone();
                let name = if TAKEN_TYPES.contains(&name.as_str()) { format!("{name}Model") } else { name };
                names.types.insert(*id, unique.take(name, ""));
                names.packages.insert(*id, package(&module.path));
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
        for index in 0..spec.types.len() {
            let id = TypeId(index);
            let definition = spec.type_def(id);
            let fields = spec.fields(id);
            let is_class = fits_constructor(definition, fields);
            names.models.insert(id, if is_class { names.full(id) } else { "JsonObject".to_owned() });
            if is_class && !fields.iter().any(Field::caller_must_give) {
                names.all_optional.insert(id);
            }
        }
        names
    }

    /// Name of a type in its package.
    pub(super) fn ty(&self, id: TypeId) -> &str {
        self.types.get(&id).map_or("", String::as_str)
    }

    /// Name of a type with its package.
    pub(super) fn full(&self, id: TypeId) -> String {
        format!("{}.{}", self.packages.get(&id).map_or("", String::as_str), self.ty(id))
    }

    /// What a type is in Kotlin: its class, or a plain JSON object when it has too many fields for one.
    pub(super) fn model(&self, id: TypeId) -> &str {
        self.models.get(&id).map_or("", String::as_str)
    }

    /// Whether a request without any field given makes sense.
    pub(super) fn is_all_optional(&self, id: TypeId) -> bool {
        self.all_optional.contains(&id)
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
    let mut setters = Unique::new(TAKEN_SETTERS.iter().copied());
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
            getters.take(getter(&name), "_");
            let setter = setters.take(name.clone(), "_");
            FieldNames { renamed: name != field.name, property: name, setter }
        })
        .collect()
}

/// Whether the JVM can call the constructor that the serializer generates: 255 slots, of which a `Long` or `Double` that
/// cannot be null takes two, the object one, the end one, and every 32 fields one more.
pub(super) fn fits_constructor(definition: &TypeDef, fields: &[Field]) -> bool {
    let wide = |field: &&Field| !definition.may_lack(field) && matches!(field.ty, Type::Int | Type::Number);
    let slots = fields.len() + fields.iter().filter(wide).count() + fields.len().div_ceil(32) + 2;
    slots <= 255
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Shape;

    fn fields(count: usize, ty: &Type) -> Vec<Field> {
        (0..count)
            .map(|number| Field {
                name: format!("f{number}"),
                required: true,
                ty: ty.clone(),
                max: None,
                rules: Vec::new(),
                encrypt: false,
                fill: None,
                doc: None,
            })
            .collect()
    }

    #[test]
    fn what_has_too_many_fields_for_a_constructor_is_found() {
        let definition = |in_reply| TypeDef {
            name: "Wide".to_owned(),
            module: 0,
            shape: Shape::Object(Vec::new()),
            in_request: true,
            in_reply,
        };
        assert!(fits_constructor(&definition(false), &fields(245, &Type::String)));
        assert!(!fits_constructor(&definition(false), &fields(246, &Type::String)));
        // A Long takes two slots, unless it may be null.
        assert!(!fits_constructor(&definition(false), &fields(130, &Type::Int)));
        assert!(fits_constructor(&definition(true), &fields(130, &Type::Int)));
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
