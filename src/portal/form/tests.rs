//! Forms as browsers send them, and labels in every markup.

use url::Url;

use super::{Form, Value, read_all};
use crate::portal::{Fault, document::Document};

fn read(html: &str) -> Vec<Form> {
    let address = Url::parse("https://a.test/bp/meb.go").expect("an address");
    let page = Document::parse(html.as_bytes(), Some("text/html"), &address).expect("a page");
    read_all(&page).expect("forms").into_iter().map(|owned| owned.form).collect()
}

fn one(html: &str) -> Form {
    let mut forms = read(html);
    assert_eq!(forms.len(), 1, "{html}");
    forms.remove(0)
}

fn sent(form: &Form, button: Option<usize>) -> String {
    let body = form.submit(button).expect("sent").body.expect("a POST");
    String::from_utf8(body.bytes.to_vec()).expect("ASCII")
}

/// What a form of these controls sends without a button.
fn sends(controls: &str) -> String {
    sent(&one(&format!("<form method=post>{controls}</form>")), None)
}

/// Label and required mark of the control named `x`.
fn labelled(html: &str) -> (String, bool) {
    let form = one(&format!("<form>{html}</form>"));
    let control = form.controls.iter().find(|control| control.name.as_deref() == Some("x")).expect("x");
    (control.label.clone(), control.required)
}

#[test]
fn a_label_is_found_in_every_markup() {
    for html in [
        "<label for=i>Posta Kodu</label><input id=i name=x>",
        "<div><label for=i>Posta Kodu:</label></div><p>Yardım</p><div><input id=i name=x></div>",
        "<label>Posta Kodu <input name=x></label>",
        "<label>Posta Kodu <select name=x><option>26100</select></label>",
        "<input name=x aria-label='Posta Kodu'>",
        "<table><tr><td>Posta Kodu</td><td><input name=x></td></tr></table>",
        "<table><tr><th>POSTA KODU</th><td>:</td><td><b><input name=x></b></td></tr></table>",
        "<table><tr><td><input name=y></td><td>Posta Kodu &#9654;</td><td><input type=hidden name=h><input name=x></td></tr></table>",
        "<div>Posta Kodu: <input name=x></div>",
        "<p><b>Posta</b> <i>Kodu</i> : <textarea name=x></textarea></p>",
        "Ad <input name=y> Posta Kodu <input name=x>",
        "Ad <input name=y><br>Posta Kodu <input name=x>",
        "<h3>Adres</h3><div class=row><span class=l>Posta Kodu</span><span><input name=x></span></div>",
        "<div class=row><div>Posta Kodu</div><div><input name=x></div></div>",
        "<dl><dt>Posta Kodu</dt><dd><input name=x></dd></dl>",
        "<td>Posta Kodu<script>var a='Ad';</script><span style='display:none'>gizli</span></td><td><input name=x>",
    ] {
        assert_eq!(labelled(html).0, "posta kodu", "{html}");
    }
}

#[test]
fn a_label_of_another_row_is_not_taken() {
    for html in [
        "<table><tr><td>Posta Kodu</td><td>26100</td></tr><tr><td></td><td><input name=x></td></tr></table>",
        "<ul><li>Posta Kodu</li><li><input name=x></li></ul>",
        "Posta Kodu <input name=y><input name=x>",
    ] {
        assert_eq!(labelled(html).0, "", "{html}");
    }
}

#[test]
fn the_required_mark_is_found_where_pages_put_it_and_nowhere_else() {
    for html in [
        "Ad (*) <input name=x>",
        "Ad * : <input name=x>",
        "Ad <input name=x> (*)",
        "<div>* Ad <input name=x></div>",
        "<table><tr><td>Ad</td><td><input name=x></td><td><font color=red>(*)</font></td></tr></table>",
        "<div><label for=i>Ad</label> <span>(*)</span> <input id=i name=x></div>",
        "Ad <input name=x required>",
        "Ad <input name=x> (*) Soyad <input name=y>",
        "<fieldset><legend>Ad <i>(*)</i></legend><label><input type=radio name=x>A</label></fieldset>",
        "Ad <input type=radio name=x value=1>A <input type=radio name=x value=2>B&nbsp;(*)",
    ] {
        assert_eq!(labelled(html), ("ad".to_owned(), true), "{html}");
    }
    for html in [
        "Ad <input name=x>",
        "Soyad <input name=y> (*) Ad <input name=x>",
        "Ad <input name=x> Soyad (*) <input name=y>",
        "<div>Ad <input name=x></div><div>(*) zorunlu alan</div>",
        "<table><tr><td>Ad</td><td><input name=x></td></tr><tr><td>* Bölüm</td></tr></table>",
        "Ad <input name=x> (5 hane)",
    ] {
        assert_eq!(labelled(html), ("ad".to_owned(), false), "{html}");
    }
}

#[test]
fn what_a_browser_sends_is_sent_and_nothing_else() {
    assert_eq!(
        sends("<input type=hidden name=a value=' 1&amp;2\n'><input name=b value=x>"),
        "a=+1%262%0A&b=x"
    );
    assert_eq!(sends("<input name=a disabled value=1><input name=b readonly value=2><input value=3>"), "b=2");
    assert_eq!(sends("<fieldset disabled><input name=a value=1></fieldset><input name=b value=2>"), "b=2");
    assert_eq!(sends("<input type=submit name=a value=1><button name=b value=2>x</button>"), "");
    assert_eq!(
        sends("<input type=password name=a value=1><textarea name=b>\n1\n2</textarea>"),
        "a=1&b=1%0D%0A2"
    );
    assert_eq!(sends("<input type=checkbox name=a><input type=checkbox name=b checked>"), "b=on");
    assert_eq!(sends("<div hidden><input name=a value=1></div>"), "a=1", "hidden by style is still sent");
    assert_eq!(sends("<input name='ş ğ' value='İ+%'>"), "%C5%9F+%C4%9F=%C4%B0%2B%25");
}

#[test]
fn a_drop_down_sends_its_selected_option_or_its_first() {
    assert_eq!(sends("<select name=a><option value=1>x<option value=2 selected>y</select>"), "a=2");
    assert_eq!(sends("<select name=a><option selected>x<option selected>y z</select>"), "a=y+z");
    assert_eq!(sends("<select name=a><option disabled>x<option>y</select>"), "a=y");
    assert_eq!(sends("<select name=a></select>"), "");
    assert_eq!(sends("<select name=a><optgroup disabled><option>x</optgroup><option>y</select>"), "a=y");
}

#[test]
fn radio_buttons_of_one_name_are_one_choice() {
    let radios = "Kanal <input type=radio name=k value=E>Eposta <input type=radio name=k value=S checked>SMS";
    assert_eq!(sends(radios), "k=S");
    assert_eq!(sends(&radios.replace(" checked", "")), "", "none is chosen for the person");
    let mut form =
        one(&format!("<form method=post>{radios}<input type=radio name=k value=X disabled>Yok</form>"));
    assert_eq!((form.controls.len(), form.controls[0].label.as_str()), (1, "kanal"));
    form.fill(0, "E").expect("offered");
    assert_eq!(sent(&form, None), "k=E");
    for refused in ["X", "Z", ""] {
        assert!(matches!(form.fill(0, refused), Err(Fault::ChangedForm(_))), "{refused}");
    }
    let Value::Choice { options, .. } = &form.controls[0].value else { panic!("a choice") };
    let labels: Vec<&str> = options.iter().map(|item| item.label.as_str()).collect();
    assert_eq!(labels, ["Eposta", "SMS", "Yok"]);
    let labels_for = "<span>Kanal</span><input type=radio name=k id=e value=E><label for=e>Eposta</label>";
    let form = one(&format!("<form><div>{labels_for}</div></form>"));
    assert_eq!(form.controls[0].label, "kanal");
}

#[test]
fn the_pressed_button_is_sent_and_may_lead_elsewhere() {
    let form = one("<form action=a.go method=post><input type=hidden name=h value=1>\
        <input type=submit name=s value='GİRİŞ'><button name=b value=v formaction=/b.go formmethod=get><i>İptal</i></button>\
        <input type=image name=r alt=Gönder><input type=button value=Kapat></form>");
    let button = |caption: &str| form.button(&[caption.to_owned()]);
    assert_eq!(sent(&form, button("giriş")), "h=1&s=G%C4%B0R%C4%B0%C5%9E");
    assert_eq!(sent(&form, button("Gönder")), "h=1&r.x=1&r.y=1");
    let other = form.submit(button("iptal")).expect("sent");
    assert_eq!((other.url.as_str(), other.body), ("https://a.test/b.go?h=1&b=v", None));
    assert_eq!(button("Kapat"), None, "a script's button sends nothing");
}

#[test]
fn a_get_form_puts_its_answer_in_place_of_the_query() {
    let form = one("<form action='ara.go?eski=1#x'><input name=q value='ç'></form>");
    let request = form.submit(None).expect("sent");
    assert_eq!(request.url.as_str(), "https://a.test/bp/ara.go?q=%C3%A7");
}

#[test]
fn controls_belong_to_the_form_they_name_or_stand_in() {
    let forms = read(
        "<form id=f action=1></form><form action=2 method=post><input name=a value=1></form><input name=b value=2 form=f>",
    );
    assert_eq!(forms.len(), 2);
    assert_eq!(forms[0].submit(None).expect("sent").url.query(), Some("b=2"));
    assert_eq!(sent(&forms[1], None), "a=1");
    let table = one(
        "<table><form method=post action=x><tr><td>Ad</td><td><input name=a value=1></td></tr></form></table>",
    );
    assert_eq!(sent(&table, None), "a=1", "what the parser moves out of a table still belongs to its form");
}

#[test]
fn what_this_driver_does_not_send_is_refused() {
    for html in [
        "<form method=post enctype='multipart/form-data'><input name=a></form>",
        "<form method=post><input type=file name=a></form>",
        "<form method=post><select multiple name=a><option>1</select></form>",
        "<form method=post><input type=checkbox name=a value=1><input type=checkbox name=a value=2></form>",
    ] {
        assert!(matches!(one(html).submit(None), Err(Fault::ChangedForm(_))), "{html}");
    }
}

#[test]
fn a_value_longer_than_the_page_takes_is_refused_by_its_letters() {
    let mut form = one("<form><input name=a maxlength=3></form>");
    assert!(form.fill(0, "ğüş").is_ok());
    assert!(matches!(form.fill(0, "ğüşi"), Err(Fault::ChangedForm(_))));
}
