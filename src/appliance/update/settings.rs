//! Newer settings of the office, from the same address as updates: looked for, and taken over as from a card.
//!
//! Which of two bundles is newer and whether one is right is [`provision`]'s to say; the server is not asked. Whatever reads
//! settings reads them when the board starts, so it starts anew.

use std::time::Duration;

use super::{
    Restarting, Roots, UpdateError,
    fetch::fetch,
    install::{file, judge_trial},
    rauc,
};
use crate::{
    appliance::provision::{self, Installed},
    config::Updates,
    provision::MOST_BYTES,
    visit_lock::VisitLock,
};

/// A bundle is a few kilobytes as a rule; this is for the slowest of lines.
const COMES_WITHIN: Duration = Duration::from_secs(120);

/// Looks for newer settings, and takes them over. `now` in Unix seconds, by a clock that can be trusted.
///
/// # Errors
/// [`UpdateError`]; what was in force still is.
pub(super) fn check(roots: &Roots, updates: &Updates, now: i64) -> Result<Option<Restarting>, UpdateError> {
    let (Some(address), Some(office)) = (&updates.address, &updates.office) else { return Ok(None) };
    let address = format!("{}/offices/{office}.bundle", address.trim_end_matches('/'));
    let Some(bundle) = fetch(&address, &roots.authorities, MOST_BYTES, COMES_WITHIN)? else {
        return Ok(None);
    };
    if !provision::is_news(&roots.provision, &bundle) {
        return Ok(None);
    }
    // Any office's bundle is signed by the same authority: the server does not choose whose this kiosk has. One that is not
    // right at all is refused, and that written down, below.
    if provision::is_for(&roots.provision, &bundle, office).is_ok_and(|mine| !mine) {
        return Err(UpdateError::OtherOffice { expected: office.clone() });
    }
    // A start would end the trial of the running system, and RAUC's writing.
    judge_trial(roots, roots.boot.running()?)?;
    if !rauc::is_idle(&roots.busctl)? {
        return Err(UpdateError::Busy);
    }
    let lock = VisitLock::try_take(&roots.lock).map_err(file(&roots.lock))?.ok_or(UpdateError::Busy)?;
    match provision::install(&roots.provision, &bundle, Some(now))? {
        Installed::Already { .. } => Ok(None),
        Installed::New { serial } => {
            log::info!(SERIAL = serial; "newer settings of the office are kept; the board starts anew with them");
            rauc::restart(&roots.systemctl, roots.boot.due().is_some())?;
            Ok(Some(Restarting::holding(lock)))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Restarting, UpdateError, VisitLock};
    use crate::{
        appliance::{
            provision::{self, InForce, activate},
            stand_ins::Board,
            update::{Checked, check as check_all},
        },
        config::Updates,
        provision::making::{bundle_of, files, key, settings, sign, tar},
        system::{Phase, Update},
        tls_server::{Host, Server, answer},
    };

    /// Settings of this number, and of the office under whose name they are looked for.
    fn bundle(serial: u64) -> Vec<u8> {
        bundle_of(&(settings(serial) + "[updates]\noffice = \"deneme-1\"\n"))
    }

    /// A board with bundle 3 in force, and a server of the office's settings.
    struct Office {
        board: Board,
        host: Host,
        now: i64,
    }

    impl Office {
        fn new() -> Self {
            let (mut board, host) = (Board::provisioned(), Host::named(&["127.0.0.1"]));
            board.roots.authorities = host.root();
            provision::install(&board.roots.provision, &bundle(3), None).unwrap();
            Self { board, host, now: jiff::Timestamp::now().as_second() }
        }

        fn offers(&self, bundle: &[u8]) -> Server {
            self.host.serve(vec![answer("200 OK", bundle)])
        }

        fn updates(server: &Server) -> Updates {
            let address = Some(format!("https://127.0.0.1:{}/kiosk/", server.port));
            Updates { address, office: Some("deneme-1".to_owned()), ..Updates::default() }
        }

        /// What becomes of one that is offered.
        fn check(&self, bundle: &[u8]) -> Result<Option<Restarting>, UpdateError> {
            let server = self.offers(bundle);
            let checked = super::check(&self.board.roots, &Self::updates(&server), self.now);
            server.thread.join().unwrap();
            checked
        }

        fn in_force(&self) -> Option<u64> {
            let activated = activate(&self.board.roots.provision, None).unwrap();
            assert_eq!(activated.in_force, InForce::Current);
            activated.serial
        }

        fn last(&self) -> String {
            fs::read_to_string(self.board.roots.provision.data.join("last.json")).unwrap()
        }

        fn starts_anew(&self) -> bool {
            self.board.calls().iter().any(|call| call.starts_with("systemctl"))
        }
    }

    #[test]
    fn newer_settings_are_taken_over_and_nobody_is_served_until_the_board_starts_anew() {
        let office = Office::new();
        let server = office.offers(&bundle(4));
        let restarting =
            super::check(&office.board.roots, &Office::updates(&server), office.now).unwrap().unwrap();
        let asked = server.requests.recv().unwrap();
        assert!(asked.starts_with("GET /kiosk/offices/deneme-1.bundle HTTP/1.1\r\n"), "{asked}");
        assert_eq!(office.board.calls().last().unwrap(), "systemctl reboot");
        assert!(VisitLock::try_take(&office.board.roots.lock).unwrap().is_none());
        drop(restarting);
        assert_eq!(office.in_force(), Some(4));
        assert!(office.last().contains("bundle 4"));
    }

    #[test]
    fn settings_that_are_no_newer_change_nothing() {
        let office = Office::new();
        let before = office.last();
        let signed_anew = bundle(3);
        for offered in [
            fs::read(office.board.roots.provision.data.join("current.bundle")).unwrap(),
            signed_anew,
            bundle(2),
        ] {
            assert!(office.check(&offered).unwrap().is_none());
        }
        let server = office.host.serve(vec![answer("404 Not Found", "")]);
        assert!(super::check(&office.board.roots, &Office::updates(&server), office.now).unwrap().is_none());
        assert_eq!((office.in_force(), office.last()), (Some(3), before));
        assert_eq!(office.board.calls(), Vec::<String>::new());
        let unnamed = Updates { office: None, ..Office::updates(&server) };
        assert!(super::check(&office.board.roots, &unnamed, office.now).unwrap().is_none());
    }

    #[test]
    fn another_offices_settings_are_not_taken_whatever_their_number() {
        let office = Office::new();
        let before = office.last();
        for other in [settings(9), settings(9) + "[updates]\noffice = \"deneme-2\"\n"] {
            let refused = office.check(&bundle_of(&other)).unwrap_err();
            assert!(
                matches!(&refused, UpdateError::OtherOffice { expected } if expected == "deneme-1"),
                "{refused}"
            );
        }
        assert_eq!((office.in_force(), office.last(), office.starts_anew()), (Some(3), before, false));
    }

    #[test]
    fn settings_that_are_not_right_are_refused_and_it_is_said_why() {
        let office = Office::new();
        let forged = sign(&tar(&files(&settings(9))), &key("update.pem"), &key("update.key"));
        for (offered, why) in
            [(forged, "the bundle's signer"), (b"nonsense".to_vec(), "the bundle's signature")]
        {
            let fault = office.check(&offered).unwrap_err().to_string();
            assert!(fault.starts_with(why), "{fault}");
            assert!(office.last().contains(why), "{}", office.last());
        }
        let late = Office { now: office.now + 20 * 365 * 86_400, ..office };
        let fault = late.check(&bundle(4)).unwrap_err().to_string();
        assert!(fault.contains("expected one that is valid now"), "{fault}");
        assert!(!late.starts_anew());
        assert_eq!(late.in_force(), Some(3));
        assert!(VisitLock::try_take(&late.board.roots.lock).unwrap().is_some());
    }

    #[test]
    fn settings_wait_for_visits_for_trials_and_for_raucs_service() {
        let office = Office::new();
        let four = bundle(4);
        let visit = VisitLock::try_take(&office.board.roots.lock).unwrap().unwrap();
        assert!(matches!(office.check(&four), Err(UpdateError::Busy)));
        drop(visit);
        office.board.bus_while("echo installing", "exit 1");
        assert!(matches!(office.check(&four), Err(UpdateError::Busy)));
        office.board.bus("exit 1");
        let slot = "A".to_owned();
        let trial = Update { phase: Phase::Trial, version: "1.4".into(), slot, reason: None, setback: None };
        trial.write(&office.board.roots.state).unwrap();
        assert!(matches!(office.check(&four), Err(UpdateError::OnTrial { slot: "A" })));
        assert_eq!((office.in_force(), office.starts_anew()), (Some(3), false));
        Update { phase: Phase::Kept, ..trial }.write(&office.board.roots.state).unwrap();
        assert!(office.check(&four).unwrap().is_some());
        assert_eq!(office.in_force(), Some(4));
    }

    #[test]
    fn settings_come_before_a_newer_system_and_do_not_keep_it_away() {
        let office = Office::new();
        let server = office.host.serve(vec![answer("200 OK", bundle(4)), answer("500 Oops", "")]);
        let address = format!("https://127.0.0.1:{}/kiosk", server.port);
        office.board.configure(&format!("[updates]\naddress = '{address}'\noffice = 'deneme-1'\n"));
        office.board.offers("1.5");
        let check = || check_all(&office.board.roots, Some(office.now)).unwrap();
        assert!(matches!(check(), Checked::Restarting(_)));
        assert_eq!(office.in_force(), Some(4));
        let bundle_of_the_system = |call: &String| call.contains(".raucb");
        assert!(!office.board.calls().iter().any(bundle_of_the_system), "one thing at a time");
        assert!(matches!(check(), Checked::Restarting(_)), "a server without settings may have a system");
        assert!(office.board.calls().iter().any(bundle_of_the_system));
    }
}
