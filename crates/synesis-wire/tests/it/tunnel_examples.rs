//! One-way streams, and the WebSocket transport.

use synesis_wire::proto::{
    BalanceChanged, CertificateDue, Control, DeviceVitals, Drain, Heartbeat, HeartbeatAck,
    LoraReady, Notice, PrewarmSignal, StreamFinish, TunnelChallenge, TunnelClose, TunnelMessage,
    TunnelProof, TunnelWelcome, control, notice, tunnel_message,
};

use crate::examples::{Example, example};

pub(crate) const DEVICE: &str = "0190a5c4-0000-7d1a-b1c2-0000000000aa";
const BEAT_MS: i64 = 1_772_323_230_123;

pub(crate) fn all() -> Vec<Example> {
    let mut all = vec![
        example!(Heartbeat, full, heartbeat()),
        example!(DeviceVitals, full, vitals()),
        example!(DeviceVitals, present_zeros, present_zeros()),
        example!(DeviceVitals, far_values, far_values()),
        example!(PrewarmSignal, full, prewarm()),
        example!(Drain, full, drain()),
        example!(HeartbeatAck, full, acknowledged()),
        example!(BalanceChanged, full, balance_changed()),
        example!(CertificateDue, full, due()),
        example!(TunnelClose, full, goodbye()),
        example!(TunnelChallenge, full, challenge()),
        example!(TunnelProof, full, proof()),
    ];
    all.extend(one_way());
    all.extend(tunnel());
    all
}

fn one_way() -> Vec<Example> {
    let noticed = |body| Notice { body: Some(body) };
    let told = |body| Control { body: Some(body) };
    vec![
        example!(
            Notice,
            heartbeat,
            noticed(notice::Body::Heartbeat(heartbeat()))
        ),
        example!(Notice, prewarm, noticed(notice::Body::Prewarm(prewarm()))),
        example!(Control, drain, told(control::Body::Drain(drain()))),
        example!(
            Control,
            heartbeat_ack,
            told(control::Body::HeartbeatAck(acknowledged()))
        ),
        example!(
            Control,
            balance_changed,
            told(control::Body::BalanceChanged(balance_changed()))
        ),
        example!(
            Control,
            certificate_due,
            told(control::Body::CertificateDue(due()))
        ),
        example!(LoraReady, full, lora_ready()),
        example!(
            Control,
            lora_ready,
            told(control::Body::LoraReady(lora_ready()))
        ),
    ]
}

fn tunnel() -> Vec<Example> {
    use tunnel_message::Body;
    let of = |body| TunnelMessage {
        stream: (1 << 62) - 1,
        body: Some(body),
    };
    let data: Vec<u8> = (0..200).collect();
    vec![
        example!(TunnelMessage, data, of(Body::Data(data.into()))),
        example!(TunnelMessage, empty_data, of(Body::Data(Vec::new().into()))),
        example!(TunnelMessage, finish, of(Body::Finish(StreamFinish {}))),
        example!(TunnelMessage, reset, of(Body::Reset(u32::MAX))),
        example!(TunnelMessage, stop, of(Body::Stop(8))),
        example!(TunnelMessage, stop_without_error, of(Body::Stop(0))),
        example!(
            TunnelMessage,
            stream_credit,
            of(Body::StreamCredit(u64::MAX))
        ),
        example!(
            TunnelMessage,
            connection_credit,
            of(Body::ConnectionCredit(1 << 53))
        ),
        example!(TunnelMessage, ping, of(Body::Ping(1 << 63))),
        example!(TunnelMessage, first_ping, of(Body::Ping(0))),
        example!(TunnelMessage, pong, of(Body::Pong(7))),
        example!(TunnelMessage, close, of(Body::Close(goodbye()))),
        example!(TunnelMessage, challenge, of(Body::Challenge(challenge()))),
        example!(TunnelMessage, proof, of(Body::Proof(proof()))),
        example!(TunnelMessage, welcome, of(Body::Welcome(TunnelWelcome {}))),
        example!(TunnelMessage, calls_allowed, of(Body::CallsAllowed(129))),
        example!(
            TunnelMessage,
            notices_allowed,
            of(Body::NoticesAllowed(u64::MAX))
        ),
    ]
}

fn heartbeat() -> Heartbeat {
    Heartbeat {
        device_id: DEVICE.into(),
        timestamp: BEAT_MS,
        vitals: Some(vitals()),
    }
}

pub(crate) fn vitals() -> DeviceVitals {
    DeviceVitals {
        cpu_usage: 0.37,
        memory_usage: 0.625,
        gpu_usage: Some(0.81),
        gpu_temp: Some(71.5),
        disk_usage: 0.9,
        active_sessions: 3,
        pending_queries: 1,
    }
}

/// A graphics card that does nothing is not a machine without one.
fn present_zeros() -> DeviceVitals {
    DeviceVitals {
        gpu_usage: Some(0.0),
        gpu_temp: Some(0.0),
        ..DeviceVitals::default()
    }
}

fn far_values() -> DeviceVitals {
    DeviceVitals {
        cpu_usage: f32::MAX,
        memory_usage: f32::MIN_POSITIVE,
        gpu_usage: Some(1.0e-45),
        gpu_temp: Some(-273.15),
        disk_usage: f32::MIN,
        active_sessions: u32::MAX,
        pending_queries: 128,
    }
}

fn prewarm() -> PrewarmSignal {
    PrewarmSignal {
        project_id: "project-ß".into(),
        lora_id: Some("lora-tenancy".into()),
        timestamp: BEAT_MS,
    }
}

fn drain() -> Drain {
    Drain {
        retry_after_ms: 250,
        window_ms: 10_000,
    }
}

fn acknowledged() -> HeartbeatAck {
    HeartbeatAck {
        timestamp: BEAT_MS,
        server_time: -BEAT_MS,
        latency_us: 18_400,
    }
}

fn balance_changed() -> BalanceChanged {
    BalanceChanged {
        charged_nano_usd: 12_207_000,
        room_nano_usd: -1,
    }
}

fn due() -> CertificateDue {
    CertificateDue { not_after: BEAT_MS }
}

fn lora_ready() -> LoraReady {
    LoraReady {
        lora_id: "pirate".into(),
        load_ms: 180,
    }
}

fn goodbye() -> TunnelClose {
    TunnelClose {
        code: 300,
        reason: "bis später".into(),
    }
}

fn challenge() -> TunnelChallenge {
    TunnelChallenge {
        nonce: vec![0; 32].into(),
    }
}

fn proof() -> TunnelProof {
    TunnelProof {
        certificate_chain: vec![vec![0x30, 0x82].into(), Vec::new().into()],
        signature: vec![0x30, 0x45, 0xff].into(),
    }
}
