// SPDX-License-Identifier: MIT
// Marked calls (marks.h) of Rust: each in one line with what says where it is.
use std::fs::File;
use std::io::Write;
use std::sync::mpsc;

extern "C" {
    fn close(descriptor: i32) -> i32;
    fn qsort(base: *mut i32, count: usize, size: usize, compare: extern "C" fn(&i32, &i32) -> i32);
}

/// Before the call; `callers` with spaces between, `more` with a comma before each member.
#[inline(never)]
fn say_more(number: i32, line: u32, function: &str, how: &str, callers: &str, more: &str) {
    let quoted: Vec<String> = callers.split_whitespace().map(|word| format!("\"{}\"", word)).collect();
    let text = format!(
        "{{\"mark\": {}, \"file\": \"{}\", \"line\": {}, \"function\": \"rust::{}\", \"how\": \"{}\", \"callers\": [{}]{}}}\n",
        number, file!(), line, function, how, quoted.join(", "), more);
    let mut output = std::io::stdout();
    output.write_all(text.as_bytes()).unwrap();
    output.flush().unwrap();
}

fn say(number: i32, line: u32, function: &str, how: &str) {
    say_more(number, line, function, how, "", "");
}

/// The call before it is no jump, because something follows.
#[inline(never)]
fn stays(result: i32) {
    assert_eq!(result, -1);
}

#[inline(never)]
fn direct() {
    say(1, line!(), "direct", "direct"); stays(unsafe { close(-1001) });
    say(2, line!(), "direct", "direct, the next line"); stays(unsafe { close(-1002) });
}

#[inline(never)]
fn through_std() {
    say(3, line!(), "through_std", "File::create"); let none = File::create("/nonexistent/mark 3");
    assert!(none.is_err());
    say(4, line!(), "through_std", "fs::write"); let none = std::fs::write("/nonexistent/mark 4", "");
    assert!(none.is_err());
    say(5, line!(), "through_std", "println!"); println!("mark 5");
    let mut sink = File::options().write(true).open("/dev/null").unwrap();
    say(6, line!(), "through_std", "write_all"); sink.write_all(b"mark 6\n").unwrap();
}

#[inline(always)]
fn within<T: Into<i32>>(number: T) {
    say_more(7, line!(), "within", "inlined generic function", "rust::around rust::main", ", \"inlined\": true"); stays(unsafe { close(-1000 - number.into()) });
}

#[inline(never)]
fn around() {
    within(7i8);
    stays(-1);
}

struct Guard(i32);

impl Guard {
    #[inline(never)]
    fn method(&self) {
        say(self.0, line!(), "Guard::method", "method"); stays(unsafe { close(-1000 - self.0) });
    }
}

#[inline(never)]
fn dropped(number: i32) {
    say(number, line!(), "dropped", "drop while a panic unwinds"); stays(unsafe { close(-1000 - number) });
}

impl Drop for Guard {
    fn drop(&mut self) {
        dropped(self.0 + 1);
    }
}

#[inline(never)]
fn hook() {
    say(10, line!(), "hook", "panic hook"); stays(unsafe { close(-1010) });
}

#[inline(never)]
fn panics() {
    let guard = Guard(8);
    guard.method();
    stays(-1);
    panic!("on purpose");
}

#[inline(never)]
fn of_thread() {
    say(11, line!(), "of_thread", "thread"); stays(unsafe { close(-1011) });
}

extern "C" fn compare(left: &i32, right: &i32) -> i32 {
    static DONE: std::sync::Once = std::sync::Once::new();
    DONE.call_once(|| compared());
    left - right
}

#[inline(never)]
fn compared() {
    say_more(12, line!(), "compared", "called by qsort", "rust::compare rust::main", ""); stays(unsafe { close(-1012) });
}

#[inline(never)]
fn run(closing: &dyn Fn(i32)) {
    closing(13);
    stays(-1);
}

fn main() {
    direct();
    through_std();
    around();
    std::panic::set_hook(Box::new(|_| hook()));
    assert!(std::panic::catch_unwind(panics).is_err());
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        of_thread();
        sender.send(1).unwrap();
    });
    assert_eq!(receiver.recv().unwrap(), 1);
    thread.join().unwrap();
    let mut numbers = [3, 1, 2];
    unsafe { qsort(numbers.as_mut_ptr(), 3, 4, compare) };
    let closing = |number: i32| { say(13, line!(), "main::{{closure}}", "closure"); let result = unsafe { close(-1000 - number) }; stays(result) };
    run(&closing);
    say_more(14, line!(), "main", "process::exit", "", ", \"call\": \"exit_group\", \"argument\": \"0\""); std::process::exit(0);
}
