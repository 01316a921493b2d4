//! Command lines: any words, and those of a request.

use std::cell::RefCell;
use std::fmt;

use arbitrary::{Result, Unstructured};
use clap::{CommandFactory, FromArgMatches};
use strideproof::Unit;
use strideproof_cli::args::{Cli, Command};
use strideproof_cli::chain::Chain;
use strideproof_cli::explain::{self, Explanation};
use strideproof_cli::picture::WIDE;
use strideproof_cli::request as command;
use strideproof_cli::{derive, overlap};
use strideproof_oracle::Rng;

use super::draw::rest;
use super::request::Request;
use super::{Check, Given, Two, chain, sharing, show};

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
}

impl Given for Words {
    fn run(&self, turn: u8) -> Check {
        let cli = match parse(&self.0) {
            Ok(cli) => cli,
            Err(error) => {
                check!(matches!(error.exit_code(), 0 | 2), "exit status {}", error.exit_code());
                let silent = turn & 7 == 0 && error.render().to_string().is_empty();
                check!(!silent, "no message");
                return Ok(());
            }
        };
        // A request whose searches end soon.
        let bounded = |request: command::Request| command::Request {
            budget: request.budget.min(BUDGET),
            ..request
        };
        let decide = |request: command::Request, turn| {
            let request = bounded(request);
            show::run(&Request::of(&request), &request, turn)
        };
        match cli.command {
            Command::Check(args) => decide(args.request.request(), turn),
            Command::Draw(args) => decide(args.request.request(), 1),
            Command::View(args) => match Chain::parse(&args.chain) {
                Ok(read) => {
                    let start = Request::of(&bounded(args.request.request()));
                    chain::apply(&start, &read, &args.chain, None)
                }
                Err(error) => {
                    show::plain(&derive::syntax_error(&args.chain, &error, WIDE)).map(drop)
                }
            },
            Command::Overlap(args) => {
                let one = bounded(args.request.request());
                let other = overlap::other(&args, &one).map(|other| Request::of(&other));
                sharing::run(&Request::of(&one), other.as_ref(), args.request.len.is_some())
            }
            Command::Explain { topic } => Code(topic.unwrap_or_default()).run(turn),
            // `Scan` reads sources, from a folder or the network: `scan/` has tests of its own. The others
            // print a text that does not depend on anything.
            Command::Scan(_)
            | Command::Schema { .. }
            | Command::Completions { .. }
            | Command::Man { .. } => Ok(()),
        }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arguments {:?}", self.0)
    }
}

/// A code to be explained.
#[derive(Debug)]
pub(super) struct Code(pub(super) String);

impl Given for Code {
    fn run(&self, _turn: u8) -> Check {
        let (code, list) = (self.0.as_str(), explain::list());
        if let Ok(text) = explain::topic(code) {
            check!(text.ends_with('\n'), "{text:?}");
        }
        let Some(found) = Explanation::of(code) else {
            let mut codes = list.lines().filter(|line| line.starts_with("SP"));
            let known = codes.any(|line| line.split(' ').next() == Some(code));
            check!(!known, "{code:?} is listed, but not explained");
            return Ok(());
        };
        let number = |code: &str| {
            let digits = code.trim_start_matches(['S', 's', 'P', 'p']);
            digits.parse::<u64>().map_err(|_| format!("{code:?} has no number"))
        };
        if code.contains(|c: char| c.is_ascii_digit()) {
            check!(number(code)? == number(found.code)?, "{} for {code:?}", found.code);
        }
        check!(list.contains(found.code), "{} is not listed", found.code);
        let text = found.to_text();
        check!(text.starts_with(found.code) && text.ends_with('\n'), "{text}");
        check!(text.matches(found.code).count() > 1 || found.examples.is_none(), "{text}");
        Ok(())
    }
}

/// A request as flags, or two.
#[derive(Debug)]
pub(super) struct Flags(pub(super) Two);

impl Given for Flags {
    /// Writes the request as flags, and expects the very request from them.
    fn run(&self, turn: u8) -> Check {
        let (asked, other) = &self.0;
        let style = &mut Rng::new(u64::from(turn >> 2));
        let budget = [100_000, 0, 1, 5_000][style.below(4)];
        let words = words(asked, other.as_ref(), budget, style);
        let cli = parse(&words).map_err(|error| format!("{words:?}: {error}"))?;
        // The address goes with the alignment.
        let base = if asked.align.is_some() { asked.base } else { 0 };
        let asked = Request { base, ..asked.clone() };
        let expected = command::Request { budget, ..asked.to_command() };
        let (found, other_found) = match &cli.command {
            Command::Check(args) => (args.request.request(), None),
            Command::Draw(args) => (args.request.request(), None),
            Command::Overlap(args) => {
                let one = args.request.request();
                let other = overlap::other(args, &one);
                (one, other)
            }
            _ => return Err(format!("{words:?} is another command")),
        };
        check!(found == expected, "{words:?} asks {found:?}");
        let other_expected = other.as_ref().map(|other| {
            let command::Request { shape, strides, offset, itemsize, .. } = other.to_command();
            command::Request { shape, strides, offset, itemsize, ..found.clone() }
        });
        check!(other_found == other_expected, "{words:?} is of {other_found:?}");
        match other_found {
            Some(other) => sharing::run(&asked, Some(&Request::of(&other)), true),
            None => show::run(&asked, &found, turn >> 4),
        }
    }
}

fn words(asked: &Request, other: Option<&Request>, budget: u64, style: &mut Rng) -> Vec<String> {
    let command = if other.is_some() { "overlap" } else { ["check", "draw"][style.below(2)] };
    let mut words: Vec<String> = vec![command.into()];
    let mut flag = |name: &str, value: String, style: &mut Rng| match style.below(2) {
        0 => words.push(format!("--{name}={value}")),
        _ => words.extend([format!("--{name}"), value]),
    };
    flag("shape", tuple(&asked.shape, style), style);
    if let Some(strides) = &asked.strides {
        flag("strides", tuple(strides, style), style);
    }
    flag("len", asked.len.to_string(), style);
    if asked.offset != 0 || style.below(2) == 0 {
        let plus = if asked.offset > 0 && style.below(3) == 0 { "+0" } else { "" };
        flag("offset", format!("{plus}{}", asked.offset), style);
    }
    if asked.unit == Unit::Bytes || style.below(2) == 0 {
        let unit = if asked.unit == Unit::Bytes { "bytes" } else { "elements" };
        flag("unit", unit.into(), style);
    }
    flag("itemsize", asked.itemsize.to_string(), style);
    if let Some(align) = &asked.align {
        flag("align", align.to_string(), style);
        flag("base-address", asked.base.to_string(), style);
    }
    flag("budget", budget.to_string(), style);
    if let Some(other) = other {
        flag("other-shape", tuple(&other.shape, style), style);
        flag("other-offset", other.offset.to_string(), style);
        flag("other-itemsize", other.itemsize.to_string(), style);
        if let Some(strides) = &other.strides {
            flag("other-strides", tuple(strides, style), style);
        }
    }
    if asked.mutable {
        words.push("--mutable".into());
    }
    if asked.as_elements {
        words.push(["--as-elements", "--typed"][style.below(2)].into());
    }
    words
}

/// A list of integers in one of the forms that are taken.
fn tuple(numbers: &[i128], style: &mut Rng) -> String {
    let gap = [",", ", "][style.below(2)];
    let listed: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let listed = listed.join(gap);
    match style.below(4) {
        0 => format!("({listed}{})", if numbers.len() == 1 { "," } else { "" }),
        1 => format!("[{listed}]"),
        _ => listed,
    }
}
