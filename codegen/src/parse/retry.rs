//! The schedule of a notification as it is written: `[15x2, 30, 180]`.

use crate::ir::{Retry, Wait};
use crate::parse::reader::Reader;
use crate::yaml::{Data, Node};

/// More than any page says, and a sign that the two numbers changed places.
const MOST: u16 = 1000;

/// Seconds between two sendings, or `NxM`: M times N seconds. An empty list is a notification that is not sent again.
pub(super) fn retry(reader: &mut Reader<'_>, node: &Node) -> Option<Retry> {
    let Data::List(items) = &node.data else {
        reader.error(
            node.pos,
            format!("retry must be a list of seconds ([15x2, 30, 180]), not {}", node.describe()),
        );
        return None;
    };
    let mut waits = Vec::with_capacity(items.len());
    for item in items {
        let found = match &item.data {
            Data::Scalar { text, .. } => wait(text),
            _ => None,
        };
        if found.is_none() {
            reader.error(
                item.pos,
                format!(
                    "a wait is whole seconds above 0, or NxM for M times N seconds, M from 2 to {MOST}: 15x2"
                ),
            );
        }
        waits.extend(found);
    }
    Some(Retry { waits })
}

fn wait(text: &str) -> Option<Wait> {
    let (seconds, times) = match text.split_once('x') {
        Some((seconds, times)) => (seconds, number::<u16>(times).filter(|times| (2..=MOST).contains(times))?),
        None => (text, 1),
    };
    number::<u32>(seconds).map(|seconds| Wait { seconds, times })
}

/// Decimal digits without a sign or a zero in front.
fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain)
}
