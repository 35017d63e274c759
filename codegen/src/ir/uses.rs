//! Who uses a type, and which types hold themselves: found once, in linear time, so that emitters only ask.

use std::collections::BTreeSet;

use super::{Field, Spec, Type, TypeId};

/// Who uses a type.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Uses {
    /// Ids of the operations whose request it is.
    pub requests: Vec<String>,
    /// Ids of the operations whose answer it is.
    pub answers: Vec<String>,
    /// Ids of the notifications whose resource it is.
    pub notifications: Vec<String>,
    /// Ids of the notifications that it answers.
    pub answered: Vec<String>,
    /// Fields that hold it, also within lists and maps: the owner, and the index among its fields.
    pub fields: Vec<(TypeId, usize)>,
    /// Operations that send it as a whole: all its fields stand in the body.
    pub whole_bodies: usize,
}

impl Uses {
    /// Whether it is an answer or the resource of a notification, and not only a part of one.
    pub fn is_whole_reply(&self) -> bool {
        !self.answers.is_empty() || !self.notifications.is_empty()
    }

    /// Whether something refers to it besides the operations that take it apart into path, query and body.
    pub fn is_referenced(&self) -> bool {
        self.is_whole_reply() || !self.answered.is_empty() || !self.fields.is_empty()
    }
}

/// Everything that is known about the types together, by number of the type.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) uses: Vec<Uses>,
    /// Types that hold each other directly, and so have no size, share a number here.
    knots: Vec<usize>,
}

impl Facts {
    pub(super) fn of(spec: &Spec) -> Self {
        let mut uses = vec![Uses::default(); spec.types.len()];
        for (_, operation) in spec.operations() {
            if let Some(placed) = operation.request_fields() {
                let found = &mut uses[placed.type_id.0];
                found.requests.push(operation.id.clone());
                // What goes with an upload is no body of its own.
                let whole = matches!(operation.request, super::Request::Fields(_))
                    && placed.body.len() == spec.fields(placed.type_id).len();
                found.whole_bodies += usize::from(whole);
            }
            if let Some(id) = operation.response_type() {
                uses[id.0].answers.push(operation.id.clone());
            }
        }
        for (_, notification) in spec.notifications() {
            uses[notification.resource.0].notifications.push(notification.id.clone());
            if let Some(id) = notification.answer {
                uses[id.0].answered.push(notification.id.clone());
            }
        }
        for owner in (0..spec.types.len()).map(TypeId) {
            for (index, field) in spec.fields(owner).iter().enumerate() {
                if let Some(id) = field.ty.named() {
                    uses[id.0].fields.push((owner, index));
                }
            }
        }
        Self { uses, knots: knots(spec) }
    }

    /// Whether `field` of `owner` holds `owner` again, directly or through other types.
    pub(super) fn holds_owner(&self, owner: TypeId, field: &Field) -> bool {
        matches!(field.ty, Type::Named(held) if self.knots[owner.0] == self.knots[held.0])
    }
}

/// The types that `id` holds directly: a list or a map has a size of its own.
fn held(spec: &Spec, id: TypeId) -> impl Iterator<Item = TypeId> {
    spec.fields(id).iter().filter_map(|field| match field.ty {
        Type::Named(id) => Some(id),
        _ => None,
    })
}

/// Strongly connected components of "holds directly", by Kosaraju's algorithm without recursion.
fn knots(spec: &Spec) -> Vec<usize> {
    let count = spec.types.len();
    let mut holders = vec![Vec::new(); count];
    for owner in (0..count).map(TypeId) {
        for id in held(spec, owner) {
            holders[id.0].push(owner);
        }
    }
    // Types in the order in which everything they hold is done.
    let mut done = Vec::with_capacity(count);
    let mut seen = BTreeSet::new();
    for start in (0..count).map(TypeId) {
        let mut open = vec![(start, false)];
        while let Some((id, is_done)) = open.pop() {
            if is_done {
                done.push(id);
            } else if seen.insert(id) {
                open.push((id, true));
                open.extend(held(spec, id).map(|id| (id, false)));
            }
        }
    }
    let mut knots = vec![usize::MAX; count];
    for start in done.into_iter().rev() {
        let mut open = vec![start];
        while let Some(id) = open.pop() {
            if knots[id.0] == usize::MAX {
                knots[id.0] = start.0;
                open.extend(&holders[id.0]);
            }
        }
    }
    knots
}

/// Notes for every type whether requests and replies reach it.
pub(super) fn mark(spec: &mut Spec) {
    let requests: Vec<TypeId> = spec
        .operations()
        .filter_map(|(_, o)| o.request_type())
        .chain(spec.notifications().filter_map(|(_, n)| n.answer))
        .collect();
    let replies: Vec<TypeId> = spec
        .operations()
        .filter_map(|(_, o)| o.response_type())
        .chain(spec.notifications().map(|(_, n)| n.resource))
        .collect();
    for id in spec.reachable(requests) {
        spec.types[id.0].in_request = true;
    }
    for id in spec.reachable(replies) {
        spec.types[id.0].in_reply = true;
    }
}

impl Spec {
    /// These types, and all that they hold.
    pub(crate) fn reachable(&self, roots: impl IntoIterator<Item = TypeId>) -> BTreeSet<TypeId> {
        let mut open: Vec<TypeId> = roots.into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(self.fields(id).iter().filter_map(|field| field.ty.named()));
            }
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{Source, parse};

    fn spec(types: &str) -> Spec {
        let call = "operations:\n  call: { http: GET /a, title: A, response: A }\n";
        let text = format!("title: Test\n{call}types:\n{types}");
        parse(&[Source { name: "spec/test.yaml".to_owned(), text }]).unwrap_or_default()
    }

    #[test]
    fn what_holds_itself_is_found_through_other_types_but_not_through_lists() {
        let spec = spec(
            "  A:\n    b: { type: B }\n    list: { type: \"[A]\" }\n  B:\n    c?: { type: C }\n    d: { type: D }\n  C:\n    a?: { type: A }\n  D:\n    own?: { type: D }\n    n: { type: int }\n",
        );
        let holds = |owner: usize, field: usize| {
            let owner = TypeId(owner);
            spec.holds_owner(owner, &spec.fields(owner)[field])
        };
        assert_eq!(spec.types.len(), 4);
        assert!(holds(0, 0) && holds(1, 0) && holds(2, 0), "A holds B holds C holds A");
        assert!(!holds(0, 1), "a list has a size");
        assert!(!holds(1, 1), "B holds D, which does not hold B");
        assert!(holds(3, 0) && !holds(3, 1));
        assert_eq!(spec.uses(TypeId(3)).fields, [(TypeId(1), 1), (TypeId(3), 0)]);
    }
}
