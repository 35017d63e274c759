//! The Cargo features of the typed API: one for each product family, and one for all of them.

use std::collections::BTreeSet;

use crate::ir::Spec;

/// Where they stand.
pub const MANIFEST: &str = "core/typed/Cargo.toml";
/// The feature that turns all of them on; theirs follow it, up to an empty line.
const ALL: &str = "all";
/// No line of the list is longer.
const WIDTH: usize = 110;

/// The manifest with the features of the families that the spec has.
///
/// # Errors
/// The manifest has no place for them.
pub fn write(manifest: &str, spec: &Spec) -> Result<String, String> {
    let families: BTreeSet<&str> = spec.modules.iter().map(|module| module.family()).collect();
    let begin = manifest.find(&format!("\n{ALL} = [")).map(|begin| begin + 1);
    let end = begin.and_then(|begin| Some(begin + manifest.get(begin..)?.find("\n\n")? + 1));
    let (Some(begin), Some(end)) = (begin, end) else {
        return Err(format!(
            "{MANIFEST} needs the feature `{ALL} = []`, which the product families are listed in, and an empty line after it"
        ));
    };
    let mut lines = list(&families);
    for family in families {
        lines.push_str(&format!("{family} = []\n"));
    }
    Ok(format!("{}{lines}{}", &manifest[..begin], &manifest[end..]))
}

fn list(families: &BTreeSet<&str>) -> String {
    let names: Vec<String> = families.iter().map(|family| format!("\"{family}\"")).collect();
    let short = format!("{ALL} = [{}]\n", names.join(", "));
    if short.len() <= WIDTH {
        return short;
    }
    let mut lines = format!("{ALL} = [\n   ");
    let mut width = 3;
    for name in names {
        if width + name.len() + 2 > WIDTH {
            lines.push_str("\n   ");
            width = 3;
        }
        width += name.len() + 2;
        lines.push_str(&format!(" {name},"));
    }
    lines + "\n]\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{self, Source};

    fn spec(names: &[String]) -> Spec {
        let source = |name: &String| Source {
            name: format!("spec/{name}.yaml"),
            text: format!(
                "title: T\noperations: {{ get: {{ http: GET /{name}, title: T, response: none }} }}\n"
            ),
        };
        let sources: Vec<Source> = names.iter().map(source).collect();
        parse::parse(&sources).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    #[test]
    fn a_new_family_gets_a_feature_and_one_that_is_gone_loses_its_own() {
        let manifest = "[features]\ndefault = [\"all\"]\n# Families.\nall = [\"old\"]\nold = []\n\n[lib]\n";
        let written = write(manifest, &spec(&["new".to_owned(), "also".to_owned()])).unwrap();
        let wanted = "[features]\ndefault = [\"all\"]\n# Families.\nall = [\"also\", \"new\"]\nalso = []\nnew = []\n\n[lib]\n";
        assert_eq!(written, wanted);
        assert!(write("[features]\n\n", &spec(&["new".to_owned()])).is_err());
    }

    #[test]
    fn many_families_stand_on_several_lines_and_are_written_the_same_again() {
        let names: Vec<String> = (0..20).map(|number| format!("a_family_{number}")).collect();
        let once = write("[features]\nall = []\n\n[lib]\n", &spec(&names)).unwrap();
        assert!(
            once.contains("all = [\n    \"a_family_0\", ") && once.lines().all(|line| line.len() <= WIDTH)
        );
        assert_eq!(write(&once, &spec(&names)).unwrap(), once);
    }
}
