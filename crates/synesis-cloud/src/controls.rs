//! What the cloud tells on its own: control streams, read into one channel.

use synesis_transport::{Connection, VarInt};
use synesis_wire::limits::CHUNK_FRAME_BYTES_MAX;
use synesis_wire::proto::{Control, control};
use synesis_wire::{CloseCode, FrameDecoder};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Reads the control streams that the server opens.
pub(crate) async fn read_controls(connection: Connection, out: mpsc::Sender<control::Body>) {
    let mut streams = JoinSet::new();
    while let Ok(mut stream) = connection.accept_uni().await {
        let out = out.clone();
        streams.spawn(async move {
            let mut decoder = FrameDecoder::new(CHUNK_FRAME_BYTES_MAX);
            while let Ok(Some(bytes)) = stream.read_chunk(CHUNK_FRAME_BYTES_MAX).await {
                decoder.push(&bytes);
                loop {
                    match decoder.poll::<Control>() {
                        Ok(Some(Control { body: Some(body) })) => {
                            if out.send(body).await.is_err() {
                                return;
                            }
                        }
                        // A newer server's message.
                        Ok(Some(Control { body: None })) => {}
                        Ok(None) => break,
                        Err(_) => {
                            let code = VarInt::from_u32(CloseCode::Protocol.as_u32());
                            let _ = stream.stop(code);
                            return;
                        }
                    }
                }
            }
        });
        // Ended readers are forgotten, so that their number stays bounded by the open streams.
        while streams.try_join_next().is_some() {}
    }
}
