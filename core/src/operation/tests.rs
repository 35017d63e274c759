//! What the generator wrote can be read.

use super::*;

#[test]
fn every_operation_is_found_by_its_id() {
    assert!(all().count() > 0);
    for operation in all() {
        assert_eq!(find(operation.id()), Some(operation));
    }
    for unknown in ["payments.jsapi.pre", "payments.jsapi", "payments", "nothing.at.all", ".", ""] {
        assert_eq!(find(unknown), None, "{unknown}");
    }
}

/// Reads all there is: a number that leads nowhere would panic.
#[test]
fn every_entry_leads_to_what_it_names() {
    fn walk(fields: Fields, seen: &mut Vec<Model>) {
        for field in fields {
            assert!(!field.name().is_empty());
            for rule in field.rules() {
                let rule = if let Rule::Suspected(suspected) = rule { suspected.rule() } else { rule };
                if let Rule::Characters(set) = rule {
                    assert!(!set.words().is_empty() && set.ranges().count() > 0);
                }
            }
            let mut kind = field.kind();
            while let Kind::List(item) | Kind::Map(item) = kind {
                kind = item.kind();
            }
            match kind {
                Kind::OpenEnum(values) => assert!(values.iter().all(|value| !value.is_empty())),
                Kind::Object(model) if !seen.contains(&model) => {
                    assert!(!model.name().is_empty());
                    seen.push(model);
                    walk(model.fields(), seen);
                }
                _ => {}
            }
        }
    }
    let mut seen = Vec::new();
    for operation in all() {
        assert!(operation.path().starts_with("/v3/"));
        assert!(operation.confirm().is_none_or(|id| find(id).is_some()), "{operation:?}");
        for name in operation.path_params().map(Field::name) {
            assert!(operation.path().contains(&format!("{{{name}}}")), "{operation:?} {name}");
        }
        walk(operation.path_params(), &mut seen);
        walk(operation.query(), &mut seen);
        walk(operation.body_fields(), &mut seen);
        if let Reply::Json(model) = operation.reply() {
            walk(model.fields(), &mut seen);
        }
        if let Body::Upload(limits) = operation.body() {
            assert!(limits.max_bytes() > 0 && limits.extensions().len() > 0);
        }
    }
    for kind in notification_types() {
        assert!(kind.events().len() > 0);
        walk(kind.resource().fields(), &mut seen);
    }
}

/// The same name in two files is not the same type.
#[test]
fn handles_are_equal_when_their_entry_is_the_same() {
    let operation = find("refunds.query").unwrap();
    let again = find("refunds.create").unwrap();
    assert_ne!(operation, again);
    assert_eq!(operation.reply(), again.reply(), "both answer with a refund");
    assert_eq!(operation.query().next(), find("refunds.query").unwrap().query().next());
    assert_ne!(operation.query().next(), again.body_fields().next(), "two fields of one name");
}
