//! Fields: known, unknown, missing, refused (invariants 8 and 9).

use super::*;

#[test]
fn a_changed_label_needs_a_changed_profile_and_no_new_program() {
    let other = FORM.replace("<td>Posta Kodu</td>", "<td>P.K.</td>");
    assert_eq!(at_form_of(&other).err(), Some(Fault::ChangedForm("a field the profile does not know")));
    let mut flow = Flow::new(
        profile(&MEB.replace("postal-code = [\"Posta Kodu\"]", "postal-code = [\"P.K.\"]")),
        Overrides::default(),
    );
    more(go(&mut flow, &Action::Open, html(LOGIN)));
    page(flow.read(picture()));
    let Page::Form { fields, .. } = page(go(&mut flow, &Action::Login(Vec::new()), html(&other))) else {
        panic!("the form")
    };
    assert_eq!(field(&fields, FieldId::PostalCode).kind, FieldKind::Text { max_length: Some(5) });
}

#[test]
fn a_visible_field_nobody_knows_stops_the_flow_and_an_invisible_one_is_carried() {
    let unknown = Fault::ChangedForm("a field the profile does not know");
    for extra in [
        "<tr><td>Kan Grubu</td><td><input name=kan></td></tr>",
        "<tr><td>Kan Grubu</td><td><select name=kan><option>A</select></td></tr>",
        "<tr><td>Onay</td><td><input type=checkbox name=kan value=1></td></tr>",
        "<tr><td>Belge</td><td><input type=file name=kan></td></tr>",
        "<tr><td></td><td><input name=kan></td></tr>",
    ] {
        let other = FORM.replace("</table>", &format!("{extra}</table>"));
        assert_eq!(at_form_of(&other).err(), Some(unknown.clone()), "{extra}");
    }
    for extra in [
        "<input type=hidden name=kan value='A &lt;+'>",
        "<div style='display : none'>Kan Grubu <input name=kan value='A &lt;+'></div>",
    ] {
        let (mut flow, _) =
            at_form_of(&FORM.replace("</table>", &format!("</table>{extra}"))).expect("no field");
        let sent = posted(&flow.request(&Action::SubmitForm(Vec::new())).expect("in order"));
        assert!(sent.contains(&("kan".to_owned(), "A <+".to_owned())), "{extra}");
    }
    let code_page = SMS_CODE.replace("<input name=\"kod\"", "<input name=\"adi\"> <input name=\"kod\"");
    let mut flow = after_form(&[(Action::SubmitForm(Vec::new()), SMS_SEND)]);
    assert!(matches!(go(&mut flow, &Action::SendSms, html(&code_page)), Err(Fault::ChangedForm(_))));
}

#[test]
fn a_known_field_that_is_missing_or_there_twice_stops_the_flow() {
    let missing = FORM.replace("<tr><td>Ev Telefonu</td><td><input name=\"ev\"> (*)</td></tr>", "");
    assert_eq!(at_form_of(&missing).err(), Some(Fault::ChangedForm("a known field is missing")));
    let optional = FORM.replace(" Dahili <input name=\"dahili\">", "");
    assert!(at_form_of(&optional).is_ok(), "the profile lets it be missing");
    let twice = FORM.replace("</table>", "<tr><td>Eposta</td><td><input name=e2></td></tr></table>");
    assert_eq!(at_form_of(&twice).err(), Some(Fault::ChangedForm("a field that is there twice")));
    let button = FORM.replace("Form Onayla", "Gönder");
    assert!(matches!(at_form_of(&button).err(), Some(Fault::ChangedForm(_))));
    let mut flow = flow();
    let no_picture = LOGIN.replace("captcha.go", "resim.go");
    assert!(matches!(go(&mut flow, &Action::Open, html(&no_picture)), Err(Fault::ChangedForm(_))));
}

#[test]
fn values_that_do_not_fit_the_page_are_refused_rather_than_cut_or_guessed() {
    let refused = |id, value: &str| at_form().request(&Action::SubmitForm(values(&[(id, value)])));
    for (id, value) in [
        (FieldId::PostalCode, "261000"),
        (FieldId::Reason, "9"),
        (FieldId::District, "7"),
        (FieldId::RegistryNumber, "12"),
        (FieldId::Captcha, "x"),
    ] {
        assert!(matches!(refused(id, value), Err(Fault::ChangedForm(_))), "{id:?}");
    }
    assert!(refused(FieldId::PostalCode, "26100").is_ok());
    let wrong_province = at_form().request(&Action::Districts("99".to_owned()));
    assert!(matches!(wrong_province, Err(Fault::ChangedForm(_))));
}

#[test]
fn what_a_page_made_read_only_stays_as_the_page_has_it() {
    let fixed =
        FORM.replace("<input name=\"pk\" maxlength=\"5\">", "<input name=\"pk\" value=\"26100\" readonly>");
    let (mut flow, page) = at_form_of(&fixed).expect("in order");
    let Page::Form { fields, .. } = page else { panic!("the form") };
    assert!(field(&fields, FieldId::PostalCode).read_only);
    let typed = values(&[(FieldId::PostalCode, "06100")]);
    let sent = posted(&flow.request(&Action::SubmitForm(typed)).expect("in order"));
    assert!(sent.contains(&("pk".to_owned(), "26100".to_owned())));
}

#[test]
fn a_page_in_iso_8859_9_is_read_and_answered_in_it() {
    let (bytes, _, _) = encoding_rs::WINDOWS_1254.encode(LOGIN);
    let mut flow = flow();
    more(go(&mut flow, &Action::Open, answer(200, "text/html; charset=ISO-8859-9", &bytes)));
    page(flow.read(picture()));
    let request = flow.request(&Action::Login(values(&[(FieldId::Surname, "ŞIĞ İı")]))).expect("in order");
    let body = String::from_utf8(request.body.expect("a POST").bytes.to_vec()).expect("ASCII");
    assert!(body.contains("&soyad=%DEI%D0+%DD%FD&"), "{body}");
    assert!(body.starts_with("islemNo=a%26b%3D%E7&"), "{body}");
    let foreign = flow.request(&Action::Login(values(&[(FieldId::Surname, "漢")])));
    assert!(matches!(foreign, Err(Fault::Malformed(_))));
    let broken = go(&mut flow, &Action::Open, answer(200, "text/html; charset=utf-8", &bytes));
    assert!(matches!(broken, Err(Fault::Malformed(_))));
}

#[test]
fn refused_fields_are_named_by_their_row_the_row_above_or_their_label() {
    let refused = |from: &str, to: &str| {
        let Page::Form { errors, .. } = at_form_of(&FORM.replace(from, to)).expect("the form").1 else {
            panic!("the form")
        };
        errors
    };
    let message = |words: &str| Quote(words.into());
    let in_row = refused(
        "<input name=\"pk\" maxlength=\"5\"> (*)",
        "<input name=\"pk\" maxlength=\"5\"> (*)<br><i class=hata>5 hane</i>",
    );
    assert_eq!(in_row, [(FieldId::PostalCode, message("5 hane"))]);
    let below = refused("<tr><td>Cep", "<tr><td></td><td class=hata>10 hane</td></tr><tr><td>Cep");
    assert_eq!(below, [(FieldId::WorkPhone, message("10 hane"))]);
    let by_label = refused("<h1>", "<ul><li class=hata>Ev Telefonu: 10 hane</li></ul><h1>");
    assert_eq!(by_label, [(FieldId::HomePhone, message("Ev Telefonu: 10 hane"))]);
    let unplaced = refused("<h1>", "<div class=hata>Düzeltiniz</div><h1>");
    assert_eq!(unplaced, [(FieldId::Reason, message("Düzeltiniz"))], "never dropped");
}
