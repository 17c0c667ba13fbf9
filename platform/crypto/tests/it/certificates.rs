//! A device is let in with a certificate of its own tenant's authority, and with nothing else.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection};
use sekisho_crypto::CryptoError;
use sekisho_crypto::certificates::{
    Authority, DeviceName, DeviceRoots, ServerIdentity, client_config, device_server_config, make_key,
    make_request, pem_to_der, read, server_config,
};
use sekisho_kernel::{DeviceId, TenantId, World};
use uuid::Uuid;

use crate::{Still, tenant};

const DAY: Duration = Duration::from_secs(86_400);

fn name(tenant: TenantId, device: u128) -> DeviceName {
    DeviceName { tenant, device: DeviceId(Uuid::from_u128(device)) }
}

fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

/// Shakes hands in memory and sends a byte each way, so that a refusal of the client's certificate is seen too.
fn meet(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Result<ServerConnection, rustls::Error> {
    let host = ServerName::try_from("box.example.jp").unwrap();
    let mut client = ClientConnection::new(client.clone(), host).unwrap();
    let mut server = ServerConnection::new(server.clone()).unwrap();
    client.writer().write_all(b"x").unwrap();
    server.writer().write_all(b"y").unwrap();
    for _ in 0..8 {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        let mut there = &wire[..];
        while !there.is_empty() {
            server.read_tls(&mut there).unwrap();
            server.process_new_packets()?;
        }
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        let mut there = &wire[..];
        while !there.is_empty() {
            client.read_tls(&mut there).unwrap();
            client.process_new_packets()?;
        }
    }
    let mut byte = [0; 1];
    server.reader().read_exact(&mut byte).unwrap();
    client.reader().read_exact(&mut byte).unwrap();
    assert_eq!(&byte, b"y");
    Ok(server)
}

struct Field {
    world: Arc<Still>,
    dyn_world: Arc<dyn World>,
    site: Authority,
    authorities: [Authority; 2],
    roots: Arc<DeviceRoots>,
    server: Arc<ServerConfig>,
}

impl Field {
    fn new() -> Self {
        let world = Still::new();
        let dyn_world: Arc<dyn World> = world.clone();
        let make = |name| Authority::generate(name, world.now(), 10, &*world).unwrap();
        let (site, authorities) = (make("site"), [make("関所 一号"), make("関所 二号")]);
        let names = ["box.example.jp".to_owned(), "127.0.0.1".to_owned()];
        let issued = site.issue_server(&names, world.now(), world.now().plus(90 * DAY), &*world).unwrap();
        let identity = Arc::new(ServerIdentity::from_pem(&issued.chain_pem, &issued.key_pem).unwrap());
        let roots = Arc::new(DeviceRoots::new());
        let server = device_server_config(identity, roots.clone(), &dyn_world).unwrap();
        Self { world, dyn_world, site, authorities, roots, server }
    }

    fn device(&self, authority: &Authority, name: DeviceName) -> Arc<ClientConfig> {
        let key = make_key().unwrap();
        let request = make_request(&key, "whatever the device says").unwrap();
        let (from, until) = (self.world.now(), self.world.now().plus(90 * DAY));
        let der = authority.sign_request(&request, &name.to_string(), from, until, &*self.world).unwrap();
        client_config(self.site.certificate_pem(), Some((&pem(&der), &key)), &self.dyn_world).unwrap()
    }
}

#[test]
fn a_device_of_a_known_tenant_comes_in_until_it_is_shut_out() {
    let field = Field::new();
    let device = field.device(&field.authorities[0], name(tenant(1), 5));
    assert!(meet(&device, &field.server).is_err(), "the tenant is not known yet");
    field.roots.set(tenant(1), &[field.authorities[0].certificate_der().clone()]).unwrap();
    let server = meet(&device, &field.server).unwrap();
    let facts = read(&server.peer_certificates().unwrap()[0]).unwrap();
    assert_eq!(DeviceName::of(&facts).unwrap(), name(tenant(1), 5));
    assert_eq!(facts.not_after.since(facts.not_before), 90 * DAY);
    // The authority is renewed; for a while both hold.
    let next = Authority::generate("next", field.world.now(), 10, &*field.world).unwrap();
    let both = [next.certificate_der().clone(), field.authorities[0].certificate_der().clone()];
    field.roots.set(tenant(1), &both).unwrap();
    meet(&device, &field.server).unwrap();
    meet(&field.device(&next, name(tenant(1), 5)), &field.server).unwrap();
    field.roots.set(tenant(1), &[]).unwrap();
    assert!(meet(&device, &field.server).is_err());
    assert!(field.roots.set(tenant(1), &[CertificateDer::from(vec![1, 2, 3])]).is_err());
}

#[test]
fn one_tenants_authority_does_not_speak_for_anothers_device() {
    let field = Field::new();
    let all = [(tenant(1), &field.authorities[0]), (tenant(2), &field.authorities[1])];
    field
        .roots
        .set_all(all.map(|(tenant, authority)| (tenant, vec![authority.certificate_der().clone()])))
        .unwrap();
    meet(&field.device(&field.authorities[0], name(tenant(1), 5)), &field.server).unwrap();
    meet(&field.device(&field.authorities[1], name(tenant(2), 5)), &field.server).unwrap();
    assert!(meet(&field.device(&field.authorities[1], name(tenant(1), 5)), &field.server).is_err());
    let bare = client_config(field.site.certificate_pem(), None, &field.dyn_world).unwrap();
    assert!(meet(&bare, &field.server).is_err(), "a certificate is demanded");
}

#[test]
fn validity_is_judged_by_the_worlds_clock() {
    let field = Field::new();
    field.roots.set(tenant(1), &[field.authorities[0].certificate_der().clone()]).unwrap();
    let device = field.device(&field.authorities[0], name(tenant(1), 5));
    meet(&device, &field.server).unwrap();
    field.world.advance(91 * DAY);
    assert!(meet(&device, &field.server).is_err());
}

#[test]
fn a_request_must_prove_its_key_and_says_nothing_else() {
    let field = Field::new();
    let (from, until) = (field.world.now(), field.world.now().plus(DAY));
    let sign = |request: &[u8]| {
        field.authorities[0].sign_request(
            request,
            &name(tenant(1), 5).to_string(),
            from,
            until,
            &*field.world,
        )
    };
    let mut request = make_request(&make_key().unwrap(), "sekisho://other/device/1").unwrap();
    let facts = read(&sign(&request).unwrap()).unwrap();
    assert_eq!(facts.uri_sans, [name(tenant(1), 5).to_string()]);
    assert!(!facts.subject.contains("other"));
    assert_ne!(read(&sign(&request).unwrap()).unwrap().serial, facts.serial, "each has its own number");
    assert!(matches!(sign(b"rubbish"), Err(CryptoError::Malformed(_))));
    let last = request.len() - 1;
    request[last] ^= 1;
    assert!(sign(&request).is_err());
}

#[test]
fn names_of_devices_have_one_spelling() {
    let good = name(tenant(1), 5).to_string();
    assert_eq!(good.parse::<DeviceName>().unwrap(), name(tenant(1), 5));
    for bad in
        [good.to_uppercase(), good.replace('-', ""), format!("{good}/"), format!("x{good}"), String::new()]
    {
        assert!(bad.parse::<DeviceName>().is_err(), "{bad}");
    }
}

#[test]
fn an_authority_survives_the_shelf_and_a_server_changes_its_certificate() {
    let field = Field::new();
    let (certificate, key) = field.authorities[0].to_pem();
    let back = Authority::from_pem(&certificate, &key).unwrap();
    field.roots.set(tenant(1), &[back.certificate_der().clone()]).unwrap();
    meet(&field.device(&back, name(tenant(1), 5)), &field.server).unwrap();
    assert!(Authority::from_pem("rubbish", &key).is_err());

    let until = field.world.now().plus(DAY);
    let names = ["box.example.jp".to_owned()];
    let first = field.site.issue_server(&names, field.world.now(), until, &*field.world).unwrap();
    let second = field.site.issue_server(&names, field.world.now(), until, &*field.world).unwrap();
    assert!(
        ServerIdentity::from_pem(&first.chain_pem, &second.key_pem).is_err(),
        "key and certificate must match"
    );
    let identity = Arc::new(ServerIdentity::from_pem(&first.chain_pem, &first.key_pem).unwrap());
    let https = server_config(identity.clone(), &field.dyn_world).unwrap();
    let client = client_config(field.site.certificate_pem(), None, &field.dyn_world).unwrap();
    meet(&client, &https).unwrap();
    identity.replace(&second.chain_pem, &second.key_pem).unwrap();
    meet(&client, &https).unwrap();
    assert_eq!(identity.certificate().unwrap().as_ref(), pem_to_der(&second.chain_pem).unwrap());
    assert!(!https.alpn_protocols.is_empty());
}
