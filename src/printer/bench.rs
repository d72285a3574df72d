//! A printer for tests: what it is configured as, and what it says.

use ipp::prelude::{DelimiterTag, IppAttribute, IppRequestResponse, IppValue, IppVersion, StatusCode};

use crate::{
    config,
    link::paper::{Grey, Leaf, PRINT_SIZE, Paper},
    tls_server::{Act, Server, answer},
};

/// Its configuration: `ipp` or `ipps`, and who vouches for it.
pub(crate) fn printer(scheme: &str, server: &Server, ca_roots: Vec<std::path::PathBuf>) -> config::Printer {
    let address = format!("{scheme}://localhost:{}/ipp/print", server.port);
    config::Printer { address, ca_roots, deliver_to: "DENEME".into(), wait_s: 60 }
}

/// Two white sheets.
pub(crate) fn paper() -> Paper {
    let white = vec![255; usize::from(PRINT_SIZE.0) * usize::from(PRINT_SIZE.1)];
    let print = Grey::new(PRINT_SIZE, white).expect("as many pixels");
    let screen = Grey::new((1, 1), vec![255]).expect("one");
    Paper::new(vec![Leaf { screen, print }; 2]).expect("two")
}

/// What a printer says.
pub(crate) fn says(status: StatusCode, said: Vec<(&str, IppValue)>) -> Act {
    let mut message = IppRequestResponse::new_response(IppVersion::v2_0(), status, 1).expect("a response");
    for (name, value) in said {
        let attribute = IppAttribute::with_name(name, value).expect("a name");
        message.attributes_mut().add(DelimiterTag::PrinterAttributes, attribute);
    }
    answer("200 OK\r\nContent-Type: application/ipp", message.to_bytes())
}

/// A keyword.
pub(crate) fn word(text: &str) -> IppValue {
    IppValue::new_keyword(text).expect("short")
}

/// That it prints what this kiosk does.
pub(crate) fn able() -> Act {
    says(
        StatusCode::SuccessfulOk,
        vec![
            ("document-format-supported", IppValue::new_mime_media_type("image/pwg-raster").expect("short")),
            ("pwg-raster-document-type-supported", word("sgray_8")),
            ("media-supported", word("iso_a4_210x297mm")),
            ("pwg-raster-document-resolution-supported", IppValue::new_resolution(300, 300, 3)),
        ],
    )
}

/// A success with one value.
pub(crate) fn number(name: &str, value: IppValue) -> Act {
    says(StatusCode::SuccessfulOk, vec![(name, value)])
}
