//! Answers the questions of `tests/numpy/compare.py` through the library: a JSON object a line in,
//! one a line out, in order. A refusal is an answer too: `{"code": "SP003", "message": …}`.

use std::io::{self, BufRead, BufWriter, Write};

use serde::Deserialize;
use serde_json::{Value, json};
use strideproof::overlap::{self, Budget, Sharing, Uniqueness};
use strideproof::{Error, LayoutDyn, StridedViewDyn, check_bytes};
use strideproof_cli::chain::{Action, Chain};

/// A question.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Question {
    /// A view, in elements, of a buffer that holds 0, 1, 2 and so on.
    AsStrided { len: usize, shape: Vec<usize>, strides: Vec<isize>, offset: usize },
    /// A view, in bytes, of a buffer that holds 0 to 250 again and again.
    Bytes { len: usize, itemsize: usize, shape: Vec<usize>, strides: Vec<isize>, offset: usize },
    /// Operations as the command spells them, one after the other on 0, 1, 2 and so on in row-major
    /// order. A refused one leaves the view as it is.
    Chain { shape: Vec<usize>, chain: Vec<String> },
    /// Items of another size, along the last axis, over the buffer of `Bytes`; all numbers count
    /// items of `from` bytes.
    Reinterpret {
        from: usize,
        to: usize,
        len: usize,
        shape: Vec<usize>,
        strides: Vec<isize>,
        offset: usize,
    },
    /// Whether two indices of a view share a byte.
    Unique { itemsize: usize, shape: Vec<usize>, strides: Vec<isize> },
    /// Whether two views share a byte.
    Shares { a: Bytes, b: Bytes },
}

/// A view by bare numbers, in bytes.
#[derive(Deserialize)]
struct Bytes {
    address: usize,
    shape: Vec<usize>,
    strides: Vec<isize>,
    itemsize: usize,
}

impl Bytes {
    fn borrow(&self) -> overlap::Bytes<'_> {
        overlap::Bytes {
            address: self.address,
            shape: &self.shape,
            strides: &self.strides,
            itemsize: self.itemsize,
        }
    }
}

fn describe<T>(view: &StridedViewDyn<'_, T>) -> Value {
    json!({
        "shape": view.shape(),
        "strides": view.strides(),
        "offset": view.offset(),
        "contiguous": [view.layout().is_contiguous(), view.layout().is_column_major()],
        "distinct_bytes": view.distinct_bytes(),
    })
}

fn refusal(error: &Error) -> Value {
    json!({ "code": error.code().as_str(), "message": error.to_string() })
}

fn pattern(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
}

/// The layout of the same items with their bytes as one more axis.
fn in_bytes(layout: &LayoutDyn, itemsize: usize, len: usize) -> Result<LayoutDyn, Error> {
    let size = isize::try_from(itemsize).unwrap_or(isize::MAX);
    let shape: Vec<usize> = layout.shape().iter().copied().chain([itemsize]).collect();
    let strides: Vec<isize> =
        layout.strides().iter().map(|stride| stride.saturating_mul(size)).chain([1]).collect();
    LayoutDyn::new(&shape, &strides, layout.offset().saturating_mul(itemsize), len)
}

fn answer(question: &Question) -> Result<Value, Error> {
    match question {
        Question::AsStrided { len, shape, strides, offset } => {
            let data: Vec<usize> = (0..*len).collect();
            let view = StridedViewDyn::new(&data, LayoutDyn::new(shape, strides, *offset, *len)?)?;
            let mut told = describe(&view);
            told["values"] = json!(view.to_vec());
            Ok(told)
        }
        Question::Bytes { len, itemsize, shape, strides, offset } => {
            let extent = check_bytes(shape, strides, *offset, *len, *itemsize)?;
            let data = pattern(*len);
            let shape: Vec<usize> = shape.iter().copied().chain([*itemsize]).collect();
            let strides: Vec<isize> = strides.iter().copied().chain([1]).collect();
            let view =
                StridedViewDyn::new(&data, LayoutDyn::new(&shape, &strides, *offset, *len)?)?;
            Ok(json!({ "count": extent.count, "bytes": view.to_vec() }))
        }
        Question::Chain { shape, chain } => {
            let layout = LayoutDyn::row_major(shape)?;
            let data: Vec<usize> = (0..layout.len()).collect();
            let mut view = StridedViewDyn::new(&data, layout)?;
            let mut steps = Vec::new();
            for step in chain.iter().flat_map(|text| Chain::parse(text).expect("a chain").steps) {
                let Action::Operation(operation) = &step.action else {
                    panic!("{:?} is no operation of the library", step.action)
                };
                steps.push(match view.clone().apply(operation) {
                    Ok(derived) => {
                        view = derived;
                        describe(&view)
                    }
                    Err(error) => refusal(&error),
                });
            }
            Ok(json!({ "steps": steps, "values": view.to_vec() }))
        }
        Question::Reinterpret { from, to, len, shape, strides, offset } => {
            let layout = LayoutDyn::new(shape, strides, *offset, *len)?;
            let last = shape.len().saturating_sub(1);
            let cast = layout.try_reinterpret_axis(last, *from, *to)?;
            let bytes = len.saturating_mul(*from);
            let data = pattern(bytes);
            let view = StridedViewDyn::new(&data, in_bytes(&cast, *to, bytes)?)?;
            Ok(json!({
                "shape": cast.shape(),
                "strides": cast.strides(),
                "offset": cast.offset(),
                "bytes": view.to_vec(),
            }))
        }
        Question::Unique { itemsize, shape, strides } => {
            let unique = overlap::is_unique_dyn(shape, strides, *itemsize, Budget::UNLIMITED);
            Ok(match unique {
                Ok(Uniqueness::Unique) => json!({ "unique": true }),
                Ok(Uniqueness::Aliased { first, second }) => {
                    json!({ "unique": false, "first": first, "second": second })
                }
                _ => Value::Null,
            })
        }
        Question::Shares { a, b } => {
            let (a, b) = (a.borrow(), b.borrow());
            let may_share = overlap::may_share_memory(a, b);
            Ok(match overlap::shares_memory(a, b, Budget::UNLIMITED) {
                Ok(Sharing::Disjoint) => json!({ "shares": false, "may_share": may_share }),
                Ok(Sharing::Shared { first, second }) => json!({
                    "shares": true, "may_share": may_share, "first": first, "second": second,
                }),
                _ => Value::Null,
            })
        }
    }
}

fn main() -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let question: Question = serde_json::from_str(&line?)?;
        let answer = answer(&question).unwrap_or_else(|error| refusal(&error));
        writeln!(out, "{answer}")?;
    }
    out.flush()
}
