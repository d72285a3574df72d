//! The login page and the form: what is filled in, what is judged, what the portal refuses.

use super::{cards, world::World};
use crate::{
    link::{
        intent::Intent,
        view::{FieldError, FieldView, FieldWarning, Input, Page as Shown, Section, Source, Step},
    },
    portal::{Action, Choice, Fault, FieldId, Page, Quote},
    redact::Personal,
    session::{
        Effect, Event,
        fault::{Advice, Cause},
    },
};

fn fields(world: &World) -> Vec<FieldView> {
    let page = world.view().page;
    let (Shown::Login { fields, .. } | Shown::Form { fields, .. }) = page else {
        panic!("no fields on {page:?}")
    };
    fields
}

fn field(world: &World, id: FieldId) -> FieldView {
    fields(world).into_iter().find(|field| field.id == id).expect("on this page")
}

fn fill(world: &mut World, id: FieldId, value: &str) {
    world.touch(Intent::Fill { field: id, value: value.into() });
}

#[test]
fn name_and_id_are_filled_in_from_the_card_and_the_id_is_not_typed() {
    let mut world = World::ready();
    world.walk_to("login");
    assert_eq!(field(&world, FieldId::Captcha).value, Personal::default());
    let id = field(&world, FieldId::NationalId);
    assert_eq!((id.value.expose(), id.source, id.input), ("10000000146", Source::Card, Input::ReadOnly));
    let name = field(&world, FieldId::GivenName);
    assert_eq!((name.value.expose(), name.source), ("DENEME", Source::Card));
    assert_eq!(field(&world, FieldId::Surname).value.expose(), cards::GOOD[0].mark);
    fill(&mut world, FieldId::NationalId, "10000000147");
    assert_eq!(field(&world, FieldId::NationalId).value.expose(), "10000000146");
}

#[test]
fn every_field_of_the_first_page_has_to_be_filled_in_whatever_the_page_marks() {
    let mut world = World::ready();
    world.walk_to("login");
    world.touch(Intent::Next);
    assert!(fields(&world).iter().all(|field| field.required));
    assert_eq!(field(&world, FieldId::BirthPlace).error, Some(FieldError::Missing));
    assert_eq!(world.asks_portal(), None);
}

#[test]
fn a_wrong_captcha_brings_another_picture_and_keeps_the_rest() {
    let mut world = World::ready();
    world.walk_to("login");
    world.walk();
    let page = world.login_page(true, None);
    world.portal_says(Ok(page));
    assert!(matches!(world.view().page, Shown::Login { wrong_captcha: true, .. }));
    assert!(field(&world, FieldId::Captcha).value.is_blank());
    assert!(field(&world, FieldId::BirthPlace).value.expose().starts_with("DENEME"));
    world.touch(Intent::NewCaptcha);
    assert_eq!(world.asks_portal(), Some(&Action::Open));
}

#[test]
fn refused_data_are_shown_in_the_portals_words_and_the_third_time_somebody_is_to_be_asked() {
    let mut world = World::ready();
    for refusal in 1..=3 {
        world.walk_to("login");
        world.walk();
        let page = world.login_page(false, Some(Quote("Bilgileriniz uyuşmuyor".into())));
        world.portal_says(Ok(page));
        if refusal < 3 {
            assert!(matches!(world.view().page, Shown::Login { refusal: Some(_), .. }));
        }
    }
    assert!(matches!(world.view().page, Shown::Trouble { cause: Cause::LoginRefused, .. }));
    world.touch(Intent::Next);
    world.walk_to("login");
    assert!(!field(&world, FieldId::BirthDate).value.is_blank(), "what was typed is kept");
}

#[test]
fn no_page_of_the_form_has_more_than_five_fields_to_fill_in() {
    let mut world = World::ready();
    for section in [Section::Reason, Section::Institution, Section::Address, Section::Contact] {
        world.walk_to("form");
        while !matches!(world.view().page, Shown::Form { section: shown, .. } if shown == section) {
            world.walk();
        }
        let open = fields(&world).iter().filter(|field| field.input != Input::ReadOnly).count();
        assert!((1..=5).contains(&open), "{open} on {section:?}");
        assert_eq!(world.view().frame.step, Some(Step::Details));
    }
}

#[test]
fn the_form_begins_with_what_the_card_the_portal_and_the_office_know() {
    let mut world = World::ready();
    world.walk_to("form");
    let reason = field(&world, FieldId::Reason);
    assert_eq!((reason.value.expose(), reason.source), ("Y", Source::Office));
    assert_eq!(field(&world, FieldId::Validity).value.expose(), "3");
    world.walk();
    let unit = field(&world, FieldId::Unit);
    assert_eq!((unit.value.expose(), unit.source), ("Bilgi İşlem", Source::Office));
    assert_eq!(field(&world, FieldId::Institution).input, Input::ReadOnly);
    world.walk();
    assert_eq!(field(&world, FieldId::Province).value.expose(), "26");
    assert_eq!(field(&world, FieldId::District).value.expose(), "1", "the office's, once its list is here");
}

#[test]
fn another_province_asks_for_its_districts_and_forgets_the_old_one() {
    let mut world = World::ready();
    world.walk_to("form");
    while !matches!(world.view().page, Shown::Form { section: Section::Address, .. }) {
        world.walk();
    }
    fill(&mut world, FieldId::Province, "06");
    assert_eq!(world.asks_portal(), Some(&Action::Districts("06".into())));
    assert_eq!(field(&world, FieldId::District).input, Input::Choice(Vec::new()));
    assert_eq!(field(&world, FieldId::PostalCode).warning, Some(FieldWarning::PostalCodeOfOtherProvince));
    // Changed once more while the first list is on its way: that one is not wanted any more.
    fill(&mut world, FieldId::Province, "26");
    assert!(world.effects.contains(&Effect::CancelPortal));
    let old = world.effects.iter().rev().find_map(|effect| {
        let Effect::Portal { visit, op, action: Action::Districts(of) } = effect else { return None };
        (of == "06").then_some((*visit, *op))
    });
    let (visit, op) = old.expect("asked before");
    let ankara = Page::Districts(vec![Choice { value: "9".into(), label: "ÇANKAYA".into() }]);
    world.send(Event::Portal { visit, op, result: Ok(ankara) });
    assert_eq!(field(&world, FieldId::District).input, Input::Choice(Vec::new()));
    world.answer();
    assert_eq!(field(&world, FieldId::District).value.expose(), "1");
}

#[test]
fn a_page_of_the_form_is_left_only_when_it_can_be_sent() {
    let mut world = World::ready();
    world.walk_to("form");
    world.touch(Intent::Next);
    assert_eq!(field(&world, FieldId::SecurityWord).error, Some(FieldError::Missing));
    fill(&mut world, FieldId::SecurityWord, "Odunpazarı+26");
    assert_eq!(field(&world, FieldId::SecurityWord).error, Some(FieldError::WeakWord));
    assert_eq!(field(&world, FieldId::SecurityWord).value.expose(), "Odunpazarı+26", "never cleared");
    fill(&mut world, FieldId::SecurityWord, "Zeytin-41-Köprü");
    fill(&mut world, FieldId::SecurityWordRepeat, "Zeytin-41-köprü");
    assert_eq!(field(&world, FieldId::SecurityWordRepeat).error, Some(FieldError::Repeat));
    // The first changed to the second: both are right then.
    fill(&mut world, FieldId::SecurityWord, "Zeytin-41-köprü");
    assert_eq!(field(&world, FieldId::SecurityWordRepeat).error, None);
}

#[test]
fn a_suggested_word_fills_both_fields() {
    let mut world = World::ready();
    world.walk_to("form");
    let visit = world.visit.expect("there");
    assert!(world.effects.contains(&Effect::SuggestWord { visit }));
    world.send(Event::SuggestedWord { visit, word: "Fındık-63-Rüzgâr".into() });
    assert!(matches!(world.view().page, Shown::Form { suggested_word: Some(_), word_hint: Some(_), .. }));
    world.touch(Intent::TakeSuggestedWord);
    for id in [FieldId::SecurityWord, FieldId::SecurityWordRepeat] {
        let field = field(&world, id);
        assert_eq!((field.value.expose(), field.error), ("Fındık-63-Rüzgâr", None));
    }
}

#[test]
fn a_word_suggested_to_another_visit_is_not_shown() {
    let mut world = World::ready();
    world.walk_to("attract");
    world.card_in(0);
    world.walk_to("attract");
    world.card_in(0);
    world.walk_to("form");
    let earlier = crate::session::VisitId(world.visit.expect("there").0 - 1);
    world.send(Event::SuggestedWord { visit: earlier, word: "Fındık-63-Rüzgâr".into() });
    assert!(matches!(world.view().page, Shown::Form { suggested_word: None, .. }));
}

#[test]
fn the_operator_is_suggested_and_another_one_is_only_a_warning() {
    let mut world = World::ready();
    world.walk_to("form");
    while !matches!(world.view().page, Shown::Form { section: Section::Contact, .. }) {
        world.walk();
    }
    fill(&mut world, FieldId::MobilePhone, "0532 111 22 33");
    assert_eq!(field(&world, FieldId::MobilePhone).value.expose(), "5321112233");
    let operator = field(&world, FieldId::MobileOperator);
    assert_eq!((operator.value.expose(), operator.source), ("1", Source::Office));
    fill(&mut world, FieldId::MobileOperator, "2");
    let operator = field(&world, FieldId::MobileOperator);
    assert_eq!((operator.error, operator.warning), (None, Some(FieldWarning::OtherOperator)));
}

#[test]
fn answers_can_be_changed_at_the_last_look_and_the_way_leads_back_there() {
    let mut world = World::ready();
    world.walk_to("review");
    let Shown::Review { rows } = world.view().page else { panic!("the last look") };
    let row = |id| rows.iter().find(|row| row.id == id).expect("every field has a row");
    assert_eq!(row(FieldId::Province).shown.expose(), "ESKİŞEHİR");
    assert_eq!(row(FieldId::GivenName).section, None, "the portal's own");
    assert_eq!(row(FieldId::Email).section, Some(Section::Contact));
    world.touch(Intent::Edit(Section::Address));
    fill(&mut world, FieldId::Address, "Başka Sokak 2");
    world.touch(Intent::Next);
    assert_eq!(world.page(), "review");
}

#[test]
fn a_field_the_portal_refuses_is_shown_with_its_words_until_it_is_typed_anew() {
    let mut world = World::ready();
    world.walk_into("submitting-form");
    let quote = Quote("E-posta adresi kullanımda".into());
    let page = Page::Form { fields: world.form_fields(), errors: vec![(FieldId::Email, quote.clone())] };
    world.portal_says(Ok(page));
    world.answer();
    assert_eq!(field(&world, FieldId::Email).error, Some(FieldError::Refused(quote)));
    world.touch(Intent::Next);
    assert_eq!(world.page(), "form", "refused is refused");
    fill(&mut world, FieldId::Email, "baska@ornek.tr");
    world.touch(Intent::Next);
    assert_eq!(world.page(), "review");
    world.walk_to("sms-send");
}

#[test]
fn a_refusal_nobody_can_mend_here_says_what_the_portal_says_and_whom_to_ask() {
    for id in [FieldId::GivenName, FieldId::Institution] {
        let mut world = World::ready();
        world.walk_into("submitting-form");
        let quote = Quote("Kurum kaydınız kapalı".into());
        let page = Page::Form { fields: world.form_fields(), errors: vec![(id, quote.clone())] };
        world.portal_says(Ok(page));
        let Shown::Trouble { cause, quote: said, advice, .. } = world.view().page else {
            panic!("{id:?}: {:?}", world.view().page)
        };
        assert_eq!((cause, said), (Cause::RegisterRefused, Some(quote)), "{id:?}");
        assert_eq!(advice[0], Advice::HumanResources);
    }
}

#[test]
fn another_number_on_the_card_than_a_national_id_leaves_the_field_open() {
    let mut world = World::ready();
    world.extra_card = Some(cards::card(vec![cards::numbered("U12345678")]));
    world.card_in(usize::MAX);
    world.walk_to("login");
    let id = field(&world, FieldId::NationalId);
    assert_eq!((id.value.expose(), id.input), ("", Input::Digits { max_length: 11 }));
    world.walk_to("result");
}

#[test]
fn the_districts_can_be_asked_for_again_when_the_portal_was_away() {
    let mut world = World::ready();
    world.walk_to("form");
    while !matches!(world.view().page, Shown::Form { section: Section::Address, .. }) {
        world.walk();
    }
    fill(&mut world, FieldId::Province, "06");
    world.portal_says(Err(Fault::Unreachable));
    assert!(matches!(world.view().page, Shown::Trouble { cause: Cause::PortalUnreachable, .. }));
    world.touch(Intent::Next);
    assert_eq!(world.asks_portal(), Some(&Action::Districts("06".into())));
    assert!(matches!(world.view().page, Shown::Form { section: Section::Address, .. }));
}

#[test]
fn a_wrong_number_starts_over_at_the_telephones_with_everything_kept() {
    let mut world = World::ready();
    world.walk_to("sms-send");
    world.touch(Intent::WrongNumber);
    assert_eq!(world.asks_portal(), Some(&Action::Open));
    world.walk_to("form");
    assert!(matches!(world.view().page, Shown::Form { section: Section::Contact, .. }));
    assert_eq!(field(&world, FieldId::MobilePhone).value.expose(), "5321112233");
    world.walk_to("result");
}
