//! The texts to be signed: the form as lines and the holder's undertaking FORM-001-042.
//!
//! They are made here once and kept as bytes; what is signed must equal them byte by byte.

use super::{
    Person,
    fields::{Key, Values},
    provinces, turkish,
};

/// What is wrong with a contract. Both faults are the guide's own sample's.
#[derive(Clone, Copy, Default)]
pub(super) struct Slips {
    /// Institution and province are others than the form's.
    pub(super) differs: bool,
    /// The label of the province is glued to its value.
    pub(super) glued: bool,
}

/// The two texts in the order they are to be signed.
pub(super) fn texts(person: &Person, values: &Values, barcode: &str, slips: Slips) -> Vec<Vec<u8>> {
    vec![form(person, values, barcode, slips).into_bytes(), undertaking().into_bytes()]
}

fn form(person: &Person, values: &Values, barcode: &str, slips: Slips) -> String {
    let value = |key: Key| values.get(&key).map_or("", |value| value.trim());
    let province =
        provinces::by_plate(value(Key::Province)).map_or(String::new(), |p| turkish::upper(&p.name));
    let (institution, province) = if slips.differs {
        ("ADIYAMAN İLİ MİLLÎ EĞİTİM MÜDÜRLÜĞÜ".to_owned(), "ADIYAMAN".to_owned())
    } else {
        (person.institution.clone(), province)
    };
    let separator = if slips.glued { "" } else { ": " };
    let lines = [
        "Aşağıda yazılı bütün bilgilerin doğru olduğunu, aksi halde doğacak bütün zararlardan sorumlu olduğumu \
         beyan ederim."
            .to_owned(),
        "Bu formdaki bilgilere göre şahsıma bir nitelikli elektronik sertifika hazırlanmasını talep ederim."
            .to_owned(),
        String::new(),
        format!("AD: {}", turkish::upper(&person.given_name)),
        format!("SOYAD: {}", turkish::upper(&person.surname)),
        format!("TC KİMLİK NUMARASI: {}", person.national_id),
        format!("EPOSTA: {}", value(Key::Email)),
        format!("GÜVENLİK SÖZCÜĞÜ: {}", value(Key::SecurityWord)),
        format!("ADRES: {}", value(Key::Address)),
        format!("KURUM: {institution}"),
        format!("KURUM BİRİMİ: {}", value(Key::Unit)),
        format!("BARKOD: {barcode}"),
        format!("UNVAN: {}", value(Key::Title)),
        format!("İŞ TELEFONU: {}", value(Key::WorkPhone)),
        format!("İŞ TELEFONU DAHİLİ: {}", value(Key::WorkExtension)),
        format!("EV TELEFONU: {}", value(Key::HomePhone)),
        format!("CEP TELEFONU: {}", value(Key::MobilePhone)),
        format!("POSTA KODU: {}", value(Key::PostalCode)),
        format!("İL{separator}{province}"),
    ];
    lines.join("\n")
}

/// A text in the place of the real undertaking, whose wording is the authority's.
fn undertaking() -> String {
    [
        "FORM-001-042",
        "KAMU SM NİTELİKLİ ELEKTRONİK SERTİFİKA SAHİBİ TAAHHÜTNAMESİ",
        "(Deneme ortamı metnidir; hukuki bir hükmü yoktur.)",
        "",
        "1. Başvuru sırasında verdiğim bilgilerin doğru ve güncel olduğunu,",
        "2. Bu bilgilerde bir değişiklik olduğunda sertifika hizmet sağlayıcısına hemen haber vereceğimi,",
        "3. Nitelikli elektronik sertifikamın bulunduğu kartı ve PIN kodumu yalnız kendim kullanacağımı, \
         kimseyle paylaşmayacağımı,",
        "4. Kartımı kaybettiğimde, çaldırdığımda veya PIN kodumun başkasınca öğrenildiğinden kuşkulandığımda \
         sertifikamın iptalini hemen isteyeceğimi,",
        "5. Güvenlik sözcüğümü gizli tutacağımı ve unutmayacağım bir yerde saklayacağımı,",
        "6. Sertifikamı yalnız geçerlilik süresi içinde ve kullanım kısıtlarına uygun olarak kullanacağımı,",
        "7. Süresi dolmuş, askıya alınmış veya iptal edilmiş bir sertifikayla imza oluşturmayacağımı,",
        "8. Yenileme başvurumun sonunda üretilecek sertifikanın bildirdiğim adrese gönderileceğini bildiğimi,",
        "9. Bu taahhütnamenin tamamını okuduğumu ve anladığımı",
        "",
        "kabul ve taahhüt ederim.",
    ]
    .join("\n")
}
