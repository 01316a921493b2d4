//! The command `strideproof`: arguments in, verdicts and exit statuses out. All else is in the library.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use indicatif::{ProgressBar, ProgressStyle};
use strideproof_cli::args::{
    CheckArgs, Cli, Color, Command, DrawArgs, Format, OverlapArgs, RequestArgs, ViewArgs,
};
use strideproof_cli::chain::Chain;
use strideproof_cli::decide::Judge;
use strideproof_cli::explain::Explanation;
use strideproof_cli::npy::Header;
use strideproof_cli::picture::Picture;
use strideproof_cli::request::Request;
use strideproof_cli::verdict::Verdict;
use strideproof_cli::{derive, explain, human, jsonl, overlap, print, svg};

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
        Command::Draw(args) => draw(args),
        Command::View(args) => view(args),
        Command::Overlap(args) => overlap(args),
        Command::Explain { code } => explain(code.as_deref()),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        Err(message) => {
            // With nobody to tell, the status still says it.
            let _ = writeln!(io::stderr(), "error: {message}");
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
            verdict => return report(&request, verdict),
        },
    }
    Ok(if verdict.is_accepted() { ACCEPTED } else { REJECTED })
}

/// Tells people: what was asked for goes to standard output, a complaint to standard error.
fn report(request: &Request, verdict: &Verdict) -> Result<u8, String> {
    match verdict {
        Verdict::Accepted(accepted) => {
            let text = human::accepted(request, accepted);
            write_styled(anstream::AutoStream::auto(io::stdout()), &text)?;
            Ok(ACCEPTED)
        }
        Verdict::Rejected(rejection) => {
            let text = human::rejected(request, rejection);
            write_styled(anstream::AutoStream::auto(io::stderr()), &text)?;
            Ok(REJECTED)
        }
    }
}

fn draw(args: &DrawArgs) -> Result<u8, String> {
    let (request, _) = request(&args.request)?;
    let verdict = Judge::default().judge(&request);
    let Some(picture) = Picture::new(&request, &verdict) else {
        return match &verdict {
            Verdict::Rejected(_) => report(&request, &verdict),
            Verdict::Accepted(_) => {
                Err("there is no picture of items of no bytes, nor of such long numbers".into())
            }
        };
    };
    match &args.svg {
        None => {
            let text = picture.to_text();
            write_styled(anstream::AutoStream::auto(io::stdout()), &text)?;
        }
        Some(path) => {
            let svg = svg::draw(&request, &verdict, &picture);
            if path.as_os_str() == "-" {
                write_data(svg.as_bytes())?;
            } else {
                std::fs::write(path, svg)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
            }
        }
    }
    Ok(if verdict.is_accepted() { ACCEPTED } else { REJECTED })
}

fn view(args: &ViewArgs) -> Result<u8, String> {
    let chain = match Chain::parse(&args.chain) {
        Ok(chain) => chain,
        Err(error) => {
            let text = derive::syntax_error(&args.chain, &error);
            write_styled(anstream::AutoStream::auto(io::stderr()), &text)?;
            return Ok(TROUBLE);
        }
    };
    let (start, mut npy) = if args.request.len.is_none() && args.request.shape.is_some() {
        let (start, npy) = request_of_any_len(&args.request)?;
        let buffer_len = derive::smallest_len(&start);
        (if npy.is_some() { start } else { Request { buffer_len, ..start } }, npy)
    } else {
        if args.request.len.is_none() && args.request.npy.is_none() {
            missing("a view is needed: --shape N,.., --len N or --npy FILE");
        }
        request(&args.request)?
    };
    let derived = match derive::derive(&start, &chain) {
        Ok(derived) => derived,
        Err(derive::Failure::Unsupported(message)) => return Err(message),
        Err(derive::Failure::Start(rejection)) => {
            let verdict = Verdict::Rejected(*rejection);
            return finish(&start, &verdict, args.format);
        }
        Err(derive::Failure::Step { step, refusal, parent }) => {
            if args.format == Format::Json {
                let mut line = derive::refusal_json(step, &refusal);
                line.push(b'\n');
                write_data(&line)?;
            } else {
                let text = derive::refused(&args.chain, &chain, step, &refusal, &parent);
                write_styled(anstream::AutoStream::auto(io::stderr()), &text)?;
            }
            return Ok(REJECTED);
        }
    };
    let verdict = Judge::default().judge(&derived);
    let values = match &mut npy {
        Some((file, header)) if verdict.is_accepted() => {
            Some(print::values(file, header, &derived))
        }
        _ => None,
    };
    match values {
        Some(values) if args.print => write_data(format!("{}\n", values?).as_bytes())?,
        Some(values) if args.format == Format::Human => {
            report(&derived, &verdict)?;
            let text = match values {
                Ok(text) => format!("\n{text}\n"),
                Err(why) => format!("\nno values: {why}\n"),
            };
            write_data(text.as_bytes())?;
        }
        _ => return finish(&derived, &verdict, args.format),
    }
    Ok(ACCEPTED)
}

/// Writes a verdict on a derived view.
fn finish(request: &Request, verdict: &Verdict, format: Format) -> Result<u8, String> {
    if format == Format::Human {
        return report(request, verdict);
    }
    let mut line = derive::verdict_json(request, verdict);
    line.push(b'\n');
    write_data(&line)?;
    Ok(if verdict.is_accepted() { ACCEPTED } else { REJECTED })
}

fn overlap(args: &OverlapArgs) -> Result<u8, String> {
    let (one, npy) = request_of_any_len(&args.request)?;
    if args.request.shape.is_none() && args.request.len.is_none() && npy.is_none() {
        missing("a view is needed: --shape N,.., --len N or --npy FILE");
    }
    let other = overlap::other(args, &one);
    let in_buffer = args.request.len.is_some() || npy.is_some();
    let answer = match overlap::decide(&one, other.as_ref(), in_buffer, args.request.budget) {
        Ok(answer) => answer,
        Err(overlap::Failure::Unsupported(message)) => return Err(message),
        Err(overlap::Failure::Rejected(refused)) => {
            let (request, rejection) = *refused;
            return finish(&request, &Verdict::Rejected(rejection), args.format);
        }
    };
    match args.format {
        Format::Json => {
            write_data(format!("{}\n", answer.to_json(&one, other.as_ref())).as_bytes())?;
        }
        Format::Human => {
            let text = answer.to_text(&one, other.as_ref(), in_buffer);
            write_styled(anstream::AutoStream::auto(io::stdout()), &text)?;
        }
    }
    Ok(if answer.is_good() { ACCEPTED } else { REJECTED })
}

fn explain(code: Option<&str>) -> Result<u8, String> {
    let text = match code {
        None => explain::list(),
        Some(code) => match Explanation::of(code) {
            Some(explanation) => explanation.to_text(),
            None => return Err(format!("no code {code:?}; `strideproof explain` lists them")),
        },
    };
    write_data(text.as_bytes())?;
    Ok(ACCEPTED)
}

/// The request of the flags, and the file that it is about if there is one.
fn request(args: &RequestArgs) -> Result<(Request, Option<(File, Header)>), String> {
    if args.npy.is_none() && args.len.is_none() {
        missing("a buffer is needed: --len N, --npy FILE or, for check, --jsonl FILE");
    }
    request_of_any_len(args)
}

/// Complains of arguments as clap does, which knows no alternatives across groups of them.
fn missing(message: &str) -> ! {
    Cli::command().error(clap::error::ErrorKind::MissingRequiredArgument, message).exit()
}

/// As [`request`]; of length 0 where neither a flag nor a file says the length.
fn request_of_any_len(args: &RequestArgs) -> Result<(Request, Option<(File, Header)>), String> {
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

/// A bar on standard error that counts bytes.
fn progress_bar(length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    match ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Decides the lines of a file, or of standard input for `-`.
fn check_lines(path: &Path) -> Result<u8, String> {
    let (input, bar): (Box<dyn Read>, _) = if path.as_os_str() == "-" {
        (Box::new(io::stdin().lock()), None)
    } else {
        let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        let bar = io::stderr().is_terminal().then(|| progress_bar(length));
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
