//! Opening a page where somebody would see it.

use std::io::IsTerminal;

/// Opens a page in the person's browser, and says whether it did: a script or a bare console has
/// none.
pub(crate) fn open(url: &str) -> bool {
    let screen = !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    screen && std::io::stderr().is_terminal() && webbrowser::open(url).is_ok()
}
