//! Walks a function's body in source order: what its indices are made of, what is checked, where
//! memory is accessed without a check, and what it calls and builds.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{BinOp, Block, Expr, Item, Lit, Pat, Stmt, UnOp};

use crate::Without;
use crate::expand::{self, Body as MacroBody};
use crate::extent::Extent;
use crate::model::{Callees, FnId, Kind, Model, Name, name_of};
use crate::value::{Arithmetic, Atom, Ease, Relation, Side, Test, Value, worse};

/// A place that accesses memory without a check.
#[derive(Clone, Debug)]
pub(crate) struct Sink {
    pub(crate) step: usize,
    pub(crate) span: Span,
    pub(crate) what: &'static str,
    pub(crate) index: Value,
}

/// A comparison that bounds values from above, and where it holds.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    pub(crate) from: usize,
    pub(crate) until: usize,
    /// The function that compares, and where.
    pub(crate) by: FnId,
    pub(crate) span: Span,
    pub(crate) bounded: Vec<Atom>,
    /// What must be bounded itself for this to bound anything.
    pub(crate) relies_on: Vec<Atom>,
    pub(crate) arithmetic: Option<Arithmetic>,
    /// Absent from release builds.
    pub(crate) debug: bool,
}

/// An outcome of a comparison, and until when it holds.
#[derive(Clone, Debug)]
struct Fact {
    test: Test,
    until: usize,
}

/// What was assumed together, and ends together.
struct Assumed {
    guards: std::ops::Range<usize>,
    facts: std::ops::Range<usize>,
}

/// A call of a function of the crate.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) step: usize,
    pub(crate) span: Span,
    pub(crate) callees: Callees,
    pub(crate) args: Vec<Value>,
}

/// A field that is given a value.
#[derive(Clone, Debug)]
pub(crate) struct Build {
    pub(crate) span: Span,
    pub(crate) type_name: Name,
    pub(crate) field: Name,
    pub(crate) value: Value,
}

/// What a function does, in terms of its parameters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    pub(crate) returns: Option<Value>,
    pub(crate) guards: Vec<Guard>,
    /// For callers, who know more of the arguments than the function does.
    facts: Vec<Fact>,
    /// Values that were combined by `checked_mul` and the like, so that other arithmetic on them
    /// does not wrap either.
    combined: Vec<Vec<Atom>>,
    pub(crate) sinks: Vec<Sink>,
    pub(crate) calls: Vec<Call>,
    pub(crate) builds: Vec<Build>,
}

impl Body {
    /// The guards that bound a value at a step of the function; with no step, wherever in it.
    pub(crate) fn bounds(&self, atom: &Atom, step: Option<usize>) -> Vec<&Guard> {
        self.bounds_within(atom, step, MOST_RELIANCE, &mut { MOST_VISITS })
    }

    fn bounds_within(
        &self,
        atom: &Atom,
        step: Option<usize>,
        depth: usize,
        visits: &mut usize,
    ) -> Vec<&Guard> {
        let mut found = Vec::new();
        for guard in &self.guards {
            let in_time = step.is_none_or(|step| guard.from <= step && step <= guard.until);
            if !in_time || !guard.bounded.iter().any(|bounded| bounded.meets(atom)) {
                continue;
            }
            let mut leans_well = |other: &Atom| {
                if depth == 0 || *visits == 0 || other.meets(atom) {
                    return false;
                }
                *visits -= 1;
                let sound = |guard: &&Guard| guard.arithmetic.is_none() && !guard.debug;
                self.bounds_within(other, step, depth - 1, visits).iter().any(sound)
            };
            if guard.relies_on.iter().all(&mut leans_well) {
                found.push(guard);
            }
        }
        found
    }

    fn is_bounded(&self, atom: &Atom, step: usize) -> bool {
        let sound = |guard: &&Guard| guard.arithmetic.is_none() && !guard.debug;
        self.bounds(atom, Some(step)).iter().any(sound)
    }
}

/// How many comparisons may lean on each other: `a <= b`, `b <= c`, `c <= len`.
const MOST_RELIANCE: usize = 3;
/// How many of them are looked at for one value; long chains of equalities have many ways.
const MOST_VISITS: usize = 48;
/// Lists in a body are no longer than this; a longer function is generated, and repeats itself.
const MOST: usize = 4000;
/// Each is looked at for each value that is needed.
const MOST_GUARDS: usize = 256;
/// What holds until the end of the function.
const END: usize = usize::MAX;
/// More facts than this are not handed to callers.
const MOST_FACTS: usize = 32;

/// The bodies of all functions.
pub(crate) fn bodies(model: &Model, without: Without) -> Vec<Body> {
    let mut known = vec![Body::default(); model.functions.len()];
    // What is known of callees grows from round to round; callees first, it grows fast.
    let rounds = if without.summaries { 1 } else { 3 };
    let mut order: Vec<FnId> = (0..model.functions.len()).collect();
    for _ in 0..rounds {
        for &id in &order {
            known[id] = Walk::new(model, &known, without, id);
        }
        order = callees_first(&known);
    }
    known
}

fn callees_first(bodies: &[Body]) -> Vec<FnId> {
    let mut order = Vec::with_capacity(bodies.len());
    let mut seen = vec![false; bodies.len()];
    for root in 0..bodies.len() {
        let mut stack = vec![(root, false)];
        while let Some((id, done)) = stack.pop() {
            if done {
                order.push(id);
            } else if !std::mem::replace(&mut seen[id], true) {
                stack.push((id, true));
                let callees = bodies[id].calls.iter().flat_map(|call| &call.callees.ids);
                stack.extend(callees.map(|&callee| (callee, false)));
            }
        }
    }
    order
}

struct Walk<'a> {
    model: &'a Model,
    known: &'a [Body],
    without: Without,
    id: FnId,
    env: HashMap<Name, Value>,
    in_unsafe: bool,
    in_debug: bool,
    step: usize,
    body: Body,
}

impl<'a> Walk<'a> {
    #[expect(clippy::new_ret_no_self, reason = "the walk is over when its result is there")]
    fn new(model: &'a Model, known: &'a [Body], without: Without, id: FnId) -> Body {
        let function = &model.functions[id];
        let mut walk = Self {
            model,
            known,
            without,
            id,
            env: HashMap::new(),
            in_unsafe: function.is_unsafe,
            in_debug: false,
            step: 0,
            body: Body::default(),
        };
        for (param, declared) in function.params.iter().enumerate() {
            let value = walk.parameter(param, &declared.kind);
            match &declared.pattern {
                None => walk.set("self", value),
                Some(pattern) => walk.bind(pattern, value),
            }
        }
        let last = walk.block(&function.block);
        walk.returned(last);
        walk.body
    }

    fn parameter(&self, param: usize, kind: &Kind) -> Value {
        if !self.model.carries(kind) {
            return Value { type_name: self.model.method_scope(kind), ..Value::length() };
        }
        self.typed(Value::of(Atom::parameter(param)), kind)
    }

    fn typed(&self, mut value: Value, kind: &Kind) -> Value {
        match kind {
            Kind::Int { narrow } => value.narrow = *narrow,
            Kind::Data => return Value::length(),
            Kind::Named(_) | Kind::Opaque(_) => {
                value.type_name = self.model.method_scope(kind);
                if !self.model.carries(kind) {
                    value.atoms.clear();
                    value.anchor = true;
                }
            }
            Kind::Ints => {}
        }
        value
    }

    fn set(&mut self, name: &str, value: Value) {
        self.env.insert(name.into(), value);
    }

    fn returned(&mut self, value: Value) {
        self.body.returns = Some(match self.body.returns.take() {
            Some(known) => known.join(value),
            None => value,
        });
    }

    /// Whether a caller chooses an atom's value freely: no field, whose type vouches for it.
    fn chosen(&self, atom: &Atom) -> bool {
        let function = &self.model.functions[self.id];
        match function.params.get(atom.param) {
            Some(_) if function.takes_self && atom.param == 0 => false,
            Some(param) => match &param.kind {
                Kind::Named(name) => {
                    atom.is_whole()
                        || self.model.type_named(name).is_none()
                        || self.model.is_plain(name)
                }
                _ => true,
            },
            None => true,
        }
    }

    // Guards.

    fn add_guard(&mut self, guard: Guard) {
        if !guard.bounded.is_empty() && self.body.guards.len() < MOST_GUARDS && !self.without.guards
        {
            self.body.guards.push(guard);
        }
    }

    /// Records what tests say from here on, until [`Walk::end`] if that is called for it.
    fn assume(&mut self, tests: &[Test], holds: bool) -> Assumed {
        let (guards, facts) = (self.body.guards.len(), self.body.facts.len());
        for test in tests {
            let mut test = if holds { test.clone() } else { test.clone().negated() };
            test.debug |= self.in_debug;
            let (left, right) = (&test.left, &test.right);
            let sides: &[(&Side, &Side)] = match test.relation {
                Relation::AtMost => &[(left, right)],
                Relation::Equal => &[(left, right), (right, left)],
                Relation::Unequal => &[],
            };
            for (small, large) in sides {
                let anchor = large.anchor || large.atoms.iter().any(|atom| !self.chosen(atom));
                if !anchor && large.atoms.is_empty() {
                    continue;
                }
                // What no caller chooses does not wrap at a caller's wish.
                let live = |found: &&Arithmetic| {
                    found.ease > Ease::Slight
                        && !self.is_combined(&found.atoms)
                        && found
                            .atoms
                            .iter()
                            .any(|atom| self.chosen(atom) && !self.is_bounded(atom))
                };
                let arithmetic = [&small.arithmetic, &large.arithmetic]
                    .into_iter()
                    .filter_map(|found| found.as_ref().filter(live).cloned())
                    .max_by_key(|found| found.ease);
                let guard = Guard {
                    from: self.step,
                    until: END,
                    by: test.by,
                    span: test.span,
                    bounded: small.atoms.clone(),
                    relies_on: if anchor { Vec::new() } else { large.atoms.clone() },
                    arithmetic,
                    debug: test.debug,
                };
                self.add_guard(guard);
            }
            let tells = test.relation != Relation::Unequal
                && !(test.left.atoms.is_empty() && test.right.atoms.is_empty());
            let known = |fact: &Fact| fact.test.says_same(&test);
            if tells && self.body.facts.len() < MOST_FACTS && !self.body.facts.iter().any(known) {
                self.body.facts.push(Fact { test, until: END });
            }
        }
        Assumed { guards: guards..self.body.guards.len(), facts: facts..self.body.facts.len() }
    }

    fn end(&mut self, assumed: Assumed) {
        let step = self.step;
        for guard in self.body.guards.get_mut(assumed.guards).into_iter().flatten() {
            guard.until = guard.until.min(step);
        }
        for fact in self.body.facts.get_mut(assumed.facts).into_iter().flatten() {
            fact.until = fact.until.min(step);
        }
    }

    /// Whether checked arithmetic on the same values has shown that they fit.
    fn is_combined(&self, atoms: &[Atom]) -> bool {
        let covers = |known: &Vec<Atom>| atoms.iter().all(|atom| known.contains(atom));
        self.body.combined.iter().any(covers)
    }

    fn combine(&mut self, atoms: &[Atom]) {
        let room = self.body.combined.len() < MOST_FACTS && !self.without.guards;
        if room && !atoms.is_empty() && !self.is_combined(atoms) {
            self.body.combined.push(atoms.to_vec());
        }
    }

    /// An access that checks its index itself.
    fn checked_access(&mut self, index: &Value, span: Span) {
        let guard = Guard {
            from: self.step,
            until: END,
            by: self.id,
            span,
            bounded: index.atoms.clone(),
            relies_on: Vec::new(),
            arithmetic: None,
            debug: self.in_debug,
        };
        self.add_guard(guard);
    }

    /// Memory of `size` was allocated, so that exists; a product that wrapped is a small size.
    fn allocated(&mut self, size: &Value, span: Span) {
        let test = self.test(size, &Value::length(), Relation::AtMost, false, span);
        self.assume(&[test], true);
    }

    fn is_bounded(&self, atom: &Atom) -> bool {
        self.body.is_bounded(atom, self.step)
    }

    // Patterns.

    fn bind(&mut self, pattern: &Pat, value: Value) {
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
                    let name: Name = match &field.member {
                        syn::Member::Named(ident) => name_of(ident),
                        syn::Member::Unnamed(index) => index.index.to_string().into(),
                    };
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

    fn field(&self, base: &Value, owner: &Name, name: &Name) -> Value {
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

    fn block(&mut self, block: &Block) -> Value {
        let mut last = Value::default();
        for statement in &block.stmts {
            last = self.statement(statement);
        }
        last
    }

    fn statement(&mut self, statement: &Stmt) -> Value {
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
                    if let MacroBody::Statements(statements) = body {
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

    fn expr(&mut self, expr: &Expr) -> Value {
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
                let name: Name = match &field.member {
                    syn::Member::Named(ident) => name_of(ident),
                    syn::Member::Unnamed(index) => index.index.to_string().into(),
                };
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
                    self.checked_access(&place, index.extent());
                }
                Value { type_name: None, parts: Vec::new(), ..base }
            }
            Expr::Binary(binary) => self.binary(binary),
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
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => self.method(call),
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
                Value { tests, ..Value::default() }
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
            Expr::Tuple(tuple) => Value::whole(
                tuple
                    .elems
                    .iter()
                    .enumerate()
                    .map(|(place, element)| (place.to_string().into(), self.expr(element)))
                    .collect(),
            ),
            Expr::Array(array) => self.all(&array.elems),
            Expr::Repeat(repeat) => self.expr(&repeat.expr),
            Expr::Range(range) => {
                let mut parts = Vec::new();
                for (name, end) in [("start", &range.start), ("end", &range.end)] {
                    if let Some(end) = end {
                        parts.push((Name::from(name), self.expr(end)));
                    }
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
                self.assign(&assign.left, value, assign.extent());
                Value::default()
            }
            Expr::Return(inner) => {
                if let Some(inner) = &inner.expr {
                    let value = self.expr(inner);
                    self.returned(value);
                }
                Value::default()
            }
            Expr::Break(inner) => match &inner.expr {
                Some(inner) => self.expr(inner),
                None => Value::default(),
            },
            Expr::Yield(inner) => match &inner.expr {
                Some(inner) => self.expr(inner),
                None => Value::default(),
            },
            _ => Value::default(),
        }
    }

    fn all<'e>(&mut self, list: impl IntoIterator<Item = &'e Expr>) -> Value {
        let mut whole = Value::default();
        for expr in list {
            whole = whole.join(self.expr(expr));
        }
        whole
    }

    fn path(&self, path: &syn::Path) -> Value {
        let Some(last) = path.segments.last() else { return Value::default() };
        let name = last.ident.to_string();
        if path.segments.len() == 1 {
            if let Some(value) = self.env.get(name.trim_start_matches("r#")) {
                return value.clone();
            }
        }
        if name.starts_with(char::is_uppercase) && name.to_uppercase() == name {
            return Value { narrow: false, ..Value::constant() };
        }
        Value::default()
    }

    fn binary(&mut self, binary: &syn::ExprBinary) -> Value {
        if let BinOp::And(_) | BinOp::Or(_) = binary.op {
            let mut left = self.expr(&binary.left);
            let assumed = self.assume(&left.tests, matches!(binary.op, BinOp::And(_)));
            let right = self.expr(&binary.right);
            self.end(assumed);
            left.add_tests(right.tests);
            return Value { tests: left.tests, ..Value::default() };
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
            let test = self.test(&left, &right, relation, swapped, binary.extent());
            return Value { tests: vec![test], ..Value::default() };
        }
        let assigned = matches!(
            binary.op,
            BinOp::AddAssign(_) | BinOp::SubAssign(_) | BinOp::MulAssign(_) | BinOp::ShlAssign(_)
        );
        let value = self.arithmetic(&binary.op, left, right, binary.extent());
        if assigned {
            self.assign(&binary.left, value, binary.extent());
            return Value::default();
        }
        value
    }

    fn test(
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

    fn arithmetic(&self, op: &BinOp, left: Value, right: Value, span: Span) -> Value {
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

    fn build(&mut self, owner: &Name, field: Name, value: Value, span: Span) {
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
            let name: Name = match &field.member {
                syn::Member::Named(ident) => name_of(ident),
                syn::Member::Unnamed(index) => index.index.to_string().into(),
            };
            let value = self.expr(&field.expr);
            if let Some(owner) = &owner {
                self.build(owner, name.clone(), value.clone(), field.extent());
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
        if let Some(counter) = self.env.get_mut(&name_of(ident)) {
            if counter.atoms.is_empty() {
                counter.add_atoms(&limit.atoms);
            }
        }
    }

    fn choice(&mut self, choice: &syn::ExprIf) -> Value {
        let condition = self.expr(&choice.cond);
        let assumed = self.assume(&condition.tests, true);
        let then = self.block(&choice.then_branch);
        self.end(assumed);
        let leaves = diverges(&choice.then_branch);
        let negated = self.assume(&condition.tests, false);
        let other = choice.else_branch.as_ref().map(|(_, other)| self.expr(other));
        if !leaves {
            self.end(negated);
        }
        // `if let` and `if` that checks by leaving in the other branch.
        if let Some((_, other)) = &choice.else_branch {
            if let Expr::Block(block) = &**other {
                if diverges(&block.block) {
                    self.assume(&condition.tests, true);
                }
            }
        }
        match other {
            Some(other) if !leaves => then.join(other),
            Some(other) => other,
            None => {
                // `if a > b { false }` and the like: the tests are the outcome.
                then
            }
        }
    }

    fn match_(&mut self, choice: &syn::ExprMatch) -> Value {
        let value = self.expr(&choice.expr);
        let mut whole: Option<Value> = None;
        for arm in &choice.arms {
            let tests = value.tests.clone();
            let mut assumed = Vec::new();
            match &arm.pat {
                Pat::Lit(lit) => {
                    if let Lit::Bool(outcome) = &lit.lit {
                        assumed.push(self.assume(&tests, outcome.value));
                    }
                }
                pattern => self.bind(pattern, value.clone()),
            }
            if let Some((_, condition)) = &arm.guard {
                let condition = self.expr(condition);
                assumed.push(self.assume(&condition.tests, true));
            }
            let outcome = self.expr(&arm.body);
            assumed.into_iter().for_each(|assumed| self.end(assumed));
            whole = Some(match whole {
                Some(known) => known.join(outcome),
                None => outcome,
            });
        }
        whole.unwrap_or_default()
    }

    fn macro_call(&mut self, call: &syn::Macro) -> Value {
        let name = call.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        let args = expand::arguments(&call.tokens);
        let debug = name.starts_with("debug_");
        let outer_debug = self.in_debug;
        match (name.trim_start_matches("debug_"), &args[..]) {
            (check, [left, right, ..]) if is_check(check) && check.ends_with("eq") => {
                let outer = std::mem::replace(&mut self.in_debug, debug || outer_debug);
                let (left, right) = (self.expr(left), self.expr(right));
                let span = call.tokens.span();
                let test = self.test(&left, &right, Relation::Equal, false, span);
                self.assume(&[test], true);
                self.in_debug = outer;
                Value::default()
            }
            (check, [condition, ..]) if is_check(check) => {
                let outer = std::mem::replace(&mut self.in_debug, debug || outer_debug);
                let condition = self.expr(condition);
                self.assume(&condition.tests, true);
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
            ("matches", [value, ..]) => {
                let value = self.expr(value);
                Value { tests: value.tests, ..Value::default() }
            }
            _ => Value { tests: Vec::new(), ..self.all(&args) },
        }
    }

    // Calls.

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
        }
    }

    fn call(&mut self, call: &syn::ExprCall) -> Value {
        let Expr::Path(function) = &*call.func else {
            let base = self.expr(&call.func);
            return base.join(self.all(&call.args));
        };
        let path = &function.path;
        let Some(last) = path.segments.last() else { return Value::default() };
        let name = last.ident.to_string();
        let args: Vec<Value> = call.args.iter().map(|arg| self.expr(arg)).collect();
        let span = call.extent();
        match (name.as_str(), &args[..]) {
            (
                "from_raw_parts"
                | "from_raw_parts_mut"
                | "slice_from_raw_parts"
                | "slice_from_raw_parts_mut",
                [_, len, ..],
            ) if self.in_unsafe && !self.names_own_type(path) => {
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
        if let Some((owner, _)) = owner.and_then(|owner| self.model.type_named(&owner)) {
            let owner = owner.clone();
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
                let lasting = known.facts.iter().filter(|fact| fact.until == END);
                let tests: Vec<Test> =
                    lasting.map(|fact| fact.test.with_arguments(&args)).collect();
                for atoms in &known.combined {
                    let mut here = Value::default();
                    for atom in atoms {
                        here.add_atoms(&crate::value::argument(atom, &args).atoms);
                    }
                    self.combine(&here.atoms);
                }
                // Of several candidates, one that checks well is believed.
                self.assume(&tests, true);
                if let Some(returns) = &known.returns {
                    let mut value = returns.with_arguments(&args);
                    if value.type_name.is_none() {
                        value.type_name.clone_from(&self.model.functions[id].returns);
                    }
                    outcome = Some(match outcome {
                        Some(other) => other.join(value),
                        None => value,
                    });
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
        outcome.unwrap_or_else(|| {
            let mixed = args.into_iter().fold(Value::default(), Value::join);
            let returns = match callees.ids.first() {
                Some(&id) => self.model.functions[id].returns.clone(),
                None => None,
            };
            Value {
                type_name: returns,
                tests: Vec::new(),
                parts: Vec::new(),
                constant: false,
                anchor: false,
                ..mixed
            }
        })
    }

    fn method(&mut self, call: &syn::ExprMethodCall) -> Value {
        let name = call.method.to_string();
        let receiver = self.expr(&call.receiver);
        let span = call.extent();
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
        if let Some(value) = self.sink_method(&name, &receiver, &args, call) {
            return value;
        }
        if receiver.type_name.is_none() || self.is_foreign_method(&receiver, &name, args.len()) {
            if let Some(value) = self.library_method(&name, &receiver, &args, span) {
                return value;
            }
        }
        let callees = self.model.method(&name, receiver.type_name.as_ref(), args.len());
        let accessor = args.is_empty() && callees.ids.is_empty();
        if accessor {
            let name: Name = format!("{name}()").into();
            return receiver.project(&name);
        }
        args.insert(0, receiver);
        self.called(&name, &callees, args, span)
    }

    fn is_foreign_method(&self, receiver: &Value, name: &str, args: usize) -> bool {
        self.model.method(name, receiver.type_name.as_ref(), args).ids.is_empty()
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
    ) -> Option<Value> {
        let span = call.extent();
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
            ("swap_unchecked", [a, b]) => {
                self.sink("an unchecked swap", span, &[a, b]);
                return Some(Value::default());
            }
            _ => return None,
        };
        let index = index.clone();
        // A type of this crate may check: then its own function is what counts.
        let own = self.model.method(name, receiver.type_name.as_ref(), args.len());
        let elsewhere = receiver.type_name.is_some() && !own.ids.is_empty();
        if !elsewhere {
            self.sink(what, span, &[&index]);
            return Some(Value { type_name: None, arithmetic: None, ..receiver.clone() });
        }
        None
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
            "checked_mul"
            | "checked_add"
            | "checked_sub"
            | "saturating_mul"
            | "saturating_add"
            | "saturating_sub"
            | "overflowing_mul"
            | "overflowing_add"
            | "checked_pow"
            | "checked_next_multiple_of"
            | "strict_add"
            | "strict_mul"
            | "abs_diff"
            | "checked_product"
            | "carrying_add"
            | "widening_mul" => {
                let mixed = receiver.clone().join(args.first().cloned().unwrap_or_default());
                let arithmetic = worse(
                    receiver.arithmetic.clone(),
                    args.first().and_then(|value| value.arithmetic.clone()),
                );
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
                let mut value = match name {
                    "unwrap_or_else" => receiver.clone().join(closure),
                    "then" => closure,
                    _ => Value {
                        type_name: closure.type_name.clone(),
                        ..receiver.clone().join(closure)
                    },
                };
                value.tests = tests;
                value.constant = false;
                value
            }
            "contains" => {
                let [item] = args else { return Some(Value::default()) };
                let end = receiver.part("end").unwrap_or(receiver);
                let test = self.test(item, end, Relation::AtMost, false, span);
                Value { tests: vec![test], ..Value::default() }
            }
            "eq" | "ne" | "lt" | "le" | "gt" | "ge" => {
                let [other] = args else { return Some(Value::default()) };
                let (relation, swap) = match name {
                    "eq" => (Relation::Equal, false),
                    "ne" => (Relation::Unequal, false),
                    "lt" | "le" => (Relation::AtMost, false),
                    _ => (Relation::AtMost, true),
                };
                let test = self.test(receiver, other, relation, swap, span);
                Value { tests: vec![test], ..Value::default() }
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
            "all" | "any" => {
                let closure = args.last().cloned().unwrap_or_default();
                Value { tests: closure.tests, ..Value::default() }
            }
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

/// Whether a macro, by its name, goes on only if what it is given holds.
fn is_check(name: &str) -> bool {
    name.contains("assert") || name.contains("ensure") || name == "require"
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
        Expr::Field(field) => match &field.member {
            syn::Member::Named(ident) => ident.to_string().contains("ptr"),
            syn::Member::Unnamed(_) => false,
        },
        Expr::Paren(inner) => points(&inner.expr),
        Expr::Cast(cast) => matches!(*cast.ty, syn::Type::Ptr(_)),
        Expr::Call(call) => points(&call.func),
        _ => false,
    }
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
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
                let name = last.ident.to_string();
                ["panic", "fail", "abort", "exit", "oob", "invalid", "out_of_bounds", "Err"]
                    .iter()
                    .any(|word| name.contains(word))
                    || name == "None"
            }),
            _ => false,
        },
        Expr::Path(path) => path.path.is_ident("None"),
        Expr::Try(inner) => expr_diverges(&inner.expr),
        _ => false,
    }
}

fn macro_diverges(call: &syn::Macro) -> bool {
    call.path.segments.last().is_some_and(|last| {
        let name = last.ident.to_string();
        matches!(name.as_str(), "panic" | "unreachable" | "todo" | "unimplemented" | "bail")
            || name.contains("panic")
    })
}
