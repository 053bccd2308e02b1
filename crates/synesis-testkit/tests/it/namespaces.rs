//! Device and cloud in network namespaces of their own, joined by a virtual cable: real links that
//! go down, real addresses that change, a kernel that drops UDP. Skipped, with the reason, where
//! the machine gives no namespaces.

use std::fs::File;
use std::os::fd::AsFd;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use synesis_cloud::{CloudTunnel, Transport};
use synesis_server::RunningServer;
use tempfile::TempDir;

use crate::world::{ANSWER, Device, World, eventually, soon, words};

const LINK_DOWN: Duration = Duration::from_secs(10);
const PAYLOAD: Bytes = Bytes::from_static(&[0x5a; 64]);
const SERVER_ADDRESS: &str = "10.77.0.1";
const DEVICE_ADDRESSES: [&str; 2] = ["10.77.0.2", "10.77.0.3"];

/// Two namespaces with a cable between them. They go away with this.
struct Cable {
    server: String,
    device: String,
}

impl Cable {
    /// Lays the cable, or says why it cannot be laid here.
    fn lay() -> Result<Self, String> {
        let number = std::process::id();
        let cable = Self {
            server: format!("syn-server-{number}"),
            device: format!("syn-device-{number}"),
        };
        let (server, device) = (&cable.server, &cable.device);
        ip(&format!("netns add {server}"))?;
        ip(&format!("netns add {device}"))?;
        ip(&format!(
            "-n {server} link add cable type veth peer name cable netns {device}"
        ))?;
        for (space, address) in [(server, SERVER_ADDRESS), (device, DEVICE_ADDRESSES[0])] {
            ip(&format!("-n {space} addr add {address}/24 dev cable"))?;
            ip(&format!("-n {space} link set cable up"))?;
            ip(&format!("-n {space} link set lo up"))?;
        }
        Ok(cable)
    }

    fn link(&self, state: &str) {
        ip(&format!("-n {} link set cable {state}", self.device)).unwrap();
    }

    /// Takes the device's address away and gives it another.
    fn move_device(&self, from: &str, to: &str) {
        let space = &self.device;
        ip(&format!("-n {space} addr del {from}/24 dev cable")).unwrap();
        ip(&format!("-n {space} addr add {to}/24 dev cable")).unwrap();
    }

    /// The server's answers over UDP vanish in its kernel, or no longer do.
    fn swallow_udp(&self, swallow: bool) {
        let what = if swallow { "add" } else { "del" };
        ip(&format!(
            "-n {} rule {what} ipproto udp blackhole",
            self.server
        ))
        .unwrap();
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        for space in [&self.server, &self.device] {
            // One that was never made cannot be taken away.
            let _ = ip(&format!("netns del {space}"));
        }
    }
}

fn ip(arguments: &str) -> Result<(), String> {
    let run = Command::new("ip")
        .args(arguments.split_whitespace())
        .output();
    match run {
        Ok(done) if done.status.success() => Ok(()),
        Ok(done) => Err(format!(
            "`ip {arguments}`: {}",
            String::from_utf8_lossy(&done.stderr).trim()
        )),
        Err(error) => Err(format!("`ip` cannot be run: {error}")),
    }
}

/// Does something on a thread inside a namespace. Sockets and threads made there stay in it.
fn inside<T: Send + 'static>(
    space: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    let space = File::open(format!("/run/netns/{space}")).unwrap();
    thread::spawn(move || {
        move_into_link_name_space(space.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
        work()
    })
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

/// A server in its namespace, and the folder it works on.
fn start_server(cable: &Cable, dir: TempDir, port: u16) -> (RunningServer, TempDir) {
    inside(&cable.server, move || {
        let server = block_on(World::server(dir.path(), move |config| {
            config.listen = format!("{SERVER_ADDRESS}:{port}").parse().unwrap();
            config.names = vec![SERVER_ADDRESS.to_owned()];
        }));
        (server, dir)
    })
    .join()
    .unwrap()
}

#[test]
fn links_that_go_down_addresses_that_change_and_a_kernel_that_drops_udp() {
    let cable = match Cable::lay() {
        Ok(cable) => cable,
        Err(reason) => {
            println!("skipped: no network namespaces here: {reason}");
            return;
        }
    };
    let (server, dir) = start_server(&cable, tempfile::tempdir().unwrap(), 0);
    let addr = server.addr();
    let token = std::fs::read_to_string(synesis_server::enrolment_token_path(dir.path())).unwrap();
    let ca = std::fs::read_to_string(dir.path().join("ca/ca.pem")).unwrap();

    // The device tells after each step, and waits for the next.
    let (told, steps) = mpsc::channel();
    let (go_on, next) = mpsc::channel();
    let device = inside(&cable.device, move || {
        block_on(device_life(addr, &token, ca, &told, &next));
    });
    let step = |expected: &str| {
        let reached: String = steps.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(reached, expected);
    };
    step("online over quic");
    cable.link("down");
    go_on.send(()).unwrap();
    step("asks while the link is down");
    thread::sleep(LINK_DOWN);
    cable.link("up");
    step("answered");
    cable.move_device(DEVICE_ADDRESSES[0], DEVICE_ADDRESSES[1]);
    go_on.send(()).unwrap();
    step("moved before anybody asked");
    step("answered from the new address over quic");
    cable.swallow_udp(true);
    go_on.send(()).unwrap();
    step("answered over websocket");
    cable.swallow_udp(false);
    go_on.send(()).unwrap();
    step("back on quic");
    // A restart on the same port: the same keys, so that it is noticed at once.
    block_on(server.shutdown(Duration::ZERO));
    let (server, _dir) = start_server(&cable, dir, addr.port());
    go_on.send(()).unwrap();
    step("answered after the restart");
    device.join().unwrap();
    block_on(server.shutdown(Duration::ZERO));
}

async fn device_life(
    addr: std::net::SocketAddr,
    token: &str,
    ca: String,
    told: &mpsc::Sender<String>,
    next: &mpsc::Receiver<()>,
) {
    let tell = |what: String| told.send(what).unwrap();
    let wait = || next.recv_timeout(Duration::from_secs(60)).unwrap();
    let device = Device::enrol(addr, format!("https://{addr}"), token, ca).await;
    let mut config = device.config();
    config.quic_probe_interval = Duration::from_millis(100);
    config.request_timeout = Duration::from_secs(40);
    let tunnel = CloudTunnel::new(config);
    soon("a connection", tunnel.connect()).await.unwrap();
    let over = |tunnel: &CloudTunnel| tunnel.transport().map_or("nothing", Transport::name);
    tell(format!("online over {}", over(&tunnel)));

    wait();
    let asking = tokio::spawn({
        let tunnel = tunnel.clone();
        async move { tunnel.ping(PAYLOAD).await }
    });
    tokio::task::yield_now().await;
    tell("asks while the link is down".to_owned());
    assert!(soon("an answer", asking).await.unwrap().is_ok());
    tell("answered".to_owned());

    wait();
    let rebinds = tunnel.metrics().rebinds;
    eventually("the new address to be noticed", async || {
        tunnel.metrics().rebinds > rebinds || tunnel.metrics().revivals > 0
    })
    .await;
    tell("moved before anybody asked".to_owned());
    soon("an answer from the new address", tunnel.ping(PAYLOAD))
        .await
        .unwrap();
    eventually("QUIC", async || over(&tunnel) == "quic").await;
    tell(format!(
        "answered from the new address over {}",
        over(&tunnel)
    ));

    wait();
    assert!(soon("an answer", tunnel.ping(PAYLOAD)).await.is_ok());
    let mut answer = device.ask(&tunnel, |_| {}).await;
    assert_eq!(words(&mut answer).await, ANSWER);
    tell(format!("answered over {}", over(&tunnel)));

    wait();
    eventually("QUIC", async || over(&tunnel) == "quic").await;
    tell("back on quic".to_owned());

    wait();
    assert!(soon("an answer", tunnel.ping(PAYLOAD)).await.is_ok());
    tell("answered after the restart".to_owned());
    tunnel.disconnect(Duration::ZERO).await;
}
