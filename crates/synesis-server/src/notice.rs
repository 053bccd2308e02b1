//! Notices: one-way streams of a device. Each stands for itself; what is wrong with one ends that
//! stream and nothing else.

use std::sync::Arc;

use synesis_transport::RecvStream;
use synesis_wire::limits::CHUNK_FRAME_BYTES_MAX;
use synesis_wire::proto::{self, Notice, control, notice};
use synesis_wire::{CloseCode, FrameDecoder};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock;
use crate::cloud::Cloud;
use crate::hub::Link;
use crate::limits::{CALL_FRAME_TIMEOUT, NOTICES_PER_CONNECTION_MAX};
use crate::presence::Vitals;
use crate::rate::Cost;

/// Reads every notice of a connection until it ends, so many streams at once.
pub(crate) async fn serve_all(cloud: Arc<Cloud>, link: Arc<Link>) {
    let places = Arc::new(Semaphore::new(NOTICES_PER_CONNECTION_MAX));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok(recv) = link.connection.accept_uni().await else {
            return;
        };
        tokio::spawn(serve(Arc::clone(&cloud), Arc::clone(&link), recv, place));
    }
}

/// Reads the notices of one stream.
async fn serve(
    cloud: Arc<Cloud>,
    link: Arc<Link>,
    mut recv: RecvStream,
    _place: OwnedSemaphorePermit,
) {
    let read = tokio::time::timeout(CALL_FRAME_TIMEOUT, read(&cloud, &link, &mut recv)).await;
    let code = match read {
        Ok(Ok(())) => return,
        Ok(Err(code)) => code,
        Err(_) => CloseCode::Deadline,
    };
    cloud.metrics.notices_refused.add(1);
    tracing::debug!(device = %link.claims.device, ?code, "a notice was refused");
    let _ = recv.stop(code.as_u32().into());
}

async fn read(
    cloud: &Arc<Cloud>,
    link: &Arc<Link>,
    recv: &mut RecvStream,
) -> Result<(), CloseCode> {
    let mut decoder = FrameDecoder::new(CHUNK_FRAME_BYTES_MAX);
    while let Ok(Some(bytes)) = recv.read_chunk(CHUNK_FRAME_BYTES_MAX).await {
        decoder.push(&bytes);
        while let Some(notice) = decoder.poll::<Notice>().map_err(|_| CloseCode::Protocol)? {
            link.allowance
                .take(Cost::Notice)
                .map_err(|_| CloseCode::RateLimited)?;
            take(cloud, link, notice).await?;
        }
    }
    decoder.finish().map_err(|_| CloseCode::Protocol)
}

async fn take(cloud: &Arc<Cloud>, link: &Arc<Link>, notice: Notice) -> Result<(), CloseCode> {
    match notice.body {
        Some(notice::Body::Heartbeat(beat)) => heartbeat(cloud, link, &beat).await,
        Some(notice::Body::Prewarm(signal)) => {
            let asker = Arc::clone(link);
            cloud
                .adapters
                .prewarm(&cloud.work, link.claims.device, signal, move |ready| {
                    tokio::spawn(async move { asker.tell(control::Body::LoraReady(ready)).await });
                });
            cloud.metrics.prewarms.add(1);
            Ok(())
        }
        // A newer device's notice.
        None => Ok(()),
    }
}

async fn heartbeat(
    cloud: &Cloud,
    link: &Arc<Link>,
    beat: &proto::Heartbeat,
) -> Result<(), CloseCode> {
    let device = link.claims.device;
    if beat.device_id.parse() != Ok(device) {
        return Err(CloseCode::Protocol);
    }
    let vitals = Vitals::check(beat.vitals.unwrap_or_default()).ok_or(CloseCode::Protocol)?;
    let now = clock::now();
    cloud.presence.note(device, now, vitals);
    cloud.metrics.heartbeats.add(1);
    let latency = link.connection.rtt().as_micros();
    link.tell(control::Body::HeartbeatAck(proto::HeartbeatAck {
        timestamp: beat.timestamp,
        server_time: now.as_millis(),
        latency_us: u32::try_from(latency).unwrap_or(u32::MAX),
    }))
    .await;
    Ok(())
}
