//! The one exchange over HTTPS: a device with a claim code asks for its certificate (`POST /api/v1/enrol`, JSON).

use serde::{Deserialize, Serialize};

/// What a new device sends.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Enrol {
    /// The one-time claim code as the administrator sees it; case, spaces and hyphens do not matter.
    pub claim: String,
    /// The certificate request, PKCS #10 in PEM, signed with a key that never leaves the device.
    pub csr: String,
    /// The agent's version.
    #[serde(default)]
    pub agent: String,
}

/// What it gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Enrolled {
    /// Its tenant's id.
    pub tenant: String,
    /// Its own id; also its MQTT client id.
    pub device: String,
    /// What it is: `smartbox` …
    pub kind: String,
    /// Its certificate and the authority above it, PEM, leaf first.
    pub certificate: String,
    /// Where to connect, `host:port`, MQTT 5 over TLS.
    pub address: String,
    /// The authorities whose server certificate to trust there, PEM.
    pub server_trust: String,
    /// The tenant's Ed25519 public key that signs commands, 32 bytes in base64url without padding.
    pub command_key: String,
    /// The root document by which the device judges its updates from now on (TUF, JSON as text); none where nobody signs
    /// updates yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_root: Option<String>,
}
