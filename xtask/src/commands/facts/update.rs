//! Takes over what the documentation says into the facts. What other sources say is kept.

use std::collections::BTreeMap;

use super::documented::Documented;
use super::fields::taken_over;
use super::merge::nested;
use crate::facts::{Facts, Field, Operation, Place, Standing, endpoint_of};

/// Updates the facts.
pub(crate) fn update(facts: &mut Facts, documented: &BTreeMap<String, Documented>) {
    let left_out: Vec<String> = facts.left_out.iter().map(|(http, _)| endpoint_of(http)).collect();
    for (endpoint, now) in documented {
        let mut all = facts.products.values_mut().flatten();
        match all.find(|known| endpoint_of(&known.http) == *endpoint) {
            Some(known) => operation(known, now),
            None if left_out.contains(endpoint) => {}
            None => {
                let mut new = Operation { http: now.http.clone(), ..Operation::default() };
                operation(&mut new, now);
                let product = nearest(facts, &now.http);
                facts.products.entry(product).or_default().push(new);
            }
        }
    }
    for known in facts.products.values_mut().flatten() {
        if known.standing == Standing::Documented && !documented.contains_key(&endpoint_of(&known.http)) {
            known.standing = Standing::Retired;
            known.docs.clear();
        }
    }
}

fn operation(known: &mut Operation, now: &Documented) {
    known.standing = Standing::Documented;
    known.docs.clone_from(&now.docs);
    known.errors.clone_from(&now.errors);
    if now.host.is_some() {
        known.host.clone_from(&now.host);
    }
    for place in Place::ALL {
        *known.of_mut(place) = taken_over(Some(known.of(place)), now, place);
    }
    let response = known.of_mut(Place::Response);
    for (path, ty) in &now.only_shown {
        if response.get(path).is_none() {
            let field = Field { ty: ty.clone(), from: "s".to_owned(), ..Field::default() };
            response.0.push((path.clone(), field));
        }
    }
    *response = nested(std::mem::take(response));
}

/// The product with the operation whose path begins most like this one.
fn nearest(facts: &Facts, http: &str) -> String {
    let path = |http: &str| http.split_once(' ').map_or("", |(_, path)| path).to_owned();
    let wanted = path(http);
    let common =
        |other: &str| wanted.split('/').zip(path(other).split('/')).take_while(|(a, b)| a == b).count();
    let products = facts.products.iter().filter_map(|(product, operations)| {
        operations.iter().map(|known| common(&known.http)).max().map(|parts| (parts, product))
    });
    products.max().map_or_else(|| "new".to_owned(), |(_, product)| product.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_operation_goes_where_its_neighbours_are() {
        let of = |http: &str| Operation { http: http.to_owned(), ..Operation::default() };
        let mut facts = Facts::default();
        facts.products.insert("refunds".into(), vec![of("POST /v3/refund/domestic/refunds")]);
        facts.products.insert("bills".into(), vec![of("GET /v3/bill/tradebill")]);
        assert_eq!(nearest(&facts, "GET /v3/bill/newbill"), "bills");
        assert_eq!(nearest(&facts, "POST /v3/refund/domestic/others"), "refunds");
    }
}
