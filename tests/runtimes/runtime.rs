// SPDX-License-Identifier: MIT

//! Threads, channels, locks with time limits, sockets and children in Rust. It checks itself and prints the same in
//! every run. Arguments: items, clients, children.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Barrier, Condvar, Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

const THREADS: usize = 8;

fn channels(items: usize) {
    let (sender, receiver) = mpsc::sync_channel(2);
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let sender = sender.clone();
            thread::spawn(move || (0..items).for_each(|item| sender.send(thread * items + item).unwrap()))
        })
        .collect();
    drop(sender);
    let sum: usize = receiver.iter().sum();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    println!("channels {}", sum == (THREADS * items) * (THREADS * items - 1) / 2);
}

fn locks(items: usize) {
    let counter = Arc::new((Mutex::new(0), RwLock::new(0), Barrier::new(THREADS)));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let counter = Arc::clone(&counter);
            thread::spawn(move || {
                for _ in 0..items {
                    *counter.0.lock().unwrap() += 1;
                    *counter.1.write().unwrap() += 1;
                }
                counter.2.wait();
                *counter.1.read().unwrap()
            })
        })
        .collect();
    let seen: Vec<usize> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    println!("locks {} {:?}", *counter.0.lock().unwrap(), seen == vec![THREADS * items; THREADS]);
}

fn waits() {
    let pair = (Mutex::new(()), Condvar::new());
    let before = Instant::now();
    let (_guard, result) =
        pair.1.wait_timeout_while(pair.0.lock().unwrap(), Duration::from_millis(30), |_| true).unwrap();
    println!("wait {} {}", result.timed_out(), before.elapsed() >= Duration::from_millis(30));
    let before = Instant::now();
    thread::park_timeout(Duration::from_millis(30));
    // Nobody unparks it, though it may wake up without a reason.
    println!("park {}", before.elapsed() < Duration::from_secs(60));
    println!("panic {}", thread::spawn(|| -> () { std::panic::resume_unwind(Box::new(1)) }).join().is_err());
}

fn clients(wanted: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let right = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            for connection in listener.incoming().take(wanted) {
                let mut connection = connection.unwrap();
                scope.spawn(move || {
                    let mut data = Vec::new();
                    connection.read_to_end(&mut data).unwrap();
                    data.reverse();
                    connection.write_all(&data).unwrap();
                });
            }
        });
        for client in 0..wanted {
            let right = &right;
            scope.spawn(move || {
                let mut connection = TcpStream::connect(address).unwrap();
                let mut data: Vec<u8> = (0..50_000).map(|byte| (byte * (client + 1) % 253) as u8).collect();
                connection.write_all(&data).unwrap();
                connection.shutdown(Shutdown::Write).unwrap();
                let mut got = Vec::new();
                connection.read_to_end(&mut got).unwrap();
                data.reverse();
                right.fetch_add((got == data) as usize, Ordering::Relaxed);
            });
        }
    });
    println!("clients {}", right.load(Ordering::Relaxed));
}

fn child(number: usize) -> bool {
    let mut child = Command::new("/bin/sh")
        .args(["-c", &format!("cat; echo e{number} >&2; exit {}", number % 5)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    write!(child.stdin.take().unwrap(), "in {number}").unwrap();
    let done = child.wait_with_output().unwrap();
    done.stdout == format!("in {number}").as_bytes()
        && done.stderr == format!("e{number}\n").as_bytes()
        && done.status.code() == Some((number % 5) as i32)
}

fn children(wanted: usize) {
    let threads: Vec<_> =
        (0..4).map(|_| thread::spawn(move || (0..wanted).filter(|&number| child(number)).count())).collect();
    let right: Vec<usize> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    println!("children {right:?}");
    let mut sleeper = Command::new("/bin/sleep").arg("600").spawn().unwrap();
    sleeper.kill().unwrap();
    println!("killed {}", sleeper.wait().unwrap());
    println!("absent {}", Command::new("/nonexistent").spawn().unwrap_err());
}

fn main() {
    let amounts: Vec<usize> = std::env::args().skip(1).map(|word| word.parse().unwrap()).collect();
    channels(amounts[0]);
    locks(amounts[0]);
    waits();
    clients(amounts[1]);
    children(amounts[2]);
}
