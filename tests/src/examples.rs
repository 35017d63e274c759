//! The examples of the spec: `vectors/examples/`.

use std::path::Path;

use serde_json::{Map, Value};

/// The examples of all files of the spec: `operations` and `notifications`.
///
/// # Errors
///
/// When a file cannot be read.
pub fn examples() -> std::io::Result<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/examples");
    let mut paths =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    let mut all = Map::new();
    for name in ["operations", "notifications"] {
        all.insert(name.to_owned(), Value::Array(Vec::new()));
    }
    for path in paths {
        let mut file: Value = serde_json::from_slice(&std::fs::read(path)?)?;
        for (name, list) in &mut all {
            if let (Value::Array(list), Some(Value::Array(more))) = (list, file.get_mut(name)) {
                list.append(more);
            }
        }
    }
    Ok(Value::Object(all))
}
