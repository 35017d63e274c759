//! Virtual environments of Python, made below `target/python`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use crate::run::{self, root};

/// A virtual environment.
pub(crate) struct Venv(PathBuf);

impl Venv {
    /// Makes it, or takes the one that is there. What the file of requirements names is installed unless the same was
    /// installed before.
    pub(crate) fn make(name: &str, requirements: Option<&str>) -> Result<Self> {
        let path = folder()?.join(name);
        let venv = Self(path.clone());
        let stamp = path.join("installed.txt");
        let wanted = match requirements {
            Some(file) => std::fs::read_to_string(root().join(file)).with_context(|| file.to_string())?,
            None => String::new(),
        };
        if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(venv);
        }
        run::run(Command::new(interpreter()?).args(["-m", "venv", "--clear"]).arg(&path))?;
        if let Some(file) = requirements {
            run::run(venv.pip().args(["--require-hashes", "--only-binary", ":all:", "--requirement", file]))?;
        }
        std::fs::write(&stamp, wanted).with_context(|| stamp.display().to_string())?;
        Ok(venv)
    }

    /// With nothing in it.
    pub(crate) fn fresh(name: &str) -> Result<Self> {
        let path = folder()?.join(name);
        run::run(Command::new(interpreter()?).args(["-m", "venv", "--clear"]).arg(&path))?;
        Ok(Self(path))
    }

    pub(crate) fn python(&self) -> Command {
        let mut command = Command::new(self.program("python"));
        // The sources must stay free of what Python and its tools would leave there.
        command.env("PYTHONDONTWRITEBYTECODE", "1").env_remove("PYTHONPATH").current_dir(root());
        command
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        if cfg!(windows) {
            self.0.join("Scripts").join(format!("{name}.exe"))
        } else {
            self.0.join("bin").join(name)
        }
    }

    pub(crate) fn pip(&self) -> Command {
        let mut command = self.python();
        command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        command
    }

    /// Installs wheels that need nothing but each other.
    pub(crate) fn install_offline(&self, wheels: &[PathBuf]) -> Result<()> {
        run::run(self.pip().arg("--no-index").args(wheels))
    }

    /// Installs the wheel as a user would, in place of an earlier one.
    pub(crate) fn install(&self, wheel: &Path) -> Result<()> {
        run::run(self.pip().args(["--force-reinstall", "--no-deps"]).arg(wheel))
    }
}

/// Where everything of Python's is.
pub(crate) fn folder() -> Result<PathBuf> {
    Ok(run::target_dir()?.join("python"))
}

/// A Python that is new enough. `PYTHON` names another one.
pub(crate) fn interpreter() -> Result<String> {
    let candidates = match std::env::var("PYTHON") {
        Ok(python) => vec![python],
        Err(_) => ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"]
            .map(str::to_owned)
            .to_vec(),
    };
    let new_enough = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
    candidates
        .into_iter()
        .find(|python| {
            Command::new(python).args(["-c", new_enough]).output().is_ok_and(|done| done.status.success())
        })
        .ok_or_else(|| {
            anyhow!("Python 3.10 or newer with venv was not found (Debian: apt-get install python3-venv); the environment \
                 variable PYTHON names another one")
        })
}
