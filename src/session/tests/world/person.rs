//! The person's side of the world: the next thing somebody does who wants a new card.

use std::time::Duration;

use super::super::cards::{self, TestCard};
use super::{Asked, World};
use crate::{
    link::{
        intent::Intent,
        signer::Request,
        view::{Finding, HandOver, Input, LoginKind, Overlay, Page as Shown, Service},
    },
    portal::{FieldId, Method},
    redact::Personal,
    session::{Event, ScreenEvent, fault::Advice},
};

impl World {
    /// Does the next thing somebody does who wants a new card: what is asked is answered first.
    pub(in crate::session::tests) fn walk(&mut self) {
        if self.answer() {
            return;
        }
        if !self.signer_up {
            return self.signer(true);
        }
        if !self.screen {
            return self.send(Event::Screen(ScreenEvent::Connected));
        }
        let view = self.view();
        match view.overlay {
            Some(Overlay::StillThere { .. } | Overlay::CancelConfirm | Overlay::Help { .. }) => {
                return self.touch(Intent::Stay);
            }
            None => {}
        }
        match view.page {
            Shown::Starting | Shown::OutOfService { .. } => {
                self.come_up();
                self.wait(Duration::from_secs(30));
            }
            // Every fifth has the card checked first.
            Shown::Attract { .. } if self.visitor() % 5 == 4 => {
                self.touch(Intent::Service(Service::CardCheck));
            }
            // Of these cards, one does not tell that its PIN is not locked.
            Shown::InsertCard { service: Service::Unblock, .. } => self.card_in(3),
            Shown::InsertCard { service: Service::Assisted, .. } => {
                self.extra_card = Some(cards::STAFF.card());
                self.card_in(usize::MAX);
            }
            Shown::HandOver { card: HandOver::OwnOut | HandOver::OwnAgain } => self.card_out(),
            Shown::HandOver { card: HandOver::Person } => {
                self.card_in(self.visitor() % cards::GOOD.len());
            }
            Shown::Attract { .. } | Shown::InsertCard { .. } => {
                self.card_in(self.visitor() % cards::GOOD.len());
            }
            Shown::CardCheck { advice, findings } => {
                let tried = findings.iter().any(|it| matches!(it, Finding::Trial(_)));
                let trial = Advice::TestSignature;
                let next =
                    if advice.contains(&trial) && !tried { Intent::Advice(trial) } else { Intent::Next };
                self.touch(next);
            }
            Shown::Eligibility { .. }
            | Shown::Notice { .. }
            | Shown::SmsSend { .. }
            | Shown::Review { .. }
            | Shown::WordSet
            | Shown::NewCardPin { .. } => self.touch(Intent::Next),
            Shown::LoginWay { offered } => {
                let way = offered.iter().copied().find(|way| *way == self.way_in);
                self.touch(Intent::LoginWay(way.unwrap_or(offered[0])));
            }
            Shown::Login { kind: LoginKind::Online, .. } if std::mem::take(&mut self.forgot) => {
                self.touch(Intent::ForgottenWord);
            }
            Shown::Login { fields, .. } | Shown::Form { fields, .. } => {
                for field in fields {
                    if field.input != Input::ReadOnly && field.value.is_blank() {
                        let value = self.typed(field.id, &field.input);
                        self.touch(Intent::Fill { field: field.id, value });
                    }
                }
                self.touch(Intent::Next);
            }
            Shown::SmsCode { .. } => self.touch(Intent::SmsCode("123456".into())),
            Shown::Method { .. } => self.touch(Intent::Method(Method::Electronic)),
            Shown::Paper { .. } | Shown::Printed { .. } => self.touch(Intent::Next),
            Shown::Contract { .. } => self.touch(Intent::ContractRead),
            Shown::Certificate { .. } => self.touch(Intent::Certificate(1)),
            Shown::LastTry { .. } => self.touch(Intent::AcceptLastTry),
            Shown::Pin { dialogue, .. } => {
                self.pin_sent = true;
                self.touch(Intent::PinSent(dialogue.request));
            }
            Shown::NewPin { request, .. } => {
                self.pin_sent = true;
                self.touch(Intent::PinSent(request));
            }
            Shown::Result { .. } | Shown::PinSet { .. } => self.touch(Intent::Next),
            Shown::Trouble { .. } => self.touch(Intent::Next),
            Shown::CardPulled { other_card, .. } => {
                if other_card && self.card.is_some() {
                    self.card_out();
                } else {
                    let card = self.watch.card_of_visit.unwrap_or(0);
                    self.card_in(card);
                }
            }
            Shown::TakeCard { .. } => self.card_out(),
            Shown::ReadingCard
            | Shown::Signing
            | Shown::Busy { .. }
            | Shown::Printing { .. }
            | Shown::ThankYou => {
                self.wait(Duration::from_secs(30));
            }
        }
    }

    /// Somebody chooses the service and puts this card in, which is read.
    pub(in crate::session::tests) fn came_for(service: Service, card: TestCard) -> Self {
        let mut world = Self::ready();
        world.touch(Intent::Service(service));
        assert_eq!(world.page(), "insert-card");
        world.extra_card = Some(card);
        world.card_in(usize::MAX);
        while world.answer() {}
        world
    }

    /// How many have been there.
    fn visitor(&self) -> usize {
        self.visit.map_or(0, |visit| visit.0 as usize)
    }

    pub(in crate::session::tests) fn typed(&self, id: FieldId, input: &Input) -> Personal {
        let mark = self.mark();
        match id {
            FieldId::BirthDate => "15.08.1975".into(),
            FieldId::NationalId => "10000000146".into(),
            FieldId::SecurityWord | FieldId::SecurityWordRepeat => format!("Sözcük-{mark}-41").into(),
            FieldId::PostalCode => "26100".into(),
            FieldId::Email => format!("{mark}@ornek.tr").into(),
            FieldId::WorkPhone => "2221112233".into(),
            FieldId::HomePhone => Personal::default(),
            FieldId::MobilePhone => "5321112233".into(),
            FieldId::WorkExtension => "12".into(),
            FieldId::Captcha
            | FieldId::GivenName
            | FieldId::Surname
            | FieldId::BirthPlace
            | FieldId::Reason
            | FieldId::ReaderType
            | FieldId::Validity
            | FieldId::Institution
            | FieldId::RegistryNumber
            | FieldId::Unit
            | FieldId::Title
            | FieldId::Address
            | FieldId::Province
            | FieldId::District
            | FieldId::MobileOperator
            | FieldId::InfoChannel => match input {
                Input::Choice(choices) => {
                    choices.first().map(|choice| choice.value.clone()).unwrap_or_default().into()
                }
                Input::ReadOnly
                | Input::Text { .. }
                | Input::Email { .. }
                | Input::Digits { .. }
                | Input::Date => format!("Deneme {mark}").into(),
            },
        }
    }

    /// Walks until the page is shown.
    pub(in crate::session::tests) fn walk_to(&mut self, page: &str) {
        for _ in 0..200 {
            if self.page() == page && self.asked.iter().all(|a| !self.is_due(a)) {
                return;
            }
            self.walk();
        }
        panic!("never came to {page}; on {}\n{:#?}", self.page(), self.log);
    }

    /// Walks until the state is entered, by its name in the log.
    pub(in crate::session::tests) fn walk_into(&mut self, state: &str) {
        for _ in 0..200 {
            if self.log.last().is_some_and(|transition| transition.to == state) {
                return;
            }
            self.walk();
        }
        panic!("never came into {state}; on {}\n{:#?}", self.page(), self.log);
    }

    /// Whether somebody is waiting for this answer and it can be given now.
    fn is_due(&self, asked: &Asked) -> bool {
        match asked {
            Asked::Portal { .. } | Asked::TakeApart { .. } | Asked::Print { .. } => true,
            Asked::Signer { request, .. } => match request {
                Request::Collect(_) => self.pin_sent,
                Request::ReadCard { .. }
                | Request::Prepare { .. }
                | Request::PrepareOwn { .. }
                | Request::PrepareChange { .. }
                | Request::PrepareUnblock { .. } => true,
                Request::Abandon(_) | Request::CardOut | Request::EndVisit => false,
            },
        }
    }
}
