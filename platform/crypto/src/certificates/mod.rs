//! X.509: the authority of a tenant, certificates of devices and servers, what a certificate says, and TLS settings made
//! from them.

mod authority;
mod clockless;
mod device_roots;
mod reading;
mod tls;

pub use authority::{Authority, Issued, make_key, make_request};
pub use device_roots::{DeviceName, DeviceRoots};
pub use reading::{CertificateFacts, pem_to_der, read, read_request_key};
pub use tls::{
    ServerIdentity, client_config, device_client_config, device_server_config, provider, server_config,
};
