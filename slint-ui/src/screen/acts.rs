//! Joins what the pages report to what is done about it.
//!
//! It decides nothing: a callback of a page is a method of the screen or a touch on its way to `kioskd`.

use std::rc::Rc;

use eimza_kiosk::link::{
    intent::Intent,
    view::{Contrast, Language, TextSize},
};
use slint::Global as _;

use super::Screen;
use crate::{
    arrange, names,
    ui::{Act, Local},
};

/// Listens to every callback, without keeping the screen alive.
pub(super) fn listen(screen: &Rc<Screen>) {
    let act = Act::get(&screen.window);
    /// `on!(name(arguments) => |screen| body)` without keeping the screen alive.
    macro_rules! on {
        ($set:ident($($argument:ident),*) => |$screen:ident| $body:expr) => {
            let weak = Rc::downgrade(screen);
            act.$set(move |$($argument),*| {
                if let Some($screen) = weak.upgrade() { $body }
            });
        };
    }
    on!(on_touched() => |it| it.present());
    on!(on_next() => |it| it.next());
    on!(on_back() => |it| it.touch(Intent::Back));
    on!(on_cancel() => |it| it.touch(Intent::Cancel));
    on!(on_confirm_cancel() => |it| it.touch(Intent::ConfirmCancel));
    on!(on_stay() => |it| it.touch(Intent::Stay));
    on!(on_call_staff() => |it| it.touch(Intent::CallStaff));
    on!(on_service(service) => |it| {
        if let Some(service) = names::service_back(service) { it.touch(Intent::Service(service)); }
    });
    on!(on_no_card() => |it| it.touch(Intent::NoCard));
    on!(on_language(english) => |it| {
        it.touch(Intent::Language(if english { Language::English } else { Language::Turkish }));
    });
    on!(on_text_size(size) => |it| it.touch(Intent::TextSize(match size {
        2 => TextSize::Largest,
        1 => TextSize::Large,
        _ => TextSize::Normal,
    })));
    on!(on_contrast(high) => |it| {
        it.touch(Intent::Contrast(if high { Contrast::High } else { Contrast::Normal }));
    });
    on!(on_fill(field, value) => |it| it.fill(field, &value));
    on!(on_login_way(way) => |it| {
        if let Some(way) = names::online_login_back(way) { it.touch(Intent::LoginWay(way)); }
    });
    on!(on_forgotten_word() => |it| it.touch(Intent::ForgottenWord));
    on!(on_reveal(held) => |it| it.reveal(held));
    on!(on_new_captcha() => |it| it.touch(Intent::NewCaptcha));
    on!(on_take_word() => |it| it.touch(Intent::TakeSuggestedWord));
    on!(on_edit(section) => |it| {
        if let Some(section) = names::section_back(section) { it.touch(Intent::Edit(section)); }
    });
    on!(on_wrong_number() => |it| it.touch(Intent::WrongNumber));
    on!(on_sms_code(code) => |it| {
        Local::get(&it.window).set_code("".into());
        it.touch(Intent::SmsCode(code.as_str().into()));
    });
    on!(on_method(method) => |it| {
        if let Some(method) = names::method_back(method) { it.touch(Intent::Method(method)); }
    });
    on!(on_seen(stretch) => |it| it.seen(stretch));
    on!(on_contract_read() => |it| it.contract_read());
    on!(on_certificate(index) => |it| {
        if let Ok(index) = u8::try_from(index) { it.touch(Intent::Certificate(index)); }
    });
    on!(on_accept_last_try() => |it| it.accept_last_try());
    on!(on_advice(advice) => |it| {
        if let Some(advice) = names::advice_back(advice) { it.touch(Intent::Advice(advice)); }
    });
    on!(on_pin_digit(digit) => |it| {
        if let Ok(digit) = u8::try_from(digit) { it.pin_digit(digit); }
    });
    on!(on_pin_delete() => |it| it.pin_delete());
    on!(on_pin_confirm() => |it| it.pin_confirm());
    on!(on_pin_back() => |it| it.new_pin_back());
    on!(on_open_field(index) => |it| it.open_field(index));
    on!(on_leave_field() => |it| it.leave_field());
    on!(on_key(key) => |it| it.key(&key));
    act.on_digit_at(|text, place| {
        let digit = usize::try_from(place).ok().and_then(|place| text.chars().nth(place));
        digit.map_or_else(Default::default, Into::into)
    });
    act.on_arranged(|answers, columns| arrange::arranged(&answers, usize::try_from(columns).unwrap_or(1)));
    act.on_placed(|fields, first, columns, rows| arrange::placed(&fields, first, columns, rows));
    act.on_shorter(|text| {
        let mut shorter = text.to_string();
        shorter.pop();
        shorter.into()
    });
}
