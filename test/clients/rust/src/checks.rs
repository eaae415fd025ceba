//! Checks that print their line, waits with a deadline, and the control of whoever runs the story.
use std::fmt::Display;
use std::future::Future;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

pub static HAVE_FAILED: AtomicBool = AtomicBool::new(false);

const LONGEST: Duration = Duration::from_secs(120);

pub async fn check(sentence: &str, body: impl Future<Output = Outcome>) {
    let outcome = tokio::time::timeout(LONGEST, body).await.unwrap_or_else(|_| Err("not within 120 s".into()));
    match outcome {
        Ok(()) => println!("ok {sentence}"),
        Err(problem) => {
            HAVE_FAILED.store(true, Ordering::Relaxed);
            println!("not ok {sentence}: {problem}");
        }
    }
}

/// A check that needs the server to be restarted: left out where nobody can do that.
pub async fn check_with_control(sentence: &str, body: impl Future<Output = Outcome>) {
    match std::env::var("KUBEDOUBLE_CONTROL") {
        Ok(_) => check(sentence, body).await,
        Err(_) => println!("left out without KUBEDOUBLE_CONTROL: {sentence}"),
    }
}

pub async fn restart(query: &'static str) -> Outcome {
    let control = std::env::var("KUBEDOUBLE_CONTROL")?;
    let address = control.trim_start_matches("http://").to_owned();
    let answer = tokio::task::spawn_blocking(move || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(&address)?;
        stream.set_read_timeout(Some(LONGEST))?;
        write!(stream, "POST /restart{query} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    })
    .await??;
    holds(answer.starts_with("HTTP/1.1 200"), answer)
}

pub fn holds(condition: bool, otherwise: impl Display) -> Outcome {
    if condition { Ok(()) } else { Err(otherwise.to_string().into()) }
}

pub fn equal<T: PartialEq + std::fmt::Debug>(expected: T, actual: T) -> Outcome {
    holds(expected == actual, format!("expected {expected:?}, not {actual:?}"))
}

/// Looks again and again until it holds.
pub async fn until<F, L>(what: &str, mut look: F) -> Outcome
where
    F: FnMut() -> L,
    L: Future<Output = Outcome<bool>>,
{
    let deadline = Instant::now() + Duration::from_secs(60);
    while !look().await? {
        holds(Instant::now() < deadline, format!("{what}: not within 60 s"))?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
