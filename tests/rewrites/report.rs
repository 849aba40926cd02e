// SPDX-License-Identifier: MIT
//! What README says, in Rust.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

struct Report {
    folder: PathBuf,
    change: String,
    lines: usize,
    words: usize,
    has_errors: bool,
    counted: BTreeMap<Vec<u8>, usize>,
    skipped: HashSet<Vec<u8>>,
}

fn words(text: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

impl Report {
    fn is(&self, change: &str) -> bool {
        self.change == change
    }

    fn take_lock(&self) -> io::Result<()> {
        let mut lock = OpenOptions::new().write(true).create_new(true).open(self.folder.join("lock"))?;
        lock.write_all(b"report\n")
    }

    fn read_skipped(&mut self) -> io::Result<()> {
        match fs::read(self.folder.join("skip.txt")) {
            Ok(text) => self.skipped.extend(words(&text).map(<[u8]>::to_vec)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    // Standard output is written line by line: a call for each.
    fn read_input(&mut self, path: &Path) -> io::Result<()> {
        let mut input = BufReader::new(File::open(path)?);
        let mut output = io::stdout().lock();
        let mut line = Vec::new();
        while input.read_until(b'\n', &mut line)? > 0 {
            self.lines += 1;
            self.has_errors |= line.starts_with(b"ERROR");
            write!(output, "{}:", self.lines)?;
            for word in words(&line).rev() {
                output.write_all(b" ")?;
                output.write_all(word)?;
            }
            output.write_all(b"\n")?;
            for word in words(&line) {
                if !self.skipped.contains(word) {
                    self.words += 1;
                    *self.counted.entry(word.to_vec()).or_default() += 1;
                }
            }
            line.clear();
        }
        let total = if self.is("output-byte") { "Total" } else { "total" };
        writeln!(output, "{} {} lines, {} words, {} different", total, self.lines, self.words, self.counted.len())
    }

    fn write_report(&self) -> io::Result<()> {
        let path = self.folder.join("report.txt");
        let temporary = if self.is("in-place") { path.clone() } else { self.folder.join("report.txt.tmp") };
        let mut file = BufWriter::new(File::create(&temporary)?);
        if !self.is("order") {
            writeln!(file, "{}", if self.is("report-byte") { "Words by neme" } else { "Words by name" })?;
        }
        for (word, count) in &self.counted {
            write!(file, "{} ", count)?;
            file.write_all(word)?;
            file.write_all(b"\n")?;
        }
        if self.is("order") {
            writeln!(file, "Words by name")?;
        }
        file.into_inner()?;
        if !self.is("in-place") {
            fs::rename(&temporary, &path)?;
        }
        Ok(())
    }

    fn tell_peer(&self, address: &str, port: u16) -> io::Result<()> {
        let lines = if self.is("peer-byte") { "Lines" } else { "lines" };
        let line = format!("{} {} {} words\n", self.lines, lines, self.words);
        TcpStream::connect((address, port))?.write_all(line.as_bytes())
    }

    fn run_children(&self) -> io::Result<()> {
        let done = if self.is("child-argument") { "did" } else { "done" };
        Command::new("/bin/echo").arg(done).arg(self.lines.to_string()).status()?;
        if self.is("extra-child") {
            Command::new("/bin/true").arg("extra").status()?;
        }
        Ok(())
    }
}

fn run(arguments: &[String]) -> io::Result<u8> {
    let mut report = Report {
        folder: PathBuf::from(&arguments[1]),
        change: arguments.get(3).cloned().unwrap_or_default(),
        lines: 0,
        words: 0,
        has_errors: false,
        counted: BTreeMap::new(),
        skipped: HashSet::new(),
    };
    let port: u16 = arguments[2].parse().map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "port"))?;
    if !report.is("no-lock") {
        report.take_lock()?;
    }
    if !report.is("no-read") {
        report.read_skipped()?;
    }
    report.read_input(Path::new(&arguments[0]))?;
    if !report.is("no-report") {
        report.write_report()?;
    }
    if port != 0 {
        report.tell_peer("127.0.0.1", port)?;
    }
    if port != 0 && report.is("extra-peer") {
        report.tell_peer("127.0.0.2", port)?;
    }
    report.run_children()?;
    eprintln!("report: {} lines{}", report.lines, if report.is("message") { "!" } else { "" });
    if !report.is("no-lock") && !report.is("keep-lock") {
        fs::remove_file(report.folder.join("lock"))?;
    }
    Ok(if report.has_errors { 3 } else { 0 } + u8::from(report.is("status")))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.len() < 3 {
        eprintln!("usage: report INPUT FOLDER PORT [CHANGE]");
        return ExitCode::from(2);
    }
    match run(&arguments) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("report: {}", error);
            ExitCode::from(2)
        }
    }
}
