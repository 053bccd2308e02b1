//! Many devices that do nothing but tell that they are there: memory and time of the cloud.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream::{FuturesUnordered, StreamExt};
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Connection, Endpoint, TransportConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use synesis_wire::proto::{DeviceVitals, Heartbeat, Notice, notice};
use synesis_wire::{ALPN, encode_frame};

use super::cloud_process::CloudProcess;
use crate::error::{Doing, MeasureError};
use crate::row::{Goal, Row};

const DEVICES: usize = 5_000;
const QUICK_DEVICES: usize = 200;
/// Enrolments and handshakes under way at once.
const AT_ONCE: usize = 16;
/// The interval of heartbeats, and how long they are watched.
const INTERVAL: Duration = Duration::from_secs(30);
const QUICK_INTERVAL: Duration = Duration::from_secs(3);
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A device of the fleet.
struct Member {
    id: String,
    connection: Connection,
}

/// Measures the fleet.
pub(super) fn rows(quick: bool) -> Result<Vec<Row>, MeasureError> {
    let (devices, interval) = if quick {
        (QUICK_DEVICES, QUICK_INTERVAL)
    } else {
        (DEVICES, INTERVAL)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .doing("starting a runtime")?;
    let folder = tempfile::tempdir().doing("making a folder")?;
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let cloud = CloudProcess::start(&folder.path().join("cloud"), anywhere)?;
    runtime.block_on(async {
        let configs = enrol(&cloud, folder.path(), devices).await?;
        let before = cloud.resident_kib()?;
        let endpoint = Endpoint::client(anywhere).doing("binding the fleet's socket")?;
        let started = Instant::now();
        let fleet = connect(&cloud, &endpoint, configs).await?;
        let took = started.elapsed();
        let each = (cloud.resident_kib()? - before) / devices as f64;
        let used = cloud.cpu_seconds()?;
        beat(&fleet, interval).await?;
        let share = (cloud.cpu_seconds()? - used) / interval.as_secs_f64() * 100.0;
        for member in &fleet {
            member.connection.close(0_u32.into(), b"");
        }
        let row = |id: &str, value, unit, goal| Row {
            id: id.to_owned(),
            value,
            baseline: None,
            unit,
            goal,
            n: Some(devices),
        };
        Ok(vec![
            row("tunnel.idle", each, "KiB", Some(Goal::ValueAtMost(96.0))),
            row(
                "tunnel.fleet",
                share,
                "% of a core",
                Some(Goal::ValueAtMost(15.0)),
            ),
            row(
                "tunnel.fleet.handshakes",
                devices as f64 / took.as_secs_f64(),
                "/s",
                None,
            ),
        ])
    })
}

async fn enrol(
    cloud: &CloudProcess,
    folder: &Path,
    devices: usize,
) -> Result<Vec<(String, ClientConfig)>, MeasureError> {
    let numbers = futures::stream::iter(0..devices);
    let mut enrolled = numbers
        .map(async |number| {
            let folder = folder.join(format!("device-{number}"));
            let identity = cloud.enrol(&folder).await?;
            Ok::<_, MeasureError>((identity.device_id().to_string(), config(&folder)?))
        })
        .buffer_unordered(AT_ONCE);
    let mut configs = Vec::with_capacity(devices);
    while let Some(next) = enrolled.next().await {
        configs.push(next?);
    }
    Ok(configs)
}

fn config(folder: &Path) -> Result<ClientConfig, MeasureError> {
    let doing = "reading a device's files";
    let read = |name| std::fs::read(folder.join(name)).doing(doing);
    let mut roots = rustls::RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(&read("ca.pem")?) {
        roots.add(root.doing(doing)?).doing(doing)?;
    }
    let chain = CertificateDer::pem_slice_iter(&read("certificate.pem")?)
        .collect::<Result<Vec<_>, _>>()
        .doing(doing)?;
    let key = PrivateKeyDer::from_pem_slice(&read("key.pem")?).doing(doing)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .doing(doing)?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .doing(doing)?;
    tls.alpn_protocols = vec![ALPN.to_vec()];
    tls.resumption = rustls::client::Resumption::disabled();
    let mut config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).doing(doing)?));
    let mut transport = TransportConfig::default();
    transport.keep_alive_interval(Some(KEEP_ALIVE));
    config.transport_config(Arc::new(transport));
    Ok(config)
}

async fn connect(
    cloud: &CloudProcess,
    endpoint: &Endpoint,
    configs: Vec<(String, ClientConfig)>,
) -> Result<Vec<Member>, MeasureError> {
    let mut dialling = futures::stream::iter(configs)
        .map(async |(id, config)| {
            let connecting = endpoint
                .connect_with(config, cloud.addr(), "127.0.0.1")
                .doing("dialling")?;
            let connection = connecting.await.doing("connecting a device")?;
            // Acknowledgements are read, so that the next can come.
            let acknowledged = connection.clone();
            tokio::spawn(async move {
                while let Ok(mut stream) = acknowledged.accept_uni().await {
                    drop(stream.read_to_end(1024).await);
                }
            });
            Ok::<_, MeasureError>(Member { id, connection })
        })
        .buffer_unordered(AT_ONCE);
    let mut fleet = Vec::new();
    while let Some(member) = dialling.next().await {
        fleet.push(member?);
    }
    Ok(fleet)
}

/// One heartbeat of each device, spread over the interval.
async fn beat(fleet: &[Member], interval: Duration) -> Result<(), MeasureError> {
    let started = tokio::time::Instant::now();
    let each = interval.div_f64(fleet.len() as f64);
    let mut sending = FuturesUnordered::new();
    for (number, member) in (0_u32..).zip(fleet) {
        tokio::time::sleep_until(started + each * number).await;
        sending.push(send(member));
        if sending.len() >= AT_ONCE
            && let Some(sent) = sending.next().await
        {
            sent?;
        }
    }
    while let Some(sent) = sending.next().await {
        sent?;
    }
    tokio::time::sleep_until(started + interval).await;
    Ok(())
}

async fn send(member: &Member) -> Result<(), MeasureError> {
    let doing = "sending a heartbeat";
    let notice = Notice {
        body: Some(notice::Body::Heartbeat(Heartbeat {
            device_id: member.id.clone(),
            timestamp: 1,
            vitals: Some(DeviceVitals::default()),
        })),
    };
    let frame = encode_frame(&notice).doing(doing)?;
    let mut stream = member.connection.open_uni().await.doing(doing)?;
    stream.write_all(frame.as_bytes()).await.doing(doing)?;
    stream.finish().doing(doing)
}
