//! One function: its names, the text written so far, blocks, branchings and loops.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{BinOp, Block, Expr, Local, Pat, Path, Stmt};

use super::expression::irrefutable;
use super::world::{Ty, World};
use super::{Place, bare, indent};
use crate::Result;

/// An expression of Gallina without effects, in parentheses unless it is one word.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) code: String,
    pub(super) ty: Ty,
}

impl Value {
    pub(super) fn new(code: impl Into<String>, ty: Ty) -> Self {
        Self { code: code.into(), ty }
    }

    fn unit() -> Self {
        Self::new("tt", Ty::Unit)
    }
}

/// Stands in a text where what follows goes, alone on its line.
const HOLE: &str = "\u{25a1}";

/// Puts what follows into the hole of a text, as far to the right.
fn fill(text: &str, rest: &str) -> String {
    let Some((before, after)) = text.split_once(HOLE) else { return text.to_owned() };
    let margin = before.rsplit('\n').next().unwrap_or_default();
    [before, &rest.replace('\n', &format!("\n{margin}")), after].concat()
}

/// How a branch ends, once it has a value.
struct End<'a, 'w> {
    run: &'a mut dyn FnMut(&mut Function<'w>, Value) -> Result<String>,
    /// Whether it only hands the value on, so that every branch may repeat it.
    short: bool,
}

/// What a branch does.
#[derive(Clone, Copy)]
pub(super) enum Part<'e> {
    Expr(&'e Expr),
    Block(&'e Block),
    /// `else` is missing.
    Nothing,
    /// A truth value that needs no more evaluation.
    Decided(bool),
    /// It is written already, and hands no value on.
    Written(&'e str),
}

/// What comes of an expression: a value that the rest may use, or all of the text that is left.
enum Done {
    Value(Value),
    Text(String),
}

#[derive(Clone)]
pub(super) struct Variable {
    pub(super) coq: String,
    pub(super) ty: Ty,
}

/// The translation of one function.
pub(super) struct Function<'w> {
    pub(super) world: &'w World<'w>,
    pub(super) place: Place<'w>,
    pub(super) self_ty: &'w str,
    /// The variables that Rust sees, the innermost last.
    scope: Vec<(String, Variable)>,
    /// The names that Coq sees.
    used: BTreeSet<String>,
    /// The variables that the enclosing loops carry; a `return` inside a loop is a `Return`.
    loops: Vec<String>,
    output: String,
    /// The name that the next value should have.
    hint: Option<String>,
    /// How many calls, loops and returns were written so far.
    pub(super) effects: usize,
    pub(super) calls: BTreeSet<String>,
    /// What is written so far, with a hole.
    text: String,
}

/// Names that mean something else in Coq.
const RESERVED: [&str; 45] = [
    "as", "at", "cofix", "else", "end", "exists", "fix", "for", "forall", "fun", "if", "in", "let",
    "match", "mod", "return", "then", "using", "where", "with", "Type", "Prop", "Set", "left",
    "right", "true", "false", "tt", "nil", "cons", "conj", "inl", "inr", "pair", "exist", "loop",
    "bind", "result", "res", "run", "negb", "list", "option", "unit", "bool",
];

impl<'w> Function<'w> {
    pub(super) fn new(world: &'w World<'w>, self_ty: &'w str, output: &Ty) -> Self {
        Self {
            world,
            place: world.place,
            self_ty,
            scope: Vec::new(),
            used: BTreeSet::new(),
            loops: Vec::new(),
            output: world.coq_ty(output),
            hint: None,
            effects: 0,
            calls: BTreeSet::new(),
            text: HOLE.into(),
        }
    }

    /// A name that is not visible yet.
    fn fresh(&mut self, name: &str) -> String {
        let free = |name: &String| !RESERVED.contains(&name.as_str()) && !self.used.contains(name);
        let numbered = (1..).map(|n| format!("{name}{n}"));
        let coq = std::iter::once(name.to_owned()).chain(numbered).find(free).unwrap_or_default();
        self.used.insert(coq.clone());
        coq
    }

    pub(super) fn declare(&mut self, name: &str, ty: &Ty) -> String {
        let coq = self.fresh(name);
        self.see(name, &coq, ty);
        coq
    }

    fn see(&mut self, name: &str, coq: &str, ty: &Ty) {
        // A literal that nothing has determined by now is a `usize`.
        let ty = if *ty == Ty::Literal { Ty::Usize } else { ty.clone() };
        self.scope.push((name.to_owned(), Variable { coq: coq.to_owned(), ty }));
    }

    pub(super) fn variable(&self, name: &str) -> Option<&Variable> {
        self.scope.iter().rev().find(|(known, _)| known == name).map(|(_, variable)| variable)
    }

    /// What Rust calls something that is not a variable.
    pub(super) fn name(&mut self, path: &Path) -> Result<String> {
        let name = self.place.name_of(path, self.self_ty)?;
        self.calls.insert(name.clone());
        Ok(name)
    }

    pub(super) fn coq(&self, name: &str) -> String {
        self.world.coq(name)
    }

    pub(super) fn meet(&self, node: &(impl Spanned + ToTokens), a: &Ty, b: &Ty) -> Result<Ty> {
        match a.meet(b) {
            Some(ty) => Ok(ty),
            None => self.place.refuse(node, &format!("{a:?} and {b:?} meet; say the type")),
        }
    }

    /// Writes a piece of text, with a hole for what follows.
    fn write(&mut self, piece: &str) {
        self.text = fill(&self.text, piece);
    }

    /// Calls something that may panic, and names its value.
    pub(super) fn bind(&mut self, hint: Option<String>, call: &str, ty: Ty) -> Value {
        let name = hint.unwrap_or_else(|| self.fresh("t"));
        self.assign(&name, call, true);
        Value::new(name, ty)
    }

    /// Binds a variable to a value, or to what a call gives.
    pub(super) fn assign(&mut self, coq: &str, code: &str, calls: bool) -> Value {
        self.effects += usize::from(calls);
        let star = if calls { "*" } else { "" };
        self.write(&format!("let{star} {coq} := {code} in\n{HOLE}"));
        Value::unit()
    }

    /// Goes on with the value of an option, or returns `None`.
    pub(super) fn or_none(&mut self, option: &str, inner: &Ty) -> Value {
        let (name, out) = (self.fresh("t"), self.ret("None"));
        self.write(&format!(
            "match {} with\n| None => {out}\n| Some {name} =>\n  {HOLE}\nend",
            bare(option)
        ));
        Value::new(name, inner.clone())
    }

    /// Returns from the function.
    fn ret(&mut self, code: &str) -> String {
        self.effects += 1;
        if self.loops.is_empty() { format!("Val {code}") } else { format!("Val (Return {code})") }
    }

    /// A part whose value the function returns.
    pub(super) fn returned(&mut self, part: Part<'_>) -> Result<String> {
        let mut run = |f: &mut Self, value: Value| Ok(f.ret(&value.code));
        self.body(part, &mut End { run: &mut run, short: true })
    }

    /// Gathers what a part writes; its names are invisible afterwards.
    fn apart(&mut self, part: impl FnOnce(&mut Self) -> Result<String>) -> Result<String> {
        let (scope, used) = (self.scope.clone(), self.used.clone());
        let written = self.gathered(part);
        (self.scope, self.used) = (scope, used);
        written
    }

    fn gathered(&mut self, part: impl FnOnce(&mut Self) -> Result<String>) -> Result<String> {
        let text = std::mem::replace(&mut self.text, HOLE.into());
        let last = part(self);
        let written = std::mem::replace(&mut self.text, text);
        Ok(fill(&written, &last?))
    }

    /// A branch from its beginning to its end.
    fn body(&mut self, part: Part<'_>, end: &mut End<'_, 'w>) -> Result<String> {
        self.apart(|f| match part {
            Part::Expr(expr) => f.last(expr, end),
            Part::Block(block) => f.stmts(&block.stmts, end),
            Part::Nothing => (end.run)(f, Value::unit()),
            Part::Decided(truth) => (end.run)(f, Value::new(truth.to_string(), Ty::Bool)),
            Part::Written(text) => Ok(text.to_owned()),
        })
    }

    /// The expression with which a branch ends.
    fn last(&mut self, expr: &Expr, end: &mut End<'_, 'w>) -> Result<String> {
        match self.form(expr, Some(&mut *end))? {
            Done::Value(value) => (end.run)(self, value),
            Done::Text(text) => Ok(text),
        }
    }

    fn stmts(&mut self, stmts: &[Stmt], end: &mut End<'_, 'w>) -> Result<String> {
        for (at, stmt) in stmts.iter().enumerate() {
            match (stmt, &stmts[at + 1..]) {
                (Stmt::Local(local), _) => self.local(local)?,
                (Stmt::Expr(expr, None), []) => return self.last(expr, end),
                (Stmt::Expr(expr, _), rest) => match (self.form(expr, None)?, rest) {
                    (Done::Value(_), _) => {}
                    (Done::Text(text), []) => return Ok(text),
                    (Done::Text(_), [next, ..]) => {
                        return self.place.refuse(next, "this is never reached");
                    }
                },
                (Stmt::Macro(_), _) => return self.place.outside(stmt, "a macro"),
                (Stmt::Item(_), _) => return self.place.outside(stmt, "an item inside a function"),
            }
        }
        (end.run)(self, Value::unit())
    }

    fn local(&mut self, local: &Local) -> Result {
        let Some(init) = &local.init else {
            return self.place.outside(local, "`let` without a value");
        };
        let always = irrefutable(&local.pat);
        if let (Pat::Ident(ident), true, None) = (&local.pat, always, &init.diverge) {
            // The name is chosen first, so that a call can bind it, and declared last.
            let name = ident.ident.to_string();
            let coq = self.fresh(&name);
            self.hint = Some(coq.clone());
            let value = self.value(&init.expr)?;
            self.hint = None;
            if value.code != coq {
                self.assign(&coq, bare(&value.code), false);
            }
            self.see(&name, &coq, &value.ty);
            return Ok(());
        }
        let value = self.value(&init.expr)?;
        let code = bare(&value.code);
        match (&init.diverge, always) {
            (Some((_, otherwise)), false) => {
                let mut run = |f: &mut Self, _| f.place.refuse(otherwise, "this must return");
                let mut end = End { run: &mut run, short: true };
                let no = indent(&self.body(Part::Expr(otherwise), &mut end)?);
                let pattern = self.pattern(&local.pat, &value.ty)?;
                let pattern = bare(&pattern);
                self.write(&format!(
                    "match {code} with\n| {pattern} =>\n  {HOLE}\n| _ =>\n{no}\nend"
                ));
            }
            (None, true) => {
                let pattern = self.pattern(&local.pat, &value.ty)?;
                self.assign(&format!("'{pattern}"), code, false);
            }
            _ => return self.place.outside(&local.pat, "this pattern here"),
        }
        Ok(())
    }

    /// An expression that is a value.
    pub(super) fn value(&mut self, expr: &Expr) -> Result<Value> {
        match self.form(expr, None)? {
            Done::Value(value) => Ok(value),
            Done::Text(_) => self.place.refuse(expr, "this has no value"),
        }
    }

    /// An expression; one at the end of a branch is given the end of the branch.
    fn form(&mut self, expr: &Expr, end: Option<&mut End<'_, 'w>>) -> Result<Done> {
        let hint = self.hint.take();
        match expr {
            Expr::Paren(inner) => {
                self.hint = hint;
                self.form(&inner.expr, end)
            }
            Expr::If(node) => {
                let yes = Part::Block(&node.then_branch);
                let no = node.else_branch.as_ref().map_or(Part::Nothing, |(_, e)| Part::Expr(e));
                self.branch(expr, &[yes, no], hint, end, &mut |f, end| {
                    f.choose(&node.cond, yes, no, end)
                })
            }
            Expr::Match(node) => {
                let value = self.value(&node.expr)?;
                let bodies: Vec<_> = node.arms.iter().map(|arm| Part::Expr(&arm.body)).collect();
                self.branch(expr, &bodies, hint, end, &mut |f, end| f.arms(&value, &node.arms, end))
            }
            Expr::Block(block) if block.label.is_none() => {
                let body = Part::Block(&block.block);
                self.branch(expr, &[body], hint, end, &mut |f, end| f.body(body, end))
            }
            Expr::Binary(node) if matches!(node.op, BinOp::And(_) | BinOp::Or(_)) => {
                self.both(expr, node, hint, end)
            }
            Expr::While(node) => self.while_loop(node).map(Done::Value),
            Expr::Return(node) => match &node.expr {
                Some(value) => self.returned(Part::Expr(value)).map(Done::Text),
                None => self.place.outside(expr, "a function without a value"),
            },
            Expr::Break(node) if node.label.is_none() && node.expr.is_none() => {
                self.effects += 1;
                match self.loops.last() {
                    Some(state) => Ok(Done::Text(format!("Val (Break {state})"))),
                    None => self.place.refuse(expr, "there is no loop here"),
                }
            }
            _ => self.plain(expr, hint).map(Done::Value),
        }
    }

    /// `&&` and `||`: the right side is evaluated only where the left does not decide.
    fn both(
        &mut self,
        expr: &Expr,
        node: &syn::ExprBinary,
        hint: Option<String>,
        end: Option<&mut End<'_, 'w>>,
    ) -> Result<Done> {
        let left = self.operand(&node.left)?.code;
        let (before, mut right) = (self.effects, String::new());
        self.apart(|f| {
            right = f.operand(&node.right)?.code;
            Ok(String::new())
        })?;
        let and = matches!(node.op, BinOp::And(_));
        if self.effects == before {
            let operator = if and { "&&" } else { "||" };
            return Ok(Done::Value(Value::new(format!("({left} {operator} {right})"), Ty::Bool)));
        }
        let (right, decided) = (Part::Expr(&node.right), Part::Decided(!and));
        let (yes, no) = if and { (right, decided) } else { (decided, right) };
        self.branch(expr, &[right, decided], hint, end, &mut |f, end| {
            f.either(bare(&left), yes, no, end)
        })
    }

    /// Translates a branching: `write` writes it, given how each of the `bodies` ends. What follows is
    /// written once: in the only branch that goes on, or as a function that all of them call.
    fn branch(
        &mut self,
        node: &Expr,
        bodies: &[Part<'_>],
        hint: Option<String>,
        end: Option<&mut End<'_, 'w>>,
        write: &mut dyn FnMut(&mut Self, &mut End<'_, 'w>) -> Result<String>,
    ) -> Result<Done> {
        let alone = bodies.iter().filter(|body| !diverges(**body)).count() <= 1;
        if let Some(end) = end.filter(|end| end.short || alone) {
            return write(self, end).map(Done::Text);
        }
        if alone {
            self.hint = hint;
            let mut open = None;
            let mut run = |f: &mut Self, value| {
                open = Some((value, f.used.clone()));
                Ok(HOLE.to_owned())
            };
            let text = write(self, &mut End { run: &mut run, short: false })?;
            let Some((value, used)) = open else { return Ok(Done::Text(text)) };
            self.write(&text);
            self.used = used;
            return Ok(Done::Value(value));
        }
        let touched = self.assigned_variables(bodies);
        let mut ty = Ty::Unknown;
        if touched.is_empty() {
            // Without effects in any branch the whole is a value.
            let before = self.effects;
            let mut run = |f: &mut Self, value: Value| {
                ty = f.meet(node, &ty, &value.ty)?;
                Ok(bare(&value.code).to_owned())
            };
            let code = self.apart(|f| write(f, &mut End { run: &mut run, short: true }))?;
            if self.effects == before {
                return Ok(Done::Value(Value::new(format!("({code})"), ty)));
            }
        }
        let join = self.fresh("join");
        let names: Vec<_> = touched.iter().map(|variable| variable.coq.clone()).collect();
        let mut run = |f: &mut Self, value: Value| {
            ty = f.meet(node, &ty, &value.ty)?;
            let argument = (ty != Ty::Unit || names.is_empty()).then_some(value.code);
            let parts = [join.clone()].into_iter().chain(argument).chain(names.iter().cloned());
            Ok(parts.collect::<Vec<_>>().join(" "))
        };
        let branches = self.gathered(|f| write(f, &mut End { run: &mut run, short: true }))?;
        let mut value = Value::unit();
        let mut params = String::new();
        if ty != Ty::Unit {
            value = Value::new(hint.unwrap_or_else(|| self.fresh("v")), ty);
            params = format!(" ({} : {})", value.code, self.world.coq_ty(&value.ty));
        } else if touched.is_empty() {
            params = " (_ : unit)".into();
        }
        for Variable { coq, ty } in &touched {
            params += &format!(" ({coq} : {})", self.world.coq_ty(ty));
        }
        self.write(&format!("let {join} := fun{params} =>\n  {HOLE}\nin\n{branches}"));
        self.effects += 1;
        Ok(Done::Value(value))
    }

    /// `if condition then yes else no`, where the condition may be a `let`.
    fn choose(
        &mut self,
        condition: &Expr,
        yes: Part<'_>,
        no: Part<'_>,
        end: &mut End<'_, 'w>,
    ) -> Result<String> {
        let Expr::Let(condition) = condition else {
            let value = self.value(condition)?;
            return self.either(bare(&value.code), yes, no, end);
        };
        let value = self.value(&condition.expr)?;
        let (pattern, yes) = self.arm(&condition.pat, &value.ty, |f| f.body(yes, end))?;
        let no = indent(&self.body(no, end)?);
        let code = bare(&value.code);
        Ok(format!("match {code} with\n| {pattern} =>\n{yes}\n| _ =>\n{no}\nend"))
    }

    fn either(
        &mut self,
        condition: &str,
        yes: Part<'_>,
        no: Part<'_>,
        end: &mut End<'_, 'w>,
    ) -> Result<String> {
        let (yes, no) = (indent(&self.body(yes, end)?), indent(&self.body(no, end)?));
        Ok(format!("if {condition} then\n{yes}\nelse\n{no}"))
    }

    /// A pattern, and what is done with its variables.
    fn arm(
        &mut self,
        pattern: &Pat,
        ty: &Ty,
        body: impl FnOnce(&mut Self) -> Result<String>,
    ) -> Result<(String, String)> {
        let mut code = String::new();
        let body = self.apart(|f| {
            code = f.pattern(pattern, ty)?;
            body(f)
        })?;
        Ok((bare(&code).to_owned(), indent(&body)))
    }

    /// The arms of a `match`. Where a guard fails, the arms after it are tried.
    fn arms(&mut self, value: &Value, arms: &[syn::Arm], end: &mut End<'_, 'w>) -> Result<String> {
        let guarded = arms.iter().position(|arm| arm.guard.is_some());
        let (mut out, mut otherwise) = (String::new(), String::new());
        if let Some(at) = guarded {
            let name = self.fresh("otherwise");
            let rest = indent(&self.apart(|f| f.arms(value, &arms[at + 1..], end))?);
            out = format!("let {name} := fun _ : unit =>\n{rest}\nin\n");
            otherwise = format!("{name} tt");
        }
        out += &format!("match {} with", bare(&value.code));
        for arm in &arms[..guarded.map_or(arms.len(), |at| at + 1)] {
            let body = Part::Expr(&arm.body);
            let (pattern, body) = self.arm(&arm.pat, &value.ty, |f| match &arm.guard {
                None => f.body(body, end),
                Some((_, guard)) => f.choose(guard, body, Part::Written(&otherwise), end),
            })?;
            out += &format!("\n| {pattern} =>\n{body}");
            if arm.guard.is_some() && !irrefutable(&arm.pat) {
                out += &format!("\n| _ => {otherwise}");
            }
        }
        Ok(out + "\nend")
    }

    /// The variables that branches or a loop assign, in the order of their declarations.
    fn assigned_variables(&self, parts: &[Part<'_>]) -> Vec<Variable> {
        let names: BTreeSet<String> = parts.iter().flat_map(|part| assigned(*part)).collect();
        let mut found: Vec<_> =
            names.iter().filter_map(|name| self.variable(name).cloned()).collect();
        found.sort_by_key(|v| self.scope.iter().position(|(_, known)| known.coq == v.coq));
        found
    }

    fn while_loop(&mut self, node: &syn::ExprWhile) -> Result<Value> {
        let state = self.assigned_variables(&[Part::Expr(&node.cond), Part::Block(&node.body)]);
        let (names, types): (Vec<_>, Vec<_>) =
            state.iter().map(|v| (v.coq.as_str(), self.world.coq_ty(&v.ty))).unzip();
        let (tuple, bound, ty) = match (names.as_slice(), types.as_slice()) {
            ([name], [ty]) => ((*name).to_owned(), (*name).to_owned(), ty.clone()),
            _ if names.is_empty() || node.label.is_some() => {
                return self.place.outside(node, "a loop with a label or without assignments");
            }
            _ => {
                let tuple = format!("({})", names.join(", "));
                (tuple.clone(), format!("'{tuple}"), format!("({})%type", types.join(" * ")))
            }
        };
        let effects = self.effects;
        self.loops.push(tuple.clone());
        let stop = format!("Val (Break {tuple})");
        let mut run = |_: &mut Self, _| Ok(format!("Val (Next {tuple})"));
        let mut end = End { run: &mut run, short: true };
        let (body, stop) = (Part::Block(&node.body), Part::Written(&stop));
        let body = self.apart(|f| f.choose(&node.cond, body, stop, &mut end));
        self.loops.pop();
        let body = indent(&body?);
        self.effects = effects + 1;
        let (exit, early, output) = (self.fresh("exit"), self.ret("early"), &self.output);
        self.write(&format!(
            "let* {exit} := loop (S := {ty}) (R := {output}) (fun {bound} =>\n{body}) {tuple} in\n\
             match {exit} with\n| Early early => {early}\n| Done {tuple} =>\n  {HOLE}\nend"
        ));
        Ok(Value::unit())
    }
}

/// Whether a branch never goes on to what follows it.
fn diverges(part: Part<'_>) -> bool {
    match part {
        Part::Nothing | Part::Decided(_) | Part::Written(_) => false,
        Part::Block(block) => block.stmts.iter().any(|stmt| match stmt {
            Stmt::Expr(expr, _) => diverges(Part::Expr(expr)),
            _ => false,
        }),
        Part::Expr(expr) => match expr {
            Expr::Return(_) | Expr::Break(_) => true,
            Expr::Block(block) => diverges(Part::Block(&block.block)),
            Expr::If(node) => {
                let otherwise = node.else_branch.as_ref();
                diverges(Part::Block(&node.then_branch))
                    && otherwise.is_some_and(|(_, otherwise)| diverges(Part::Expr(otherwise)))
            }
            Expr::Match(node) => node.arms.iter().all(|arm| diverges(Part::Expr(&arm.body))),
            _ => false,
        },
    }
}

/// The names of the variables that a branch assigns.
pub(super) fn assigned(part: Part<'_>) -> BTreeSet<String> {
    struct Assigned(BTreeSet<String>);
    impl<'ast> Visit<'ast> for Assigned {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            let left = match expr {
                Expr::Assign(assign) => Some(&assign.left),
                Expr::Binary(binary) if assigning(&binary.op).is_some() => Some(&binary.left),
                _ => None,
            };
            self.0.extend(left.map(|left| left.to_token_stream().to_string()));
            syn::visit::visit_expr(self, expr);
        }
    }
    let mut found = Assigned(BTreeSet::new());
    match part {
        Part::Expr(expr) => found.visit_expr(expr),
        Part::Block(block) => found.visit_block(block),
        Part::Nothing | Part::Decided(_) | Part::Written(_) => {}
    }
    found.0
}

/// The operation of `+=` and the like.
pub(super) fn assigning(op: &BinOp) -> Option<&'static str> {
    match op {
        BinOp::AddAssign(_) => Some("add"),
        BinOp::SubAssign(_) => Some("sub"),
        BinOp::MulAssign(_) => Some("mul"),
        _ => None,
    }
}
