//! The PIN leaves once, for texts that were shown to their end.

use std::os::unix::net::UnixListener;

use eimza_kiosk::{
    link::{
        keypad::Question,
        pin::{PinFrame, Verdict, answer, receive},
        signer::RequestId,
    },
    portal::SigningText,
};

use kiosk_ui::{
    dialogue::Dialogue,
    keypad::Asked,
    texts::{Texts, prepare},
};
use sha2::{Digest as _, Sha256};

const REQUEST: RequestId = RequestId([5; 16]);

fn two_texts() -> Texts {
    prepare(&[SigningText(b"bir".to_vec()), SigningText(b"iki".to_vec())], &[]).unwrap()
}

fn with_texts() -> Dialogue {
    let mut dialogue = Dialogue::default();
    dialogue.show(two_texts());
    dialogue
}

fn type_pin(dialogue: &mut Dialogue) {
    dialogue.await_pin(REQUEST).unwrap();
    for digit in [4, 0, 8, 1, 5, 2] {
        dialogue.digit(digit);
    }
}

#[test]
fn no_pin_leaves_before_the_end_of_every_text_was_on_the_screen() {
    let mut dialogue = with_texts();
    type_pin(&mut dialogue);
    assert!(dialogue.parcel().is_none());
    assert!(!dialogue.saw(0), "a text's heading is not its end");
    assert!(dialogue.saw(1));
    assert!(dialogue.parcel().is_none(), "the second text was not shown to its end");
    assert!(!dialogue.agree());
    assert!(dialogue.saw(3));
    assert!(dialogue.parcel().is_none(), "nobody said to have read them");
    assert!(dialogue.agree());
    assert!(dialogue.parcel().is_some());
    assert!(dialogue.parcel().is_none(), "a PIN leaves once");
}

#[test]
fn the_screen_vouches_for_nothing_elsewhere_before_every_text_was_read_and_agreed_to() {
    let mut dialogue = with_texts();
    dialogue.await_pin(REQUEST).unwrap();
    assert!(dialogue.question().is_none());
    dialogue.saw(1);
    assert!(!dialogue.agree() && dialogue.question().is_none(), "the second text was not shown to its end");
    dialogue.saw(3);
    assert!(dialogue.question().is_none(), "nobody said to have read them");
    assert!(dialogue.agree());
    let question = dialogue.question().unwrap();
    let digests = ["bir", "iki"].map(|text| Sha256::digest(text).into()).to_vec();
    assert_eq!(question, Question { request: REQUEST, digests, accept_last_try: false });
    dialogue.accept_last_try(REQUEST);
    assert!(dialogue.question().unwrap().accept_last_try);

    let nowhere = std::env::temp_dir().join("no-signer-listens-here");
    dialogue.ask(Asked::start(nowhere, None, question, |_| {}).unwrap());
    assert!(dialogue.question().is_none(), "it is asked once");
    dialogue.answered();
    assert!(!dialogue.question().unwrap().accept_last_try, "a yes is good for one question");
    dialogue.show(prepare(&[SigningText(b"baska".to_vec())], &[]).unwrap());
    assert!(dialogue.question().is_none(), "another text");
    dialogue.show(two_texts());
    assert!(dialogue.question().is_some());
    dialogue.forget_pin();
    assert!(dialogue.question().is_none(), "no PIN is wanted");
}

#[test]
fn a_yes_to_one_text_is_none_to_another_that_was_on_the_screen() {
    let mut dialogue = with_texts();
    dialogue.saw(1);
    dialogue.saw(3);
    dialogue.show(prepare(&[SigningText(b"baska".to_vec())], &[]).unwrap());
    dialogue.saw(1);
    assert!(dialogue.agree());
    type_pin(&mut dialogue);
    dialogue.show(two_texts());
    assert!(dialogue.read_to_end() && !dialogue.agreed());
    assert!(dialogue.parcel().is_none());
}

#[test]
fn a_last_try_is_accepted_for_one_request_and_one_pin() {
    let mut dialogue = with_texts();
    dialogue.saw(1);
    dialogue.saw(3);
    dialogue.agree();
    dialogue.accept_last_try(RequestId([6; 16]));
    type_pin(&mut dialogue);
    assert!(!sent(&mut dialogue).accept_last_try, "the yes was to another request");
    dialogue.accept_last_try(REQUEST);
    type_pin(&mut dialogue);
    assert!(sent(&mut dialogue).accept_last_try);
    type_pin(&mut dialogue);
    assert!(!sent(&mut dialogue).accept_last_try, "a yes is for one PIN");
}

#[test]
fn another_request_begins_with_no_digits() {
    let mut dialogue = with_texts();
    type_pin(&mut dialogue);
    dialogue.await_pin(REQUEST).unwrap();
    assert_eq!(dialogue.length(), 6);
    dialogue.await_pin(RequestId([9; 16])).unwrap();
    assert_eq!(dialogue.length(), 0);
}

#[test]
fn the_signer_gets_the_pin_and_the_digests_of_what_was_shown() {
    let mut dialogue = with_texts();
    dialogue.saw(1);
    dialogue.saw(3);
    dialogue.agree();
    type_pin(&mut dialogue);
    let frame = sent(&mut dialogue);
    assert_eq!(frame.request, REQUEST);
    assert_eq!(frame.digests.len(), 2);
    assert_eq!(frame.pin.expose(), b"408152");
}

/// The frame as a signer on a real socket receives it.
fn sent(dialogue: &mut Dialogue) -> PinFrame {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("pin.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let signer = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let frame = receive(&mut stream).unwrap();
        answer(&mut stream, Verdict::Accepted).unwrap();
        frame
    });
    assert_eq!(dialogue.parcel().unwrap().send(&socket, None).unwrap(), Verdict::Accepted);
    signer.join().unwrap()
}
