//! Files inside the binary, served under addresses that hold the hash of their content.

/// The address of the embedded file `name`.
pub(crate) fn address(name: &str) -> String {
    format!("/assets/{name}")
}
