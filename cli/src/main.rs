//! The command `strideproof`.
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use strideproof_cli::args::{CheckArgs, Cli, Color, Command, Format, RequestArgs};
use strideproof_cli::decide::Judge;
use strideproof_cli::npy::Header;
use strideproof_cli::request::Request;
use strideproof_cli::{human, jsonl, print};
use strideproof_cli::verdict::Verdict;

const ACCEPTED: u8 = 0;
const REJECTED: u8 = 1;
const TROUBLE: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let done = match &cli.command {
        Command::Check(args) => check(args),
        Command::Draw(_) | Command::Explain { .. } => Err("not available yet".into()),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        Err(message) => {
            anstream::eprintln!("error: {message}");
            ExitCode::from(TROUBLE)
        }
    }
}

fn check(args: &CheckArgs) -> Result<u8, String> {
    if let Some(path) = &args.jsonl {
        return check_lines(path);
    }
    if args.print && args.format == Format::Json {
        return Err("--print writes values for people, and does not go with --format json".into());
    }
    let (request, mut npy) = request(&args.request)?;
    let verdict = Judge::default().judge(&request);
    match args.format {
        Format::Json => {
            let mut line = Vec::new();
            verdict.write_json(&request, None, &mut line);
            line.push(b'\n');
            write_data(&line)?;
        }
        Format::Human => match &verdict {
            Verdict::Accepted(_) if args.print => {
                let Some((file, header)) = &mut npy else { return Err("no file to print".into()) };
                let text = print::values(file, header, &request)?;
                write_data(format!("{text}\n").as_bytes())?;
            }
            Verdict::Accepted(accepted) => {
                write_styled(anstream::AutoStream::auto(io::stdout()), &human::accepted(&request, accepted))?;
            }
            Verdict::Rejected(rejection) => {
                write_styled(anstream::AutoStream::auto(io::stderr()), &human::rejected(&request, rejection))?;
            }
        },
    }
    Ok(if verdict.is_accepted() { ACCEPTED } else { REJECTED })
}

/// The request of the flags, and the file that it is about if there is one.
fn request(args: &RequestArgs) -> Result<(Request, Option<(File, Header)>), String> {
    let Some(path) = &args.npy else { return Ok((args.request(), None)) };
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut file = File::open(path).map_err(|error| named(&error))?;
    let header = Header::read(&mut file).map_err(|error| named(&error))?;
    Ok((header.request(args), Some((file, header))))
}

/// Writes text to a stream that strips styles where they are not wanted.
fn write_styled(mut out: impl Write, text: &str) -> Result<(), String> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write the output: {error}"))
        }
        _ => Ok(()),
    }
}

/// Writes data to standard output; a reader who has gone away is no failure.
fn write_data(data: &[u8]) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(data).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write the output: {error}"))
        }
        _ => Ok(()),
    }
}

fn check_lines(path: &Path) -> Result<u8, String> {
    let (input, bar): (Box<dyn Read>, _) = if path.as_os_str() == "-" {
        (Box::new(io::stdin().lock()), None)
    } else {
        let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        let bar = io::stderr().is_terminal().then(|| indicatif::ProgressBar::new(length));
        (Box::new(file), bar)
    };
    let progress = |bytes| {
        if let Some(bar) = &bar {
            bar.set_position(bytes);
        }
    };
    let done = jsonl::run(input, io::stdout().lock(), progress);
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    let summary = match done {
        Ok(summary) => summary,
        Err(jsonl::RunError::Write(error, summary))
            if error.kind() == io::ErrorKind::BrokenPipe =>
        {
            summary
        }
        Err(jsonl::RunError::Write(error, _)) => {
            return Err(format!("cannot write the output: {error}"));
        }
        Err(jsonl::RunError::Read(error)) => return Err(format!("{}: {error}", path.display())),
    };
    Ok(if summary.malformed == 0 { ACCEPTED } else { TROUBLE })
}
