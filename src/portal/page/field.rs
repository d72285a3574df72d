//! The fields of the portal's pages and what each takes.
//!
//! It knows nothing of labels or of how a page draws a field.

use serde::{Deserialize, Serialize};

use crate::redact::Personal;

/// A field of the application, whatever an institution's page calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldId {
    /// "Resimdeki Yazıyı Giriniz"
    Captcha,
    /// "Kimlik No": the eleven digits of the national identity number.
    NationalId,
    /// "Ad", "Adı"
    GivenName,
    /// "Soyad", "Soyadı"
    Surname,
    /// "Doğum Yeri"
    BirthPlace,
    /// "Doğum Tarihi", `DD.MM.YYYY`
    BirthDate,
    /// "Başvuru Nedeni"
    Reason,
    /// "Kart Okuyucu Tipi"
    ReaderType,
    /// "Sertifika Süresi"
    Validity,
    /// "Güvenlik sözcüğü"
    SecurityWord,
    /// "Güvenlik sözcüğü (Tekrar)"
    SecurityWordRepeat,
    /// "Kurum Adı"
    Institution,
    /// "Kurum Sicil No"
    RegistryNumber,
    /// "Çalıştığı Birim"
    Unit,
    /// "Ünvan"
    Title,
    /// "Kurum / Birim Adresi": where the new card is delivered.
    Address,
    /// "İl"
    Province,
    /// "İlçe": its choices depend on the province.
    District,
    /// "Posta Kodu"
    PostalCode,
    /// "Eposta"
    Email,
    /// "İş Telefonu"
    WorkPhone,
    /// "Dahili"
    WorkExtension,
    /// "Cep Telefonu"
    MobilePhone,
    /// "Mobil Operatör Tip"
    MobileOperator,
    /// "Ev Telefonu"
    HomePhone,
    /// "Bilgi Kanalı"
    InfoChannel,
}

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldKind {
    /// Free text, at most this many characters where the page says so.
    Text {
        /// `maxlength` of the page.
        max_length: Option<u16>,
    },
    /// One of a list (a `select` or a group of radio buttons).
    Choice(Vec<Choice>),
}

/// An option of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What the page sends.
    pub value: String,
    /// What the page shows.
    pub label: String,
}

/// A field as the portal served it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Which field it is.
    pub id: FieldId,
    /// What it takes.
    pub kind: FieldKind,
    /// What the portal filled in; for a choice, the selected value.
    pub value: Personal,
    /// Marked `(*)` by the portal.
    pub required: bool,
    /// The portal takes no change.
    pub read_only: bool,
}
