//! JSON values as Python objects, and back. Faster than JSON text for `json`, which takes longer to import than this
//! whole package.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyNone, PyString, PyTuple};
use serde_json::{Map, Number, Value};

/// More than any request of WeChat Pay has; what goes deeper probably contains itself.
const MAX_DEPTH: usize = 64;

/// The Python object for a value.
pub(crate) fn to_py<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => PyNone::get(py).to_owned().into_any(),
        Value::Bool(flag) => PyBool::new(py, *flag).to_owned().into_any(),
        Value::Number(number) => number_to_py(py, number)?,
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| to_py(py, item)).collect::<PyResult<_>>()?;
            PyList::new(py, items)?.into_any()
        }
        Value::Object(members) => dict(py, members)?.into_any(),
    })
}

/// The dict for an object.
pub(crate) fn dict<'py>(py: Python<'py>, members: &Map<String, Value>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in members {
        dict.set_item(PyString::new(py, name), to_py(py, value)?)?;
    }
    Ok(dict)
}

fn number_to_py<'py>(py: Python<'py>, number: &Number) -> PyResult<Bound<'py, PyAny>> {
    Ok(if let Some(whole) = number.as_i64() {
        whole.into_pyobject(py)?.into_any()
    } else if let Some(whole) = number.as_u64() {
        whole.into_pyobject(py)?.into_any()
    } else {
        PyFloat::new(py, number.as_f64().unwrap_or(f64::NAN)).into_any()
    })
}

/// The value for an object of Python. What JSON has no exact counterpart for goes to `_encode.plain`, which turns a
/// `datetime` into text and says of anything else which argument it is and what is wrong with it.
pub(crate) fn from_py(object: &Bound<'_, PyAny>, operation: Option<&str>) -> PyResult<Value> {
    static PLAIN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if let Some(value) = plain(object, 0) {
        return Ok(value);
    }
    let careful = PLAIN.import(object.py(), "wechatpay_rs._encode", "plain")?;
    let object = careful.call1((object, operation))?;
    plain(&object, 0).ok_or_else(|| PyTypeError::new_err("the parameters are not JSON"))
}

fn plain(object: &Bound<'_, PyAny>, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    Some(if let Ok(text) = object.cast::<PyString>() {
        Value::String(text.to_str().ok()?.to_owned())
    } else if object.is_none() {
        Value::Null
    } else if let Ok(flag) = object.cast::<PyBool>() {
        Value::Bool(flag.is_true())
    } else if object.is_instance_of::<PyInt>() {
        Value::Number(whole(object)?)
    } else if let Ok(members) = object.cast::<PyDict>() {
        let mut map = Map::with_capacity(members.len());
        // A copy: to iterate over what another thread changes meanwhile is a panic.
        for (name, member) in members.copy().ok()?.iter() {
            let name = name.cast::<PyString>().ok()?.to_str().ok()?.to_owned();
            map.insert(name, plain(&member, depth + 1)?);
        }
        Value::Object(map)
    } else if let Ok(items) = object.cast::<PyList>() {
        Value::Array(items.iter().map(|item| plain(&item, depth + 1)).collect::<Option<_>>()?)
    } else if let Ok(items) = object.cast::<PyTuple>() {
        Value::Array(items.iter().map(|item| plain(&item, depth + 1)).collect::<Option<_>>()?)
    } else if let Ok(number) = object.cast::<PyFloat>() {
        Value::Number(Number::from_f64(number.value())?)
    } else {
        return None;
    })
}

fn whole(object: &Bound<'_, PyAny>) -> Option<Number> {
    object.extract::<i64>().map(Number::from).or_else(|_| object.extract::<u64>().map(Number::from)).ok()
}
