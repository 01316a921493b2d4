//! Command lines: any words, and those of a request.

use std::cell::RefCell;
use std::fmt;

use arbitrary::{Result, Unstructured};
use clap::{CommandFactory, FromArgMatches};
use strideproof::Unit;

use super::asked::Asked;
use super::draw::{Whim, rest};
use super::oracle::check;
use super::{chain, sharing, show};
use strideproof_cli::args::{Cli, Command, OverlapArgs};
use strideproof_cli::chain::Chain;
use strideproof_cli::explain::{self, Explanation};
use strideproof_cli::request::Request;
use strideproof_cli::{derive, overlap};

type Check = std::result::Result<(), String>;

/// The steps that a search may take here, whatever is asked for.
const BUDGET: u64 = 20_000;

thread_local! {
    /// The parser, which takes longer to build than to use.
    static PARSER: RefCell<clap::Command> = RefCell::new(Cli::command());
}

fn parse(words: &[String]) -> std::result::Result<Cli, clap::Error> {
    let words = std::iter::once("strideproof").chain(words.iter().map(String::as_str));
    let mut matches = PARSER.with_borrow_mut(|parser| parser.try_get_matches_from_mut(words))?;
    Cli::from_arg_matches_mut(&mut matches)
}

/// The words after the command's name.
#[derive(Clone)]
pub(super) struct Words(Vec<String>);

impl Words {
    /// Lines of a text, or where there is one line only what spaces separate. Help, which takes a
    /// hundred times longer than anything else, is not asked for by all who do.
    pub(super) fn draw(u: &mut Unstructured<'_>, helps: bool) -> Result<Self> {
        let text = String::from_utf8_lossy(rest(u)?).into_owned();
        let between = if text.contains('\n') { '\n' } else { ' ' };
        let asks = |word: &&str| {
            let short = word.starts_with('-') && !word.starts_with("--") && word.contains('h');
            !helps && (short || matches!(*word, "help" | "--help"))
        };
        let words = text.split(between).filter(|word| !asks(word)).map(str::to_owned);
        Ok(Self(words.collect()))
    }

    pub(super) fn run(&self, turn: u8) -> Check {
        let cli = match parse(&self.0) {
            Ok(cli) => cli,
            Err(error) => {
                check!(matches!(error.exit_code(), 0 | 2), "exit status {}", error.exit_code());
                if turn & 7 == 0 {
                    check!(!error.render().to_string().is_empty(), "no message");
                }
                return Ok(());
            }
        };
        match cli.command {
            Command::Check(args) => decide(args.request.request(), turn),
            Command::Draw(args) => decide(args.request.request(), 1),
            Command::View(args) => {
                let start = bounded(args.request.request());
                match Chain::parse(&args.chain) {
                    Ok(read) => chain::apply(&Asked::of(&start), &read, &args.chain, None),
                    Err(error) => show::plain(&derive::syntax_error(&args.chain, &error)).map(drop),
                }
            }
            Command::Overlap(args) => {
                let one = bounded(args.request.request());
                let other = overlap::other(&args, &one).map(|other| Asked::of(&other));
                sharing::run(&Asked::of(&one), other.as_ref(), args.request.len.is_some())
            }
            Command::Explain { code } => explain(code.as_deref().unwrap_or_default()),
        }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arguments {:?}", self.0)
    }
}

/// A request whose searches end soon.
fn bounded(request: Request) -> Request {
    Request { budget: request.budget.min(BUDGET), ..request }
}

fn decide(request: Request, turn: u8) -> Check {
    let request = bounded(request);
    show::run(&Asked::of(&request), &request, turn).map(drop)
}

/// Asks for an explanation.
pub(super) fn explain(code: &str) -> Check {
    let list = explain::list();
    match Explanation::of(code) {
        Some(found) => {
            check!(found.code.eq_ignore_ascii_case(code), "{} for {code:?}", found.code);
            check!(list.contains(found.code), "{} is not listed", found.code);
            let text = found.to_text();
            check!(text.starts_with(found.code) && text.ends_with('\n'), "{text}");
            check!(text.matches(found.code).count() > 1 || found.example.run().is_none(), "{text}");
        }
        None => {
            let known = list.lines().any(|line| line.split(' ').next() == Some(code));
            check!(!known, "{code:?} is listed, but not explained");
        }
    }
    Ok(())
}

/// Writes a request as flags, and expects the very request from them.
pub(super) fn round_trip(asked: &Asked, other: Option<&Asked>, whim: u64, turn: u8) -> Check {
    let whim = &mut Whim::new(whim);
    let mut words: Vec<String> = Vec::new();
    let mut flag = |name: &str, value: String, whim: &mut Whim| match whim.below(2) {
        0 => words.push(format!("--{name}={value}")),
        _ => words.extend([format!("--{name}"), value]),
    };
    flag("shape", tuple(&asked.shape, whim), whim);
    if let Some(strides) = &asked.strides {
        flag("strides", tuple(strides, whim), whim);
    }
    flag("len", asked.len.to_string(), whim);
    if asked.offset != 0 || whim.below(2) == 0 {
        let plus = if asked.offset > 0 && whim.below(3) == 0 { "+0" } else { "" };
        flag("offset", format!("{plus}{}", asked.offset), whim);
    }
    if asked.unit == Unit::Bytes || whim.below(2) == 0 {
        let unit = if asked.unit == Unit::Bytes { "bytes" } else { "elements" };
        flag("unit", unit.into(), whim);
    }
    flag("itemsize", asked.itemsize.to_string(), whim);
    let mut base = 0;
    if let Some(align) = &asked.align {
        flag("align", align.to_string(), whim);
        base = asked.base;
        flag("base-address", base.to_string(), whim);
    }
    let budget = [100_000, 0, 1, 5_000][whim.below(4)];
    flag("budget", budget.to_string(), whim);
    if let Some(other) = other {
        flag("other-shape", tuple(&other.shape, whim), whim);
        flag("other-offset", other.offset.to_string(), whim);
        flag("other-itemsize", other.itemsize.to_string(), whim);
        if let Some(strides) = &other.strides {
            flag("other-strides", tuple(strides, whim), whim);
        }
    }
    if asked.mutable {
        words.push("--mutable".into());
    }
    if asked.as_elements {
        words.push(["--as-elements", "--typed"][whim.below(2)].into());
    }
    let command = if other.is_some() { "overlap" } else { ["check", "draw"][whim.below(2)] };
    words.insert(0, command.into());
    let cli = parse(&words).map_err(|error| format!("{words:?}: {error}"))?;
    let asked = Asked { base, ..asked.clone() };
    let expected = Request { budget, ..asked.request() };
    let found = match &cli.command {
        Command::Check(args) => args.request.request(),
        Command::Draw(args) => args.request.request(),
        Command::Overlap(args) => return overlapping(args, &expected, other),
        _ => return Err(format!("{words:?} is another command")),
    };
    check!(found == expected, "{words:?} asks {found:?}");
    show::run(&asked, &found, turn).map(drop)
}

fn overlapping(args: &OverlapArgs, expected: &Request, other: Option<&Asked>) -> Check {
    let one = args.request.request();
    check!(one == *expected, "{args:?} asks {one:?}");
    let found = overlap::other(args, &one);
    let expected = other.map(|other| {
        let Request { shape, strides, offset, itemsize, .. } = other.request();
        Request { shape, strides, offset, itemsize, ..one.clone() }
    });
    check!(found == expected, "{args:?} is of {found:?}");
    let other = found.map(|found| Asked::of(&found));
    sharing::run(&Asked::of(&one), other.as_ref(), true)
}

/// A list of integers in one of the forms that are taken.
fn tuple(numbers: &[i128], whim: &mut Whim) -> String {
    let gap = [",", ", "][whim.below(2)];
    let listed: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let listed = listed.join(gap);
    match whim.below(4) {
        0 => format!("({listed}{})", if numbers.len() == 1 { "," } else { "" }),
        1 => format!("[{listed}]"),
        _ => listed,
    }
}
