//! The command line, and the request that its flags describe.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use strideproof::Unit;

use crate::nearest::{hint, listed, quoted};
use crate::number::Number;
use crate::request::{DEFAULT_BUDGET, MOST_AXES, Mode, Request};
use crate::source::MOST_INTEGERS;

/// Exact, explained verdicts on strided views.
///
/// A strided view is a shape, strides and an offset over a buffer. It is accepted exactly when
/// every index stays in the buffer.
///
/// Exit status: 0 accepted, 1 rejected, 2 wrong usage or a file that cannot be read.
#[derive(Debug, Parser)]
#[command(name = "strideproof", version, max_term_width = 100)]
pub struct Cli {
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommand of a name, or all of the command line without one.
///
/// # Errors
/// A sentence that names what is near.
pub fn subcommand(name: Option<&str>) -> Result<clap::Command, String> {
    let mut cli = Cli::command();
    cli.build();
    let Some(name) = name else { return Ok(cli) };
    let known = || cli.get_subcommands().map(clap::Command::get_name);
    let hint = || hint(name, known(), || format!("the commands are {}", listed(known())));
    cli.find_subcommand(name)
        .cloned()
        .ok_or_else(|| format!("there is no command {}{}", quoted(name), hint()))
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless the environment (`NO_COLOR`) objects.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Decide whether every index of a view stays in its buffer.
    Check(CheckArgs),
    /// Draw a view over its buffer, with the touched, repeated and out-of-range cells.
    Draw(DrawArgs),
    /// Apply operations to a view, and show what comes out.
    View(ViewArgs),
    /// Decide whether two indices of a view, or two views of one buffer, share memory.
    Overlap(OverlapArgs),
    /// List where a crate's safe functions reach unsafe memory access that no check was seen for.
    #[cfg(feature = "scan")]
    Scan(crate::scan::ScanArgs),
    /// Print the JSON Schemas of what check --jsonl reads and writes.
    Schema {
        /// One of them; without it, an object of both.
        which: Option<Schema>,
    },
    /// Explain a code such as SP003, with a refused and an accepted request; without one, list all codes.
    #[command(after_help = "Exit status: 0 explained, 2 nothing is known of it.")]
    Explain {
        /// A code (SP003, sp3, 3), its word (past_end), or an operation (windows).
        topic: Option<String>,
    },
    /// Print a script that completes the arguments in a shell.
    #[command(after_help = "For example: strideproof completions bash > \
                            ~/.local/share/bash-completion/completions/strideproof")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page of the program or of a command: `strideproof man | man -l -`.
    Man {
        /// The command.
        command: Option<String>,
    },
}

/// The arguments of `check`.
#[derive(Debug, Args)]
#[command(after_long_help = CHECK_EXAMPLES)]
pub struct CheckArgs {
    /// The view.
    #[command(flatten)]
    pub request: RequestArgs,
    /// Decide one JSON request a line from FILE, or from standard input for "-".
    ///
    /// Keys: buffer_len and shape, which must be there; strides, offset, itemsize, unit (bytes,
    /// elements), mutable, as_elements, align, base_address and budget, which mean what the flags
    /// mean; id (echoed); `strideproof schema` has them all. Writes one JSON verdict a line, in order;
    /// a malformed line gets the verdict "error": one with an unknown key, unless it begins with x_,
    /// one of more than 16 MiB or with more than 65536 axes. Exit status: 2 if a line was malformed,
    /// else 0, whatever the verdicts, unless --fail-on-rejection is given.
    #[arg(long, value_name = "FILE", conflicts_with_all = VIEW)]
    pub jsonl: Option<PathBuf>,
    /// With --jsonl: exit status 1 if a request was rejected and no line was malformed.
    #[arg(long, requires = "jsonl", conflicts_with_all = VIEW)]
    pub fail_on_rejection: bool,
    /// How to write the verdict; with --jsonl it is JSON anyway.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Print the values of the view as NumPy does; of --npy or --arange.
    #[arg(long)]
    pub print: bool,
}

/// The flags of [`RequestArgs`], since clap names all of a group that conflicts, and not what was given.
const VIEW: [&str; 15] = [
    "shape",
    "strides",
    "offset",
    "len",
    "unit",
    "itemsize",
    "npy",
    "member",
    "field",
    "arange",
    "mutable",
    "as_elements",
    "align",
    "base_address",
    "budget",
];

const CHECK_EXAMPLES: &str = "\
Without a buffer (--len, --npy, --arange) it reports the lowest and the highest address that the \
view needs.

Exit status: 0 accepted, 1 rejected, 2 wrong usage or a file that cannot be read.

Examples:
  strideproof check --shape 4,3 --strides 2,2 --len 12
  strideproof check --unit bytes --itemsize 8 --len 96 --shape 12 --strides -8 \\
    --offset 88
  strideproof check --arange 12 --shape 4,3 --strides 16,16 --print
  strideproof check --npy cloud.npy --field x --print
  strideproof check --npy model.npz --member weights
  strideproof check --jsonl requests.jsonl";

const DRAW_EXAMPLES: &str = "\
Without a buffer (--len, --npy, --arange) it draws the smallest one that takes the view.

Exit status: 0 accepted, 1 rejected, 2 wrong usage or a file that cannot be read or written.

Examples:
  strideproof draw --shape 4,3 --strides 2,2 --len 12
  strideproof draw --shape 4,3 --strides 2,2 --len 12 --svg view.svg";

/// The arguments of `draw`.
#[derive(Debug, Args)]
#[command(after_long_help = DRAW_EXAMPLES)]
pub struct DrawArgs {
    /// The view.
    #[command(flatten)]
    pub request: RequestArgs,
    /// Write an SVG to FILE, or to standard output for "-", instead of text.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

/// The arguments of `view`.
#[derive(Debug, Args)]
#[command(after_long_help = crate::chain::help(), after_help = crate::chain::help())]
pub struct ViewArgs {
    /// Operations, applied from left to right: "slice 0:8:2 | t | windows 2,2".
    pub chain: String,
    /// The view that they begin with; without --len, in the smallest buffer that takes it.
    #[command(flatten)]
    pub request: RequestArgs,
    /// How to write the derived view.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Write an SVG of the derived view to FILE, or to standard output for "-".
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "print"])]
    pub svg: Option<PathBuf>,
    /// Print only the values of the derived view, as NumPy does.
    #[arg(long, conflicts_with = "format")]
    pub print: bool,
}

/// The arguments of `overlap`.
#[derive(Debug, Args)]
#[command(after_long_help = OVERLAP_EXAMPLES)]
pub struct OverlapArgs {
    /// The view; without a buffer it may lie anywhere.
    #[command(flatten)]
    pub request: RequestArgs,
    /// The size of each axis of another view of the same buffer.
    #[arg(long, value_name = "N,..", allow_hyphen_values = true)]
    pub other_shape: Option<Tuple>,
    /// Its strides [default: row-major order of its shape].
    #[arg(long, value_name = "N,..", allow_hyphen_values = true, requires = "other_shape")]
    pub other_strides: Option<Tuple>,
    /// Its offset [default: 0].
    #[arg(long, value_name = "N", allow_hyphen_values = true, requires = "other_shape")]
    pub other_offset: Option<Number>,
    /// How many bytes its items take; with --unit bytes [default: as the first view's].
    #[arg(long, value_name = "BYTES", allow_hyphen_values = true, requires = "other_shape")]
    pub other_itemsize: Option<Number>,
    /// How to write the answer.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const OVERLAP_EXAMPLES: &str = "\
Exit status: 0 unique or disjoint, 1 aliased, shared or undecided, or a view that leaves its \
buffer, 2 wrong usage. The answer is exact. Of contrived views it can be undecided; a larger --budget \
may decide those.

Examples:
  strideproof overlap --shape 2,3 --strides 3,2
  strideproof overlap --shape 5 --strides 2 \\
    --other-shape 5 --other-strides 2 --other-offset 1
  strideproof overlap --unit bytes --itemsize 8 --len 96 --shape 3 \\
    --strides 24 --other-itemsize 4 --other-shape 3 --other-strides 24 \\
    --other-offset 12";

/// A JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Schema {
    /// That of a request.
    Request,
    /// That of a verdict.
    Verdict,
}

/// How to write a verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON object, schema 1.
    Json,
}

/// What numbers count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UnitArg {
    /// Whole items.
    Elements,
    /// Single bytes.
    Bytes,
}

impl From<UnitArg> for Unit {
    fn from(unit: UnitArg) -> Self {
        match unit {
            UnitArg::Elements => Self::Elements,
            UnitArg::Bytes => Self::Bytes,
        }
    }
}

/// The flags that describe one view. A number that does not fit 64 bits is refused (SP028).
#[derive(Debug, Args)]
#[group(id = "view", multiple = true)]
pub struct RequestArgs {
    /// The size of each axis, such as 4,3 or "(4, 3)"; "" for a single item without axes; "-" reads it
    /// from standard input [default: the whole buffer].
    #[arg(long, value_name = "N,..", allow_hyphen_values = true)]
    pub shape: Option<Tuple>,
    /// The step along each axis, such as -8,16 [default: row-major order of the shape].
    #[arg(long, value_name = "N,..", allow_hyphen_values = true)]
    pub strides: Option<Tuple>,
    /// Where the all-zero index lies [default: 0].
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub offset: Option<Number>,
    /// The buffer's length; without one, and without a file, `check` reports the span that is needed.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub len: Option<Number>,
    /// What length, offset and strides count [default: elements; with --npy and --arange: bytes].
    #[arg(long, value_enum)]
    pub unit: Option<UnitArg>,
    /// How many bytes an item takes [default: 1]; with a file, other items of the same bytes.
    #[arg(long, value_name = "BYTES", allow_hyphen_values = true)]
    pub itemsize: Option<Number>,
    /// Take length, itemsize and the defaults of shape and strides from a .npy file, or from standard
    /// input for "-".
    #[arg(long, value_name = "FILE", conflicts_with = "len")]
    pub npy: Option<PathBuf>,
    /// The array of a .npz file.
    #[arg(long, value_name = "NAME", requires = "npy")]
    pub member: Option<String>,
    /// The field of a file's records: its type, offset and strides.
    #[arg(long, value_name = "NAME", requires = "npy", conflicts_with = "itemsize")]
    pub field: Option<String>,
    /// In place of a file, the integers 0 to N - 1 of 64 bits.
    #[arg(long, value_name = "N", allow_hyphen_values = true, conflicts_with_all = ["len", "npy"])]
    #[arg(value_parser = up_to::<MOST_INTEGERS>)]
    pub arange: Option<u64>,
    /// The view is written through: no two indices may share memory.
    #[arg(long)]
    pub mutable: bool,
    /// Strides and offset in bytes must be whole numbers of items.
    #[arg(long, visible_alias = "typed")]
    pub as_elements: bool,
    /// Every item must be aligned to so many bytes.
    #[arg(long, value_name = "BYTES", allow_hyphen_values = true)]
    pub align: Option<Number>,
    /// The buffer's address in bytes, for --align [default: 0].
    #[arg(long, value_name = "N", allow_hyphen_values = true, requires = "align")]
    pub base_address: Option<Number>,
    /// How many steps to search for two indices that share memory [default: 100000; for overlap
    /// 10000000].
    #[arg(long, value_name = "STEPS", allow_hyphen_values = true, value_parser = up_to::<{ u64::MAX }>)]
    pub budget: Option<u64>,
}

impl RequestArgs {
    /// The request for a buffer that no file describes.
    #[must_use]
    pub fn request(&self) -> Request {
        let unit = self.unit.map_or(Unit::Elements, Unit::from);
        let itemsize = self.itemsize.unwrap_or(Number::ONE);
        let buffer_len = self.len.unwrap_or(Number::ZERO);
        let shape = match &self.shape {
            Some(Tuple(shape)) => shape.clone(),
            None => vec![whole_buffer(buffer_len, itemsize, unit)],
        };
        let strides = self.strides.as_ref().map(|Tuple(strides)| strides.clone());
        self.with(Request { unit, itemsize, buffer_len, shape, strides, ..Request::default() })
    }

    /// The flags that mean the same for every buffer.
    pub(crate) fn with(&self, request: Request) -> Request {
        Request {
            offset: self.offset.unwrap_or(request.offset),
            mode: if self.mutable { Mode::Mutable } else { Mode::ReadOnly },
            as_elements: self.as_elements,
            align: self.align,
            base_address: self.base_address.unwrap_or(Number::ZERO),
            budget: self.budget.unwrap_or(DEFAULT_BUDGET),
            ..request
        }
    }
}

/// Reads a number that is no larger than some other one.
fn up_to<const MOST: u64>(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| *number <= MOST);
    number.ok_or_else(|| format!("expected an integer from 0 to {MOST}"))
}

/// How many whole items a buffer has: the default shape.
fn whole_buffer(len: Number, itemsize: Number, unit: Unit) -> Number {
    match (unit, len.to_usize(), itemsize.to_usize()) {
        (Unit::Elements, Some(_), _) => len,
        // Of items of no bytes there are none. A length or itemsize that makes no sense is refused
        // as such, whatever the shape.
        (_, Some(len), Some(itemsize)) => len.checked_div(itemsize).unwrap_or(0).into(),
        _ => Number::ZERO,
    }
}

/// A list of integers as the command line has it: `4,3`, also as NumPy writes it, `(4, 3)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tuple(pub Vec<Number>);

impl FromStr for Tuple {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let bare = text
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
            .or_else(|| text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')));
        let bare = bare.unwrap_or(text).trim();
        // A tuple of one is written with a comma after it.
        let inner = bare.strip_suffix(',').unwrap_or(bare);
        if bare.is_empty() {
            return Ok(Self(Vec::new()));
        }
        // Of a list that is too long no more is read than what says so.
        let entries = inner.split(',').take(MOST_AXES + 1);
        let numbers: Vec<Number> =
            entries.map(|entry| entry.trim().parse()).collect::<Result<_, _>>()?;
        if numbers.len() > MOST_AXES {
            return Err(format!("there are more than {MOST_AXES} axes"));
        }
        Ok(Self(numbers))
    }
}
