//! What programs that are run from a terminal share: an end by Ctrl+C that leaves nothing behind.

use std::path::PathBuf;

use tokio::signal::unix::{SignalKind, signal};

/// Ctrl+C and SIGTERM end the program at once. Whatever it started is killed by the kernel when the thread
/// that started it is gone; only the folder with the sockets has to be taken away.
///
/// # Errors
/// When signals cannot be listened to.
pub fn stop_on_signal(folder: PathBuf) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _inside = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let number = runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => 2,
                _ = terminate.recv() => 15,
            }
        });
        let _ = std::fs::remove_dir_all(&folder);
        std::process::exit(128 + number);
    })?;
    Ok(())
}
