//! Headers as frameworks hand them over: a mapping, pairs of text or bytes, or a WSGI environment.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};
use wechatpay_core::http::Headers;

/// Headers for the core.
pub(crate) fn headers(source: &Bound<'_, PyAny>) -> PyResult<Headers> {
    let mut headers = Headers::new();
    if let Ok(dict) = source.cast_exact::<PyDict>() {
        // A copy: to iterate over what another thread changes meanwhile is a panic.
        for (name, value) in dict.copy()?.iter() {
            push(&mut headers, &name, &value);
        }
        return Ok(headers);
    }
    // What only looks like a mapping (`email.message.Message`, headers of Werkzeug and Starlette) has `items` too.
    let pairs = match source.getattr_opt("items")? {
        Some(items) => items.call0()?,
        None => source.clone(),
    };
    let Ok(pairs) = pairs.try_iter() else { return Err(refused(source)) };
    for pair in pairs {
        let pair = pair?;
        match pair.cast::<PyTuple>() {
            Ok(pair) if pair.len() == 2 => push(&mut headers, &pair.get_item(0)?, &pair.get_item(1)?),
            _ if pair.len().is_ok_and(|length| length == 2) => {
                push(&mut headers, &pair.get_item(0)?, &pair.get_item(1)?)
            }
            _ => return Err(refused(source)),
        }
    }
    Ok(headers)
}

fn refused(source: &Bound<'_, PyAny>) -> PyErr {
    let made = source
        .py()
        .import("wechatpay_rs._headers")
        .and_then(|module| module.call_method1("refused", (source,)));
    made.map_or_else(|error| error, PyErr::from_value)
}

/// What else is in a WSGI environment is no header, and left out.
fn push(headers: &mut Headers, name: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) {
    let Some(name) = text(name) else { return };
    let name = name.strip_prefix("HTTP_").map(|name| name.replace('_', "-")).unwrap_or(name);
    // API gateways hand over a list of all values that a header has.
    if let Ok(values) = value.cast::<PyList>() {
        values.iter().filter_map(|value| text(&value)).for_each(|value| headers.push(name.clone(), value));
    } else if let Ok(values) = value.cast::<PyTuple>() {
        values.iter().filter_map(|value| text(&value)).for_each(|value| headers.push(name.clone(), value));
    } else if let Some(value) = text(value) {
        headers.push(name, value);
    }
}

fn text(object: &Bound<'_, PyAny>) -> Option<String> {
    if let Ok(text) = object.cast::<PyString>() {
        text.to_str().ok().map(str::to_owned)
    } else {
        // ASGI gives bytes, which are Latin-1 as HTTP has it.
        let bytes = object.cast::<PyBytes>().ok()?;
        Some(bytes.as_bytes().iter().map(|byte| char::from(*byte)).collect())
    }
}
