//! A world around the session: a portal, a signer, a reader and a person that answer as they should, unless a
//! test makes them do otherwise. Time is virtual.
//!
//! Every value of visit N carries N's mark, so that it can be found where it must not be. Longer than others: what each of them
//! may do otherwise is set in one place.

mod kiosk;
mod person;
mod portal;
mod reader;
mod signer;

pub(in crate::session) use kiosk::settings;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use super::{
    cards::{self, TestCard},
    watch::Watch,
};
use crate::{
    card,
    link::{
        intent::{Intent, Touch},
        paper::{Grey, Leaf, Paper},
        signer::{Fault as SignerFault, Reply, Request, RequestId, TriesLeft},
        view::View,
    },
    portal::{Action, Fault as PortalFault, FieldId, OnlineLogin, Page},
    printer::News,
    redact::Personal,
    session::{
        Effect, Event, Now, OpId, Output, Printing, Recovery, ScreenEvent, Session, Settings, SignerEvent,
        Transition, VisitId,
    },
};

pub(super) const READER: &str = "Okuyucu 00";
pub(super) const SMS_LIFE: u64 = 296;
pub(super) const CODE_LIFE: u64 = 290;
pub(super) const PIN_LIFE: u64 = 120;

/// What a right SMS code leads to.
#[derive(Debug, Clone, Copy)]
pub(super) enum AfterSms {
    Method,
    Services,
    Word,
}

/// A question of the session that is not answered yet.
#[derive(Debug, Clone)]
pub(super) enum Asked {
    Portal {
        visit: VisitId,
        op: OpId,
        action: Action,
    },
    Signer {
        visit: VisitId,
        op: OpId,
        request: Request,
    },
    TakeApart {
        visit: VisitId,
        op: OpId,
    },
    /// With what the printer says before it is done.
    Print {
        visit: VisitId,
        op: OpId,
        news: Vec<News>,
    },
}

/// What a card signs instead of this text at this time, Unix seconds.
pub(super) type Forges = fn(&cards::StaffCard, &[u8], i64) -> Vec<u8>;

pub(super) struct World {
    pub(super) session: Session,
    pub(super) now: Now,
    pub(super) watch: Watch,
    /// Every effect so far, in order.
    pub(super) effects: Vec<Effect>,
    pub(super) log: Vec<Transition>,
    /// Questions at the adapters.
    pub(super) asked: VecDeque<Asked>,
    /// Answers given before, to be given again too late.
    pub(super) old: Vec<Event>,
    pub(super) visit: Option<VisitId>,
    pub(super) card: Option<usize>,
    pub(super) reader: bool,
    pub(super) screen: bool,
    pub(super) signer_up: bool,
    // The portal's side
    pub(super) form: BTreeMap<FieldId, Personal>,
    pub(super) codes: u32,
    /// The portal gives out the code that it gave before.
    pub(super) keeps_code: bool,
    pub(super) taken: bool,
    pub(super) after_sms: AfterSms,
    /// Whoever logs in online chooses this way.
    pub(super) way_in: OnlineLogin,
    /// The person does not know the security word.
    pub(super) forgot: bool,
    /// The contract says another province.
    pub(super) contract_differs: bool,
    /// The result page turns after so many looks.
    pub(super) looks: u32,
    // The signer's side
    requests: u8,
    prepared: Option<(RequestId, usize)>,
    /// What is to be signed for whoever helps, and when.
    own: Option<(Vec<u8>, i64)>,
    /// Whoever helps signs something else than was asked.
    pub(super) forges: Option<Forges>,
    given_up: Option<RequestId>,
    /// The request without texts is for a PIN that is opened.
    unblocks: bool,
    pin_sent: bool,
    /// PINs that will be wrong.
    pub(super) wrong_pins: u8,
    pub(super) tries: TriesLeft,
    pub(super) extra_card: Option<TestCard>,
}

/// A document of two pages and the note, of which every pixel is a letter.
pub(super) fn paper(mark: &str) -> Paper {
    let grey = |text: String| {
        let across = u16::try_from(text.len()).expect("short");
        Grey::new((across, 1), text.into_bytes()).expect("as many pixels")
    };
    let leaf = |page: &str| Leaf {
        screen: grey(format!("{page} {mark}")),
        print: grey(format!("{page} {mark} yazıcıya")),
    };
    Paper::new(vec![leaf("form"), leaf("taahhütname"), leaf("not")]).expect("three")
}

/// What an office with a printer has.
pub(super) fn printing() -> Printing {
    Printing { deliver_to: "Deneme Ofisi, Atama".into(), taken_apart_s: 45, wait_s: 180 }
}

impl World {
    pub(super) fn new(recovery: Recovery) -> Self {
        Self::of(settings(recovery))
    }

    /// The same where there is a printer.
    pub(super) fn with_printer(recovery: Recovery) -> Self {
        Self::of(Settings { printing: Some(printing()), ..settings(recovery) })
    }

    fn of(settings: Settings) -> Self {
        let recovery = settings.recovery;
        Self {
            session: Session::new(settings),
            now: Now { mono: Duration::from_secs(100), wall: cards::TODAY },
            watch: Watch::new(recovery),
            effects: Vec::new(),
            log: Vec::new(),
            asked: VecDeque::new(),
            old: Vec::new(),
            visit: None,
            card: None,
            reader: false,
            screen: false,
            signer_up: false,
            form: BTreeMap::new(),
            codes: 0,
            keeps_code: false,
            taken: false,
            after_sms: AfterSms::Method,
            way_in: OnlineLogin::Password,
            forgot: false,
            contract_differs: false,
            looks: 1,
            requests: 0,
            prepared: None,
            own: None,
            forges: None,
            given_up: None,
            unblocks: false,
            pin_sent: false,
            wrong_pins: 0,
            tries: TriesLeft::Unknown,
            extra_card: None,
        }
    }

    /// A kiosk that is ready for somebody.
    pub(super) fn ready() -> Self {
        Self::up(Self::new(Recovery::None))
    }

    /// The same with a printer.
    pub(super) fn ready_to_print() -> Self {
        Self::up(Self::with_printer(Recovery::None))
    }

    fn up(mut world: Self) -> Self {
        world.come_up();
        assert_eq!(world.page(), "attract");
        world
    }

    pub(super) fn come_up(&mut self) {
        self.send(Event::ClockSet(true));
        self.send(Event::Card(card::Event::ServiceUp));
        self.reader_in();
        self.signer(true);
        self.send(Event::Screen(ScreenEvent::Connected));
    }

    // Driving

    /// Gives the session an event and takes what it wants done; each is watched.
    pub(super) fn send(&mut self, event: Event) {
        if let Event::Screen(screen) = &event {
            match screen {
                ScreenEvent::Connected => self.screen = true,
                ScreenEvent::Lost => self.screen = false,
                ScreenEvent::Touch(_) => {}
            }
        }
        let pages = self.log.len();
        self.watch.event(&event, &self.session.view(self.now), self.now);
        self.session.handle(event, self.now);
        while let Output::Effect(effect) = self.session.poll() {
            self.take(effect);
        }
        if let Output::Wait(Some(at)) = self.session.poll() {
            assert!(at > self.now.mono, "a deadline in the past: {at:?}, now {:?}", self.now);
        }
        let view = self.session.view(self.now);
        self.watch.view(&view, self.visit);
        let stranger = self.card.is_some() && self.card != self.watch.card_of_visit;
        if stranger {
            self.watch.seen_by_a_stranger(&view);
        }
        if self.log.len() > pages {
            // Printed whole, which is slow: once for each state.
            self.watch.printed(&format!("{:?}", self.session));
        }
    }

    fn take(&mut self, effect: Effect) {
        if let Effect::Log(transition) = &effect {
            self.log.push(*transition);
            if let Some(visit) = transition.visit.filter(|visit| self.visit != Some(*visit)) {
                self.begin_visit(visit);
            }
        }
        self.watch.effect(&effect, self.visit);
        match &effect {
            Effect::Portal { visit, op, action } => {
                self.asked.retain(|asked| !matches!(asked, Asked::Portal { .. }));
                self.asked.push_back(Asked::Portal { visit: *visit, op: *op, action: action.clone() });
            }
            Effect::Signer { visit, op, request } => {
                self.asked.push_back(Asked::Signer { visit: *visit, op: *op, request: request.clone() });
            }
            Effect::CancelPortal | Effect::ClosePortal => {
                self.asked.retain(|asked| !matches!(asked, Asked::Portal { .. }));
            }
            Effect::TakeApart { visit, op, .. } => {
                self.asked.push_back(Asked::TakeApart { visit: *visit, op: *op });
            }
            Effect::Print { visit, op, .. } => {
                let news = vec![News::Printing, News::OutOfPaper, News::Printing, News::Done];
                self.asked.push_back(Asked::Print { visit: *visit, op: *op, news });
            }
            Effect::DropPaper => {
                self.asked.retain(|asked| !matches!(asked, Asked::TakeApart { .. } | Asked::Print { .. }));
            }
            Effect::SuggestWord { .. }
            | Effect::Lamp(_)
            | Effect::Sound(_)
            | Effect::Backlight(_)
            | Effect::InFlight(_)
            | Effect::Tampered(_)
            | Effect::CallStaff(_)
            | Effect::Log(_) => {}
        }
        self.effects.push(effect);
    }

    fn begin_visit(&mut self, visit: VisitId) {
        self.visit = Some(visit);
        self.watch.card_of_visit = self.card;
        self.form.clear();
        self.taken = false;
        self.prepared = None;
        self.pin_sent = false;
    }

    /// What everything of this visit carries.
    pub(super) fn mark(&self) -> String {
        format!("ZQ{}X", self.visit.map_or(0, |visit| visit.0))
    }

    pub(super) fn touch(&mut self, intent: Intent) {
        let serial = self.session.view(self.now).serial;
        self.send(Event::Screen(ScreenEvent::Touch(Touch { serial, intent })));
    }

    pub(super) fn view(&self) -> View {
        self.session.view(self.now)
    }

    /// Name of the page that is shown, as the robot calls it.
    pub(super) fn page(&self) -> String {
        let json = serde_json::to_value(self.view().page).expect("a page is data");
        let name = json.as_str().map(str::to_owned);
        let name = name.or_else(|| json.as_object()?.keys().next().cloned()).expect("a variant");
        let mut kebab = String::new();
        for letter in name.chars() {
            if letter.is_uppercase() && !kebab.is_empty() {
                kebab.push('-');
            }
            kebab.extend(letter.to_lowercase());
        }
        kebab
    }

    /// Lets time pass to the next deadline, or as far as that.
    pub(super) fn wait(&mut self, at_most: Duration) {
        let until = self.now.mono + at_most;
        let next = match self.session.poll() {
            Output::Wait(Some(at)) => at.min(until),
            Output::Wait(None) => until,
            Output::Effect(effect) => unreachable!("taken before: {effect:?}"),
        };
        self.advance(next);
        self.send(Event::Wake);
    }

    /// Lets so much time pass, waking at each deadline.
    pub(super) fn pass(&mut self, seconds: u64) {
        let until = self.now.mono + Duration::from_secs(seconds);
        while self.now.mono < until {
            self.wait(until - self.now.mono);
        }
    }

    fn advance(&mut self, to: Duration) {
        self.now.wall += i64::try_from((to - self.now.mono).as_secs()).expect("short");
        self.now.mono = to;
    }

    pub(super) fn signer(&mut self, up: bool) {
        self.signer_up = up;
        self.prepared = None;
        self.pin_sent = false;
        self.asked.retain(|asked| !matches!(asked, Asked::Signer { .. }));
        self.send(Event::Signer(if up { SignerEvent::Connected } else { SignerEvent::Lost }));
    }

    // The adapters, as they should be

    /// Answers the oldest question that can be answered; false when there is none.
    pub(super) fn answer(&mut self) -> bool {
        for index in 0..self.asked.len() {
            let event = match self.asked[index].clone() {
                Asked::Portal { visit, op, action } => {
                    let result = self.portal_page(&action);
                    Some(Event::Portal { visit, op, result })
                }
                Asked::Signer { visit, op, request } => {
                    self.signer_reply(&request).map(|result| Event::Signed { visit, op, result })
                }
                Asked::TakeApart { visit, op } => {
                    Some(Event::Paper { visit, op, result: Ok(paper(&self.mark())) })
                }
                Asked::Print { visit, op, mut news } => {
                    let said = news.remove(0);
                    if !news.is_empty() {
                        let rest = Asked::Print { visit, op, news };
                        self.asked[index] = rest;
                        self.reply(Event::Printer { visit, op, result: Ok(said) });
                        return true;
                    }
                    Some(Event::Printer { visit, op, result: Ok(said) })
                }
            };
            if let Some(event) = event {
                self.asked.remove(index);
                self.reply(event);
                return true;
            }
        }
        false
    }

    /// Gives an answer, and keeps it to be given again.
    pub(super) fn reply(&mut self, event: Event) {
        self.old.push(event.clone());
        let ends = matches!(&event, Event::Signed { result: Ok(Reply::Done), .. });
        self.send(event);
        let ended = matches!(
            self.effects.iter().rev().find_map(|effect| match effect {
                Effect::Signer { request, .. } => Some(request),
                Effect::Portal { .. }
                | Effect::CancelPortal
                | Effect::ClosePortal
                | Effect::TakeApart { .. }
                | Effect::Print { .. }
                | Effect::DropPaper
                | Effect::SuggestWord { .. }
                | Effect::Lamp(_)
                | Effect::Sound(_)
                | Effect::Backlight(_)
                | Effect::InFlight(_)
                | Effect::Tampered(_)
                | Effect::CallStaff(_)
                | Effect::Log(_) => None,
            }),
            Some(Request::EndVisit)
        );
        if ends && ended && self.signer_up {
            // The signer serves one visit per process image.
            self.signer(false);
            self.signer(true);
        }
    }

    /// Gives the question at the portal this answer.
    pub(super) fn portal_says(&mut self, result: Result<Page, PortalFault>) {
        let at = self.asked.iter().position(|asked| matches!(asked, Asked::Portal { .. }));
        let Some(Asked::Portal { visit, op, .. }) = at.and_then(|at| self.asked.remove(at)) else {
            panic!("nothing was asked of the portal on {}", self.page());
        };
        self.reply(Event::Portal { visit, op, result });
    }

    /// Gives the newest question at the signer that is waited for this answer.
    pub(super) fn signer_says(&mut self, result: Result<Reply, SignerFault>) {
        let waited = |asked: &Asked| {
            matches!(
                asked,
                Asked::Signer {
                    request: Request::ReadCard { .. }
                        | Request::Prepare { .. }
                        | Request::PrepareOwn { .. }
                        | Request::PrepareChange { .. }
                        | Request::PrepareUnblock { .. }
                        | Request::Collect(_),
                    ..
                }
            )
        };
        let at = self.asked.iter().rposition(waited);
        let Some(Asked::Signer { visit, op, .. }) = at.and_then(|at| self.asked.remove(at)) else {
            panic!("nothing was asked of the signer on {}", self.page());
        };
        self.reply(Event::Signed { visit, op, result });
    }

    pub(super) fn asks_portal(&self) -> Option<&Action> {
        self.asked.iter().find_map(|asked| match asked {
            Asked::Portal { action, .. } => Some(action),
            Asked::Signer { .. } | Asked::TakeApart { .. } | Asked::Print { .. } => None,
        })
    }

    /// The operation of whatever is under way with paper.
    pub(super) fn asks_paper(&self) -> Option<(VisitId, OpId)> {
        self.asked.iter().find_map(|asked| match asked {
            Asked::TakeApart { visit, op } | Asked::Print { visit, op, .. } => Some((*visit, *op)),
            Asked::Portal { .. } | Asked::Signer { .. } => None,
        })
    }

    pub(super) fn actions(&self) -> impl Iterator<Item = &Action> {
        self.effects
            .iter()
            .filter_map(|effect| if let Effect::Portal { action, .. } = effect { Some(action) } else { None })
    }

    pub(super) fn requests(&self) -> impl Iterator<Item = &Request> {
        self.effects.iter().filter_map(|effect| {
            if let Effect::Signer { request, .. } = effect { Some(request) } else { None }
        })
    }

    pub(super) fn count(&self, of: impl Fn(&Action) -> bool) -> usize {
        self.actions().filter(|action| of(action)).count()
    }

    pub(super) fn submissions(&self) -> usize {
        self.count(|action| matches!(action, Action::SubmitSignatures { .. }))
    }
}
