//! Method 1: the document, from either institution and with each of its faults.

use eimza_kiosk::portal::{Action, Fault, Method, Page, Pdf};
use testbench::portal as simulated;

use crate::visit::{BOTH, Visit};

const PAPER: Action = Action::ChooseMethod(Method::WetInk);

async fn document(visit: &mut Visit) -> Result<Page, Fault> {
    visit.reach_sms_code().await?;
    visit.type_sms(0).await?;
    visit.driver.perform(PAPER).await
}

#[tokio::test]
async fn the_document_of_either_institution_comes_as_it_is_and_as_often_as_it_is_asked_for() {
    for institution in BOTH {
        let mut visit = Visit::new(institution, &[]);
        let Ok(Page::WetInkPaper(pdf)) = document(&mut visit).await else { panic!("{institution:?}") };
        let again = visit.driver.perform(PAPER).await;
        assert_eq!(again, Ok(Page::WetInkPaper(pdf.clone())), "{institution:?}");
        let made = visit.simulator.documents();
        assert!(made.len() == 2 && made[0] == pdf.0.expose(), "{institution:?}");
        assert!(visit.simulator.applications().is_empty(), "nothing was applied for");
        assert_eq!(format!("{pdf:?}"), format!("Pdf({} bytes)", made[0].len()));
    }
}

#[tokio::test]
async fn each_fault_of_a_document_has_its_own_name() {
    use simulated::Fault as F;
    for institution in BOTH {
        for (fault, expected) in [
            (F::PaperMissing, Fault::Status(500)),
            (F::PaperOversize, Fault::Oversize { limit: Pdf::LIMIT }),
            (F::PaperOffHost, Fault::OffHost),
        ] {
            let mut visit = Visit::new(institution, &[fault]);
            assert_eq!(document(&mut visit).await, Err(expected), "{institution:?} {fault:?}");
        }
        // What is in it nobody sees who has a network.
        for fault in [F::PaperGarbled, F::PaperEndless] {
            let mut visit = Visit::new(institution, &[fault]);
            assert!(
                matches!(document(&mut visit).await, Ok(Page::WetInkPaper(_))),
                "{institution:?} {fault:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_document_that_failed_is_had_when_it_is_asked_for_again() {
    for institution in BOTH {
        let mut visit = Visit::new(institution, &[simulated::Fault::PaperMissing]);
        assert_eq!(document(&mut visit).await, Err(Fault::Status(500)));
        visit.simulator.set_faults(&[]);
        assert!(matches!(visit.driver.perform(PAPER).await, Ok(Page::WetInkPaper(_))), "{institution:?}");
    }
}
