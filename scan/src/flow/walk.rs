//! Patterns, statements and expressions, in source order.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{BinOp, Block, Expr, Item, Lit, Pat, Stmt, UnOp};

use super::{Build, MOST, Walk};
use crate::expand::{self, Body};
use crate::extent::{extent, from_to};
use crate::model::{Kind, Name, name_of};
use crate::value::{Arithmetic, Atom, Ease, Relation, Test, Value};

impl Walk<'_> {
    // Patterns.

    pub(super) fn bind(&mut self, pattern: &Pat, value: Value) {
        match pattern {
            Pat::Ident(pat) => {
                if let Some((_, inner)) = &pat.subpat {
                    self.bind(inner, value.clone());
                }
                self.env.insert(name_of(&pat.ident), value);
            }
            Pat::Tuple(tuple) => {
                for (place, element) in tuple.elems.iter().enumerate() {
                    let name: Name = place.to_string().into();
                    let whole = value.parts.is_empty();
                    let part = if whole { value.clone() } else { value.project(&name) };
                    self.bind(element, part);
                }
            }
            Pat::TupleStruct(pat) => {
                let one = pat.elems.len() == 1;
                for (place, element) in pat.elems.iter().enumerate() {
                    let name: Name = place.to_string().into();
                    let known = value.part(&name).cloned().filter(|_| !one);
                    self.bind(element, known.unwrap_or_else(|| value.clone()));
                }
            }
            Pat::Struct(pat) => {
                let type_name = pat.path.segments.last().map(|last| name_of(&last.ident));
                let known = type_name.as_ref().and_then(|name| self.model.type_named(name));
                for field in &pat.fields {
                    let name = member_name(&field.member);
                    let part = match (value.part(&name), known) {
                        (Some(part), _) => part.clone(),
                        (None, Some((owner, _))) => self.field(&value, owner, &name),
                        (None, None) => value.clone(),
                    };
                    self.bind(&field.pat, part);
                }
            }
            Pat::Reference(pat) => self.bind(&pat.pat, value),
            Pat::Paren(pat) => self.bind(&pat.pat, value),
            Pat::Type(pat) => {
                let kind = crate::model::kind_of(&pat.ty, &Default::default());
                let value = if kind == Kind::Data { value } else { self.typed(value, &kind) };
                self.bind(&pat.pat, value);
            }
            Pat::Or(pat) => pat.cases.iter().for_each(|case| self.bind(case, value.clone())),
            Pat::Slice(pat) => pat.elems.iter().for_each(|part| self.bind(part, value.clone())),
            _ => {}
        }
    }

    pub(super) fn field(&self, base: &Value, owner: &Name, name: &Name) -> Value {
        if let Some(part) = base.part(name) {
            return part.clone();
        }
        let declared = self
            .model
            .type_named(owner)
            .and_then(|(_, info)| info.fields.iter().find(|field| field.name == *name));
        match declared {
            Some(field) if !self.model.carries(&field.kind) => {
                Value { type_name: self.model.method_scope(&field.kind), ..Value::length() }
            }
            Some(field) => self.typed(base.project(name), &field.kind),
            None => base.project(name),
        }
    }

    // Statements.

    pub(super) fn block(&mut self, block: &Block) -> Value {
        let mut last = Value::default();
        for statement in &block.stmts {
            last = self.statement(statement);
        }
        last
    }

    pub(super) fn statement(&mut self, statement: &Stmt) -> Value {
        match statement {
            Stmt::Local(local) => {
                let Some(init) = &local.init else {
                    self.bind(&local.pat, Value::default());
                    return Value::default();
                };
                let value = self.expr(&init.expr);
                let tests = value.tests.clone();
                self.bind(&local.pat, value);
                if let Some((_, diverge)) = &init.diverge {
                    self.expr(diverge);
                    self.assume(&tests, true);
                }
                Value::default()
            }
            Stmt::Expr(expr, semicolon) => {
                let value = self.expr(expr);
                if semicolon.is_some() { Value::default() } else { value }
            }
            Stmt::Macro(call) => self.macro_call(&call.mac),
            // A macro that the function defines for itself is read where it is defined, with the
            // variables that it uses.
            Stmt::Item(Item::Macro(item)) if item.ident.is_some() => {
                for body in expand::rules(&item.mac.tokens) {
                    if let Body::Statements(statements) = body {
                        for statement in &statements {
                            self.statement(statement);
                        }
                    }
                }
                Value::default()
            }
            Stmt::Item(_) => Value::default(),
        }
    }

    // Expressions.

    pub(super) fn expr(&mut self, expr: &Expr) -> Value {
        match expr {
            Expr::Lit(lit) => match &lit.lit {
                Lit::Int(int) => {
                    // Zero and one bound nothing that matters.
                    let large = int.base10_parse::<u128>().map_or(true, |value| value > 1);
                    Value { anchor: large, ..Value::constant() }
                }
                Lit::Float(_) => Value { exact: true, ..Value::constant() },
                _ => Value::constant(),
            },
            Expr::Path(path) => self.path(&path.path),
            Expr::Field(field) => {
                let base = self.expr(&field.base);
                let name = member_name(&field.member);
                match base.type_name.clone() {
                    Some(owner) => self.field(&base, &owner, &name),
                    None => base.project(&name),
                }
            }
            Expr::Index(index) => {
                let base = self.expr(&index.expr);
                let place = self.expr(&index.index);
                // What is indexed checks, unless it is a type of this crate.
                if base.type_name.is_none()
                    && (place.arithmetic.is_none() || matches!(&*index.index, Expr::Range(_)))
                {
                    self.checked_access(&place, extent(expr));
                }
                Value { type_name: None, parts: Vec::new(), ..base }
            }
            Expr::Binary(binary) => self.binary(expr, binary),
            Expr::Unary(unary) => {
                let mut value = self.expr(&unary.expr);
                if matches!(unary.op, UnOp::Not(_)) {
                    value.tests = value.tests.into_iter().map(Test::negated).collect();
                }
                value
            }
            Expr::Cast(cast) => {
                let value = self.expr(&cast.expr);
                match crate::model::kind_of(&cast.ty, &Default::default()) {
                    Kind::Int { narrow } => {
                        let text = cast.ty.span().source_text().unwrap_or_default();
                        Value {
                            narrow: narrow || value.narrow,
                            exact: text.ends_with("128"),
                            type_name: None,
                            ..value
                        }
                    }
                    Kind::Data => Value { exact: true, type_name: None, ..value },
                    _ => value,
                }
            }
            Expr::Call(call) => self.call(expr, call),
            Expr::MethodCall(call) => self.method(expr, call),
            Expr::Macro(call) => self.macro_call(&call.mac),
            Expr::Unsafe(block) => {
                let outer = std::mem::replace(&mut self.in_unsafe, true);
                let value = self.block(&block.block);
                self.in_unsafe = outer;
                value
            }
            Expr::Block(block) => self.block(&block.block),
            Expr::Const(block) => self.block(&block.block),
            Expr::Async(block) => self.block(&block.block),
            Expr::If(choice) => self.choice(choice),
            Expr::Match(choice) => self.match_(choice),
            Expr::Let(test) => {
                let value = self.expr(&test.expr);
                let tests = value.tests.clone();
                self.bind(&test.pat, value);
                Value::tested(tests)
            }
            Expr::While(repeat) => {
                let condition = self.expr(&repeat.cond);
                self.counters(&repeat.cond);
                let assumed = self.assume(&condition.tests, true);
                self.block(&repeat.body);
                self.end(assumed);
                Value::default()
            }
            Expr::ForLoop(repeat) => {
                let range = self.expr(&repeat.expr);
                let value = match (range.part("start"), range.part("end")) {
                    (Some(start), Some(end)) => start.clone().join(end.clone()),
                    _ => range,
                };
                let value = Value { arithmetic: None, tests: Vec::new(), ..value };
                self.bind(&repeat.pat, value);
                self.block(&repeat.body);
                Value::default()
            }
            Expr::Loop(repeat) => {
                self.block(&repeat.body);
                Value::default()
            }
            Expr::Closure(closure) => {
                for input in &closure.inputs {
                    self.bind(input, Value::default());
                }
                self.expr(&closure.body)
            }
            Expr::Struct(literal) => self.literal(literal),
            Expr::Tuple(tuple) => {
                let parts = tuple.elems.iter().enumerate();
                let parts = parts.map(|(place, part)| (place.to_string().into(), self.expr(part)));
                Value::whole(parts.collect())
            }
            Expr::Array(array) => self.mixed(&array.elems),
            Expr::Repeat(repeat) => self.expr(&repeat.expr),
            Expr::Range(range) => {
                let mut parts = Vec::new();
                for (name, end) in [("start", &range.start), ("end", &range.end)] {
                    parts.extend(end.iter().map(|end| (Name::from(name), self.expr(end))));
                }
                Value::whole(parts)
            }
            Expr::Reference(inner) => self.expr(&inner.expr),
            Expr::RawAddr(inner) => self.expr(&inner.expr),
            Expr::Paren(inner) => self.expr(&inner.expr),
            Expr::Group(inner) => self.expr(&inner.expr),
            Expr::Try(inner) => {
                let value = self.expr(&inner.expr);
                self.assume(&value.tests, true);
                value
            }
            Expr::Await(inner) => self.expr(&inner.base),
            Expr::Assign(assign) => {
                let value = self.expr(&assign.right);
                self.assign(&assign.left, value, extent(expr));
                Value::default()
            }
            Expr::Return(inner) => {
                if let Some(inner) = &inner.expr {
                    let value = self.expr(inner);
                    self.returned(value);
                }
                Value::default()
            }
            Expr::Break(syn::ExprBreak { expr, .. }) | Expr::Yield(syn::ExprYield { expr, .. }) => {
                expr.as_ref().map_or_else(Value::default, |inner| self.expr(inner))
            }
            _ => Value::default(),
        }
    }

    pub(super) fn mixed<'e>(&mut self, list: impl IntoIterator<Item = &'e Expr>) -> Value {
        let mut whole = Value::default();
        for expr in list {
            whole = whole.join(self.expr(expr));
        }
        whole
    }

    fn path(&self, path: &syn::Path) -> Value {
        let Some(last) = path.segments.last() else { return Value::default() };
        let name = last.ident.to_string();
        let known = self.env.get(name.trim_start_matches("r#"));
        if let Some(value) = known.filter(|_| path.segments.len() == 1) {
            return value.clone();
        }
        if name.starts_with(char::is_uppercase) && name.to_uppercase() == name {
            return Value { narrow: false, ..Value::constant() };
        }
        Value::default()
    }

    fn binary(&mut self, whole: &Expr, binary: &syn::ExprBinary) -> Value {
        if let BinOp::And(_) | BinOp::Or(_) = binary.op {
            let mut left = self.expr(&binary.left);
            let assumed = self.assume(&left.tests, matches!(binary.op, BinOp::And(_)));
            let right = self.expr(&binary.right);
            self.end(assumed);
            left.add_tests(right.tests);
            return Value::tested(left.tests);
        }
        let left = self.expr(&binary.left);
        let right = self.expr(&binary.right);
        let relation = match binary.op {
            BinOp::Lt(_) | BinOp::Le(_) => Some((Relation::AtMost, false)),
            BinOp::Gt(_) | BinOp::Ge(_) => Some((Relation::AtMost, true)),
            BinOp::Eq(_) => Some((Relation::Equal, false)),
            BinOp::Ne(_) => Some((Relation::Unequal, false)),
            _ => None,
        };
        if let Some((relation, swapped)) = relation {
            let test = self.test(&left, &right, relation, swapped, extent(whole));
            return Value::tested(vec![test]);
        }
        let assigned = matches!(
            binary.op,
            BinOp::AddAssign(_) | BinOp::SubAssign(_) | BinOp::MulAssign(_) | BinOp::ShlAssign(_)
        );
        let value = self.arithmetic(&binary.op, left, right, extent(whole));
        if !assigned {
            return value;
        }
        self.assign(&binary.left, value, extent(whole));
        Value::default()
    }

    pub(super) fn test(
        &self,
        left: &Value,
        right: &Value,
        relation: Relation,
        swap: bool,
        span: Span,
    ) -> Test {
        let (left, right) = if swap { (right, left) } else { (left, right) };
        let chosen = |atom: &Atom| self.chosen(atom);
        let (left, right) = (left.side(chosen), right.side(chosen));
        Test { left, right, relation, by: self.id, span, debug: self.in_debug }
    }

    pub(super) fn arithmetic(&self, op: &BinOp, left: Value, right: Value, span: Span) -> Value {
        let (mixed, with_constant) = match op {
            BinOp::Add(_) | BinOp::AddAssign(_) => (Ease::Sum, Ease::Slight),
            BinOp::Mul(_) | BinOp::MulAssign(_) => (Ease::Product, Ease::Sum),
            BinOp::Sub(_) | BinOp::SubAssign(_) => (Ease::Slight, Ease::Slight),
            BinOp::Rem(_) => return Value { arithmetic: None, ..right },
            BinOp::BitAnd(_) if left.constant || right.constant => return Value::length(),
            BinOp::Div(_) | BinOp::Shr(_) => {
                return Value { anchor: left.anchor && left.constant, parts: Vec::new(), ..left };
            }
            _ => return left.join(right),
        };
        let constant = left.constant && right.constant;
        let (exact, narrow) = (left.exact || right.exact, left.narrow && right.narrow);
        let ease = if left.constant || right.constant { with_constant } else { mixed };
        let anchor =
            constant || (left.anchor && !left.constant) || (right.anchor && !right.constant);
        let mut value = Value { type_name: None, parts: Vec::new(), ..left.join(right) };
        if exact {
            value.arithmetic = None;
        } else if !narrow && !value.atoms.is_empty() {
            let inner = value.arithmetic.map_or(ease, |found| found.ease);
            let (ease, atoms) = (ease.max(inner), value.atoms.clone());
            value.arithmetic = Some(Arithmetic { ease, atoms, by: self.id, span });
        }
        Value { constant, exact, narrow: constant, anchor, ..value }
    }

    fn assign(&mut self, target: &Expr, value: Value, span: Span) {
        match target {
            Expr::Path(path) => {
                if let Some(ident) = path.path.get_ident() {
                    let name = name_of(ident);
                    // The old value remains where the assignment is not reached.
                    let old = self.env.remove(&name).unwrap_or_default();
                    self.env.insert(name, old.join(value));
                }
            }
            Expr::Field(field) => {
                let base = self.expr(&field.base);
                let syn::Member::Named(ident) = &field.member else { return };
                if let Some(owner) = base.type_name {
                    self.build(&owner, name_of(ident), value, span);
                }
            }
            Expr::Tuple(tuple) => {
                for (place, element) in tuple.elems.iter().enumerate() {
                    let part = value.project(&place.to_string().into());
                    self.assign(element, part, span);
                }
            }
            Expr::Index(index) => {
                self.expr(target);
                self.assign(&index.expr, value, span);
            }
            Expr::Unary(unary) => self.assign(&unary.expr, value, span),
            _ => {
                self.expr(target);
            }
        }
    }

    pub(super) fn build(&mut self, owner: &Name, field: Name, value: Value, span: Span) {
        let Some((owner, _)) = self.model.type_named(owner) else { return };
        if self.body.builds.len() < MOST {
            self.body.builds.push(Build { span, type_name: owner.clone(), field, value });
        }
    }

    fn literal(&mut self, literal: &syn::ExprStruct) -> Value {
        let name = literal.path.segments.last().map(|last| name_of(&last.ident));
        let owner = match name.as_deref() {
            Some("Self") => self.model.functions[self.id].owner.clone(),
            _ => name,
        };
        let mut parts = Vec::new();
        for field in &literal.fields {
            let name = member_name(&field.member);
            let value = self.expr(&field.expr);
            if let Some(owner) = &owner {
                let span = from_to(field.member.span(), &field.expr);
                self.build(owner, name.clone(), value.clone(), span);
            }
            parts.push((name, value));
        }
        let rest = literal.rest.as_ref().map(|rest| self.expr(rest));
        let mut value = Value::whole(parts);
        if let Some(rest) = rest {
            value.add_atoms(&rest.atoms);
        }
        value.type_name = owner.filter(|owner| self.model.type_named(owner).is_some());
        value
    }

    /// Counters that a loop's condition compares take on what it compares them with.
    fn counters(&mut self, condition: &Expr) {
        let Expr::Binary(binary) = condition else { return };
        if let BinOp::And(_) = binary.op {
            self.counters(&binary.left);
            self.counters(&binary.right);
            return;
        }
        let (small, large) = match binary.op {
            BinOp::Lt(_) | BinOp::Le(_) | BinOp::Ne(_) => (&binary.left, &binary.right),
            BinOp::Gt(_) | BinOp::Ge(_) => (&binary.right, &binary.left),
            _ => return,
        };
        let Some(ident) = leading_ident(small) else { return };
        let limit = self.expr(large);
        let counter = self.env.get_mut(&name_of(ident));
        if let Some(counter) = counter.filter(|counter| counter.atoms.is_empty()) {
            counter.add_atoms(&limit.atoms);
        }
    }

    fn choice(&mut self, choice: &syn::ExprIf) -> Value {
        let condition = self.expr(&choice.cond);
        let assumed = self.assume(&condition.tests, true);
        let then = self.block(&choice.then_branch);
        self.end(assumed);
        let leaves = diverges(&choice.then_branch);
        let negated = self.assume(&condition.tests, false);
        let otherwise = choice.else_branch.as_ref().map(|(_, otherwise)| &**otherwise);
        let other = otherwise.map(|otherwise| self.expr(otherwise));
        if !leaves {
            self.end(negated);
        }
        // `if let` and `if` that checks by leaving in the other branch.
        if matches!(otherwise, Some(Expr::Block(block)) if diverges(&block.block)) {
            self.assume(&condition.tests, true);
        }
        match other {
            Some(other) if !leaves => then.join(other),
            Some(other) => other,
            None => then,
        }
    }

    fn match_(&mut self, choice: &syn::ExprMatch) -> Value {
        let value = self.expr(&choice.expr);
        let mut whole: Option<Value> = None;
        for arm in &choice.arms {
            let tests = value.tests.clone();
            let mut assumed = Vec::new();
            match &arm.pat {
                Pat::Lit(syn::ExprLit { lit: Lit::Bool(outcome), .. }) => {
                    assumed.push(self.assume(&tests, outcome.value));
                }
                Pat::Lit(_) => {}
                pattern => self.bind(pattern, value.clone()),
            }
            if let Some((_, condition)) = &arm.guard {
                let condition = self.expr(condition);
                assumed.push(self.assume(&condition.tests, true));
            }
            let outcome = self.expr(&arm.body);
            assumed.into_iter().for_each(|assumed| self.end(assumed));
            whole = Some(outcome.joining(whole));
        }
        whole.unwrap_or_default()
    }

    fn macro_call(&mut self, call: &syn::Macro) -> Value {
        let name = last_of(&call.path);
        let args = expand::arguments(&call.tokens);
        match (name.trim_start_matches("debug_"), &args[..]) {
            (check, [condition, rest @ ..]) if is_check(check) => {
                let outer = self.in_debug;
                self.in_debug |= name.starts_with("debug_");
                let condition = self.expr(condition);
                let tests = match rest {
                    [right, ..] if check.ends_with("eq") => {
                        let (right, span) = (self.expr(right), call.tokens.span());
                        vec![self.test(&condition, &right, Relation::Equal, false, span)]
                    }
                    _ => condition.tests,
                };
                self.assume(&tests, true);
                self.in_debug = outer;
                Value::default()
            }
            ("vec", [_, size]) => {
                let size = self.expr(size);
                self.allocated(&size, call.tokens.span());
                Value::length()
            }
            (
                "println" | "print" | "eprintln" | "eprint" | "format" | "write" | "writeln"
                | "panic" | "unreachable" | "todo" | "unimplemented" | "stringify" | "concat"
                | "line" | "bail" | "trace" | "debug" | "info" | "warn" | "error",
                _,
            ) => Value::default(),
            ("matches", [value, ..]) => Value::tested(self.expr(value).tests),
            _ => Value { tests: Vec::new(), ..self.mixed(&args) },
        }
    }
}

pub(super) fn member_name(member: &syn::Member) -> Name {
    match member {
        syn::Member::Named(ident) => name_of(ident),
        syn::Member::Unnamed(index) => index.index.to_string().into(),
    }
}

/// What is in the names of functions that do not return, or that make an error.
const FAILING: [&str; 8] =
    ["panic", "fail", "abort", "exit", "oob", "invalid", "out_of_bounds", "Err"];

/// Whether a macro, by its name, goes on only if what it is given holds.
fn is_check(name: &str) -> bool {
    name.contains("assert") || name.contains("ensure") || name == "require"
}

fn leading_ident(expr: &Expr) -> Option<&syn::Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Binary(binary) => leading_ident(&binary.left),
        Expr::Paren(inner) => leading_ident(&inner.expr),
        _ => None,
    }
}

/// Whether a block leaves: it returns, panics, breaks or goes on with the next iteration.
fn diverges(block: &Block) -> bool {
    block.stmts.last().is_some_and(|statement| match statement {
        Stmt::Expr(expr, _) => expr_diverges(expr),
        Stmt::Macro(call) => macro_diverges(&call.mac),
        _ => false,
    })
}

fn expr_diverges(expr: &Expr) -> bool {
    match expr {
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => true,
        Expr::Macro(call) => macro_diverges(&call.mac),
        Expr::Block(block) => diverges(&block.block),
        Expr::Unsafe(block) => diverges(&block.block),
        // A cold function that panics.
        Expr::Call(call) => matches!(&*call.func, Expr::Path(path) if {
            let name = last_of(&path.path);
            name == "None" || FAILING.iter().any(|word| name.contains(word))
        }),
        Expr::Path(path) => path.path.is_ident("None"),
        Expr::Try(inner) => expr_diverges(&inner.expr),
        _ => false,
    }
}

fn macro_diverges(call: &syn::Macro) -> bool {
    let name = last_of(&call.path);
    name.contains("panic")
        || matches!(name.as_str(), "unreachable" | "todo" | "unimplemented" | "bail")
}

/// The last name of a path.
pub(super) fn last_of(path: &syn::Path) -> String {
    path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
}
