//! A limit of time for what is mostly ready at once.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::sleep;

/// The time was up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Late;

/// Waits for a future, but no longer than this.
///
/// What is ready at its first poll costs neither a look at the clock nor a timer, unlike with
/// [`tokio::time::timeout`]. The limit counts from the first time that there was something to wait
/// for.
///
/// # Errors
/// [`Late`] when the time was up first; the future is dropped.
pub async fn within<F: Future>(limit: Duration, future: F) -> Result<F::Output, Late> {
    let mut future = pin!(future);
    let first = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
    if let Poll::Ready(output) = first {
        return Ok(output);
    }
    let mut up = pin!(sleep(limit));
    // It was polled a moment ago, by this task: only the timer is still to be set.
    let mut polled = true;
    poll_fn(|context| {
        if !std::mem::take(&mut polled)
            && let Poll::Ready(output) = future.as_mut().poll(context)
        {
            return Poll::Ready(Ok(output));
        }
        up.as_mut().poll(context).map(|()| Err(Late))
    })
    .await
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;
    use tokio::time::Instant;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(100);

    #[test]
    fn what_is_ready_at_once_needs_no_timer() {
        // Outside of a runtime there are no timers.
        let mut waiting = pin!(within(LIMIT, std::future::ready(7)));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert_eq!(waiting.as_mut().poll(&mut context), Poll::Ready(Ok(7)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_in_time_is_given_and_what_does_not_is_late() {
        let begun = Instant::now();
        let in_time = async {
            sleep(LIMIT / 2).await;
            7
        };
        assert_eq!(within(LIMIT, in_time).await, Ok(7));
        assert_eq!(begun.elapsed(), LIMIT / 2);
        let begun = Instant::now();
        assert_eq!(within(LIMIT, std::future::pending::<()>()).await, Err(Late));
        assert!(begun.elapsed() - LIMIT < Duration::from_millis(2));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_woken_by_another_task_is_given() {
        let (tell, told) = oneshot::channel();
        let waiting = tokio::spawn(within(LIMIT, told));
        tokio::task::yield_now().await;
        tell.send(7).unwrap();
        assert_eq!(waiting.await.unwrap(), Ok(Ok(7)));
    }

    #[tokio::test(start_paused = true)]
    async fn future_that_is_late_is_dropped() {
        let (mut held, waits) = oneshot::channel::<()>();
        let late = within(LIMIT, async move {
            let _ = waits.await;
        });
        assert_eq!(late.await, Err(Late));
        held.closed().await;
    }
}
