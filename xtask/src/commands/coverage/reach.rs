//! Which types several operations or notifications use, directly or through other types.

use std::collections::BTreeSet;

use wechatpay_codegen::ir::{Shape, Spec, TypeId};

/// The spec, with what is found out about it once.
pub(crate) struct Typed<'a> {
    pub(crate) spec: &'a Spec,
    reused: BTreeSet<TypeId>,
}

impl<'a> Typed<'a> {
    pub(crate) fn new(spec: &'a Spec) -> Self {
        let operations = spec.operations().map(|(_, operation)| {
            operation.request_type().into_iter().chain(operation.response_type()).collect::<Vec<_>>()
        });
        let notifications = spec.notifications().map(|(_, notification)| {
            [notification.resource].into_iter().chain(notification.answer).collect::<Vec<_>>()
        });
        let (mut used, mut reused) = (BTreeSet::new(), BTreeSet::new());
        for roots in operations.chain(notifications) {
            let mut reached = BTreeSet::new();
            for root in roots {
                reach(spec, root, &mut reached);
            }
            for id in reached {
                if !used.insert(id) {
                    reused.insert(id);
                }
            }
        }
        Self { spec, reused }
    }

    /// Whether more than one operation or notification uses the type.
    pub(crate) fn is_reused(&self, id: TypeId) -> bool {
        self.reused.contains(&id)
    }
}

fn reach(spec: &Spec, id: TypeId, reached: &mut BTreeSet<TypeId>) {
    if !reached.insert(id) {
        return;
    }
    if let Shape::Object(fields) = &spec.type_def(id).shape {
        for inner in fields.iter().filter_map(|field| field.ty.named()) {
            reach(spec, inner, reached);
        }
    }
}
