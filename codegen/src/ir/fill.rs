//! What the client fills in because its name says what it is, in every request that has it.

use super::{Fill, Shape, Spec, Type, TypeId};

/// The service provider's own number, where the wire needs it: it is the client's.
const OWN: [&str; 2] = ["sp_mchid", "combine_mchid"];

/// Of a sub-merchant.
const SUB_MERCHANT: &str = "sub_mchid";

/// Types that are requests and nothing else: a part of one may be about somebody else.
pub(super) fn by_name(spec: &mut Spec) {
    for id in (0..spec.types.len()).map(TypeId) {
        let uses = spec.uses(id);
        if uses.requests.is_empty() || uses.is_referenced() {
            continue;
        }
        let Shape::Object(fields) = &mut spec.types[id.0].shape else { continue };
        for field in fields.iter_mut().filter(|field| field.ty == Type::String && !field.encrypt) {
            if field.name == SUB_MERCHANT {
                field.fill = Some(Fill::SubMchid);
            } else if field.required && OWN.contains(&field.name.as_str()) {
                field.fill = Some(Fill::Mchid);
            }
        }
    }
}
