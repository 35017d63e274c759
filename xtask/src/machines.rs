//! Linux machines that users have and this one is not: other processors, older and other C libraries. Compiled and linked by Zig,
//! which comes from PyPI and has the headers of all of them.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::run::{self, cargo, root};
use crate::venv::Venv;

/// A kind of machine.
#[derive(Debug)]
pub(crate) struct Machine {
    /// What rustc calls it.
    pub(crate) rust: &'static str,
    /// The oldest glibc that is promised; musl when none.
    pub(crate) glibc: Option<(u32, u32)>,
    /// What pip calls it.
    pub(crate) wheel: &'static str,
    /// What the platform package of the addon is called.
    pub(crate) addon: &'static str,
}

/// glibc 2.17 is that of CentOS 7, Amazon Linux 2 and Alibaba Cloud Linux 2; musl is Alpine's.
pub(crate) const MACHINES: &[Machine] = &[
    Machine {
        rust: "x86_64-unknown-linux-gnu",
        glibc: Some((2, 17)),
        wheel: "manylinux2014",
        addon: "linux-x64-gnu",
    },
    Machine {
        rust: "x86_64-unknown-linux-musl",
        glibc: None,
        wheel: "musllinux_1_2",
        addon: "linux-x64-musl",
    },
    Machine {
        rust: "aarch64-unknown-linux-gnu",
        glibc: Some((2, 17)),
        wheel: "manylinux2014",
        addon: "linux-arm64-gnu",
    },
    Machine {
        rust: "aarch64-unknown-linux-musl",
        glibc: None,
        wheel: "musllinux_1_2",
        addon: "linux-arm64-musl",
    },
];

/// Those for which programs are linked to nothing, so that they run on every Linux of the processor: with the name npm gives it.
pub(crate) const STATIC: &[(&str, &str)] =
    &[("x86_64-unknown-linux-musl", "linux-x64"), ("aarch64-unknown-linux-musl", "linux-arm64")];

/// Cargo's target folder for them: flags for linking differ from those of libraries.
pub(crate) fn static_target() -> Result<std::path::PathBuf> {
    Ok(run::target_dir()?.join("static"))
}

/// What runs a program that is linked to nothing: itself, or QEMU on a machine of another processor. Nothing where there is none (Debian:
/// `apt-get install qemu-user-static`).
pub(crate) fn runner(rust: &str, program: &Path) -> Option<Command> {
    let processor = rust.split('-').next().unwrap_or_default();
    if processor == std::env::consts::ARCH && cfg!(target_os = "linux") {
        return Some(Command::new(program));
    }
    let names = [format!("qemu-{processor}-static"), format!("qemu-{processor}")];
    let qemu = names.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok())?;
    let mut command = Command::new(qemu);
    command.arg(program);
    Some(command)
}

/// Zig, and the tools that have it compile for cargo.
pub(crate) struct Toolchain(Venv);

impl Toolchain {
    /// Installs what is missing.
    pub(crate) fn ready() -> Result<Self> {
        let venv = Venv::make("cross", Some("bindings-python/requirements/cross.txt"))?;
        let mut targets = Command::new("rustup");
        targets.args(["target", "add"]).args(MACHINES.iter().map(|machine| machine.rust));
        run::run(targets.current_dir(root()))
            .context("the standard library for other machines comes from rustup")?;
        Ok(Self(venv))
    }

    /// `maturin` in a folder that has a `pyproject.toml`.
    pub(crate) fn maturin(&self, folder: &Path) -> Result<Command> {
        let mut maturin = Command::new(self.0.program("maturin"));
        maturin.current_dir(folder).args(["build", "--quiet", "--locked", "--zig"]).env("PATH", self.path()?);
        Ok(maturin)
    }

    /// `cargo zigbuild`. For glibc `target` ends with its version.
    pub(crate) fn cargo(&self, target: &str) -> Result<Command> {
        let mut build = cargo(&["zigbuild", "--locked", "--profile", "published", "--target", target]);
        build.env("PATH", self.path()?);
        Ok(build)
    }

    fn path(&self) -> Result<OsString> {
        let own = self.0.program("python");
        let own = own.parent().map(Path::to_owned).unwrap_or_default();
        let path = std::env::var_os("PATH").unwrap_or_default();
        Ok(std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&path)))?)
    }
}

impl Machine {
    /// The library for this machine with npm's profile, checked to need nothing newer than is promised.
    pub(crate) fn library(&self, toolchain: &Toolchain, package: &str) -> Result<std::path::PathBuf> {
        let target = match self.glibc {
            Some((major, minor)) => format!("{}.{major}.{minor}", self.rust),
            None => self.rust.to_owned(),
        };
        let mut build = toolchain.cargo(&target)?;
        if self.glibc.is_none() {
            // A library that is loaded shares the C library of the program that loads it.
            build.env("RUSTFLAGS", "-C target-feature=-crt-static");
        }
        run::run(build.args(["-p", package]))?;
        let folder = run::target_dir()?.join(self.rust).join("published");
        let name = format!("lib{}.so", package.replace('-', "_"));
        self.check(&folder.join(name))?;
        Ok(folder)
    }

    fn check(&self, library: &Path) -> Result<()> {
        let versions =
            run::output_of(Command::new("readelf").args(["--version-info", "--wide"]).arg(library))?;
        let newest = newest_glibc(&versions);
        let shown = library.display();
        match (self.glibc, newest) {
            (None, None) => Ok(()),
            (None, Some(_)) => bail!("{shown} is for musl and asks for glibc"),
            (Some(_), None) => Err(anyhow!("{shown} asks for no glibc at all: is it what it should be?")),
            (Some(promised), Some(needed)) if needed > promised => {
                bail!(
                    "{shown} asks for glibc {}.{}, {}.{} is promised",
                    needed.0,
                    needed.1,
                    promised.0,
                    promised.1
                )
            }
            (Some(_), Some((major, minor))) => {
                println!("    {shown}: glibc {major}.{minor}");
                Ok(())
            }
        }
    }
}

/// Of what `readelf --version-info` prints.
fn newest_glibc(printed: &str) -> Option<(u32, u32)> {
    printed
        .split("GLIBC_")
        .skip(1)
        .filter_map(|rest| {
            let version = rest.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
            let mut parts = version.split('.').map(|part| part.parse().ok());
            Some((parts.next()??, parts.next()??))
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_found_by_number() {
        let printed = "0x0010:   Name: GLIBC_2.9  Flags: none  Version: 4\n0x0020: Name: GLIBC_2.17  Flags\nName: GLIBC_2.2.5 Flags";
        assert_eq!(newest_glibc(printed), Some((2, 17)));
        assert_eq!(newest_glibc("no version information"), None);
    }
}
