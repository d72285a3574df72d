//! What is in force at this boot: the current bundle, else the previous one, else nothing but the board's own settings.
//!
//! It installs a bundle that lies on the boot partition first. Validity in time is not asked of a bundle that was installed
//! before: a kiosk must not go out of service because a certificate of whoever set it up has expired since.

use std::{fmt, fs, io};

use serde::Serialize;

use super::{Installed, Roots, install, is_news, remove_folder};
use crate::{
    durable,
    provision::{self, CONFIG, FILES, ProvisionError, not_set_up},
};

/// Which bundle is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InForce {
    /// The newest that was installed.
    Current,
    /// The one before it: the newest is not right.
    Previous,
    /// None: the kiosk is not set up.
    None,
}

/// What came of it; kept as `provision.json` beside the configuration, for staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Activated {
    /// Which bundle is in force.
    pub in_force: InForce,
    /// Its serial.
    pub serial: Option<u64>,
    /// What was not right on the way there, in order.
    pub problems: Vec<String>,
}

impl fmt::Display for Activated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.in_force, self.serial) {
            (InForce::Current, Some(serial)) => write!(f, "bundle {serial} is in force"),
            (InForce::Previous, Some(serial)) => write!(f, "the previous bundle, {serial}, is in force"),
            (InForce::None, _) | (_, None) => write!(f, "the kiosk is not set up"),
        }
    }
}

/// Composes the configuration of this boot. `now` in Unix seconds, where the clock can be trusted.
///
/// # Errors
/// [`ProvisionError`] where not even the board's own settings can be put in place.
pub fn activate(roots: &Roots, now: Option<i64>) -> Result<Activated, ProvisionError> {
    fs::create_dir_all(&roots.run).map_err(ProvisionError::file(&roots.run))?;
    let mut problems = Vec::new();
    if let Err(problem) = from_medium(roots, now) {
        problems.push(problem);
    }
    let mut activated = None;
    for (in_force, name, file) in
        [(InForce::Current, "current", roots.current()), (InForce::Previous, "previous", roots.previous())]
    {
        let bundle = match provision::read(&file) {
            Err(ProvisionError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => continue,
            read => read,
        };
        match bundle.and_then(|bundle| put_in_force(roots, &bundle)) {
            Ok(serial) => {
                activated = Some((in_force, serial));
                break;
            }
            Err(fault) => problems.push(format!("the {name} bundle: {fault}")),
        }
    }
    let activated = match activated {
        Some((in_force, serial)) => Activated { in_force, serial: Some(serial), problems },
        None => {
            let config = roots.run.join(CONFIG);
            durable::replace(&config, not_set_up(&roots.places)?.as_bytes())
                .map_err(ProvisionError::file(&config))?;
            Activated { in_force: InForce::None, serial: None, problems }
        }
    };
    drop(remove_folder(&roots.trial()));
    let word = roots.run.join("provision.json");
    let text = serde_json::to_vec(&activated).unwrap_or_default();
    durable::replace(&word, &text).map_err(ProvisionError::file(&word))?;
    Ok(activated)
}

/// Installs what staff laid on the boot partition. It may stay there: a bundle that is in force already, or one that has
/// been overtaken since, changes nothing.
fn from_medium(roots: &Roots, now: Option<i64>) -> Result<(), String> {
    let file = roots.on_medium();
    if !file.exists() {
        return Ok(());
    }
    let told = |fault: &dyn fmt::Display| format!("{}: {fault}", file.display());
    let bundle = provision::read(&file).map_err(|fault| told(&fault))?;
    if !is_news(roots, &bundle) {
        return Ok(());
    }
    match install(roots, &bundle, now) {
        Ok(Installed::New { serial } | Installed::Already { serial }) => {
            log::info!(SERIAL = serial; "a bundle of the boot partition was installed");
            Ok(())
        }
        Err(fault) => Err(told(&fault)),
    }
}

fn put_in_force(roots: &Roots, bundle: &[u8]) -> Result<u64, ProvisionError> {
    let contents = roots.judge(bundle, None)?;
    let (trial, files) = (roots.trial(), roots.run.join(FILES));
    // Nobody reads any of it yet, or only at its start: the order matters to no one.
    remove_folder(&files)
        .and_then(|()| fs::rename(trial.join(FILES), &files))
        .and_then(|()| fs::rename(trial.join(CONFIG), roots.run.join(CONFIG)))
        .map_err(ProvisionError::file(&roots.run))?;
    Ok(contents.serial)
}
