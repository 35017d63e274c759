//! A file that appears under its name only when it is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::clock::{self, NonceSource};
use crate::error::{Error, Result, codes};

/// Runs `write` on a temporary file beside `path`, and renames it to `path` when that succeeds and the bytes are on
/// the disk. On any error the temporary file is removed, and what was at `path` before stays.
pub(crate) fn to_path<T>(
    path: &Path,
    nonces: &dyn NonceSource,
    write: impl FnOnce(&mut dyn Write) -> Result<T>,
) -> Result<T> {
    let io_error = |what: &str, error: io::Error| {
        Error::io(format!("{} could not be {what}: {error}.", path.display()), error)
    };
    let name = path.file_name().ok_or_else(|| {
        Error::invalid_request(codes::FILE_NAME, format!("{} names no file to write to.", path.display()))
    })?;
    let mut temporary_name = std::ffi::OsString::from(".");
    temporary_name.push(name);
    temporary_name.push(format!(".{}.part", clock::nonce(nonces)?));
    let temporary = path.with_file_name(temporary_name);
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&temporary)
        .map_err(|error| io_error("created", error))?;
    let mut guard = Temporary(Some(temporary));
    let mut writer = BufWriter::new(file);
    let value = write(&mut writer)?;
    let file = writer.into_inner().map_err(|error| io_error("written", error.into_error()))?;
    file.sync_all().map_err(|error| io_error("written", error))?;
    drop(file);
    guard.rename_to(path).map_err(|error| io_error("put into place", error))?;
    sync_folder(path);
    Ok(value)
}

/// Removes the file unless it was renamed, also when `write` panics.
struct Temporary(Option<PathBuf>);

impl Temporary {
    fn rename_to(&mut self, path: &Path) -> io::Result<()> {
        if let Some(temporary) = &self.0 {
            fs::rename(temporary, path)?;
        }
        self.0 = None;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(temporary) = &self.0 {
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Makes the rename survive a power cut where the platform can. The file itself is safe already.
fn sync_folder(path: &Path) {
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}
