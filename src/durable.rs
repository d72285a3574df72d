//! Files that are there whole or not at all, whenever the power goes.
//!
//! It knows nothing of what is in them. A reader sees the former content or the new one, never a part.

use std::{
    ffi::OsString,
    fs, io,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Puts `bytes` in the place of whatever `file` holds, readable by everybody.
///
/// The content is on the disk before its name is, and both are when this returns.
///
/// # Errors
/// The folder or the disk; `file` is then as it was.
pub(crate) fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = write_beside(file, bytes)?;
    fs::rename(&beside, file)?;
    sync_folder(file)
}

/// Writes `bytes` beside `file`, down to the disk; where it is now. A rename puts it in force.
///
/// # Errors
/// The folder or the disk.
pub(crate) fn write_beside(file: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let beside = beside(file);
    let mut new = fs::File::create(&beside)?;
    new.write_all(bytes)?;
    // FAT has no modes and refuses what it cannot keep.
    drop(new.set_permissions(fs::Permissions::from_mode(0o644)));
    new.sync_all()?;
    Ok(beside)
}

/// Has the kernel write down which names the folder of `file` holds.
///
/// # Errors
/// The folder or the disk.
pub(crate) fn sync_folder(file: &Path) -> io::Result<()> {
    fs::File::open(file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?
        .sync_all()
}

/// The name a new content has until it is in force.
pub(crate) fn beside(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".new");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::{beside, replace, write_beside};

    #[test]
    fn a_file_holds_the_former_content_until_it_holds_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state");
        replace(&file, b"one").unwrap();
        assert_eq!(write_beside(&file, b"tw").unwrap(), beside(&file));
        assert_eq!(std::fs::read(&file).unwrap(), b"one", "the power went here");
        replace(&file, b"two").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"two");
        assert!(!beside(&file).exists());
        assert!(replace(&folder.path().join("none").join("state"), b"").is_err());
    }
}
