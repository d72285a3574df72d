//! Tells the screen that the kiosk is out of service because its configuration is broken, or because it has none.
//!
//! It uses what could be salvaged of the configuration and knows nothing of what is wrong with it.

use std::{io, time::Duration};

use tokio::{io::AsyncWriteExt, net::UnixStream};

use super::screen;
use crate::{
    config::{Links, Office, Salvaged},
    link::{
        codec, listen,
        view::{Contrast, Frame, Help, Language, Page, TextSize, View},
    },
    session::fault::Cause,
};

/// A screen that has not come by then says out of service by itself.
const COMES_WITHIN: Duration = Duration::from_secs(25);

/// Waits for the screen, shows it one page and leaves.
///
/// # Errors
/// When no screen came in time or it could not be told.
pub async fn tell_screen(links: &Links, salvaged: &Salvaged) -> io::Result<()> {
    let listener = screen::bind(links)?;
    let allowed = listen::allowed_uid(links.screen_uid);
    let told = async {
        loop {
            let (mut socket, _) = listener.accept().await?;
            if listen::peer_uid(&socket)? == allowed {
                return tell(&mut socket, salvaged).await;
            }
        }
    };
    tokio::time::timeout(COMES_WITHIN, told).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

async fn tell(socket: &mut UnixStream, salvaged: &Salvaged) -> io::Result<()> {
    let office = salvaged.office.as_ref();
    let cause = if salvaged.not_set_up { Cause::NotSetUp } else { Cause::Configuration };
    let text = |of: fn(&Office) -> &String| office.map(|office| of(office).clone()).unwrap_or_default();
    let view = View {
        serial: 1,
        page: Page::OutOfService { cause },
        overlay: None,
        frame: Frame {
            office: text(|office| &office.name),
            step: None,
            ring: None,
            back: false,
            cancel: false,
            language: Language::default(),
            text_size: TextSize::default(),
            contrast: Contrast::default(),
            assisted: false,
            help: Help { phone: text(|office| &office.help_phone), email: text(|office| &office.help_email) },
            setback: None,
        },
    };
    let frame = codec::encode(&view).map_err(io::Error::other)?;
    socket.write_all(&frame).await?;
    socket.shutdown().await
}
