//! The page that says what went wrong, and the ways on from it.
//!
//! Which advice there is for a cause is in the table of [`crate::session::fault`]; here it is seen which of it
//! leads anywhere now.

use super::{Context, Ending, Next, card, contract, form, login, outcome, paper, signing, unblock};
use crate::{
    link::{intent::Intent, view::Service},
    session::{
        Settings,
        fault::Advice,
        stage::{Stage, Trouble, Way},
    },
};

impl Trouble {
    /// The advice that can be followed now, the best first.
    pub(in crate::session) fn advice(&self, settings: &Settings) -> Vec<Advice> {
        let unblocks = settings.offers(Service::Unblock);
        let possible = |advice: &Advice| match advice {
            Advice::TryAgain => match self.way {
                Way::Nothing => false,
                Way::Read
                | Way::Open
                | Way::Page(_)
                | Way::Document
                | Way::Fetch(_)
                | Way::Unblock(_)
                | Way::Prepare(_)
                | Way::HandIn { .. }
                | Way::Ask(_) => true,
            },
            Advice::StartOver | Advice::CorrectForm => self.can_start_over(),
            Advice::ReinsertCard
            | Advice::AnotherCard
            | Advice::ComeLater
            | Advice::CallStaff
            | Advice::HumanResources
            | Advice::CallCentre
            | Advice::WetInk
            | Advice::Renew
            | Advice::TestSignature
            | Advice::Finish => true,
            Advice::UnblockHere => unblocks,
            Advice::Unblock => !unblocks,
        };
        self.cause.remedy().advice.iter().copied().filter(possible).collect()
    }

    /// An application whose outcome is open is asked about before anything is offered again (invariant 3).
    fn can_start_over(&self) -> bool {
        match &self.way {
            Way::Open
            | Way::Page(_)
            | Way::Document
            | Way::Fetch(_)
            | Way::Unblock(_)
            | Way::HandIn { .. } => true,
            Way::Prepare(pending) => pending.contract.code().is_some(),
            Way::Nothing | Way::Read | Way::Ask(_) => false,
        }
    }
}

pub(super) fn touched(trouble: Box<Trouble>, intent: &Intent, cx: &mut Context<'_>) -> Next {
    let advice = trouble.advice(cx.settings());
    let followed = if let Intent::Advice(wanted) = intent {
        advice.into_iter().find(|advice| advice == wanted)
    } else {
        advice.first().copied().filter(|_| *intent == Intent::Next)
    };
    let Some(followed) = followed else { return Next::Stay(Stage::Trouble(trouble)) };
    match followed {
        Advice::TryAgain => try_again(*trouble, cx),
        Advice::StartOver | Advice::CorrectForm => Next::Go(login::open(cx)),
        Advice::UnblockHere => {
            cx.visit.service = Service::Unblock;
            Next::Go(card::begin(cx))
        }
        // Whoever is called comes and reads the page.
        Advice::CallStaff => Next::Stay(Stage::Trouble(trouble)),
        Advice::ReinsertCard
        | Advice::AnotherCard
        | Advice::ComeLater
        | Advice::HumanResources
        | Advice::CallCentre
        | Advice::WetInk
        | Advice::Unblock
        | Advice::Renew
        | Advice::TestSignature
        | Advice::Finish => Next::End(Ending::Fault(trouble.cause)),
    }
}

fn try_again(trouble: Trouble, cx: &mut Context<'_>) -> Next {
    match trouble.way {
        Way::Nothing => Next::End(Ending::Fault(trouble.cause)),
        Way::Read => Next::Go(card::begin(cx)),
        Way::Open => Next::Go(login::open(cx)),
        Way::Page(stage) => {
            let stage = *stage;
            Next::Go(if let Stage::Form(form) = stage { form::again(form, cx) } else { stage })
        }
        Way::Document => paper::choose(cx),
        Way::Fetch(code) => contract::fetch(code, cx),
        Way::Unblock(code) => unblock::fetch(code, cx),
        Way::Prepare(pending) => signing::prepare(pending, cx),
        Way::HandIn { code, application } => outcome::send(code, application, cx),
        Way::Ask(outcome) => outcome::again(*outcome, cx),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Advice, Trouble, Way};
    use crate::{
        redact::Personal,
        session::{
            Recovery,
            fault::Cause,
            stage::{Code, Look, Outcome},
            tests::settings,
        },
    };

    #[test]
    fn nothing_is_offered_again_while_an_outcome_is_open_whatever_the_cause() {
        let end = Duration::from_secs(300);
        let code = Code { digits: Personal::default(), by: end, total: end };
        let outcome = Outcome { code, taken: false, until: end, look: Look::At(end) };
        let mut trouble =
            Trouble { cause: Cause::OutcomeUnknown, quote: None, way: Way::Ask(Box::new(outcome)) };
        for cause in Cause::ALL {
            trouble.cause = cause;
            let advice = trouble.advice(&settings(Recovery::None));
            assert!(
                !advice.contains(&Advice::StartOver) && !advice.contains(&Advice::CorrectForm),
                "{cause:?}"
            );
        }
    }
}
