//! The steps of an application as the portal takes them: request in, page out.
//!
//! It knows nothing of sockets, TLS or charsets, and draws nothing itself.
// One step is one function, in the order a person meets them: over 400 lines.

use std::time::{Duration, Instant};

use super::{
    Fault, Institution, Person,
    chance::Drawn,
    contract::{self, Slips},
    event::{PageName, What},
    fields::{self, Key, Values},
    institution::{Content, Frame},
    meb,
    outbox::Sms,
    pdf,
    state::{Aftermath, Pending, Portal, Session, Step, token},
    turkish,
};

/// A request as far as the portal's pages care.
pub(super) struct Request {
    /// Below `/bp/`, `meb.go`.
    pub(super) path: String,
    /// Of the address.
    pub(super) query: Vec<(String, String)>,
    /// The session cookie.
    pub(super) cookie: Option<String>,
    /// Of a POST.
    pub(super) form: Option<Vec<(String, String)>>,
}

/// What the portal answers.
pub(super) struct Answer {
    pub(super) body: Body,
    /// A new session's cookie.
    pub(super) set_cookie: Option<String>,
    pub(super) aftermath: Aftermath,
}

pub(super) enum Body {
    /// HTML; whole pages and fragments.
    Html(String),
    Png(Vec<u8>),
    Pdf(Vec<u8>),
    /// Relative or absolute address to go on to.
    Redirect(String),
    /// A bare status.
    Status(u16),
}

impl From<Body> for Answer {
    fn from(body: Body) -> Self {
        Self { body, set_cookie: None, aftermath: Aftermath::default() }
    }
}

/// Bytes of the page that `oversize` serves.
pub(super) const OVERSIZE: usize = 24 * 1024 * 1024;
/// Texts of the document that `paper-endless` serves.
const ENDLESS: usize = 40;
/// The document of method 1.
const DOCUMENT: &str = "basvuruFormu.pdf";

impl Portal {
    /// Answers a request for a page.
    pub(super) fn answer(&mut self, request: &Request, now: Instant) -> Answer {
        match (request.path.as_str(), &request.form) {
            ("meb.go", None) => self.open(Institution::Meb, request),
            ("saglik.go", None) => self.open(Institution::Saglik, request),
            ("captcha.go" | "guvenlikResmi.go", None) => self.captcha(request),
            ("ilceler.go", None) => self.districts(request),
            (DOCUMENT, None) => self.document(request),
            ("mebImza.go", None) => self.signing_page(Institution::Meb, request, now),
            ("saglikImza.go", None) => self.signing_page(Institution::Saglik, request, now),
            (path, Some(form)) => match step_of(path) {
                Some((institution, step)) => self.post(institution, step, request, form, now),
                None => self.not_found(),
            },
            (_, None) => self.not_found(),
        }
    }

    fn not_found(&mut self) -> Answer {
        self.journal.record(What::Served { institution: Institution::Meb, page: PageName::NotFound });
        Body::Status(404).into()
    }

    /// The first page: whatever went before is over.
    fn open(&mut self, institution: Institution, request: &Request) -> Answer {
        if let Some(old) = &request.cookie {
            self.sessions.remove(old);
        }
        if self.strikes(Fault::Oversize) {
            let filler = "<p>&nbsp;</p>\n";
            return Body::Html(filler.repeat(OVERSIZE / filler.len())).into();
        }
        self.strikes(Fault::ForeignCharset);
        let mut drawn = Drawn::default();
        let session = Session {
            institution,
            ticket: token(),
            step: Step::Login,
            captcha: self.chance.captcha(&mut drawn),
            drawn,
            values: Values::new(),
            errors: std::collections::BTreeMap::new(),
        };
        self.last_captcha = Some(session.captcha.text.clone());
        let id = token();
        let page = self.login_page(&session, None);
        self.sessions.insert(id.clone(), session);
        Answer { set_cookie: Some(id), ..Body::Html(page).into() }
    }

    fn captcha(&mut self, request: &Request) -> Answer {
        let Some(session) = request.cookie.as_ref().and_then(|id| self.sessions.get(id)) else {
            return self.not_found();
        };
        let (institution, mut png) = (session.institution, session.captcha.png.clone());
        if self.strikes(Fault::Malformed) {
            png.truncate(png.len() / 2);
        }
        self.journal.record(What::Served { institution, page: PageName::Captcha });
        Body::Png(png).into()
    }

    fn districts(&mut self, request: &Request) -> Answer {
        self.journal.record(What::Served { institution: Institution::Meb, page: PageName::Districts });
        let plate = request.query.iter().find(|(name, _)| name == "il").map_or("", |(_, plate)| plate);
        Body::Html(meb::districts(plate, "")).into()
    }

    /// A form came: it must belong to a session, be of the step the session is at, and carry the hidden
    /// number of the page it was on.
    fn post(
        &mut self,
        institution: Institution,
        step: &str,
        request: &Request,
        form: &[(String, String)],
        now: Instant,
    ) -> Answer {
        let posted = Posted { institution, form };
        let session = request.cookie.as_ref().and_then(|id| self.sessions.remove_entry(id));
        let Some((id, mut session)) = session else { return self.session_ended(institution) };
        let (ticket, named_step) = match institution {
            Institution::Meb => ("islemNo", "adim"),
            Institution::Saglik => ("_islemNo", "_adim"),
        };
        let in_order = session.institution == institution
            && posted.get(ticket) == Some(session.ticket.as_str())
            && posted.get(named_step) == Some(step);
        if !in_order {
            return self.session_ended(institution);
        }
        session.ticket = token();
        let answer = match (session.step.clone(), step) {
            (Step::Login, "giris") => self.login(&mut session, &posted),
            (Step::Form { person }, "form") => self.form(&mut session, person, &posted),
            (Step::SmsSend { person }, "smsGonder") => self.send_sms(&mut session, person, now),
            (Step::SmsCode { .. }, "smsOnay") => self.sms_code(&mut session, &posted, now),
            (Step::Method { person }, "yontem") => self.method(&mut session, &person, &posted, now),
            _ => self.session_ended(institution),
        };
        self.sessions.insert(id, session);
        answer
    }

    fn login(&mut self, session: &mut Session, posted: &Posted<'_>) -> Answer {
        for key in Key::LOGIN {
            session.values.insert(key, posted.value(key));
        }
        let typed = posted
            .get(match posted.institution {
                Institution::Meb => "guvenlikKodu",
                Institution::Saglik => "guvenlik",
            })
            .unwrap_or_default();
        let right = typed.trim().eq_ignore_ascii_case(&session.captcha.text);
        session.captcha = self.chance.captcha(&mut session.drawn);
        self.last_captcha = Some(session.captcha.text.clone());
        let error = if self.strikes_once(Fault::WrongCaptcha) || !right {
            Err("Resimdeki yazıyı hatalı girdiniz.")
        } else {
            self.known_person(&session.values)
        };
        let person = match error {
            Ok(person) => person,
            Err(words) => return Body::Html(self.login_page(session, Some(words))).into(),
        };
        if self.strikes(Fault::WebServiceError) {
            session.step = Step::Over;
            return self.notice(
                session,
                PageName::WebServiceError,
                "Hata",
                "Web servis hatası oluştu. Lütfen daha sonra tekrar deneyiniz.",
            );
        }
        if self.strikes(Fault::NotEligible) || !person.eligible {
            session.step = Step::Over;
            return self.notice(
                session,
                PageName::NotEligible,
                "Hata",
                "Kadronuz e-imza için uygun değildir. Lütfen kurumunuzun insan kaynakları birimi ile iletişime \
                 geçiniz.",
            );
        }
        session.values = Values::from([(Key::RegistryNumber, person.registry_number.clone())]);
        session.step = Step::Form { person: person.clone() };
        self.form_page(session, &person)
    }

    /// The person whose entries at the register these are.
    fn known_person(&self, values: &Values) -> Result<Person, &'static str> {
        let value = |key: Key| values.get(&key).map_or("", |value| value.trim());
        if Key::LOGIN.into_iter().any(|key| value(key).is_empty()) {
            return Err("Lütfen tüm alanları doldurunuz.");
        }
        if !fields::national_id(value(Key::NationalId)) {
            return Err("T.C. Kimlik Numarası geçerli değil.");
        }
        self.register
            .iter()
            .find(|person| {
                person.national_id == value(Key::NationalId)
                    && turkish::same(&person.given_name, value(Key::GivenName))
                    && turkish::same(&person.surname, value(Key::Surname))
                    && turkish::same(&person.birth_place, value(Key::BirthPlace))
                    && person.birth_date == value(Key::BirthDate)
            })
            .cloned()
            .ok_or("Girdiğiniz bilgiler nüfus kayıtlarındaki bilgilerle uyuşmuyor.")
    }

    fn form(&mut self, session: &mut Session, person: Person, posted: &Posted<'_>) -> Answer {
        for key in Key::EDITABLE {
            session.values.insert(key, posted.value(key));
        }
        let district_wanted =
            posted.institution == Institution::Saglik && posted.get("islem") == Some("ilSecildi");
        if district_wanted {
            session.errors.clear();
            session.values.remove(&Key::District);
            return self.form_page(session, &person);
        }
        if self.strikes(Fault::Http500) {
            return Body::Status(500).into();
        }
        if self.strikes(Fault::ConnectionDrop) {
            return Answer {
                aftermath: Aftermath { cut: true, ..Aftermath::default() },
                ..Body::Status(500).into()
            };
        }
        session.errors = fields::judge(&session.values, |key| posted.institution.choices(key));
        if !session.errors.is_empty() {
            return self.form_page(session, &person);
        }
        session.step = Step::SmsSend { person };
        let phone = session.values[&Key::MobilePhone].trim().to_owned();
        self.page(session, PageName::SmsSend, &Content::SmsSend { phone: &phone })
    }

    fn send_sms(&mut self, session: &mut Session, person: Person, now: Instant) -> Answer {
        let life =
            if self.strikes(Fault::ExpiredSms) { self.timers.short_life } else { self.timers.sms_life };
        let code = self.chance.digits(&mut session.drawn, 6);
        let (sent, spare) = if self.strikes_once(Fault::WrongSms) {
            (self.chance.digits(&mut session.drawn, 6), Some(code.clone()))
        } else {
            (code.clone(), None)
        };
        let delay = if self.strikes(Fault::LateSms) { self.timers.late_sms } else { Duration::ZERO };
        session.step = Step::SmsCode { person, code, until: now + life, spare };
        let mut answer =
            self.page(session, PageName::SmsCode, &Content::SmsCode { remaining: life, wrong: false });
        answer.aftermath.sms = Some((self.sms(session, sent), delay));
        answer
    }

    fn sms(&mut self, session: &Session, code: String) -> Sms {
        self.journal.record(What::SmsSent);
        Sms {
            to: session.values[&Key::MobilePhone].trim().to_owned(),
            text: format!("Kamu SM nitelikli elektronik sertifika başvurunuz için SMS Onay Kodunuz: {code}"),
            code,
        }
    }

    fn sms_code(&mut self, session: &mut Session, posted: &Posted<'_>, now: Instant) -> Answer {
        let Step::SmsCode { person, code, until, spare } = session.step.clone() else {
            return self.session_ended(posted.institution);
        };
        if self.strikes(Fault::SessionLost) {
            session.step = Step::Over;
            return self.session_ended(posted.institution);
        }
        if self.faults.contains(&Fault::ExpiredSms) || now >= until {
            session.step = Step::Over;
            return self.notice(
                session,
                PageName::SmsExpired,
                "Süre Doldu",
                "SMS Onay Kodunun süresi doldu. Lütfen başvurunuzu baştan yapınız.",
            );
        }
        let typed = posted.get(match posted.institution {
            Institution::Meb => "smsKodu",
            Institution::Saglik => "onayKodu",
        });
        if typed.map(str::trim) != Some(code.as_str()) {
            session.step = Step::SmsCode { person, code, until, spare: None };
            let content = Content::SmsCode { remaining: until - now, wrong: true };
            let mut answer = self.page(session, PageName::SmsCode, &content);
            answer.aftermath.sms = spare.map(|right| (self.sms(session, right), Duration::ZERO));
            return answer;
        }
        if self.strikes(Fault::UnknownPage) {
            session.step = Step::Over;
            return self.notice(
                session,
                PageName::Unknown,
                "Duyuru",
                "Sayın kullanıcımız, sizlere daha iyi hizmet verebilmek için sayfalarımız yenilenmektedir.",
            );
        }
        session.step = Step::Method { person };
        let form_target = self.strikes(Fault::OffHost).then_some("https://baska-sunucu.invalid/bp/yontem.go");
        self.page(session, PageName::Method, &Content::Method { form_target })
    }

    fn method(
        &mut self,
        session: &mut Session,
        person: &Person,
        posted: &Posted<'_>,
        now: Instant,
    ) -> Answer {
        let electronic = match posted.institution {
            Institution::Meb => match (posted.get("yontem1"), posted.get("yontem2")) {
                (None, Some(_)) => Some(true),
                (Some(_), None) => Some(false),
                _ => None,
            },
            Institution::Saglik => match posted.get("yontem") {
                Some("ELEKTRONIK") => Some(true),
                Some("ISLAK") => Some(false),
                _ => None,
            },
        };
        match electronic {
            None => self.page(session, PageName::Method, &Content::Method { form_target: None }),
            Some(false) => {
                session.step = Step::WetInk { document: self.make_document(session, person) };
                let away = "https://baska-sunucu.invalid/bp/basvuruFormu.pdf";
                let document = if self.strikes(Fault::PaperOffHost) { away } else { DOCUMENT };
                self.page(session, PageName::WetInk, &Content::WetInk { document })
            }
            Some(true) => {
                let code = self.issue_code(session, person, now);
                session.step = Step::Signing { code };
                Body::Redirect(
                    match posted.institution {
                        Institution::Meb => "mebImza.go",
                        Institution::Saglik => "saglikImza.go",
                    }
                    .to_owned(),
                )
                .into()
            }
        }
    }

    fn make_document(&mut self, session: &mut Session, person: &Person) -> Vec<u8> {
        let barcode = self.chance.digits(&mut session.drawn, 10);
        let mut texts = contract::texts(person, &session.values, &barcode, Slips::default());
        if self.strikes(Fault::PaperEndless) {
            texts = texts.into_iter().cycle().take(ENDLESS).collect();
        }
        if self.strikes(Fault::PaperGarbled) {
            return [b"%PDF-1.7\n".as_slice(), barcode.repeat(500).as_bytes()].concat();
        }
        let mut document = pdf::document(&texts, &token()).unwrap_or_default();
        if self.strikes(Fault::PaperOversize) {
            document.resize(OVERSIZE / 4, b' ');
        }
        document
    }

    /// The document of method 1, as often as it is asked for.
    fn document(&mut self, request: &Request) -> Answer {
        let session = request.cookie.as_ref().and_then(|id| self.sessions.get(id));
        let Some(Session { institution, step: Step::WetInk { document }, .. }) = session else {
            return self.not_found();
        };
        let (institution, document) = (*institution, document.clone());
        self.journal.record(What::Served { institution, page: PageName::Document });
        if self.strikes(Fault::PaperMissing) {
            return Body::Status(500).into();
        }
        self.documents.push(document.clone());
        Body::Pdf(document).into()
    }

    fn issue_code(&mut self, session: &mut Session, person: &Person, now: Instant) -> String {
        let life =
            if self.strikes(Fault::ExpiredCode) { self.timers.short_life } else { self.timers.code_life };
        let slips =
            Slips { differs: self.strikes(Fault::ContractDiffers), glued: self.strikes(Fault::GluedLine) };
        let code = self.chance.digits(&mut session.drawn, 15);
        let barcode = self.chance.digits(&mut session.drawn, 10);
        let pending = Pending {
            institution: session.institution,
            national_id: person.national_id.clone(),
            texts: contract::texts(person, &session.values, &barcode, slips),
            until: now + life,
            used: false,
        };
        self.codes.insert(code.clone(), pending);
        self.journal.record(What::CodeIssued);
        code
    }

    /// Polled while the person signs; it turns into the result page once valid signatures arrived.
    fn signing_page(&mut self, institution: Institution, request: &Request, now: Instant) -> Answer {
        let Some((id, session)) = request.cookie.as_ref().and_then(|id| self.sessions.remove_entry(id))
        else {
            return self.session_ended(institution);
        };
        let answer = self.signing_state(&session, institution, now);
        self.sessions.insert(id, session);
        answer
    }

    fn signing_state(&mut self, session: &Session, institution: Institution, now: Instant) -> Answer {
        let Step::Signing { code } = &session.step else { return self.session_ended(institution) };
        let Some(pending) = self.codes.get(code) else { return self.session_ended(institution) };
        let (used, until) = (pending.used, pending.until);
        if used {
            self.page(session, PageName::Result, &Content::Result)
        } else if now >= until {
            self.notice(
                session,
                PageName::CodeExpired,
                "Süre Doldu",
                "Doğrulama Kodunun süresi doldu. Lütfen başvurunuzu baştan yapınız.",
            )
        } else {
            self.page(session, PageName::Signing, &Content::Signing { code, remaining: until - now })
        }
    }

    fn session_ended(&mut self, institution: Institution) -> Answer {
        self.journal.record(What::Served { institution, page: PageName::SessionEnded });
        let frame = Frame { ticket: "", meta_charset: !self.faults.contains(&Fault::ForeignCharset) };
        let content = Content::Notice {
            heading: "Oturum",
            sentence: "Oturumunuz sona erdi. Lütfen baştan giriş yapınız.",
        };
        Body::Html(institution.draw(&frame, &content)).into()
    }

    fn notice(
        &mut self,
        session: &Session,
        page: PageName,
        heading: &'static str,
        sentence: &'static str,
    ) -> Answer {
        self.page(session, page, &Content::Notice { heading, sentence })
    }

    fn login_page(&mut self, session: &Session, error: Option<&'static str>) -> String {
        self.draw(session, PageName::Login, &Content::Login { values: &session.values, error })
    }

    fn form_page(&mut self, session: &Session, person: &Person) -> Answer {
        let changed = self.strikes(Fault::ChangedForm);
        let (values, errors) = (&session.values, &session.errors);
        self.page(session, PageName::Form, &Content::Form { person, values, errors, changed })
    }

    fn page(&mut self, session: &Session, name: PageName, content: &Content<'_>) -> Answer {
        Body::Html(self.draw(session, name, content)).into()
    }

    fn draw(&mut self, session: &Session, name: PageName, content: &Content<'_>) -> String {
        self.journal.record(What::Served { institution: session.institution, page: name });
        let meta_charset = !self.faults.contains(&Fault::ForeignCharset);
        session.institution.draw(&Frame { ticket: &session.ticket, meta_charset }, content)
    }
}

/// What a form said.
struct Posted<'a> {
    institution: Institution,
    form: &'a [(String, String)],
}

impl Posted<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn value(&self, key: Key) -> String {
        self.get(self.institution.input(key)).unwrap_or_default().to_owned()
    }
}

/// The step that a form's address belongs to, by the name its hidden field has.
fn step_of(path: &str) -> Option<(Institution, &'static str)> {
    let (institution, rest) = match path.strip_prefix("meb") {
        Some(rest) => (Institution::Meb, rest),
        None => (Institution::Saglik, path.strip_prefix("saglik")?),
    };
    let step = match rest {
        ".go" => "giris",
        "Form.go" => "form",
        "Sms.go" => "smsGonder",
        "SmsOnay.go" => "smsOnay",
        "Yontem.go" => "yontem",
        _ => return None,
    };
    Some((institution, step))
}
