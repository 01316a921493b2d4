//! Walks a function's body in source order: what its indices are made of, what is checked, where
//! memory is accessed without a check, and what it calls and builds.
//!
//! Here is what comes of a walk, and what holds at its steps; `walk.rs` goes through the code,
//! `calls.rs` knows functions and methods by their names.

mod calls;
mod walk;

use std::collections::HashMap;

use proc_macro2::Span;

use crate::Without;
use crate::model::{Callees, FnId, Kind, Model, Name};
use crate::value::{Arithmetic, Atom, Ease, Relation, Side, Test, Value};

/// When something happens in a function: at which of its steps, and if that is a call, at which step
/// of the called function, and so on; 0 is the beginning of a step.
pub(crate) type Moment = [usize; 4];

/// What is at a moment of a called function, in the caller's time.
pub(crate) const fn within(call: usize, [a, b, c, _]: Moment) -> Moment {
    [call, a, b, c]
}

/// The last moment of a step.
pub(crate) const fn end_of(step: usize) -> Moment {
    within(step, [END; 4])
}

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
    pub(crate) from: Moment,
    /// The step after which it does not hold.
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

impl Guard {
    fn is_sound(&self) -> bool {
        self.arithmetic.is_none() && !self.debug
    }
}

/// An outcome of a comparison, and when it holds.
#[derive(Clone, Debug)]
struct Fact {
    test: Test,
    from: Moment,
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
    /// The guards that bound a value at a moment of the function; with none, wherever in it.
    pub(crate) fn bounds(&self, atom: &Atom, at: Option<Moment>) -> Vec<&Guard> {
        self.bounds_within(atom, at, MOST_RELIANCE, &mut { MOST_VISITS })
    }

    fn bounds_within(
        &self,
        atom: &Atom,
        at: Option<Moment>,
        depth: usize,
        visits: &mut usize,
    ) -> Vec<&Guard> {
        let mut found = Vec::new();
        for guard in &self.guards {
            let in_time = at.is_none_or(|at| guard.from <= at && at[0] <= guard.until);
            if !in_time || !guard.bounded.iter().any(|bounded| bounded.meets(atom)) {
                continue;
            }
            let mut leans_well = |other: &Atom| {
                if depth == 0 || *visits == 0 || other.meets(atom) {
                    return false;
                }
                *visits -= 1;
                self.bounds_within(other, at, depth - 1, visits).iter().any(|by| by.is_sound())
            };
            if guard.relies_on.iter().all(&mut leans_well) {
                found.push(guard);
            }
        }
        found
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
pub(crate) const END: usize = usize::MAX;
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
            known[id] = body(model, &known, without, id);
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

/// Walks one function.
fn body(model: &Model, known: &[Body], without: Without, id: FnId) -> Body {
    let function = &model.functions[id];
    let mut walk = Walk {
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
            None => drop(walk.env.insert("self".into(), value)),
            Some(pattern) => walk.bind(pattern, value),
        }
    }
    let last = walk.block(&function.block);
    walk.returned(last);
    walk.body
}

impl Walk<'_> {
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

    fn returned(&mut self, value: Value) {
        self.body.returns = Some(value.joining(self.body.returns.take()));
    }

    /// Whether a caller chooses an atom's value freely: no field, whose type vouches for it.
    fn chosen(&self, atom: &Atom) -> bool {
        let function = &self.model.functions[self.id];
        match function.params.get(atom.param).map(|param| &param.kind) {
            Some(_) if function.takes_self && atom.param == 0 => false,
            Some(Kind::Named(name)) => {
                let unknown = || self.model.type_named(name).is_none();
                atom.is_whole() || unknown() || self.model.is_plain(name)
            }
            _ => true,
        }
    }

    fn add_guard(&mut self, guard: Guard) {
        if !guard.bounded.is_empty() && self.body.guards.len() < MOST_GUARDS && !self.without.guards
        {
            self.body.guards.push(guard);
        }
    }

    /// Records what tests say from here on, until [`Walk::end`] if that is called for it.
    fn assume(&mut self, tests: &[Test], holds: bool) -> Assumed {
        let (guards, facts) = (self.body.guards.len(), self.body.facts.len());
        for test in tests.iter().cloned() {
            self.hold(if holds { test } else { test.negated() }, within(self.step, [0; 4]));
        }
        Assumed { guards: guards..self.body.guards.len(), facts: facts..self.body.facts.len() }
    }

    /// Records what a test says from a moment on.
    fn hold(&mut self, mut test: Test, from: Moment) {
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
            let free = |atom: &Atom| self.chosen(atom) && !self.is_bounded(atom);
            let live = |found: &&Arithmetic| {
                let wraps = found.ease > Ease::Slight && !self.is_combined(&found.atoms);
                wraps && found.atoms.iter().any(free)
            };
            let both = [&small.arithmetic, &large.arithmetic].into_iter();
            let arithmetic = both.filter_map(|found| found.as_ref().filter(live));
            self.add_guard(Guard {
                from,
                by: test.by,
                relies_on: if anchor { Vec::new() } else { large.atoms.clone() },
                arithmetic: arithmetic.max_by_key(|found| found.ease).cloned(),
                debug: test.debug,
                ..self.guard(&small.atoms, test.span)
            });
        }
        let tells = test.relation != Relation::Unequal
            && !(test.left.atoms.is_empty() && test.right.atoms.is_empty());
        let known = |fact: &Fact| fact.test.says_same(&test);
        if tells && self.body.facts.len() < MOST_FACTS && !self.body.facts.iter().any(known) {
            self.body.facts.push(Fact { test, from, until: END });
        }
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

    /// A check of this function, from here on, that bounds some values by what no caller chooses.
    fn guard(&self, bounded: &[Atom], span: Span) -> Guard {
        Guard {
            from: within(self.step, [0; 4]),
            until: END,
            by: self.id,
            span,
            bounded: bounded.to_vec(),
            relies_on: Vec::new(),
            arithmetic: None,
            debug: self.in_debug,
        }
    }

    /// An access that checks its index itself.
    fn checked_access(&mut self, index: &Value, span: Span) {
        self.add_guard(self.guard(&index.atoms, span));
    }

    /// Memory of `size` was allocated, so that exists; a product that wrapped is a small size.
    fn allocated(&mut self, size: &Value, span: Span) {
        let test = self.test(size, &Value::length(), Relation::AtMost, false, span);
        self.assume(&[test], true);
    }

    fn is_bounded(&self, atom: &Atom) -> bool {
        self.body.bounds(atom, Some(end_of(self.step))).iter().any(|guard| guard.is_sound())
    }
}
