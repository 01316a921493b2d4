//! Calls: of functions that access memory without a check, of the crate's own, and of the standard
//! library's methods, by their names.

use proc_macro2::Span;
use syn::{BinOp, Expr};

use super::walk::member_name;
use super::{Call, END, MOST, Sink, Walk, within};
use crate::extent::extent;
use crate::model::{Callees, Name, name_of};
use crate::value::{Arithmetic, Ease, Relation, Value, with_arguments, worse};

impl Walk<'_> {
    fn sink(&mut self, what: &'static str, span: Span, values: &[&Value]) {
        let mut index = Value::default();
        for value in values {
            index.add_atoms(&value.atoms);
            // A range is used by both ends, not by the arithmetic of one.
            let used = value.used_arithmetic().cloned();
            index.arithmetic = worse(index.arithmetic.take(), used);
        }
        if !index.atoms.is_empty() && self.body.sinks.len() < MOST {
            self.step += 1;
            self.body.sinks.push(Sink { step: self.step, span, what, index });
            // What is checked from here on is checked too late for the access.
            self.step += 1;
        }
    }

    pub(super) fn call(&mut self, whole: &Expr, call: &syn::ExprCall) -> Value {
        let Expr::Path(function) = &*call.func else {
            let base = self.expr(&call.func);
            return base.join(self.mixed(&call.args));
        };
        let path = &function.path;
        let Some(last) = path.segments.last() else { return Value::default() };
        let name = last.ident.to_string();
        let args: Vec<Value> = call.args.iter().map(|arg| self.expr(arg)).collect();
        let span = extent(whole);
        match (name.as_str(), &args[..]) {
            (name, [_, len, ..])
                if RAW_PARTS.contains(&name) && self.in_unsafe && !self.names_own_type(path) =>
            {
                self.sink("a slice from raw parts", span, &[len]);
            }
            ("copy" | "copy_nonoverlapping", [_, _, count]) if self.in_unsafe => {
                self.sink("a copy", span, &[count]);
                return Value::default();
            }
            ("write_bytes", [_, _, count]) if self.in_unsafe => {
                self.sink("a write", span, &[count]);
                return Value::default();
            }
            ("from_size_align_unchecked", [size, _]) if self.in_unsafe => {
                self.sink("an allocation's layout", span, &[size]);
            }
            ("with_capacity" | "try_with_capacity", [size, ..]) => {
                self.allocated(size, span);
                return Value::length();
            }
            ("size_of" | "align_of" | "size_of_val", _) => return Value::length(),
            ("Some" | "Ok" | "Err" | "Box" | "NonZeroUsize", [value]) => return value.clone(),
            ("min", [a, b]) => return self.smaller(a, b),
            _ => {}
        }
        if self.in_unsafe && self.model.foreign.contains(name.as_str()) {
            let all: Vec<&Value> = args.iter().filter(|arg| arg.type_name.is_none()).collect();
            self.sink("a foreign call", span, &all);
            return Value::default();
        }
        // The constructor of a tuple struct.
        let owner = match name.as_str() {
            "Self" => self.model.functions[self.id].owner.clone(),
            _ => Some(Name::from(name.as_str())),
        };
        let owner = owner.and_then(|owner| Some(self.model.type_named(&owner)?.0.clone()));
        if let Some(owner) = owner {
            let mut parts = Vec::new();
            for (place, value) in args.into_iter().enumerate() {
                let field = Name::from(place.to_string());
                self.build(&owner, field.clone(), value.clone(), span);
                parts.push((field, value));
            }
            return Value { type_name: Some(owner), ..Value::whole(parts) };
        }
        let own = self.model.functions[self.id].owner.as_ref();
        let callees = match self.env.contains_key(name.as_str()) && path.segments.len() == 1 {
            true => Callees::default(),
            false => self.model.call(path, own, args.len()),
        };
        self.called(&name, &callees, args, span)
    }

    /// Whether a path begins with a type of this crate, whose function is walked by itself.
    fn names_own_type(&self, path: &syn::Path) -> bool {
        let mut segments = path.segments.iter().rev().skip(1);
        segments.next().is_some_and(|segment| {
            segment.ident == "Self" || self.model.type_named(&name_of(&segment.ident)).is_some()
        })
    }

    /// The outcome of a call of functions of the crate, or of unknown ones.
    fn called(&mut self, name: &str, callees: &Callees, args: Vec<Value>, span: Span) -> Value {
        self.step += 1;
        let mut outcome: Option<Value> = None;
        for &id in &callees.ids {
            let known = &self.known[id];
            if !self.without.summaries {
                for atoms in &known.combined {
                    self.combine(&with_arguments(atoms, false, None, &args).atoms);
                }
                // Of several candidates, one that checks well is believed.
                for fact in known.facts.iter().filter(|fact| fact.until == END) {
                    self.hold(fact.test.with_arguments(&args), within(self.step, fact.from));
                }
                if let Some(returns) = &known.returns {
                    let mut value = returns.with_arguments(&args);
                    if value.type_name.is_none() {
                        value.type_name.clone_from(&self.model.functions[id].returns);
                    }
                    outcome = Some(value.joining(outcome));
                }
            }
        }
        if callees.ids.is_empty() && name.contains("_checked") {
            let index = args.iter().skip(1).cloned().fold(Value::default(), Value::join);
            self.checked_access(&index, span);
            return Value::length();
        }
        if !callees.ids.is_empty() && self.body.calls.len() < MOST {
            let call = Call { step: self.step, span, callees: callees.clone(), args: args.clone() };
            self.body.calls.push(call);
        }
        self.step += 1;
        outcome.unwrap_or_else(|| {
            let mixed = args.into_iter().fold(Value::default(), Value::join);
            let first = callees.ids.first().map(|&id| &self.model.functions[id]);
            Value {
                type_name: first.and_then(|function| function.returns.clone()),
                tests: Vec::new(),
                parts: Vec::new(),
                constant: false,
                anchor: false,
                ..mixed
            }
        })
    }

    pub(super) fn method(&mut self, whole: &Expr, call: &syn::ExprMethodCall) -> Value {
        let name = call.method.to_string();
        let receiver = self.expr(&call.receiver);
        let span = extent(whole);
        // A closure's parameters stand for what the method hands to it: something of the receiver.
        let mut args = Vec::new();
        let handed = Value { type_name: None, tests: Vec::new(), ..receiver.clone() };
        let scoped = matches!(name.as_str(), "then" | "then_some" | "then_with");
        let assumed = scoped.then(|| self.assume(&receiver.tests, true));
        for arg in &call.args {
            args.push(match arg {
                Expr::Closure(closure) => {
                    for input in &closure.inputs {
                        self.bind(input, handed.clone());
                    }
                    self.expr(&closure.body)
                }
                arg => self.expr(arg),
            });
        }
        if let Some(assumed) = assumed {
            self.end(assumed);
        }
        // Counted on a type of this crate, too.
        if let ("swap_unchecked", [a, b], true) = (name.as_str(), &args[..], self.in_unsafe) {
            self.sink("an unchecked swap", span, &[a, b]);
            return Value::default();
        }
        let callees = self.model.method(&name, receiver.type_name.as_ref(), args.len());
        // A type of this crate may check an access: then its own function is what counts.
        let foreign = receiver.type_name.is_none() || callees.ids.is_empty();
        if foreign {
            let sink = self.sink_method(&name, &receiver, &args, call, span);
            let known = sink.or_else(|| self.library_method(&name, &receiver, &args, span));
            if let Some(value) = known {
                return value;
            }
        }
        if args.is_empty() && callees.ids.is_empty() {
            let name: Name = format!("{name}()").into();
            return receiver.project(&name);
        }
        args.insert(0, receiver);
        self.called(&name, &callees, args, span)
    }

    /// The smaller of two values: what bounds one of them bounds it.
    fn smaller(&self, a: &Value, b: &Value) -> Value {
        let fixed = |value: &Value| {
            (value.anchor || !value.atoms.is_empty())
                && value.atoms.iter().all(|atom| !self.chosen(atom) || self.is_bounded(atom))
        };
        match (fixed(a), fixed(b)) {
            (true, _) => a.clone(),
            (_, true) => b.clone(),
            _ => a.clone().join(b.clone()),
        }
    }

    /// Methods that access memory without a check.
    fn sink_method(
        &mut self,
        name: &str,
        receiver: &Value,
        args: &[Value],
        call: &syn::ExprMethodCall,
        span: Span,
    ) -> Option<Value> {
        let (what, index) = match (name, args) {
            (
                "wrapping_add" | "wrapping_sub" | "wrapping_offset" | "wrapping_byte_add",
                [index],
            ) if points(&call.receiver) => ("pointer arithmetic", index),
            _ if !self.in_unsafe => return None,
            ("get_unchecked" | "get_unchecked_mut", [index]) => ("an unchecked index", index),
            ("add" | "sub" | "offset" | "byte_add" | "byte_sub" | "byte_offset", [index])
                if !receiver.exact && !index.exact =>
            {
                ("pointer arithmetic", index)
            }
            ("set_len", [len]) => ("a vector's length", len),
            (
                "copy_to" | "copy_from" | "copy_to_nonoverlapping" | "copy_from_nonoverlapping",
                [_, count],
            ) => ("a copy", count),
            ("write_bytes", [_, count]) => ("a write", count),
            ("split_at_unchecked" | "split_at_mut_unchecked", [index]) => ("a split", index),
            _ => return None,
        };
        self.sink(what, span, &[index]);
        Some(Value { type_name: None, arithmetic: None, ..receiver.clone() })
    }

    /// Methods of the standard library's types.
    fn library_method(
        &mut self,
        name: &str,
        receiver: &Value,
        args: &[Value],
        span: Span,
    ) -> Option<Value> {
        let value = match name {
            "len" | "capacity" | "count" | "size_of" | "ndim" | "rank" => Value::length(),
            "min" => match args {
                [other] => self.smaller(receiver, other),
                _ => receiver.clone(),
            },
            "clamp" => args.last().cloned().unwrap_or_default(),
            "enumerate" => Value::whole(vec![
                ("0".into(), Value::length()),
                ("1".into(), Value { parts: Vec::new(), ..receiver.clone() }),
            ]),
            name if is_exact(name) => {
                let other = args.first().cloned().unwrap_or_default();
                let arithmetic = worse(receiver.arithmetic.clone(), other.arithmetic.clone());
                let mixed = receiver.clone().join(other);
                self.combine(&mixed.atoms);
                Value { arithmetic, tests: Vec::new(), constant: false, ..mixed }
            }
            "wrapping_mul" | "wrapping_add" | "pow" | "wrapping_pow" | "next_power_of_two" => {
                let other = args.first().cloned().unwrap_or_default();
                let op = match name {
                    "wrapping_add" => BinOp::Add(Default::default()),
                    _ => BinOp::Mul(Default::default()),
                };
                self.arithmetic(&op, receiver.clone(), other, span)
            }
            "sum" | "product" => {
                let ease = if name == "sum" { Ease::Sum } else { Ease::Product };
                let here = Arithmetic { ease, atoms: receiver.atoms.clone(), by: self.id, span };
                let arithmetic = worse(receiver.arithmetic.clone(), Some(here))
                    .filter(|_| !receiver.atoms.is_empty() && !receiver.exact);
                Value { arithmetic, anchor: false, ..receiver.clone() }
            }
            "map" | "flat_map" | "and_then" | "map_or" | "filter_map" | "fold" | "scan"
            | "try_fold" | "then" | "unwrap_or_else" | "map_or_else" => {
                let closure = args.last().cloned().unwrap_or_default();
                let tests = receiver.tests.clone();
                let type_name = closure.type_name.clone();
                let value = match name {
                    "unwrap_or_else" => receiver.clone().join(closure),
                    "then" => closure,
                    _ => Value { type_name, ..receiver.clone().join(closure) },
                };
                Value { tests, constant: false, ..value }
            }
            "contains" => {
                let [item] = args else { return Some(Value::default()) };
                let end = receiver.part("end").unwrap_or(receiver);
                Value::tested(vec![self.test(item, end, Relation::AtMost, false, span)])
            }
            "eq" | "ne" | "lt" | "le" | "gt" | "ge" => {
                let [other] = args else { return Some(Value::default()) };
                let (relation, swap) = match name {
                    "eq" => (Relation::Equal, false),
                    "ne" => (Relation::Unequal, false),
                    "lt" | "le" => (Relation::AtMost, false),
                    _ => (Relation::AtMost, true),
                };
                Value::tested(vec![self.test(receiver, other, relation, swap, span)])
            }
            "resize" | "resize_with" | "reserve" | "try_reserve" | "alloc" => {
                if let Some(size) = args.first() {
                    self.allocated(size, span);
                }
                Value::length()
            }
            // A checked access bounds its index.
            "get" | "get_mut" | "split_at" | "split_at_mut" | "chunks_exact" if args.len() == 1 => {
                if args[0].arithmetic.is_none() {
                    self.checked_access(&args[0], span);
                }
                Value { tests: Vec::new(), ..receiver.clone() }
            }
            "all" | "any" => Value::tested(args.last().cloned().unwrap_or_default().tests),
            "iter" | "iter_mut" | "into_iter" | "copied" | "cloned" | "clone" | "rev"
            | "unwrap" | "expect" | "as_ref" | "as_mut" | "borrow" | "borrow_mut" | "into"
            | "to_owned" | "get" | "as_slice" | "as_mut_slice" | "to_vec" | "by_ref" | "next"
            | "try_into" | "deref" | "as_deref" | "ok" | "ok_or" | "ok_or_else" | "map_err"
            | "unwrap_or" | "peekable" | "skip" | "take" | "step_by" | "filter" | "zip"
            | "chain" | "as_ptr" | "as_mut_ptr" | "unwrap_or_default" | "flatten"
            | "unwrap_unchecked" | "abs" | "unsigned_abs" | "cast" | "cast_mut" | "cast_const"
            | "max" | "collect" | "last" | "first" => {
                let mut mixed = receiver.clone();
                for arg in args {
                    mixed.add_atoms(&arg.atoms);
                    mixed.arithmetic = worse(mixed.arithmetic.take(), arg.arithmetic.clone());
                }
                if let ("zip", [other]) = (name, args) {
                    mixed.parts = vec![
                        ("0".into(), Value { parts: Vec::new(), ..receiver.clone() }),
                        ("1".into(), Value { parts: Vec::new(), ..other.clone() }),
                    ];
                }
                if matches!(name, "unwrap" | "expect") {
                    self.assume(&receiver.tests, true);
                }
                mixed
            }
            _ => return None,
        };
        Some(value)
    }
}

/// Functions that make slices from a pointer and a length.
const RAW_PARTS: [&str; 4] =
    ["from_raw_parts", "from_raw_parts_mut", "slice_from_raw_parts", "slice_from_raw_parts_mut"];

/// Whether a method is arithmetic of integers that does not wrap unseen.
fn is_exact(method: &str) -> bool {
    matches!(
        method.split_once('_').unwrap_or_default(),
        ("checked", "mul" | "add" | "sub" | "pow" | "product" | "next_multiple_of")
            | ("saturating", "mul" | "add" | "sub")
            | ("overflowing" | "strict", "mul" | "add")
            | ("abs", "diff")
            | ("carrying", "add")
            | ("widening", "mul")
    )
}

/// Whether an expression is, by its looks, a pointer: integers have methods of the same names.
fn points(expr: &Expr) -> bool {
    match expr {
        Expr::MethodCall(call) => {
            let name = call.method.to_string();
            name.contains("ptr") || name.starts_with("cast") || points(&call.receiver)
        }
        Expr::Path(path) => path.path.get_ident().is_some_and(|ident| {
            let name = ident.to_string();
            name == "p" || name.contains("ptr") || name.contains("pointer")
        }),
        Expr::Field(field) => member_name(&field.member).contains("ptr"),
        Expr::Paren(inner) => points(&inner.expr),
        Expr::Cast(cast) => matches!(*cast.ty, syn::Type::Ptr(_)),
        Expr::Call(call) => points(&call.func),
        _ => false,
    }
}
