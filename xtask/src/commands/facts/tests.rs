//! With pages of an API that does not exist: `xtask/data/pages`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall say so and end")]

use super::*;
use crate::facts::{Facts, Field, Fields, Operation, Place, Standing};

fn bakery() -> Vec<Page> {
    pages(&root().join("xtask/data/pages")).unwrap()
}

/// The facts as the pages say them.
fn written() -> Facts {
    let mut facts = Facts::default();
    let documented = merge::merge(&bakery(), &facts);
    update::update(&mut facts, &documented);
    facts
}

fn find<'a>(facts: &'a mut Facts, http: &str) -> &'a mut Operation {
    facts.products.values_mut().flatten().find(|known| known.http == http).unwrap()
}

fn changes_of(facts: &Facts) -> Vec<String> {
    let documented = merge::merge(&bakery(), facts);
    changes::find(facts, &documented).iter().map(ToString::to_string).collect()
}

const BAKE: &str = "POST /v3/bakery/ovens/{oven_id}/loaves";
const QUERY: &str = "GET /v3/bakery/loaves/{loaf_id}";

/// `string! 32 A|B` of every field.
fn shown(operation: &Operation, place: Place) -> Vec<String> {
    let word = |(path, field): &(String, Field)| {
        let required = if field.required { "!" } else { "" };
        let max = field.max.map(|max| format!(" {max}")).unwrap_or_default();
        let values =
            if field.values.is_empty() { String::new() } else { format!(" {}", field.values.join("|")) };
        format!("{path}: {}{required}{max}{values}", field.ty)
    };
    operation.of(place).0.iter().map(word).collect()
}

#[test]
fn pages_of_one_operation_say_together_what_it_takes() {
    let mut facts = written();
    let bake = find(&mut facts, BAKE);
    assert_eq!(bake.docs, ["merchant/1001", "partner/2001"]);
    assert_eq!(bake.errors, ["403 NO_AUTH", "404 NO_OVEN"]);
    let body = [
        "grain: string! RYE|SPELT|OAT",
        // Required on one page only, and standing on one page only.
        "weight: int",
        "baked_at: timestamp! 64",
        // Too short for a time.
        "sliced_at: string 14",
        "recipe: object",
        "recipe.flour: string! 128",
        "tags: [string]",
        "shelf: [string]",
        "sub_mchid: string 32",
    ];
    assert_eq!(shown(bake, Place::Body), body);
    // `ready` is a time in the sample, `burnt` only there; `size` stands beside its list on the second page.
    let response = [
        "loaf_id: string! 32",
        "ready: timestamp 32",
        "crumbs: [object]",
        "crumbs.size: int!",
        "crumbs.burnt: bool",
    ];
    assert_eq!(shown(bake, Place::Response), response);
}

#[test]
fn parameters_that_are_not_in_the_path_are_none() {
    let mut facts = written();
    let query = find(&mut facts, QUERY);
    assert_eq!(shown(query, Place::Path), ["loaf_id: string! 32"]);
    assert_eq!(shown(query, Place::Query), ["with_crumbs: bool"]);
}

#[test]
fn what_was_taken_over_is_no_change() {
    assert_eq!(changes_of(&written()), Vec::<String>::new());
}

#[test]
fn everything_new_is_reported() {
    let docs = ["merchant/1002", "merchant/1001 partner/2001"];
    let expected =
        [format!("new operation: {QUERY} {}", docs[0]), format!("new operation: {BAKE} {}", docs[1])];
    assert_eq!(changes_of(&Facts::default()), expected);
    let left_out = [QUERY, BAKE].map(|http| (http.to_owned(), "why".to_owned()));
    let facts = Facts { left_out: left_out.into(), ..Facts::default() };
    assert_eq!(changes_of(&facts), Vec::<String>::new());
}

#[test]
fn what_changed_is_reported_field_by_field() {
    let mut facts = written();
    let bake = find(&mut facts, BAKE);
    bake.docs.pop();
    bake.errors.push("429 TOO_HOT".to_owned());
    let body = bake.of_mut(Place::Body);
    let change = |body: &mut Fields, path: &str, change: &dyn Fn(&mut Field)| {
        change(&mut body.0.iter_mut().find(|(other, _)| other == path).unwrap().1);
    };
    change(body, "weight", &|field| field.ty = "string".to_owned());
    change(body, "recipe.flour", &|field| field.max = Some(32));
    change(body, "grain", &|field| {
        field.values.pop();
        field.required = false;
    });
    // Known to a community table alone; not on the page, and not of the documentation.
    change(body, "shelf", &|field| field.from = "c".to_owned());
    let field = Field { ty: "string".to_owned(), from: "d".to_owned(), ..Field::default() };
    body.0.push(("salt".to_owned(), field.clone()));
    body.0.push(("sugar".to_owned(), Field { from: "c".to_owned(), ..field }));
    let expected = [
        format!("page: {BAKE} new: partner/2001"),
        format!("new field: {BAKE} body shelf [string] 架"),
        format!("field gone: {BAKE} body salt"),
        format!("type: {BAKE} body weight: string → int"),
        format!("required: {BAKE} body grain: optional → required"),
        format!("max: {BAKE} body recipe.flour: 32 → 128"),
        format!("enum: {BAKE} body grain: new: OAT"),
        format!("errors: {BAKE} gone: 429 TOO_HOT"),
    ];
    assert_eq!(changes_of(&facts), expected);

    find(&mut facts, BAKE).of_mut(Place::Response).0.retain(|(path, _)| path != "crumbs.burnt");
    assert!(changes_of(&facts).contains(&format!("only in samples: {BAKE} response crumbs.burnt bool")));

    // Taken over; what others say stays.
    let documented = merge::merge(&bakery(), &facts);
    update::update(&mut facts, &documented);
    assert_eq!(changes_of(&facts), Vec::<String>::new());
    let body = find(&mut facts, BAKE).of(Place::Body);
    assert!(body.get("salt").is_none());
    assert_eq!(body.get("sugar").unwrap().from, "c");
    assert_eq!(body.get("shelf").unwrap().from, "dc");
}

#[test]
fn an_operation_without_a_page_is_gone_and_kept_as_retired() {
    let mut facts = written();
    let gone = Operation {
        http: "GET /v3/bakery/cakes".into(),
        docs: vec!["merchant/9".into()],
        ..Operation::default()
    };
    facts.products.entry("new".to_owned()).or_default().push(gone);
    assert_eq!(changes_of(&facts), ["operation gone: GET /v3/bakery/cakes merchant/9"]);
    let documented = merge::merge(&bakery(), &facts);
    update::update(&mut facts, &documented);
    assert_eq!(find(&mut facts, "GET /v3/bakery/cakes").standing, Standing::Retired);
    assert_eq!(changes_of(&facts), Vec::<String>::new());
}

#[test]
fn a_page_that_is_silent_about_times_denies_none() {
    let mut facts = written();
    let weight = Field {
        ty: "timestamp".to_owned(),
        max: Some(32),
        required: true,
        from: "d".to_owned(),
        ..Field::default()
    };
    let loaf = &mut find(&mut facts, QUERY).of_mut(Place::Response).0;
    loaf.clear();
    loaf.push(("loaf_id".to_owned(), weight));
    assert_eq!(changes_of(&facts), Vec::<String>::new());
}

#[test]
fn notifications_with_one_event_are_told_apart_and_pages_of_the_same_one_merged() {
    let mut facts = Facts::default();
    let notices = notices::find(&bakery());
    let new: Vec<String> =
        changes::find_in_notices(&facts, &notices).iter().map(ToString::to_string).collect();
    let expected = [
        "new notification: LOAF.BAKED partner/2003",
        "new notification: LOAF.BAKED LOAF.BURNT merchant/1003 partner/2004",
    ];
    assert_eq!(new, expected);

    notices::update(&mut facts, &notices);
    assert!(changes::find_in_notices(&facts, &notices).is_empty());
    let known = facts.notifications.iter_mut().find(|known| known.docs[0] == "merchant/1003").unwrap();
    let fields: Vec<String> = known
        .resource
        .0
        .iter()
        .map(|(path, field)| format!("{path} {} {}", field.ty, field.required))
        .collect();
    assert_eq!(
        fields,
        ["mchid string true", "loaf_id string true", "baked_at timestamp true", "weight int false"]
    );

    known.events.pop();
    // A page without a sample does not deny an original type.
    known.original_types.push("crumb".to_owned());
    known.resource.0.pop();
    known.resource.0[0].1.max = Some(8);
    let changed: Vec<String> =
        changes::find_in_notices(&facts, &notices).iter().map(ToString::to_string).collect();
    let name = "LOAF.BAKED LOAF.BURNT";
    let expected = [
        format!("events: {name} new: LOAF.BURNT"),
        format!("new field: {name} resource weight int 重量"),
        format!("max: {name} resource mchid: 8 → 32"),
    ];
    assert_eq!(changed, expected);
}
