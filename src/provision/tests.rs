//! OpenSSL and the scripts make the bundles: they share no code with what reads them.

use std::{fs, os::unix::fs::MetadataExt, process::Command};

use super::{
    Bench, Contents, Places, ProvisionError, Trust, load,
    making::{Issued, bundle, bundle_of, entry, files, key, settings, sign, tar},
    unpack,
};

const EC: [&str; 3] = ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"];
const RSA: [&str; 1] = ["rsa:2048"];
const USUAL: &str = "keyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection\n";
const MACHINE: &str = "[links]\nscreen = '/run/a'\nsigner = '/run/b'\npin = '/run/c'\nsubmission_flag = '/run/d'\n\
                       [token]\n[peripherals]\n";

fn trust() -> Trust {
    Trust::load(&key("provision-ca.pem")).unwrap()
}

fn by_authority(kind: &[&str], extensions: &str) -> Issued {
    Issued::by(&key("provision-ca.pem"), &key("provision-ca.key"), kind, extensions)
}

fn refused(bundle: &[u8]) -> String {
    trust().open(bundle, None).unwrap_err().to_string()
}

#[test]
fn a_bundle_made_with_the_scripts_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files(&settings(7)) {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
    let out = folder.path().join("out.bundle");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/make-provisioning");
    let made = Command::new(script)
        .args([folder.path(), &key("provision.pem"), &key("provision.key"), &out])
        .status()
        .unwrap();
    assert!(made.success());
    let bench = Bench {
        authority: Some(key("provision-ca.pem")),
        machine: None,
        profiles: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/profiles").into()),
    };
    let (serial, name) = bench.judge(&out).unwrap();
    assert_eq!((serial, name.as_str()), (7, "Milli Eğitim Bakanlığı"));
}

#[test]
fn an_rsa_key_of_the_authoritys_signs_too() {
    let content = tar(&files(&settings(1)));
    let signed = by_authority(&RSA, USUAL).sign(&content);
    assert_eq!(trust().open(&signed, None).unwrap(), content);
}

#[test]
fn a_key_that_signs_updates_signs_no_settings() {
    let content = tar(&files(&settings(1)));
    let text = refused(&sign(&content, &key("update.pem"), &key("update.key")));
    assert!(text.contains("found one issued by CN=system update authority"), "{text}");
    for purposes in ["codeSigning", "emailProtection,codeSigning", "anyExtendedKeyUsage"] {
        let extensions = format!("keyUsage=digitalSignature\nextendedKeyUsage={purposes}\n");
        let text = refused(&by_authority(&EC, &extensions).sign(&content));
        assert!(text.contains("expected a certificate for emailProtection alone"), "{purposes}: {text}");
    }
    let text = refused(&by_authority(&EC, "keyUsage=digitalSignature\n").sign(&content));
    assert!(text.contains("the purposes []"), "{text}");
}

#[test]
fn whom_the_authority_did_not_issue_itself_signs_nothing() {
    let content = tar(&files(&settings(1)));
    let signer = Issued::by(&key("provision.pem"), &key("provision.key"), &EC, USUAL);
    assert!(refused(&signer.sign(&content)).contains("expected one that the provisioning authority issued"));
    for (extensions, found) in [
        (format!("basicConstraints=CA:TRUE\n{USUAL}"), "found an authority"),
        (USUAL.replace("digitalSignature", "keyAgreement"), "a key that is not said to be for signatures"),
        ("extendedKeyUsage=emailProtection\n".to_owned(), "a key that is not said to be for signatures"),
        (format!("{USUAL}nameConstraints=critical,permitted;DNS:a\n"), "the critical extension 2.5.29.30"),
    ] {
        let text = refused(&by_authority(&EC, &extensions).sign(&content));
        assert!(text.contains(found), "{text}");
    }
}

#[test]
fn a_changed_byte_never_changes_what_is_taken() {
    let good = bundle(1);
    let content = trust().open(&good, None).unwrap();
    // The certificate's own bytes are many; every 7th of the whole is enough to meet each part.
    let changed = |at: usize| {
        let mut changed = good.clone();
        changed[at] ^= 0x41;
        trust().open(&changed, None)
    };
    for at in (0..good.len()).step_by(7) {
        // A list of digests that nobody reads is not signed (RFC 5652, 5.4).
        assert!(changed(at).is_err() || changed(at).is_ok_and(|taken| taken == content), "byte {at}");
    }
    let inside = good.windows(6).position(|window| window == b"DENEME").unwrap();
    assert!(changed(inside).unwrap_err().to_string().contains("message digest"));
    assert!(trust().open(&good[..good.len() - 1], None).is_err());
    assert!(trust().open(b"", None).is_err());
}

#[test]
fn a_certificate_that_is_not_valid_counts_only_where_the_time_is_known() {
    let content = tar(&files(&settings(1)));
    let signed = by_authority(&EC, USUAL).sign(&content);
    // The certificate was issued a moment ago.
    let now = fs::metadata(key("provision.pem")).unwrap().mtime() + 60;
    const DAY: i64 = 86_400;
    assert!(trust().open(&signed, Some(now)).is_ok());
    assert!(trust().open(&signed, None).is_ok());
    for then in [now - DAY, now + 31 * DAY] {
        let text = trust().open(&signed, Some(then)).unwrap_err().to_string();
        assert!(text.contains("expected one that is valid now"), "{text}");
    }
}

#[test]
fn an_authority_has_to_be_one() {
    let file = key("provision.pem");
    let Err(fault) = Trust::load(&file) else { panic!("a signer is no authority") };
    assert!(fault.to_string().contains("which may issue no certificates"), "{fault}");
    for text in ["", "no certificate"] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        fs::write(&file, text).unwrap();
        assert!(matches!(Trust::load(&file), Err(ProvisionError::Roots { .. })), "{text}");
    }
}

fn contents(files: &[(&str, &str)]) -> Result<Contents, String> {
    let files: Vec<_> = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).into())).collect();
    Contents::read(&tar(&files)).map_err(|fault| fault.to_string())
}

#[test]
fn what_a_tar_could_do_to_a_file_system_is_refused_by_name() {
    use tar::EntryType as E;
    for (name, kind, found) in [
        ("ca/a.pem", E::Symlink, "kind Symlink"),
        ("ca/a.pem", E::Link, "kind Link"),
        ("ca/", E::Directory, "kind Directory"),
        ("ca/a.pem", E::Char, "kind Char"),
        ("x", E::XHeader, "kind XHeader"),
        ("x", E::XGlobalHeader, "kind XGlobalHeader"),
        ("x", E::GNULongName, "kind GNULongName"),
        ("/etc/passwd", E::Regular, "a name that means nothing"),
        ("../office.toml", E::Regular, "a name that means nothing"),
        ("ca/../../a.pem", E::Regular, "a name that means nothing"),
        ("ca/sub/a.pem", E::Regular, "a name that means nothing"),
        ("ca/.pem", E::Regular, "a name that means nothing"),
        ("ca/.hidden.pem", E::Regular, "a name that means nothing"),
        ("machine.toml", E::Regular, "a name that means nothing"),
    ] {
        let mut builder = tar::Builder::new(Vec::new());
        entry(&mut builder, "office.toml", E::Regular, settings(1).as_bytes());
        entry(&mut builder, name, kind, b"");
        let fault = Contents::read(&builder.into_inner().unwrap()).unwrap_err().to_string();
        assert!(
            fault.starts_with(&format!("in the bundle: {name}: found")) && fault.contains(found),
            "{fault}"
        );
    }
}

#[test]
fn a_bundle_has_its_settings_once_and_no_more_than_one_can_have() {
    let good = settings(1);
    assert_eq!(contents(&[("office.toml", &good)]).unwrap().serial, 1);
    let fault = |files: &[(&str, &str)]| contents(files).unwrap_err();
    assert!(fault(&[("office.toml", &good), ("office.toml", &good)]).contains("found the name twice"));
    assert!(fault(&[("profile.toml", "")]).contains("office.toml: found nothing"));
    assert!(fault(&[]).contains("office.toml: found nothing"));
    let long = "#".repeat(256 * 1024 + 1);
    assert!(fault(&[("office.toml", &long)]).contains("found 262145 bytes"));
    let names: Vec<String> = (0..41).map(|n| format!("ca/{n}.pem")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), "")).collect();
    assert!(fault(&many).contains("one file too many"));
    for (serial, found) in
        [("", "nothing"), ("serial = 0", "0"), ("serial = -1", "-1"), ("serial = 'a'", "\"a\"")]
    {
        let text = fault(&[("office.toml", serial)]);
        assert!(text.contains(&format!("serial: found {found}, expected a whole number")), "{text}");
    }
    assert!(fault(&[("office.toml", "serial")]).contains("expected TOML"));
    let cut = tar(&files(&good));
    assert!(Contents::read(&cut[..700]).is_err(), "a file that ends in the middle");
}

/// What becomes of these settings beside a board's own.
fn composed(settings: &str, machine: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    fs::write(place("machine.toml"), machine).unwrap();
    let profiles = concat!(env!("CARGO_MANIFEST_DIR"), "/profiles").into();
    let places = Places { machine: place("machine.toml"), profiles };
    let contents = Contents::read(&tar(&files(settings))).map_err(|fault| fault.to_string())?;
    let unpacked = unpack(&contents, &places, &place("in force")).map_err(|fault| fault.to_string())?;
    assert!(unpacked.config.portal.ca_roots[0].starts_with(place("in force")));
    // A folder that was judged can be moved whole.
    fs::rename(place("in force"), place("moved")).unwrap();
    load(&place("moved/kiosk.toml")).map_err(|fault| fault.to_string())?;
    Ok(fs::read_to_string(place("moved/kiosk.toml")).unwrap())
}

#[test]
fn an_offices_settings_and_the_boards_make_one_configuration() {
    let text = composed(&settings(1), MACHINE).unwrap();
    assert!(text.contains("DENEME Ofisi 1") && text.contains("/run/a") && !text.contains("serial"), "{text}");
}

#[test]
fn a_bundle_changes_nothing_of_the_images() {
    for (addition, found) in [
        ("[links]\nscreen = 'mine'\n", "office.toml: links: found a section of the image's"),
        ("[token]\nmodule = '/tmp/evil.so'\n", "office.toml: token: found a section of the image's"),
        ("[peripherals]\n", "office.toml: peripherals: found"),
        ("[nonsense]\n", "office.toml: nonsense: found"),
    ] {
        let text = composed(&format!("{}{addition}", settings(1)), MACHINE).unwrap_err();
        assert!(text.contains(found), "{text}");
    }
    let own = format!("{MACHINE}[rules]\nidle_s = 60\n");
    let text = composed(&format!("{}[rules]\nidle_s = 90\n", settings(1)), &own).unwrap_err();
    assert!(text.contains("office.toml: rules: found a section of the image's"), "{text}");
}

#[test]
fn the_files_of_the_settings_are_the_bundles_or_the_images() {
    for (from, to, found) in [
        ("meb.toml", "/etc/passwd", "portal.profile: found \"/etc/passwd\""),
        ("meb.toml", "../meb.toml", "portal.profile: found \"../meb.toml\""),
        ("meb.toml", "profile.toml", "portal.profile: found \"profile.toml\""),
        ("meb.toml", "none.toml", "none.toml (No such file"),
        ("ca/root.pem", "/etc/ssl/certs/ca-certificates.crt", "portal.ca_roots: found \"/etc/ssl"),
        ("ca/root.pem", "ca/other.pem", "portal.ca_roots: found \"ca/other.pem\""),
    ] {
        let text = composed(&settings(1).replace(from, to), MACHINE).unwrap_err();
        assert!(text.contains(found), "{text}");
    }
}

#[test]
fn settings_kioskd_cannot_serve_with_are_named_by_key() {
    let text = composed(&format!("{}[rules]\nidle_s = 1\n", settings(1)), MACHINE).unwrap_err();
    assert!(text.contains("rules.idle_s: found 1, expected seconds from 5 to 600"), "{text}");
    let bundle = bundle_of("serial = 1\n");
    let tar = trust().open(&bundle, None).unwrap();
    assert!(Contents::read(&tar).is_ok(), "what is in it is judged with the rest");
}
