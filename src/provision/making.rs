//! Bundles for tests, made as an administrator makes them: by the scripts of this repository and by OpenSSL.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use tempfile::TempDir;

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

/// The development authorities, made once.
static KEYS: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    run(Command::new(format!("{REPOSITORY}/image/ota/make-development-keys")).arg(folder.path()));
    folder
});

/// A file of the development authorities.
pub(crate) fn key(name: &str) -> PathBuf {
    KEYS.path().join(name)
}

fn run(command: &mut Command) {
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ran.stderr));
}

/// The settings of some office.
pub(crate) fn settings(serial: u64) -> String {
    format!(
        "serial = {serial}\n\
         [office]\nname = \"DENEME Ofisi {serial}\"\nhelp_phone = \"444 0 000\"\nhelp_email = \"a@ornek.invalid\"\n\
         [portal]\nprofile = \"meb.toml\"\nca_roots = [\"ca/root.pem\"]\n"
    )
}

/// The files of a bundle with these settings.
pub(crate) fn files(settings: &str) -> Vec<(String, Vec<u8>)> {
    let root = std::fs::read(key("update-ca.pem")).unwrap();
    vec![("office.toml".to_owned(), settings.into()), ("ca/root.pem".to_owned(), root)]
}

/// A tar of plain files.
pub(crate) fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        entry(&mut builder, name, tar::EntryType::Regular, bytes);
    }
    builder.into_inner().unwrap()
}

/// Appends an entry of any kind under any name.
pub(crate) fn entry(builder: &mut tar::Builder<Vec<u8>>, name: &str, kind: tar::EntryType, bytes: &[u8]) {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    builder.append(&header, bytes).unwrap();
}

/// What OpenSSL makes of it with a certificate and its key.
pub(crate) fn sign(content: &[u8], certificate: &Path, key: &Path) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (content_file, out) = (folder.path().join("content"), folder.path().join("out"));
    std::fs::write(&content_file, content).unwrap();
    run(Command::new("openssl")
        .args(["cms", "-sign", "-binary", "-nodetach", "-md", "sha256", "-outform", "DER"])
        .args(["-in".as_ref(), content_file.as_os_str(), "-out".as_ref(), out.as_os_str()])
        .args(["-signer".as_ref(), certificate.as_os_str(), "-inkey".as_ref(), key.as_os_str()]));
    std::fs::read(out).unwrap()
}

/// A bundle of some office, signed as it should be.
pub(crate) fn bundle(serial: u64) -> Vec<u8> {
    bundle_of(&settings(serial))
}

/// A bundle with these settings, signed as it should be.
pub(crate) fn bundle_of(settings: &str) -> Vec<u8> {
    sign(&tar(&files(settings)), &key("provision.pem"), &key("provision.key"))
}

/// A certificate of an authority's (`provision-ca`), with these extensions, and its key.
pub(crate) struct Issued {
    folder: TempDir,
}

impl Issued {
    /// Issues one; `kind` is the key's as OpenSSL names it.
    pub(crate) fn by(issuer: &Path, issuer_key: &Path, kind: &[&str], extensions: &str) -> Self {
        let issued = Self { folder: tempfile::tempdir().unwrap() };
        let file = |name: &str| issued.folder.path().join(name);
        std::fs::write(file("extensions"), extensions).unwrap();
        run(Command::new("openssl")
            .args(["req", "-nodes", "-sha256", "-subj", "/CN=DENEME", "-newkey"])
            .args(kind)
            .args(["-keyout".as_ref(), file("key").as_os_str(), "-out".as_ref(), file("csr").as_os_str()]));
        run(Command::new("openssl")
            .args(["x509", "-req", "-sha256", "-days", "30", "-set_serial", "7"])
            .args(["-in".as_ref(), file("csr").as_os_str(), "-out".as_ref(), file("pem").as_os_str()])
            .args(["-CA".as_ref(), issuer.as_os_str(), "-CAkey".as_ref(), issuer_key.as_os_str()])
            .args(["-extfile".as_ref(), file("extensions").as_os_str()]));
        issued
    }

    /// The certificate.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.path().join("pem")
    }

    /// Its key.
    pub(crate) fn key(&self) -> PathBuf {
        self.folder.path().join("key")
    }

    /// Signs with it.
    pub(crate) fn sign(&self, content: &[u8]) -> Vec<u8> {
        sign(content, &self.certificate(), &self.key())
    }
}
