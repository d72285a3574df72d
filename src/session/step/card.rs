//! The card: read, judged, and the notice before anything is typed.
//!
//! Which certificate is fit is said by [`crate::card::certificate`]; here it becomes a page.

use std::time::Duration;

use super::{Context, Ending, Next, assist, check, login, new_pin, online, paper, trouble};
use crate::{
    card::certificate::{Certificate, Unfit},
    link::{
        intent::Intent,
        signer::{Fault, Reply, TriesLeft},
        view::Service,
    },
    session::{
        Now, Settings,
        answers::Answers,
        clock,
        desk::Signer,
        fault::{Advice, Cause},
        stage::{Check, Eligibility, Stage, Trouble, Way},
        visit::fingerprints,
    },
};

const SECONDS_A_DAY: i64 = 86_400;

/// Begins to read the card, or waits for the signer to do it.
pub(in crate::session) fn begin(cx: &mut Context<'_>) -> Stage {
    let by = cx.in_seconds(cx.settings().rules.signer_s);
    Stage::Reading { asked: cx.read_card(), by }
}

/// A card that does not answer at all.
pub(in crate::session) fn mute(cx: &mut Context<'_>) -> Stage {
    if cx.visit.service == Service::WetInk {
        return paper::begin(cx);
    }
    if cx.visit.service == Service::CardCheck {
        return Stage::Check(Box::new(Check::unread(Cause::CardMute)));
    }
    Stage::Trouble(Box::new(Trouble { cause: Cause::CardMute, quote: None, way: Way::Nothing }))
}

pub(super) fn read(by: Duration, result: Result<Reply, Fault>, cx: &mut Context<'_>) -> Next {
    if cx.visit.service == Service::CardCheck {
        return check::read(by, result, cx);
    }
    let waiting = Stage::Reading { asked: None, by };
    let (certificates, tries) = match result {
        Ok(Reply::Card { certificates, tries }) => (certificates, tries),
        Ok(Reply::Prepared { .. } | Reply::PreparedOwn { .. } | Reply::Signed(_) | Reply::Done) => {
            return trouble(Cause::CardModule, Way::Read);
        }
        // The monitor will say so, or the signer will be back; else the time of reading ends.
        Err(Fault::SignerLost | Fault::NoCard | Fault::CardPulled) => return Next::Stay(waiting),
        // Paper asks nothing of a card but the name.
        Err(_) if cx.visit.service == Service::WetInk => return Next::Go(paper::begin(cx)),
        Err(fault) => {
            let cause = Cause::from(fault);
            let again = matches!(cause, Cause::CardModule | Cause::ReaderBusy);
            return trouble(cause, if again { Way::Read } else { Way::Nothing });
        }
    };
    cx.visit.signer_knows = true;
    if assist::is_helpers(&certificates, cx) {
        return Next::End(Ending::OwnAgain);
    }
    cx.visit.helper = None;
    cx.visit.fingerprints = fingerprints(&certificates);
    if cx.visit.service == Service::WetInk {
        let parsed = certificates.iter().filter_map(|der| Certificate::parse(der).ok()).collect();
        // Whatever is to be said of it, whose it is need not be typed.
        drop(judge(parsed, None, cx));
        return Next::Go(paper::begin(cx));
    }
    if cx.visit.service.is_online() {
        return online::begin(&certificates, tries, cx);
    }
    if matches!(tries, TriesLeft::Locked | TriesLeft::Known(0)) {
        return trouble(Cause::PinLocked, Way::Nothing);
    }
    if cx.visit.service == Service::Assisted {
        return assist::begin(&certificates, cx);
    }
    if cx.visit.service == Service::ChangePin {
        return new_pin::begin(&certificates, cx);
    }
    let parsed: Vec<Certificate> =
        certificates.iter().filter_map(|der| Certificate::parse(der).ok()).collect();
    if parsed.is_empty() {
        let cause = if certificates.is_empty() { Cause::NoCertificate } else { Cause::CertificateMalformed };
        return trouble(cause, Way::Nothing);
    }
    match judge(parsed, cx.settings().rules.renewal_window_days, cx) {
        Some(who) => Next::Go(Stage::Eligibility(who)),
        None => trouble(Cause::NoCertificate, Way::Nothing),
    }
}

/// Whose card it is and whether a renewal can go on; the visit learns what it could be signed with.
/// `window`: days before the end from which a certificate is fit for it; without one, any time.
pub(super) fn judge(
    certificates: Vec<Certificate>,
    window: Option<u32>,
    cx: &mut Context<'_>,
) -> Option<Eligibility> {
    let mut usable = Vec::new();
    let mut unfit = Vec::new();
    for certificate in certificates {
        match certificate.judge(cx.now.wall, window) {
            Ok(()) => usable.push(certificate),
            Err(why) => unfit.push((why, certificate)),
        }
    }
    // What the person came with is the qualified one; of several the one that ends last.
    usable.sort_by_key(|certificate| std::cmp::Reverse(certificate.not_after()));
    unfit.sort_by_key(|(why, certificate)| (rank(why), std::cmp::Reverse(certificate.not_after())));
    let (certificate, verdict, possible_from) = match (usable.first(), unfit.first()) {
        (Some(best), _) => (best, Ok(()), None),
        (None, Some((why, certificate))) => (certificate, Err(cause(why)), possible_from(why)),
        (None, None) => return None,
    };
    let eligibility = Eligibility {
        holder: certificate.holder().clone(),
        valid_until: clock::minute(certificate.not_after()),
        days_left: days_left(certificate, cx.now),
        verdict,
        possible_from,
    };
    cx.visit.answers = Answers::new(cx.settings(), Some(certificate));
    cx.visit.usable = usable;
    Some(eligibility)
}

/// Whole days until a certificate ends; negative when it is over.
pub(super) fn days_left(certificate: &Certificate, now: Now) -> i64 {
    (certificate.not_after() - now.wall).div_euclid(SECONDS_A_DAY)
}

/// The reason that helps most comes first.
fn rank(why: &Unfit) -> u8 {
    match why {
        Unfit::TooEarly { .. } => 0,
        Unfit::NotYetValid => 1,
        Unfit::Expired => 2,
        Unfit::Seal => 3,
        Unfit::NotQualified => 4,
    }
}

pub(super) fn cause(why: &Unfit) -> Cause {
    match why {
        Unfit::TooEarly { .. } => Cause::TooEarly,
        Unfit::NotYetValid => Cause::NotYetValid,
        Unfit::Expired => Cause::Expired,
        Unfit::Seal => Cause::Seal,
        Unfit::NotQualified => Cause::NotQualified,
    }
}

fn possible_from(why: &Unfit) -> Option<String> {
    match why {
        Unfit::TooEarly { possible_from } => Some(clock::day(*possible_from)),
        Unfit::NotYetValid | Unfit::Expired | Unfit::Seal | Unfit::NotQualified => None,
    }
}

/// The card was not read in time.
pub(super) fn unread(cx: &mut Context<'_>) -> Next {
    let cause = if cx.desk.signer == Signer::Up { Cause::CardModule } else { Cause::SignerDown };
    if cx.visit.service == Service::CardCheck {
        return check::show(Check::unread(cause));
    }
    if cx.visit.service == Service::WetInk {
        return Next::Go(paper::begin(cx));
    }
    trouble(cause, Way::Read)
}

/// Whether the way on paper is open to whoever cannot renew for this.
pub(in crate::session) fn can_on_paper(verdict: Result<(), Cause>, settings: &Settings) -> bool {
    verdict == Err(Cause::Expired) && settings.printing.is_some()
}

pub(super) fn eligibility(who: Eligibility, intent: &Intent, cx: &mut Context<'_>) -> Next {
    if *intent == Intent::Advice(Advice::WetInk) && can_on_paper(who.verdict, cx.settings()) {
        return paper::instead(cx);
    }
    if *intent != Intent::Next {
        return Next::Stay(Stage::Eligibility(who));
    }
    match who.verdict {
        Ok(()) => Next::Go(Stage::Notice(Some(who))),
        Err(cause) => Next::End(Ending::Fault(cause)),
    }
}

pub(super) fn notice(who: Option<Eligibility>, intent: &Intent, cx: &mut Context<'_>) -> Next {
    if *intent == Intent::Next {
        return Next::Go(login::open(cx));
    }
    match who {
        Some(who) if *intent == Intent::Back && cx.visit.service == Service::Renewal => {
            Next::Go(Stage::Eligibility(who))
        }
        who => Next::Stay(Stage::Notice(who)),
    }
}
