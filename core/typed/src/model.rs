//! What models are made of. A model is a JSON object with typed getters and setters, and nothing else: it holds what came
//! or what was set, fields unknown to this library included, and costs next to nothing to compile.

use std::collections::BTreeMap;
use std::fmt;

use ref_cast::RefCast;
use serde_json::{Map, Value};

use crate::{Sensitive, Timestamp};

/// A typed view of a JSON object: requests, answers, and the objects in them.
///
/// Getters give `None` for what is absent, `null`, or of another type than documented; [`json`](Self::json) has it all
/// the same. Whole numbers are also read from text.
pub trait Model: RefCast<From = Value> + From<Value> + fmt::Debug {
    /// Fields that `Debug` must not show.
    #[doc(hidden)]
    const HIDDEN: &'static [Hidden] = &[];

    /// The JSON behind the getters.
    fn json(&self) -> &Value;

    /// The JSON, without its type.
    fn into_json(self) -> Value;
}

/// A field with a text that is encrypted on the wire, or with objects that have such fields.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Hidden {
    name: &'static str,
    // A function, because types may contain themselves.
    inside: Option<fn() -> &'static [Self]>,
}

impl Hidden {
    pub(crate) const fn text(name: &'static str) -> Self {
        Self { name, inside: None }
    }

    pub(crate) const fn within<M: Model>(name: &'static str) -> Self {
        Self { name, inside: Some(|| M::HIDDEN) }
    }
}

/// Writes `Amount {"total":100}`, in several lines for `{:#?}`.
pub(crate) fn show(f: &mut fmt::Formatter<'_>, name: &str, json: &Value, hidden: &[Hidden]) -> fmt::Result {
    write!(f, "{name} ")?;
    if hidden.is_empty() {
        return fmt::Display::fmt(json, f);
    }
    let mut shown = json.clone();
    hide(&mut shown, hidden);
    fmt::Display::fmt(&shown, f)
}

fn hide(json: &mut Value, hidden: &[Hidden]) {
    for field in hidden {
        match (json.get_mut(field.name), field.inside) {
            (None | Some(Value::Null), _) => {}
            (Some(text), None) => *text = Value::from("…"),
            (Some(value), Some(inside)) => hide_within(value, inside()),
        }
    }
}

/// The objects may stand in lists and maps: what is hidden in them is hidden at every depth.
fn hide_within(value: &mut Value, hidden: &[Hidden]) {
    hide(value, hidden);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| hide_within(item, hidden)),
        Value::Object(fields) => fields
            .iter_mut()
            .filter(|(name, _)| hidden.iter().all(|field| field.name != *name))
            .for_each(|(_, item)| hide_within(item, hidden)),
        _ => {}
    }
}

/// What a getter gives for a field's JSON: `None` for what does not fit.
pub(crate) trait Read<'j>: Sized {
    fn read(json: &'j Value) -> Option<Self>;
}

/// The JSON of what a setter takes.
pub(crate) trait Write {
    fn write(self) -> Value;
}

/// The field of this name.
pub(crate) fn get<'j, T: Read<'j>>(json: &'j Value, name: &str) -> Option<T> {
    json.get(name).and_then(T::read)
}

/// Sets the field of this name.
pub(crate) fn set(json: &mut Value, name: &str, value: Value) {
    if let Value::Object(fields) = json {
        fields.insert(name.to_owned(), value);
    } else {
        *json = Value::Object(Map::from_iter([(name.to_owned(), value)]));
    }
}

/// A list of what can become elements.
pub(crate) fn list<T: Write>(items: impl IntoIterator<Item = impl Into<T>>) -> Value {
    items.into_iter().map(|item| item.into().write()).collect()
}

#[allow(dead_code, reason = "no such field may be known")]
/// An object of what can become values.
pub(crate) fn map<T: Write>(items: impl IntoIterator<Item = (impl Into<String>, impl Into<T>)>) -> Value {
    items.into_iter().map(|(name, item)| (name.into(), item.into().write())).collect()
}

impl<'j> Read<'j> for &'j str {
    fn read(json: &'j Value) -> Option<Self> {
        json.as_str()
    }
}

impl Read<'_> for i64 {
    fn read(json: &Value) -> Option<Self> {
        match json {
            Value::String(text) => text.parse().ok(),
            json => json.as_i64(),
        }
    }
}

impl Read<'_> for bool {
    fn read(json: &Value) -> Option<Self> {
        json.as_bool()
    }
}

impl Read<'_> for f64 {
    fn read(json: &Value) -> Option<Self> {
        json.as_f64()
    }
}

impl<'j> Read<'j> for &'j Value {
    fn read(json: &'j Value) -> Option<Self> {
        (!json.is_null()).then_some(json)
    }
}

impl<'j> Read<'j> for &'j Timestamp {
    fn read(json: &'j Value) -> Option<Self> {
        text(json).map(Timestamp::ref_cast)
    }
}

impl<'j> Read<'j> for &'j Sensitive {
    fn read(json: &'j Value) -> Option<Self> {
        text(json).map(Sensitive::ref_cast)
    }
}

impl<'j, M: Model> Read<'j> for &'j M {
    fn read(json: &'j Value) -> Option<Self> {
        json.is_object().then(|| M::ref_cast(json))
    }
}

/// All elements, or nothing when one of them does not fit.
impl<'j, T: Read<'j>> Read<'j> for Vec<T> {
    fn read(json: &'j Value) -> Option<Self> {
        json.as_array()?.iter().map(T::read).collect()
    }
}

impl<'j, T: Read<'j>> Read<'j> for BTreeMap<&'j str, T> {
    fn read(json: &'j Value) -> Option<Self> {
        json.as_object()?.iter().map(|(name, value)| Some((name.as_str(), T::read(value)?))).collect()
    }
}

fn text(json: &Value) -> Option<&String> {
    match json {
        Value::String(text) => Some(text),
        _ => None,
    }
}

macro_rules! written_by_serde_json {
    ($($ty:ty),*) => {
        $(impl Write for $ty {
            fn write(self) -> Value {
                Value::from(self)
            }
        })*
    };
}

written_by_serde_json!(String, i64, bool, f64, Value);

impl Write for Timestamp {
    fn write(self) -> Value {
        Value::String(self.into_text())
    }
}

impl Write for Sensitive {
    fn write(self) -> Value {
        Value::String(self.into_text())
    }
}

impl<M: Model> Write for M {
    fn write(self) -> Value {
        self.into_json()
    }
}

impl<T: Write> Write for Vec<T> {
    fn write(self) -> Value {
        self.into_iter().map(T::write).collect()
    }
}

impl<T: Write> Write for BTreeMap<String, T> {
    fn write(self) -> Value {
        self.into_iter().map(|(name, item)| (name, item.write())).collect()
    }
}

/// Defines models. `"appid": appid, with_appid => text;` is a field: its name on the wire, its getter, its setter, and what it
/// holds.
macro_rules! model {
    (
        $(#[$meta:meta])*
        $name:ident {
            $($(#[$doc:meta])* $wire:literal: $get:ident, $set:ident => $kind:tt;)*
        }
        $(hidden { $($hidden:literal $(in $inside:ty)?),* })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, ref_cast::RefCast)]
        #[repr(transparent)]
        pub struct $name(serde_json::Value);

        impl $name {
            /// Without any field.
            #[must_use]
            pub fn new() -> Self {
                Self(serde_json::Value::Object(serde_json::Map::new()))
            }

            /// The JSON behind the getters, fields unknown to this library included.
            pub fn json(&self) -> &serde_json::Value {
                &self.0
            }

            /// The JSON, without its type.
            pub fn into_json(self) -> serde_json::Value {
                self.0
            }

            $($crate::model::field! { $kind $(#[$doc])* $wire $get $set })*
        }

        impl $crate::Model for $name {
            $(const HIDDEN: &'static [$crate::model::Hidden] =
                &[$($crate::model::hidden!($hidden $($inside)?)),*];)?

            fn json(&self) -> &serde_json::Value {
                &self.0
            }

            fn into_json(self) -> serde_json::Value {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl From<serde_json::Value> for $name {
            fn from(json: serde_json::Value) -> Self {
                Self(json)
            }
        }

        impl From<$name> for serde_json::Value {
            fn from(model: $name) -> Self {
                model.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::model::show(f, stringify!($name), &self.0, <Self as $crate::Model>::HIDDEN)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&self.0, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(deserializer).map(Self)
            }
        }
    };
}

macro_rules! hidden {
    ($name:literal) => {
        $crate::model::Hidden::text($name)
    };
    ($name:literal $inside:ty) => {
        $crate::model::Hidden::within::<$inside>($name)
    };
}

/// Getter and setter of a field.
macro_rules! field {
    ([list $item:tt] $(#[$doc:meta])* $wire:literal $get:ident $set:ident) => {
        $crate::model::field! { @get Vec<$crate::model::read!($item)>; $(#[$doc])* $wire $get }
        $crate::model::field! {
            @set impl IntoIterator<Item = impl Into<$crate::model::own!($item)>>;
            value => $crate::model::list::<$crate::model::own!($item)>(value);
            $(#[$doc])* $wire $set
        }
    };
    ([map $item:tt] $(#[$doc:meta])* $wire:literal $get:ident $set:ident) => {
        $crate::model::field! {
            @get std::collections::BTreeMap<&str, $crate::model::read!($item)>; $(#[$doc])* $wire $get
        }
        $crate::model::field! {
            @set impl IntoIterator<Item = (impl Into<String>, impl Into<$crate::model::own!($item)>)>;
            value => $crate::model::map::<$crate::model::own!($item)>(value);
            $(#[$doc])* $wire $set
        }
    };
    (text $($rest:tt)*) => { $crate::model::field! { @into String, &str; $($rest)* } };
    (int $($rest:tt)*) => { $crate::model::field! { @plain i64, i64; $($rest)* } };
    (bool $($rest:tt)*) => { $crate::model::field! { @plain bool, bool; $($rest)* } };
    (number $($rest:tt)*) => { $crate::model::field! { @plain f64, f64; $($rest)* } };
    (time $($rest:tt)*) => { $crate::model::field! { @into $crate::Timestamp, &$crate::Timestamp; $($rest)* } };
    (secret $($rest:tt)*) => { $crate::model::field! { @into $crate::Sensitive, &$crate::Sensitive; $($rest)* } };
    (json $($rest:tt)*) => {
        $crate::model::field! { @into serde_json::Value, &serde_json::Value; $($rest)* }
    };
    ([open $ty:ty] $($rest:tt)*) => { $crate::model::field! { @into $ty, $ty; $($rest)* } };
    ([object $ty:ty] $($rest:tt)*) => { $crate::model::field! { @plain $ty, &$ty; $($rest)* } };
    (@into $own:ty, $read:ty; $(#[$doc:meta])* $wire:literal $get:ident $set:ident) => {
        $crate::model::field! { @get $read; $(#[$doc])* $wire $get }
        $crate::model::field! {
            @set impl Into<$own>;
            value => $crate::model::Write::write(Into::<$own>::into(value));
            $(#[$doc])* $wire $set
        }
    };
    (@plain $own:ty, $read:ty; $(#[$doc:meta])* $wire:literal $get:ident $set:ident) => {
        $crate::model::field! { @get $read; $(#[$doc])* $wire $get }
        $crate::model::field! { @set $own; value => $crate::model::Write::write(value); $(#[$doc])* $wire $set }
    };
    (@get $ty:ty; $(#[$doc:meta])* $wire:literal $get:ident) => {
        $(#[$doc])*
        #[inline]
        pub fn $get(&self) -> Option<$ty> {
            $crate::model::get(&self.0, $wire)
        }
    };
    (@set $ty:ty; $value:ident => $json:expr; $(#[$doc:meta])* $wire:literal $set:ident) => {
        $(#[$doc])*
        #[must_use]
        #[inline]
        pub fn $set(mut self, $value: $ty) -> Self {
            $crate::model::set(&mut self.0, $wire, $json);
            self
        }
    };
}

/// What a getter gives for an element.
macro_rules! read {
    (text) => { &str };
    (int) => { i64 };
    (bool) => { bool };
    (number) => { f64 };
    (time) => { &$crate::Timestamp };
    (secret) => { &$crate::Sensitive };
    (json) => { &serde_json::Value };
    ([open $ty:ty]) => { $ty };
    ([object $ty:ty]) => { &$ty };
    ([list $item:tt]) => { Vec<$crate::model::read!($item)> };
    ([map $item:tt]) => { std::collections::BTreeMap<&str, $crate::model::read!($item)> };
}

/// What a setter makes of an element.
macro_rules! own {
    (text) => { String };
    (int) => { i64 };
    (bool) => { bool };
    (number) => { f64 };
    (time) => { $crate::Timestamp };
    (secret) => { $crate::Sensitive };
    (json) => { serde_json::Value };
    ([open $ty:ty]) => { $ty };
    ([object $ty:ty]) => { $ty };
    ([list $item:tt]) => { Vec<$crate::model::own!($item)> };
    ([map $item:tt]) => { std::collections::BTreeMap<String, $crate::model::own!($item)> };
}

pub(crate) use {field, hidden, model, own, read};

#[cfg(test)]
mod tests;
