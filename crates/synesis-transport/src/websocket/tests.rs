//! Two ends joined by channels.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::channel::mpsc;
use futures::{Sink, SinkExt, Stream, StreamExt};
use quinn::{ConnectionError, ReadError, VarInt, WriteError};
use synesis_wire::limits::{IDLE_TIMEOUT_MS, STREAM_WINDOW_BYTES};
use synesis_wire::mux::Side;

use super::{WebSocketConnection, drive};
use crate::Connection;

/// One end of a line in memory.
struct Line {
    out: mpsc::Sender<Bytes>,
    back: mpsc::Receiver<Bytes>,
}

impl Stream for Line {
    type Item = Result<Bytes, mpsc::SendError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.back.poll_next_unpin(context).map(|next| next.map(Ok))
    }
}

impl Sink<Bytes> for Line {
    type Error = mpsc::SendError;

    fn poll_ready(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        self.out.poll_ready_unpin(context)
    }

    fn start_send(mut self: Pin<&mut Self>, item: Bytes) -> Result<(), Self::Error> {
        self.out.start_send_unpin(item)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        self.out.poll_flush_unpin(context)
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        self.out.poll_close_unpin(context)
    }
}

fn lines() -> (Line, Line) {
    let (out, there) = mpsc::channel(4);
    let (back, here) = mpsc::channel(4);
    (
        Line { out, back: here },
        Line {
            out: back,
            back: there,
        },
    )
}

fn end(side: Side, line: Line) -> Connection {
    let connection = WebSocketConnection::new(side, SocketAddr::from((Ipv4Addr::LOCALHOST, 1)));
    tokio::spawn(drive(&connection, line));
    Connection::WebSocket(connection)
}

fn pair() -> (Connection, Connection) {
    let (ours, theirs) = lines();
    (end(Side::Device, ours), end(Side::Cloud, theirs))
}

async fn read_all(recv: &mut crate::RecvStream) -> Result<Vec<u8>, ReadError> {
    let mut all = Vec::new();
    while let Some(bytes) = recv.read_chunk(10_000).await? {
        all.extend_from_slice(&bytes);
    }
    Ok(all)
}

#[tokio::test]
async fn many_calls_at_once_each_get_their_own_answer() {
    let (device, cloud) = pair();
    let server = cloud.clone();
    tokio::spawn(async move {
        while let Ok((mut send, mut recv)) = server.accept_bi().await {
            tokio::spawn(async move {
                let question = read_all(&mut recv).await.unwrap();
                send.write_chunk(question.into()).await.unwrap();
                send.finish().unwrap();
            });
        }
    });
    let mut calls = tokio::task::JoinSet::new();
    for number in 0_u32..200 {
        let device = device.clone();
        calls.spawn(async move {
            let (mut send, mut recv) = device.open_bi().await.unwrap();
            let question = number.to_be_bytes().repeat(1 + 50 * number as usize);
            send.write_chunk(question.clone().into()).await.unwrap();
            send.finish().unwrap();
            assert_eq!(read_all(&mut recv).await.unwrap(), question);
        });
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
    assert!(device.received() > 200);
    assert!(device.rtt() > Duration::ZERO);
}

#[tokio::test]
async fn slow_reader_holds_up_its_writer_and_nobody_else() {
    let (device, cloud) = pair();
    let (mut send, _kept) = device.open_bi().await.unwrap();
    let much = Bytes::from(vec![7; 2 * STREAM_WINDOW_BYTES as usize]);
    let writing = tokio::spawn(async move {
        send.write_chunk(much).await.unwrap();
        send.finish().unwrap();
    });
    let (_answer, mut slow) = cloud.accept_bi().await.unwrap();
    let (mut quick, _kept) = device.open_bi().await.unwrap();
    quick
        .write_chunk(Bytes::from_static(b"hello"))
        .await
        .unwrap();
    quick.finish().unwrap();
    let (_answer, mut second) = cloud.accept_bi().await.unwrap();
    assert_eq!(read_all(&mut second).await.unwrap(), b"hello");
    assert!(!writing.is_finished());
    assert_eq!(
        read_all(&mut slow).await.unwrap().len(),
        2 * STREAM_WINDOW_BYTES as usize
    );
    writing.await.unwrap();
}

#[tokio::test]
async fn stop_and_goodbye_are_heard_with_their_codes() {
    let (device, cloud) = pair();
    let (mut send, mut recv) = device.open_bi().await.unwrap();
    send.write_chunk(Bytes::from_static(b"x")).await.unwrap();
    let (mut answer, mut question) = cloud.accept_bi().await.unwrap();
    let stopped = answer.stopped();
    recv.stop(VarInt::from_u32(8)).unwrap();
    send.reset(VarInt::from_u32(8)).unwrap();
    assert_eq!(stopped.await.unwrap(), Some(VarInt::from_u32(8)));
    assert_eq!(
        answer.write_chunk(Bytes::from_static(b"y")).await,
        Err(WriteError::Stopped(VarInt::from_u32(8)))
    );
    while let Ok(Some(_)) = question.read_chunk(10).await {}
    cloud.close(VarInt::from_u32(5), b"revoked");
    let ConnectionError::ApplicationClosed(told) = device.closed().await else {
        panic!("not by the other end");
    };
    assert_eq!(
        (told.error_code, &told.reason[..]),
        (VarInt::from_u32(5), &b"revoked"[..])
    );
    assert!(device.open_bi().await.is_err());
    assert_eq!(cloud.close_reason(), Some(ConnectionError::LocallyClosed));
}

#[tokio::test]
async fn connection_ends_with_its_last_handle() {
    let (device, cloud) = pair();
    drop(device);
    assert!(matches!(
        cloud.closed().await,
        ConnectionError::ApplicationClosed(_)
    ));
}

#[tokio::test(start_paused = true)]
async fn silent_line_is_given_up_and_a_living_one_is_kept() {
    let idle = Duration::from_millis(IDLE_TIMEOUT_MS.into());
    let (device, cloud) = pair();
    tokio::time::sleep(4 * idle).await;
    assert_eq!((device.close_reason(), cloud.close_reason()), (None, None));
    let (line, _silent) = lines();
    let alone = end(Side::Device, line);
    assert_eq!(alone.closed().await, ConnectionError::TimedOut);
}

#[tokio::test]
async fn message_that_cannot_be_read_ends_the_connection() {
    let (line, mut wild) = lines();
    let cloud = end(Side::Cloud, line);
    wild.out
        .send(Bytes::from_static(&[0xff; 20]))
        .await
        .unwrap();
    assert_eq!(cloud.closed().await, ConnectionError::LocallyClosed);
    drop(wild);
}
