//! The state of one function's translation, and how pieces are put together.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{BinOp, Block, Expr, Path, Stmt};

use super::Place;
use super::world::{Ty, World, name_of};
use crate::Result;

/// An expression of Gallina without effects, in parentheses unless it is one word.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) code: String,
    pub(super) ty: Ty,
}

pub(super) type Run<'a, 'w> = &'a mut dyn FnMut(&mut Function<'w>, Value) -> Result<String>;

/// What follows an expression.
pub(super) struct Cont<'a, 'w> {
    pub(super) run: Run<'a, 'w>,
    /// Whether it only hands the value on, so that every branch may repeat it.
    pub(super) short: bool,
}

impl<'a, 'w> Cont<'a, 'w> {
    pub(super) fn then(run: Run<'a, 'w>) -> Self {
        Self { run, short: false }
    }

    pub(super) fn tail(run: Run<'a, 'w>) -> Self {
        Self { run, short: true }
    }
}

/// What a branch does.
#[derive(Clone, Copy)]
pub(super) enum Body<'e> {
    Expr(&'e Expr),
    Block(&'e Block),
    Nothing,
}

#[derive(Clone)]
pub(super) struct Variable {
    pub(super) coq: String,
    pub(super) ty: Ty,
}

/// The translation of one function.
pub(super) struct Function<'w> {
    pub(super) world: &'w World,
    pub(super) place: Place<'w>,
    pub(super) self_ty: String,
    pub(super) output: Ty,
    /// The variables that Rust sees, the innermost last.
    pub(super) scope: Vec<(String, Variable)>,
    /// The names that Coq sees.
    pub(super) used: BTreeSet<String>,
    /// The variables that the enclosing loops carry; a `return` inside a loop is a `Return`.
    pub(super) loops: Vec<String>,
    /// The name that the next value should have.
    pub(super) hint: Option<String>,
    /// How many calls, loops and returns were written so far.
    pub(super) effects: usize,
    pub(super) calls: BTreeSet<String>,
}

/// Names that mean something else in Coq.
pub(super) const RESERVED: [&str; 45] = [
    "as", "at", "cofix", "else", "end", "exists", "fix", "for", "forall", "fun", "if", "in", "let",
    "match", "mod", "return", "then", "using", "where", "with", "Type", "Prop", "Set", "left",
    "right", "true", "false", "tt", "nil", "cons", "conj", "inl", "inr", "pair", "exist", "loop",
    "bind", "result", "res", "run", "negb", "list", "option", "unit", "bool",
];

impl<'w> Function<'w> {
    pub(super) fn new(world: &'w World, place: Place<'w>, self_ty: &str, output: Ty) -> Self {
        Self {
            world,
            place,
            self_ty: self_ty.to_owned(),
            output,
            scope: Vec::new(),
            used: BTreeSet::new(),
            loops: Vec::new(),
            hint: None,
            effects: 0,
            calls: BTreeSet::new(),
        }
    }

    /// A name that is not visible yet.
    pub(super) fn fresh(&mut self, name: &str) -> String {
        let taken = |name: &str| RESERVED.contains(&name) || self.used.contains(name);
        let mut coq = name.to_owned();
        let mut n = 1;
        while taken(&coq) {
            coq = format!("{name}{n}");
            n += 1;
        }
        self.used.insert(coq.clone());
        coq
    }

    pub(super) fn declare(&mut self, name: &str, ty: Ty) -> String {
        let coq = self.fresh(name);
        self.scope.push((name.to_owned(), Variable { coq: coq.clone(), ty }));
        coq
    }

    pub(super) fn variable(&self, name: &str) -> Option<&Variable> {
        self.scope.iter().rev().find(|(known, _)| known == name).map(|(_, variable)| variable)
    }

    pub(super) fn name(&mut self, path: &Path) -> String {
        let name = name_of(path, &self.self_ty);
        self.calls.insert(name.clone());
        name
    }

    pub(super) fn coq(&self, name: &str) -> String {
        self.world.coq(name, self.place.module)
    }

    pub(super) fn meet(&self, node: &(impl Spanned + ToTokens), a: &Ty, b: &Ty) -> Result<Ty> {
        match a.meet(b) {
            Some(ty) => Ok(ty),
            None => self.place.refuse(node, &format!("{a:?} and {b:?} meet; say the type")),
        }
    }

    /// Runs a part whose names are invisible afterwards.
    pub(super) fn scoped<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let (scope, used) = (self.scope.clone(), self.used.clone());
        let result = part(self);
        (self.scope, self.used) = (scope, used);
        result
    }

    /// Hands a value to what follows, which sees only the variables of `scope`.
    pub(super) fn resume(
        &mut self,
        scope: &[(String, Variable)],
        k: &mut Cont<'_, 'w>,
        v: Value,
    ) -> Result<String> {
        let inner = std::mem::replace(&mut self.scope, scope.to_vec());
        let result = (k.run)(self, v);
        self.scope = inner;
        result
    }

    pub(super) fn ret(&mut self, value: &Value) -> Result<String> {
        self.effects += 1;
        let code = &value.code;
        Ok(if self.loops.is_empty() {
            format!("Val {code}")
        } else {
            format!("Val (Return {code})")
        })
    }

    /// Calls something that may panic, and names its value.
    pub(super) fn bind(
        &mut self,
        hint: Option<String>,
        call: &str,
        ty: Ty,
        k: &mut Cont<'_, 'w>,
    ) -> Result<String> {
        self.effects += 1;
        let name = hint.unwrap_or_else(|| self.fresh("t"));
        let rest = (k.run)(self, Value { code: name.clone(), ty })?;
        Ok(format!("let* {name} := {call} in\n{rest}"))
    }

    /// Evaluates operands from left to right.
    pub(super) fn operands(
        &mut self,
        operands: &[(&Expr, Ty)],
        done: Vec<Value>,
        k: &mut dyn FnMut(&mut Self, Vec<Value>) -> Result<String>,
    ) -> Result<String> {
        let Some(((first, want), rest)) = operands.split_first() else { return k(self, done) };
        if !assigned(Body::Expr(first)).is_empty() {
            return self
                .place
                .refuse(first, "an assignment inside an operand is outside the subset");
        }
        self.expr(
            first,
            want,
            &mut Cont::then(&mut |f, v| {
                let ty = f.meet(first, want, &v.ty)?;
                let mut done = done.clone();
                done.push(Value { ty, ..v });
                f.operands(rest, done, k)
            }),
        )
    }
}

/// Whether a branch never goes on to what follows it.
pub(super) fn diverges(body: Body<'_>) -> bool {
    match body {
        Body::Nothing => false,
        Body::Block(block) => block.stmts.iter().any(|stmt| match stmt {
            Stmt::Expr(expr, _) => diverges(Body::Expr(expr)),
            _ => false,
        }),
        Body::Expr(expr) => match expr {
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => true,
            Expr::Block(block) => diverges(Body::Block(&block.block)),
            Expr::Paren(inner) => diverges(Body::Expr(&inner.expr)),
            Expr::If(node) => {
                let otherwise = node.else_branch.as_ref();
                diverges(Body::Block(&node.then_branch))
                    && otherwise.is_some_and(|(_, otherwise)| diverges(Body::Expr(otherwise)))
            }
            Expr::Match(node) => node.arms.iter().all(|arm| diverges(Body::Expr(&arm.body))),
            _ => false,
        },
    }
}

/// The names of the variables that a branch assigns.
pub(super) fn assigned(body: Body<'_>) -> BTreeSet<String> {
    pub(super) struct Assigned(BTreeSet<String>);
    impl<'ast> syn::visit::Visit<'ast> for Assigned {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            let left = match expr {
                Expr::Assign(assign) => Some(&assign.left),
                Expr::Binary(binary) => match binary.op {
                    BinOp::AddAssign(_) | BinOp::SubAssign(_) | BinOp::MulAssign(_) => {
                        Some(&binary.left)
                    }
                    _ => None,
                },
                _ => None,
            };
            if let Some(left) = left {
                self.0.insert(left.to_token_stream().to_string());
            }
            syn::visit::visit_expr(self, expr);
        }
    }
    let mut found = Assigned(BTreeSet::new());
    match body {
        Body::Expr(expr) => syn::visit::Visit::visit_expr(&mut found, expr),
        Body::Block(block) => syn::visit::Visit::visit_block(&mut found, block),
        Body::Nothing => {}
    }
    found.0
}
