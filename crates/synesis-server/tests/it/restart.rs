//! What is still true after the server was started again.

use synesis_wire::proto::stream_chunk::Payload;

use crate::backend::{Backend, on_both};
use crate::client::{REQUEST, World, assert_same, balance, escalate, escalation, usage};
use crate::double::Say;

async fn charges_and_answers_outlive_a_restart(backend: Backend) {
    let world = World::on(backend).await;
    let device = world.enrol().await;
    let connection = device.connect().await.unwrap();
    world.model.answer(&["kept"]).await;
    let before = escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    let charged = balance(&connection).await;
    drop(connection);
    let world = world.restarted().await;
    let device = device.at(world.server.addr());
    let connection = device.connect().await.unwrap();
    assert_same(&balance(&connection).await, &charged);
    let again = escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    assert_eq!(again, before);
    assert_eq!(world.model.seen().calls, 0);
    assert_same(&balance(&connection).await, &charged);
}

async fn a_shutdown_that_cannot_wait_settles_what_was_written(backend: Backend) {
    let world = World::on(backend).await;
    let device = world.enrol().await;
    let connection = device.connect().await.unwrap();
    let mut stream = escalate(&connection, escalation(REQUEST, "q")).await;
    world.model.say(Say::Word("one")).await;
    stream.chunk().await;
    let (world, last) = tokio::join!(world.restarted(), stream.rest());
    let Payload::Error(error) = last.1 else {
        panic!("no error: {last:?}");
    };
    assert_eq!(error.code, "shutting_down");
    let connection = device.at(world.server.addr()).connect().await.unwrap();
    let balance = balance(&connection).await;
    assert_eq!(balance.charged_nano_usd, error.cost_nano_usd);
    assert_eq!((balance.held_nano_usd, balance.calls), (0, 1));
    assert_eq!(usage(&connection, REQUEST).await.state, "settled");
}

on_both!(
    charges_and_answers_outlive_a_restart,
    a_shutdown_that_cannot_wait_settles_what_was_written
);
