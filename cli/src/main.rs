//! The command `strideproof`: arguments in, verdicts and exit statuses out. All else is in the library.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser as _};
use indicatif::{ProgressBar, ProgressStyle};
use strideproof_cli::args::{
    CheckArgs, Cli, Color, Command, DrawArgs, Format, OverlapArgs, RequestArgs, Schema, Tuple,
    ViewArgs, subcommand,
};
use strideproof_cli::chain::Chain;
use strideproof_cli::decide::{judge, judge_resolved};
use strideproof_cli::picture::Picture;
use strideproof_cli::request::{MOST_BUDGET, Request, Resolved};
use strideproof_cli::source::{self, Source};
use strideproof_cli::verdict::{Rejection, Verdict};
use strideproof_cli::{decide, derive, explain, human, jsonl, overlap, picture, print, svg};

const ACCEPTED: u8 = 0;
const REJECTED: u8 = 1;
const TROUBLE: u8 = 2;
/// Bytes of a shape on standard input that are read.
const LONGEST_SHAPE: u64 = 1 << 22;

fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(message) => return trouble(&message),
    };
    let cli = Cli::try_parse_from(arguments).unwrap_or_else(|error| with_usage(error).exit());
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
        Command::Schema { which } => document(Ok(schema(*which))),
        Command::Explain { topic: None } => document(Ok(explain::list())),
        Command::Explain { topic: Some(topic) } => document(explain::topic(topic)),
        Command::Completions { shell } => document(Ok(completions(*shell))),
        Command::Man { command } => document(man(command.as_deref())),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        Err(message) => trouble(&message),
    }
}

fn trouble(message: &str) -> ExitCode {
    // If standard error is closed, the exit status still reports the error.
    let _ = writeln!(io::stderr(), "error: {message}");
    ExitCode::from(TROUBLE)
}

fn check(args: &CheckArgs) -> Result<u8, String> {
    if let Some(path) = &args.jsonl {
        return check_lines(path, args.fail_on_rejection);
    }
    if args.print && args.format == Format::Json {
        return Err("--print writes values for people, and does not go with --format json".into());
    }
    let (request, source) = request(&args.request, "check", args.print)?;
    if args.request.len.is_none() && source.is_none() {
        return check_span(&request, args.format);
    }
    match (judge(&request), source) {
        ((Verdict::Accepted(_), Some(view)), Some(Source { data, header })) if args.print => {
            write_line(print::values(data, &header, &view)?)?;
            Ok(ACCEPTED)
        }
        ((verdict, _), _) if args.format == Format::Json => {
            write_line(verdict.to_json(None))?;
            Ok(status(&verdict))
        }
        ((verdict, view), _) => report(&request, view.as_ref(), &verdict),
    }
}

/// Decides a view of which no buffer is known.
fn check_span(request: &Request, format: Format) -> Result<u8, String> {
    let view = request.resolve();
    let resolved = view.as_ref().map_err(|&error| error.into());
    let spanned = resolved.and_then(|view| Ok((view, decide::span(view)?)));
    match (spanned, format) {
        (Ok((_, span)), Format::Json) => write_line(span.to_json(request.unit))?,
        (Ok((view, span)), Format::Human) => {
            say(&human::spanned(view, &span, width(&io::stdout())))?;
        }
        (Err(rejection), _) => {
            return refuse(request, view.as_ref().ok(), &rejection, false, format);
        }
    }
    Ok(ACCEPTED)
}

fn status(verdict: &Verdict) -> u8 {
    if verdict.is_accepted() { ACCEPTED } else { REJECTED }
}

/// Tells of a refusal, people on standard error.
fn refuse(
    request: &Request,
    view: Option<&Resolved>,
    rejection: &Rejection,
    in_buffer: bool,
    format: Format,
) -> Result<u8, String> {
    match format {
        Format::Json => write_line(Verdict::Rejected(rejection.clone()).to_json(None))?,
        Format::Human => {
            complain(&human::rejected(request, view, rejection, in_buffer, width(&io::stderr())))?;
        }
    }
    Ok(REJECTED)
}

/// Tells people of a verdict: of an accepted view on standard output.
fn report(request: &Request, view: Option<&Resolved>, verdict: &Verdict) -> Result<u8, String> {
    match (verdict, view) {
        (Verdict::Accepted(accepted), Some(view)) => {
            say(&human::accepted(view, accepted, width(&io::stdout())))?;
        }
        (Verdict::Rejected(rejection), view) => {
            return refuse(request, view, rejection, true, Format::Human);
        }
        // Only what fits 64 bits is accepted.
        (Verdict::Accepted(_), None) => {}
    }
    Ok(ACCEPTED)
}

fn draw(args: &DrawArgs) -> Result<u8, String> {
    let (mut request, source) = request(&args.request, "draw", false)?;
    if args.request.len.is_none() && source.is_none() {
        if let Ok(view) = request.resolve() {
            request.buffer_len = derive::smallest_len(&view).into();
        }
    }
    let (verdict, view) = judge(&request);
    let width = width(&io::stdout());
    let picture = view.as_ref().and_then(|view| Picture::fitting(view, &verdict, width));
    match (&verdict, &view, picture, &args.svg) {
        (_, Some(view), Some(_), Some(path)) => draw_svg(path, view, &verdict)?,
        (_, Some(view), Some(picture), None) => {
            say(&(human::headline(view, &verdict, width) + &picture.to_text(width)))?;
        }
        (Verdict::Rejected(_), ..) => return report(&request, view.as_ref(), &verdict),
        (Verdict::Accepted(_), ..) => return Err("cannot draw items of size 0".into()),
    }
    Ok(status(&verdict))
}

/// Draws to a file, or to standard output for `-`.
fn draw_svg(path: &Path, view: &Resolved, verdict: &Verdict) -> Result<(), String> {
    let picture = Picture::new(view, verdict).ok_or("there is nothing to draw")?;
    let svg = svg::draw(view, verdict, &picture);
    if path.as_os_str() == "-" {
        return write(io::stdout().lock(), svg.as_bytes());
    }
    std::fs::write(path, svg).map_err(|error| at(path, &error))?;
    say(&human::headline(view, verdict, width(&io::stdout())))
}

fn view(args: &ViewArgs) -> Result<u8, String> {
    let chain = match Chain::parse(&args.chain) {
        Ok(chain) => chain,
        Err(error) => {
            complain(&derive::syntax_error(&args.chain, &error, width(&io::stderr())))?;
            return Ok(TROUBLE);
        }
    };
    let (request, source) = request(&args.request, "view", args.print)?;
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
                let width = width(&io::stderr());
                complain(&derive::refused(&args.chain, &chain, step, &error, &parent, width))?;
            }
            return Ok(REJECTED);
        }
    };
    let verdict = judge_resolved(&view);
    if let Some(path) = &args.svg {
        draw_svg(path, &view, &verdict)?;
        return Ok(status(&verdict));
    }
    let values = source.filter(|_| verdict.is_accepted());
    match values.map(|Source { data, header }| print::values(data, &header, &view)) {
        Some(values) if args.print => write_line(values?)?,
        Some(values) if args.format == Format::Human => {
            report(&request, Some(&view), &verdict)?;
            write_line(format!("\n{}", values.unwrap_or_else(|why| format!("no values: {why}"))))?;
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
    let (one, source) = request(&args.request, "overlap", false)?;
    let in_buffer = args.request.len.is_some() || source.is_some();
    let mut views = Vec::new();
    for request in std::iter::once(one.clone()).chain(overlap::other(args, &one)) {
        let view = request.resolve();
        let resolved = view.as_ref().map_err(|&error| error.into());
        let admitted = resolved.and_then(|view| overlap::admit(view, in_buffer));
        if let Err(rejection) = admitted {
            let verdict = Verdict::Rejected(rejection);
            return finish(&request, view.as_ref().ok(), &verdict, args.format);
        }
        views.extend(view);
    }
    let Some((view, other)) = views.split_first() else { return Ok(TROUBLE) };
    let other = other.first();
    let budget = args.request.budget.unwrap_or(MOST_BUDGET);
    let answer = overlap::decide(view, other, Some(budget));
    match args.format {
        Format::Json => write_line(answer.to_json(view, other))?,
        Format::Human => say(&answer.to_text(view, other, in_buffer))?,
    }
    Ok(if answer.is_good() { ACCEPTED } else { REJECTED })
}

#[cfg(feature = "scan")]
fn scan(args: &strideproof_cli::scan::ScanArgs) -> Result<u8, String> {
    let (text, found) = strideproof_cli::scan::run(args)?;
    say(&text)?;
    Ok(if found { REJECTED } else { ACCEPTED })
}

fn schema(which: Option<Schema>) -> String {
    let [request, verdict] = [jsonl::REQUEST_SCHEMA, jsonl::VERDICT_SCHEMA];
    match which {
        None => format!("{{\"request\": {request}, \"verdict\": {verdict}}}\n"),
        Some(Schema::Request) => request.into(),
        Some(Schema::Verdict) => verdict.into(),
    }
}

fn man(command: Option<&str>) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    let page = clap_mangen::Man::new(subcommand(command)?);
    page.render(&mut text).map_err(|error| error.to_string())?;
    Ok(text)
}

fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "strideproof", &mut text);
    text
}

/// Writes what does not depend on a view.
fn document(text: Result<impl AsRef<[u8]>, String>) -> Result<u8, String> {
    write(io::stdout().lock(), text?.as_ref())?;
    Ok(ACCEPTED)
}

/// The request of the flags, and the values that it is about if there are any; to print them, there must
/// be some. Its buffer is of length 0 where neither a flag nor a file says the length.
fn request(
    args: &RequestArgs,
    command: &str,
    print: bool,
) -> Result<(Request, Option<Source>), String> {
    let source = Source::open(args, io::stdin().lock())?;
    if source.is_none() && args.len.is_none() && args.shape.is_none() {
        let lines = if command == "check" { ", --jsonl FILE" } else { "" };
        missing(
            command,
            &format!("a view is needed: --shape N,.., --len N, --npy FILE{lines} or --arange N"),
        );
    }
    if print && source.is_none() {
        missing(command, "--print needs values: --npy FILE or --arange N");
    }
    let request = source.as_ref().map_or_else(|| args.request(), |it| it.header.request(args));
    Ok((request, source))
}

/// Complains of arguments as clap does, which knows no alternatives across groups of them.
fn missing(command: &str, message: &str) -> ! {
    let kind = clap::error::ErrorKind::MissingRequiredArgument;
    let command = subcommand(Some(command)).unwrap_or_else(|_| Cli::command());
    command.clone().error(kind, message).exit()
}

/// The same error with the usage of the subcommand, which clap leaves out of some.
fn with_usage(mut error: clap::Error) -> clap::Error {
    use clap::error::{ContextKind, ContextValue};
    let mut cli = Cli::command();
    cli.build();
    let named = std::env::args_os().find_map(|word| cli.find_subcommand(word).cloned());
    if let Some(mut command) = named.filter(|_| error.get(ContextKind::Usage).is_none()) {
        error.insert(ContextKind::Usage, ContextValue::StyledStr(command.render_usage()));
    }
    error
}

/// The arguments, with a shape of `-` read from standard input.
fn arguments() -> Result<Vec<OsString>, String> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let place = arguments.iter().position(|it| it == "--shape=-").or_else(|| {
        let flag = arguments.windows(2).position(|pair| pair[0] == "--shape" && pair[1] == "-");
        flag.map(|flag| flag + 1)
    });
    if let Some(argument) = place.and_then(|place| arguments.get_mut(place)) {
        let no_shape = |why: String| format!("standard input is no shape: {why}");
        let text = source::whole(io::stdin().lock(), LONGEST_SHAPE).map_err(no_shape)?;
        let text = String::from_utf8(text).map_err(|_| no_shape("it is not UTF-8".into()))?;
        // Here and not by the parser of arguments, which repeats all of a value that is wrong.
        text.parse::<Tuple>().map_err(no_shape)?;
        let before = if argument == "-" { "" } else { "--shape=" };
        *argument = format!("{before}{text}").into();
    }
    Ok(arguments)
}

/// Characters of a line on a stream.
fn width(stream: &impl IsTerminal) -> usize {
    let size = stream.is_terminal().then(terminal_size::terminal_size).flatten();
    size.map_or(picture::WIDE, |(terminal_size::Width(width), _)| width.into())
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

/// Writes for people to standard output.
fn say(text: &str) -> Result<(), String> {
    write(anstream::stdout(), text.as_bytes())
}

/// Writes for people to standard error.
fn complain(text: &str) -> Result<(), String> {
    write(anstream::stderr(), text.as_bytes())
}

/// Writes a line of data to standard output.
fn write_line(line: impl Into<Vec<u8>>) -> Result<(), String> {
    let mut line = line.into();
    line.push(b'\n');
    write(io::stdout().lock(), &line)
}

/// A bar on standard error that counts bytes, of `length` if that is known.
fn progress_bar(length: Option<u64>) -> ProgressBar {
    let (bar, template) = match length {
        Some(length) => (ProgressBar::new(length), "{wide_bar} {bytes}/{total_bytes} {eta}"),
        None => (ProgressBar::no_length(), "{spinner} {bytes} {bytes_per_sec}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Decides the lines of a file, or of standard input for `-`.
fn check_lines(path: &Path, fail_on_rejection: bool) -> Result<u8, String> {
    let (input, length): (Box<dyn Read>, _) = if path.as_os_str() == "-" {
        (Box::new(io::stdin().lock()), None)
    } else {
        let file = File::open(path).map_err(|error| at(path, &error))?;
        let length = file.metadata().ok().map(|metadata| metadata.len());
        (Box::new(file), length)
    };
    // Not where someone types the lines, or reads the verdicts as they come.
    let is_batch = !io::stdout().is_terminal() && (length.is_some() || !io::stdin().is_terminal());
    let is_shown = is_batch && io::stderr().is_terminal();
    let bar = if is_shown { progress_bar(length) } else { ProgressBar::hidden() };
    let done = jsonl::run(input, io::stdout().lock(), |bytes| bar.set_position(bytes));
    bar.finish_and_clear();
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
