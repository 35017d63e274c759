//! With an API that does not exist: a bakery.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall say so and end")]

use wechatpay_codegen::parse::{self, Source};

use super::*;
use crate::facts::{Field, Fields, Notification, Operation, Place};

const SPEC: &str = "\
title: Bakery
operations:
  bake:
    http: POST /v3/bakery/ovens/{oven_id}/loaves
    title: Bake a loaf
    request: BakeRequest
    response: Loaf
  upload:
    http: POST /v3/bakery/pictures
    title: Upload a picture
    request: { upload: { max_bytes: 10, extensions: [png], fields: Picture } }
    response: none
notifications:
  baked:
    events: [LOAF.BAKED]
    title: A loaf is baked
    has: [crust]
    resource: Loaf
  sliced:
    events: [LOAF.BAKED]
    title: A loaf is sliced
    has: [slices]
    resource: Sliced
types:
  BakeRequest:
    one_of: [[rye, spelt]]
    oven_id: { type: string, doc: Oven. }
    grain: { type: Grain, doc: Grain. }
    rye?: { type: int, doc: Rye. }
    spelt?: { type: int, doc: Spelt. }
    baker: { type: string, encrypt: true, max: 60, doc: Baker. }
    crust?: { type: Crust, doc: Crust. }
  Crust:
    colour?: { type: string, suspected: { max: 8, unit: bytes }, doc: Colour. }
  Loaf:
    loaf_id: { type: string, max: 32, doc: Number. }
    crust?: { type: Crust, doc: Crust. }
    tags?: { type: '[string]', doc: Tags. }
  Sliced:
    loaf_id: { type: string, max: 32, doc: Number. }
    slices: { type: int, doc: Slices. }
  Picture:
    subject: { type: string, doc: Subject. }
  Grain:
    open_enum:
      RYE: Rye.
      SPELT: Spelt.
";

fn spec() -> Spec {
    let source = Source { name: "spec/bakery.yaml".into(), text: SPEC.into() };
    parse::parse(&[source]).unwrap_or_else(|wrong| unreachable!("{wrong:?}"))
}

/// `string! 32 A|B`, from the documentation.
fn fields(list: &[(&str, &str)]) -> Fields {
    let field = |(path, text): &(&str, &str)| {
        let mut words = text.split(' ');
        let ty = words.next().unwrap();
        let mut field = Field {
            ty: ty.trim_end_matches('!').to_owned(),
            required: ty.ends_with('!'),
            from: "d".into(),
            ..Field::default()
        };
        for word in words {
            match word.parse() {
                Ok(max) => field.max = Some(max),
                Err(_) if word == "secret" => field.sensitive = true,
                Err(_) => field.values = word.split('|').map(str::to_owned).collect(),
            }
        }
        ((*path).to_owned(), field)
    };
    Fields(list.iter().map(field).collect())
}

/// What the spec has, as facts; what it suspects counts as said.
fn bake() -> Operation {
    let mut known =
        Operation { http: "POST /v3/bakery/ovens/{oven_id}/loaves".into(), ..Operation::default() };
    *known.of_mut(Place::Path) = fields(&[("oven_id", "string!")]);
    *known.of_mut(Place::Body) = fields(&[
        ("grain", "string! RYE|SPELT"),
        ("rye", "int"),
        ("spelt", "int"),
        ("baker", "string! 60 secret"),
        ("crust", "object"),
        ("crust.colour", "string 8"),
    ]);
    *known.of_mut(Place::Response) = fields(&[
        ("loaf_id", "string! 32"),
        ("crust", "object"),
        ("crust.colour", "string 8"),
        ("tags", "[string]"),
    ]);
    known
}

fn compared(known: &Operation) -> Compared {
    let spec = spec();
    let (module, typed) = spec
        .operations()
        .find(|(_, typed)| endpoint(&typed.method, &typed.path) == endpoint_of(&known.http))
        .unwrap();
    compare::operation(&Typed::new(&spec), module, typed, known)
}

fn said(known: &Operation) -> Vec<String> {
    compared(known).differences.iter().map(ToString::to_string).collect()
}

fn change(known: &mut Operation, place: Place, path: &str, change: impl Fn(&mut Field)) {
    change(&mut known.of_mut(place).0.iter_mut().find(|(other, _)| other == path).unwrap().1);
}

#[test]
fn what_is_equal_does_not_differ() {
    let compared = compared(&bake());
    assert!(compared.differences.is_empty(), "{:?}", compared.differences);
    assert_eq!((compared.known, compared.found, compared.described), (11, 11, 11));
}

#[test]
fn every_kind_of_difference_is_said_with_its_place() {
    let mut known = bake();
    change(&mut known, Place::Body, "grain", |field| field.values = vec!["RYE".into(), "OAT".into()]);
    change(&mut known, Place::Body, "rye", |field| field.ty = "string".into());
    change(&mut known, Place::Body, "spelt", |field| field.required = true);
    change(&mut known, Place::Body, "baker", |field| field.sensitive = false);
    change(&mut known, Place::Body, "crust.colour", |field| field.max = Some(16));
    known
        .of_mut(Place::Body)
        .0
        .push(("salt".into(), Field { ty: "int".into(), from: "c".into(), ..Field::default() }));
    known.of_mut(Place::Response).0.retain(|(path, _)| path != "tags");
    let expected = [
        "spec/bakery.yaml:28: enum: bakery.bake request grain: facts OAT, spec SPELT (from d)",
        "spec/bakery.yaml:29: type: bakery.bake request rye: facts string, spec int (from d)",
        "spec/bakery.yaml:30: required: bakery.bake request spelt: facts required, spec optional (from d)",
        "spec/bakery.yaml:31: sensitive: bakery.bake request baker: facts plain, spec encrypted (from d)",
        "spec/bakery.yaml:34: max: bakery.bake request crust.colour: facts 16, spec none (from d)",
        "spec/bakery.yaml:25: missing: bakery.bake request salt: facts int, spec nothing (from c)",
        "spec/bakery.yaml:38: extra: bakery.bake response tags: facts nothing, spec [string]",
    ];
    assert_eq!(said(&known), expected);
    let differences = compared(&known).differences;
    let choice: Vec<&str> = differences.iter().filter(|d| d.choice).map(|d| d.field.as_str()).collect();
    assert_eq!(choice, ["rye", "spelt"]);
    let shared: Vec<&str> = differences.iter().filter(|d| d.shared).map(|d| d.field.as_str()).collect();
    assert_eq!(shared, ["crust.colour"]);
    // Of the notification, too.
    let reused: Vec<&str> = differences.iter().filter(|d| d.reused).map(|d| d.field.as_str()).collect();
    assert_eq!(reused, ["crust.colour", "tags"]);
}

#[test]
fn a_field_counts_with_all_that_is_in_it() {
    let mut known = bake();
    // The spec has an object of another name.
    for (path, _) in &mut known.of_mut(Place::Response).0 {
        *path = path.replace("crust", "rind");
    }
    let compared = compared(&known);
    let counts = Counts::of(&compared);
    assert_eq!((counts.known, counts.found, counts.different, counts.unexplained), (11, 9, 2, 2));
}

#[test]
fn a_field_that_stands_elsewhere_is_not_missing() {
    let mut known = bake();
    let oven = known.of_mut(Place::Path).0.remove(0);
    known.of_mut(Place::Query).0.push(oven);
    assert_eq!(
        said(&known),
        ["spec/bakery.yaml:27: place: bakery.bake request oven_id: facts query, spec path (from d)"]
    );
}

#[test]
fn of_an_upload_only_what_the_caller_gives_counts() {
    let mut known = Operation { http: "POST /v3/bakery/pictures".into(), ..Operation::default() };
    *known.of_mut(Place::Body) = fields(&[
        ("file", "file!"),
        ("meta", "object!"),
        ("meta.filename", "string!"),
        ("meta.sha256", "string!"),
        ("meta.subject", "string!"),
    ]);
    assert_eq!(said(&known), Vec::<String>::new());
    *known.of_mut(Place::Response) = fields(&[("media_id", "string!"), ("url", "string")]);
    let missing =
        "spec/bakery.yaml:8: missing: bakery.upload response : facts 2 fields, spec nothing (from d)";
    assert_eq!(said(&known), [missing]);
}

#[test]
fn fields_tell_notifications_with_the_same_event_apart() {
    let spec = spec();
    let find = |resource: &[(&str, &str)]| {
        let known = Notification {
            title: None,
            standing: Standing::Documented,
            events: vec!["LOAF.BAKED".into()],
            original_types: Vec::new(),
            docs: Vec::new(),
            model: None,
            resource: fields(resource),
        };
        notifications::find(&spec, &known).map(|(_, typed)| typed.id.as_str())
    };
    assert_eq!(find(&[("loaf_id", "string"), ("slices", "int")]), Some("bakery.sliced"));
    assert_eq!(find(&[("loaf_id", "string"), ("crust", "object")]), Some("bakery.baked"));
    assert_eq!(find(&[("cake_id", "string")]), None);
}

/// What is wrong when the facts are these two operations, changed.
fn wrong(spec: &str, reasons: &str, change: impl Fn(&mut Facts)) -> Vec<String> {
    let mut upload = Operation { http: "POST /v3/bakery/pictures".into(), ..Operation::default() };
    *upload.of_mut(Place::Body) = fields(&[("file", "file!"), ("subject", "string!")]);
    let mut facts = Facts::default();
    facts.products.insert("bakery".into(), vec![bake(), upload]);
    change(&mut facts);
    let spec = parse::parse(&[Source { name: "spec/bakery.yaml".into(), text: spec.into() }])
        .unwrap_or_else(|wrong| unreachable!("{wrong:?}"));
    let reasons = reasons::parse_reasons(Source { name: "r.yaml".into(), text: reasons.into() }).unwrap();
    Found::new(&spec, &facts, &reasons, None).wrong(&reasons, true)
}

/// With an example for each operation.
fn shown() -> String {
    let bake = "    response: Loaf\n    example:\n      request: { oven_id: '1', grain: RYE, rye: 1, baker: A }\n      response: { loaf_id: '2' }\n";
    let upload = "fields: Picture } }\n    response: none\n    example: { request: { subject: Loaf } }\n";
    SPEC.replacen("    response: Loaf\n", bake, 1)
        .replace("fields: Picture } }\n    response: none\n", upload)
}

#[test]
fn nothing_is_wrong_with_what_is_whole() {
    assert_eq!(wrong(&shown(), "[]", |_| ()), Vec::<String>::new());
}

#[test]
fn what_is_lacking_is_wrong() {
    let whole = shown();
    let says = |spec: &str, change: fn(&mut Facts)| wrong(spec, "[]", change).join("; ");
    let unknown = says(&whole, |facts| drop(facts.products.get_mut("bakery").unwrap().pop()));
    assert_eq!(unknown, "1 operations of the spec are not in the facts");
    let untyped = says(&whole, |facts| {
        let cake = Operation { http: "GET /v3/bakery/cakes".into(), ..Operation::default() };
        facts.products.get_mut("bakery").unwrap().push(cake);
    });
    assert_eq!(untyped, "1 operations of the facts are neither typed nor left out");
    let missing = says(&whole, |facts| {
        let bake = &mut facts.products.get_mut("bakery").unwrap()[0];
        bake.of_mut(Place::Response).0.append(&mut fields(&[("salt", "int")]).0);
    });
    assert!(
        missing.starts_with("1 documented fields are missing; 1 differences have no reason"),
        "{missing}"
    );
    let unnamed = says(&whole, |facts| {
        facts.notifications.push(Notification {
            title: None,
            standing: Standing::Documented,
            events: vec!["LOAF.BURNT".into()],
            original_types: Vec::new(),
            docs: Vec::new(),
            model: None,
            resource: Fields::default(),
        });
    });
    assert_eq!(unnamed, "1 notifications of the facts are not in the spec");
    assert_eq!(says(SPEC, |_| ()), "2 operations have no example");
    let undescribed = says(
        &whole.replace(
            "loaf_id: { type: string, max: 32, doc: Number. }",
            "loaf_id: { type: string, max: 32 }",
        ),
        |_| (),
    );
    assert_eq!(undescribed, "1 fields of documented or retired operations have no description");
}

#[test]
fn a_reason_that_nothing_needs_is_wrong() {
    let salt = |facts: &mut Facts| {
        let bake = &mut facts.products.get_mut("bakery").unwrap()[0];
        bake.of_mut(Place::Response).0.append(&mut fields(&[("salt", "int")]).0);
    };
    let reason = "- { reason: r, kind: missing, operation: bakery.bake, field: salt }";
    assert_eq!(wrong(&shown(), reason, salt), Vec::<String>::new());
    let stale = ["1 reasons or parts of them explain nothing any more"];
    assert_eq!(wrong(&shown(), reason, |_| ()), stale);
    for idle in [
        "- { reason: r, kind: missing, operation: [bakery.bake, bakery.upload], field: salt }",
        "- { reason: r, kind: missing, field: [salt, pepper] }",
        "- { reason: r, kind: [missing, max], field: salt }",
    ] {
        assert_eq!(wrong(&shown(), idle, salt), stale, "{idle}");
    }
}

#[test]
fn the_committed_facts_and_reasons_can_be_read() {
    let facts = facts::read(&root()).unwrap();
    assert_eq!(facts.operations().count(), 996);
    assert_eq!(facts.left_out.len(), 36);
    assert!(!reasons::read(&root()).unwrap().is_empty());
}
