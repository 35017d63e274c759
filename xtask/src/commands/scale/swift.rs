//! What a Swift app compiles that takes payments and refunds.

use anyhow::Result;

use super::{Scale, Table, meter};
use crate::run::target_dir;
use crate::swift;

pub(super) fn measure(scale: &Scale, table: &mut Table) -> Result<()> {
    let folder = target_dir()?.join("scale/swift");
    let Some(commands) =
        swift::build_of(&scale.whole.root, &folder, &["WeChatPayPayments", "WeChatPayRefunds"])?
    else {
        println!("not measured: there is no Swift compiler on the PATH");
        return Ok(());
    };
    let mut cpu = 0.0;
    for command in &commands {
        cpu += meter::measure(command)?.cpu;
    }
    table.most("Swift: building payments and refunds", cpu, 60.0, "CPU-s");
    Ok(())
}
