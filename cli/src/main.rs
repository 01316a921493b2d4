//! The command `strideproof`: arguments in, verdicts and exit statuses out. All else is in the library.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use indicatif::{ProgressBar, ProgressStyle};
use strideproof_cli::args::{
    CheckArgs, Cli, Color, Command, DrawArgs, Format, OverlapArgs, RequestArgs, Schema, ViewArgs,
};
use strideproof_cli::chain::Chain;
use strideproof_cli::decide::{judge, judge_resolved};
use strideproof_cli::explain::Explanation;
use strideproof_cli::picture::Picture;
use strideproof_cli::request::{Request, Resolved};
use strideproof_cli::source::Source;
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
        #[cfg(feature = "scan")]
        Command::Scan(args) => scan(args),
        Command::Schema { which } => schema(*which),
        Command::Explain { code } => explain(code.as_deref()),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        Err(message) => {
            // If standard error is closed, the exit status still reports the error.
            let _ = writeln!(io::stderr(), "error: {message}");
            ExitCode::from(TROUBLE)
        }
    }
}

fn check(args: &CheckArgs) -> Result<u8, String> {
    if let Some(path) = &args.jsonl {
        return check_lines(path, args.fail_on_rejection);
    }
    if args.print && args.format == Format::Json {
        return Err("--print writes values for people, and does not go with --format json".into());
    }
    let (request, source) = request(&args.request)?;
    let (verdict, view) = judge(&request);
    if args.format == Format::Json {
        write_line(verdict.to_json(None))?;
        return Ok(status(&verdict));
    }
    match (&verdict, view) {
        (Verdict::Accepted(_), Some(view)) if args.print => {
            let source = source.ok_or("--print needs values: --npy FILE or --arange N")?;
            write_line(print::values(source.data, &source.header, &view)?.into_bytes())?;
            Ok(ACCEPTED)
        }
        (_, view) => report(&request, view.as_ref(), &verdict),
    }
}

fn status(verdict: &Verdict) -> u8 {
    if verdict.is_accepted() { ACCEPTED } else { REJECTED }
}

/// Tells people: an accepted view goes to standard output, a refusal to standard error.
fn report(request: &Request, view: Option<&Resolved>, verdict: &Verdict) -> Result<u8, String> {
    match (verdict, view) {
        (Verdict::Accepted(accepted), Some(view)) => {
            write(anstream::stdout(), human::accepted(view, accepted).as_bytes())?;
        }
        (Verdict::Rejected(rejection), view) => {
            write(anstream::stderr(), human::rejected(request, view, rejection).as_bytes())?;
        }
        // Only what fits 64 bits is accepted.
        (Verdict::Accepted(_), None) => {}
    }
    Ok(status(verdict))
}

fn draw(args: &DrawArgs) -> Result<u8, String> {
    let (request, _) = request(&args.request)?;
    let (verdict, view) = judge(&request);
    let picture = view.as_ref().and_then(|view| Some((view, Picture::new(view, &verdict)?)));
    let Some((view, picture)) = picture else {
        return match &verdict {
            Verdict::Rejected(_) => report(&request, view.as_ref(), &verdict),
            Verdict::Accepted(_) => Err("cannot draw items of size 0".into()),
        };
    };
    match &args.svg {
        None => write(anstream::stdout(), picture.to_text().as_bytes())?,
        Some(path) => {
            let svg = svg::draw(view, &verdict, &picture);
            if path.as_os_str() == "-" {
                write(io::stdout().lock(), svg.as_bytes())?;
            } else {
                std::fs::write(path, svg).map_err(|error| at(path, &error))?;
            }
        }
    }
    Ok(status(&verdict))
}

fn view(args: &ViewArgs) -> Result<u8, String> {
    let chain = match Chain::parse(&args.chain) {
        Ok(chain) => chain,
        Err(error) => {
            write(anstream::stderr(), derive::syntax_error(&args.chain, &error).as_bytes())?;
            return Ok(TROUBLE);
        }
    };
    let (request, source) = request_of_any_len(&args.request)?;
    if args.request.len.is_none() && source.is_none() && args.request.shape.is_none() {
        missing("a view is needed: --shape N,.., --len N, --npy FILE or --arange N");
    }
    if args.print && source.is_none() {
        missing("--print needs values: --npy FILE or --arange N");
    }
    let mut start = match request.resolve() {
        Ok(start) => start,
        Err(error) => return finish(&request, None, &Verdict::Rejected(error.into()), args.format),
    };
    if args.request.len.is_none() && source.is_none() {
        start.len = derive::smallest_len(&start);
    }
    let view = match derive::derive(&start, &chain) {
        Ok(view) => view,
        Err(derive::Failure::Start(rejection)) => {
            let verdict = Verdict::Rejected(*rejection);
            return finish(&request, Some(&start), &verdict, args.format);
        }
        Err(derive::Failure::Step { step, error, parent }) => {
            if args.format == Format::Json {
                write_line(derive::refusal_json(step, &error))?;
            } else {
                let text = derive::refused(&args.chain, &chain, step, &error, &parent);
                write(anstream::stderr(), text.as_bytes())?;
            }
            return Ok(REJECTED);
        }
    };
    let verdict = judge_resolved(&view);
    let values = match source {
        Some(Source { data, header }) if verdict.is_accepted() => {
            Some(print::values(data, &header, &view))
        }
        _ => None,
    };
    match values {
        Some(values) if args.print => write_line(values?.into_bytes())?,
        Some(values) if args.format == Format::Human => {
            report(&request, Some(&view), &verdict)?;
            let text = values.unwrap_or_else(|why| format!("no values: {why}"));
            write_line(format!("\n{text}").into_bytes())?;
        }
        _ => return finish(&request, Some(&view), &verdict, args.format),
    }
    Ok(ACCEPTED)
}

/// Writes a verdict on a view, which is derived or one of two.
fn finish(
    request: &Request,
    view: Option<&Resolved>,
    verdict: &Verdict,
    format: Format,
) -> Result<u8, String> {
    if format == Format::Human {
        return report(request, view, verdict);
    }
    write_line(derive::verdict_json(view, verdict))?;
    Ok(status(verdict))
}

fn overlap(args: &OverlapArgs) -> Result<u8, String> {
    let (one, source) = request_of_any_len(&args.request)?;
    let in_buffer = args.request.len.is_some() || source.is_some();
    if args.request.shape.is_none() && !in_buffer {
        missing("a view is needed: --shape N,.., --len N, --npy FILE or --arange N");
    }
    let mut views = Vec::new();
    for request in std::iter::once(one.clone()).chain(overlap::other(args, &one)) {
        let view = request.resolve();
        let admitted = match &view {
            Ok(view) => overlap::admit(view, in_buffer),
            Err(error) => Err((*error).into()),
        };
        if let Err(rejection) = admitted {
            let verdict = Verdict::Rejected(rejection);
            return finish(&request, view.as_ref().ok(), &verdict, args.format);
        }
        views.extend(view);
    }
    let Some((view, other)) = views.split_first() else { return Ok(TROUBLE) };
    let other = other.first();
    let answer = overlap::decide(view, other, args.request.budget);
    match args.format {
        Format::Json => write_line(answer.to_json(view, other).into_bytes())?,
        Format::Human => {
            write(anstream::stdout(), answer.to_text(view, other, in_buffer).as_bytes())?;
        }
    }
    Ok(if answer.is_good() { ACCEPTED } else { REJECTED })
}

#[cfg(feature = "scan")]
fn scan(args: &strideproof_cli::scan::ScanArgs) -> Result<u8, String> {
    let (text, found) = strideproof_cli::scan::run(args)?;
    write(anstream::stdout(), text.as_bytes())?;
    Ok(if found { REJECTED } else { ACCEPTED })
}

fn schema(which: Option<Schema>) -> Result<u8, String> {
    let [request, verdict] = [jsonl::REQUEST_SCHEMA, jsonl::VERDICT_SCHEMA];
    let both = || format!("{{\"request\": {request}, \"verdict\": {verdict}}}\n");
    let text = match which {
        None => &both(),
        Some(Schema::Request) => request,
        Some(Schema::Verdict) => verdict,
    };
    write(io::stdout().lock(), text.as_bytes())?;
    Ok(ACCEPTED)
}

fn explain(code: Option<&str>) -> Result<u8, String> {
    let text = match code {
        None => explain::list(),
        Some(code) => match Explanation::of(code) {
            Some(explanation) => explanation.to_text(),
            None => return Err(format!("no code {code:?}; `strideproof explain` lists them")),
        },
    };
    write(io::stdout().lock(), text.as_bytes())?;
    Ok(ACCEPTED)
}

/// The request of the flags, and the values that it is about if there are any.
fn request(args: &RequestArgs) -> Result<(Request, Option<Source>), String> {
    let (request, source) = request_of_any_len(args)?;
    if source.is_none() && args.len.is_none() {
        missing("a buffer is needed: --len N, --npy FILE, --arange N or, for check, --jsonl FILE");
    }
    Ok((request, source))
}

/// Complains of arguments as clap does, which knows no alternatives across groups of them.
fn missing(message: &str) -> ! {
    Cli::command().error(clap::error::ErrorKind::MissingRequiredArgument, message).exit()
}

/// As [`request`]; of length 0 where neither a flag nor a file says the length.
fn request_of_any_len(args: &RequestArgs) -> Result<(Request, Option<Source>), String> {
    let source = Source::open(args, io::stdin().lock())?;
    let request = source.as_ref().map_or_else(|| args.request(), |it| it.header.request(args));
    Ok((request, source))
}

/// An error with the file it is about.
fn at(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

/// Writes to a stream; a closed reader is not an error.
fn write(mut out: impl Write, data: &[u8]) -> Result<(), String> {
    match out.write_all(data).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write the output: {error}"))
        }
        _ => Ok(()),
    }
}

/// Writes a line of data to standard output.
fn write_line(mut line: Vec<u8>) -> Result<(), String> {
    line.push(b'\n');
    write(io::stdout().lock(), &line)
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
fn check_lines(path: &Path, fail_on_rejection: bool) -> Result<u8, String> {
    let (input, bar): (Box<dyn Read>, _) = if path.as_os_str() == "-" {
        (Box::new(io::stdin().lock()), None)
    } else {
        let file = File::open(path).map_err(|error| at(path, &error))?;
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
        Err(jsonl::RunError::Read(error)) => return Err(at(path, &error)),
    };
    Ok(match summary {
        jsonl::Summary { malformed: 1.., .. } => TROUBLE,
        jsonl::Summary { rejected: 1.., .. } if fail_on_rejection => REJECTED,
        _ => ACCEPTED,
    })
}
