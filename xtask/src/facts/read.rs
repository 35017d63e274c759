//! Facts from their files, strictly: a key that nobody knows is a mistake.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use super::{
    FOLDER, Facts, Field, Fields, LEFT_OUT, NOTIFICATIONS, Notification, OPERATIONS, Operation, Place,
    Standing,
};

/// Reads `spec/facts` below `root`.
pub(crate) fn read(root: &Path) -> Result<Facts> {
    let folder = root.join(FOLDER);
    let mut facts = Facts::default();
    let operations = folder.join(OPERATIONS);
    for entry in std::fs::read_dir(&operations).with_context(|| operations.display().to_string())? {
        let path = entry.with_context(|| operations.display().to_string())?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let found = object(&load(&path)?)
            .and_then(|all| all.iter().map(|(http, value)| operation(http, value)).collect())
            .with_context(|| path.display().to_string())?;
        facts.products.insert(name, found);
    }
    let path = folder.join(NOTIFICATIONS);
    facts.notifications = array(&load(&path)?)
        .and_then(|all| all.iter().map(notification).collect())
        .with_context(|| path.display().to_string())?;
    let path = folder.join(LEFT_OUT);
    facts.left_out = object(&load(&path)?)
        .and_then(|all| all.iter().map(|(http, why)| Ok((http.clone(), text(why)?))).collect())
        .with_context(|| path.display().to_string())?;
    Ok(facts)
}

fn load(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

fn operation(http: &str, value: &Value) -> Result<Operation> {
    let mut operation = Operation { http: http.to_owned(), ..Operation::default() };
    for (key, value) in object(value)? {
        match key.as_str() {
            "title" => operation.title = Some(text(value)?),
            "standing" => operation.standing = standing(value)?,
            "host" => operation.host = Some(text(value)?),
            "docs" => operation.docs = texts(value)?,
            "errors" => operation.errors = texts(value)?,
            "upload" => operation.upload = flag(value)?,
            "no_answer" => operation.no_answer = flag(value)?,
            key => match Place::ALL.into_iter().find(|place| place.name() == key) {
                Some(place) => *operation.of_mut(place) = fields(value).with_context(|| http.to_owned())?,
                None => bail!("{http}: nobody knows `{key}`"),
            },
        }
    }
    Ok(operation)
}

fn notification(value: &Value) -> Result<Notification> {
    let mut notification = Notification {
        title: None,
        standing: Standing::Documented,
        events: Vec::new(),
        original_types: Vec::new(),
        docs: Vec::new(),
        model: None,
        resource: Fields::default(),
    };
    for (key, value) in object(value)? {
        match key.as_str() {
            "title" => notification.title = Some(text(value)?),
            "standing" => notification.standing = standing(value)?,
            "events" => notification.events = texts(value)?,
            "original_types" => notification.original_types = texts(value)?,
            "docs" => notification.docs = texts(value)?,
            "model" => notification.model = Some(text(value)?),
            "resource" => notification.resource = fields(value)?,
            key => bail!("a notification: nobody knows `{key}`"),
        }
    }
    Ok(notification)
}

fn fields(value: &Value) -> Result<Fields> {
    object(value)?
        .iter()
        .map(|(path, value)| Ok((path.clone(), field(value).with_context(|| path.clone())?)))
        .collect::<Result<_>>()
        .map(Fields)
}

fn field(value: &Value) -> Result<Field> {
    let mut field = Field::default();
    for (key, value) in object(value)? {
        match key.as_str() {
            "type" => field.ty = text(value)?,
            "required" => field.required = flag(value)?,
            "max" => {
                let max = value.as_u64().and_then(|max| u32::try_from(max).ok());
                field.max = Some(max.with_context(|| format!("max {value}"))?);
            }
            "enum" => field.values = texts(value)?,
            "sensitive" => field.sensitive = flag(value)?,
            "from" => field.from = text(value)?,
            key => bail!("nobody knows `{key}`"),
        }
    }
    Ok(field)
}

fn standing(value: &Value) -> Result<Standing> {
    Standing::of_name(&text(value)?).with_context(|| format!("{value} is no standing"))
}

fn object(value: &Value) -> Result<&Map<String, Value>> {
    value.as_object().with_context(|| format!("{value:.60} is no object"))
}

fn array(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().with_context(|| format!("{value:.60} is no list"))
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("{value:.60} is no text"))
}

fn texts(value: &Value) -> Result<Vec<String>> {
    array(value)?.iter().map(text).collect()
}

fn flag(value: &Value) -> Result<bool> {
    value.as_bool().with_context(|| format!("{value:.60} is neither true nor false"))
}
