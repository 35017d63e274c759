//! Chainable setters of generated models, one line each.

/// `time_expire(value: impl Into<Timestamp>) => time_expire = Some(value.into());` inside an `impl` block defines the
/// setter `time_expire` of the field `time_expire`.
macro_rules! setters {
    ($($(#[$meta:meta])* $setter:ident($value:ident: $type:ty) => $field:ident = $new:expr;)*) => {
        $(
            $(#[$meta])*
            #[must_use]
            pub fn $setter(mut self, $value: $type) -> Self {
                self.$field = $new;
                self
            }
        )*
    };
}

pub(crate) use setters;
