//! Follows what an access needs from the access up to the caller that can choose it.
//!
//! An unchecked access *needs* its index, offset and length to be in bounds. A need that its
//! function does not check is passed to the function's callers; one on a field is passed to every
//! place that gives the field a value. What arrives at a safe public function, a public field or
//! a derived `Deserialize` is a lead: nothing on the way checks it, or only a check that can wrap.

use std::collections::{HashMap, HashSet, VecDeque};

use proc_macro2::Span;

use crate::Without;
use crate::flow::{Body, Guard, Moment, end_of, within};
use crate::model::{FnId, Kind, Model, Name};
use crate::value::{Arithmetic, Atom, Ease, argument};

/// A position: a file of the crate, and a range in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) span: Span,
}

impl Place {
    /// The file and the first byte.
    pub(crate) fn start(self) -> (usize, usize) {
        (self.file, self.span.byte_range().start)
    }
}

/// A check that does not do: it can wrap, or is absent from release builds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    pub(crate) place: Place,
    /// Its arithmetic, if that can wrap: how easily, which function computes it, and where.
    pub(crate) wraps: Option<(Ease, FnId, Place)>,
    pub(crate) by: FnId,
}

/// Where a caller's choice gets in.
#[derive(Clone, Debug)]
pub(crate) enum Gate {
    /// A parameter of a safe function.
    Argument { function: FnId, param: usize },
    /// A public field.
    Field { type_name: Name, field: Name },
    /// A derived `Deserialize`.
    Deserialize { type_name: Name },
}

/// A way from a gate to an access.
#[derive(Clone, Debug)]
pub(crate) struct Lead {
    pub(crate) gate: Gate,
    pub(crate) gate_place: Place,
    pub(crate) way: Way,
    /// Whether code outside the crate gets to the gate.
    pub(crate) reachable: bool,
}

/// What is between an access and a value that it needs.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) check: Option<Check>,
    pub(crate) sink: Place,
    pub(crate) what: &'static str,
    /// The safe function around the access, which is where a check would be.
    pub(crate) boundary: Option<FnId>,
    /// The types whose fields the choice went through, from the access on.
    pub(crate) types: Vec<Name>,
    /// Calls and assignments on the way, from the access on.
    pub(crate) steps: Vec<(FnId, Place)>,
    /// Whether each step is the only possible one.
    pub(crate) exact: bool,
}

impl Way {
    fn from(sink: Place, what: &'static str) -> Self {
        let (types, steps) = (Vec::new(), Vec::new());
        Self { check: None, sink, what, boundary: None, types, steps, exact: true }
    }

    /// The arithmetic of the check, if that can wrap.
    pub(crate) fn wraps(&self) -> Option<(Ease, FnId, Place)> {
        self.check.and_then(|check| check.wraps)
    }

    /// Whether the access is all that an `unsafe impl` of the crate's own trait allows.
    pub(crate) fn is_trust(&self) -> bool {
        self.what == UNSAFE_IMPL
    }
}

/// A value that has to be in bounds, and what for.
#[derive(Clone, Debug)]
struct Need {
    atom: Atom,
    /// When the function needs it that it is offered to.
    at: Option<Moment>,
    way: Way,
}

/// What an `unsafe impl` allows.
const UNSAFE_IMPL: &str = "what an `unsafe impl` allows";
/// A function passes on at most so many needs; then it has said what it does.
const MOST_NEEDS: usize = 48;
/// Longer ways are not followed.
const MOST_STEPS: usize = 12;

pub(crate) fn leads(model: &Model, bodies: &[Body], without: Without) -> Vec<Lead> {
    let mut linker = Linker {
        model,
        bodies,
        without,
        callers: callers(bodies),
        builds: builds(bodies),
        queue: VecDeque::new(),
        seen: HashSet::new(),
        passed: HashMap::new(),
        fields: HashSet::new(),
        leads: Vec::new(),
    };
    linker.seed();
    while let Some((function, need)) = linker.queue.pop_front() {
        linker.pass(function, need);
    }
    linker.leads
}

fn callers(bodies: &[Body]) -> Vec<Vec<(FnId, usize)>> {
    let mut callers = vec![Vec::new(); bodies.len()];
    for (caller, body) in bodies.iter().enumerate() {
        for (place, call) in body.calls.iter().enumerate() {
            for &callee in &call.callees.ids {
                callers[callee].push((caller, place));
            }
        }
    }
    callers
}

fn builds(bodies: &[Body]) -> HashMap<Name, Vec<(FnId, usize)>> {
    let mut builds: HashMap<Name, Vec<(FnId, usize)>> = HashMap::new();
    for (function, body) in bodies.iter().enumerate() {
        for (place, build) in body.builds.iter().enumerate() {
            builds.entry(build.type_name.clone()).or_default().push((function, place));
        }
    }
    builds
}

struct Linker<'a> {
    model: &'a Model,
    bodies: &'a [Body],
    without: Without,
    callers: Vec<Vec<(FnId, usize)>>,
    /// The places that give a type's fields values.
    builds: HashMap<Name, Vec<(FnId, usize)>>,
    queue: VecDeque<(FnId, Need)>,
    seen: HashSet<(FnId, Atom, Option<FnId>, Option<FnId>)>,
    passed: HashMap<FnId, usize>,
    fields: HashSet<(Name, Name)>,
    leads: Vec<Lead>,
}

/// What a function's own checks say of a value that an access needs.
enum Verdict<'a> {
    Checked,
    Doubtful(&'a Guard),
    Open,
}

impl<'a> Linker<'a> {
    fn seed(&mut self) {
        for (function, body) in self.bodies.iter().enumerate() {
            for sink in &body.sinks {
                for &atom in &sink.index.atoms {
                    let way = Way::from(self.place(function, sink.span), sink.what);
                    let need = Need { atom, at: Some(end_of(sink.step)), way };
                    self.offer(function, need, sink.index.used_arithmetic());
                }
            }
        }
        let mut trusted: Vec<_> = self
            .model
            .types
            .iter()
            // What is trusted is that the fields go together; a single one cannot but.
            .filter(|(_, info)| info.fields.len() > 1)
            .filter_map(|(name, info)| Some((name.clone(), info.trusted?)))
            .collect();
        trusted.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, (file, span)) in trusted {
            let way = Way::from(Place { file, span }, UNSAFE_IMPL);
            self.fields_of(&name, &Need { atom: Atom::parameter(0), at: None, way });
        }
    }

    fn place(&self, function: FnId, span: Span) -> Place {
        Place { file: self.model.functions[function].file, span }
    }

    /// Whether a function has checked a value by when it is needed.
    /// What arithmetic the value goes `through` wraps where the same arithmetic in the check does.
    fn verdict(&self, function: FnId, need: &Need, through: Option<&Arithmetic>) -> Verdict<'a> {
        let mut doubtful = None;
        for guard in self.bodies[function].bounds(&need.atom, need.at) {
            let wraps = guard.arithmetic.as_ref().is_some_and(|found| {
                !self.without.wrapping_checks && !through.is_some_and(|used| used.agrees(found))
            });
            if guard.debug || wraps {
                let stronger = doubtful.is_none_or(|known: &Guard| known.debug && !guard.debug);
                if stronger {
                    doubtful = Some(guard);
                }
            } else {
                return Verdict::Checked;
            }
        }
        doubtful.map_or(Verdict::Open, Verdict::Doubtful)
    }

    /// Takes up a need in a function unless the function checks it.
    fn offer(&mut self, function: FnId, mut need: Need, through: Option<&Arithmetic>) {
        match self.verdict(function, &need, through) {
            Verdict::Checked => return,
            Verdict::Doubtful(guard) => {
                let arithmetic = guard.arithmetic.as_ref().filter(|_| !guard.debug);
                let check = Check {
                    place: self.place(guard.by, guard.span),
                    wraps: arithmetic
                        .map(|found| (found.ease, found.by, self.place(found.by, found.span))),
                    by: guard.by,
                };
                // A wrapping check says more than one that is absent from release builds.
                match &need.way.check {
                    Some(known) if known.wraps.is_some() || check.wraps.is_none() => {}
                    _ => need.way.check = Some(check),
                }
            }
            Verdict::Open => {}
        }
        let passed = self.passed.entry(function).or_default();
        if *passed >= MOST_NEEDS || need.way.steps.len() >= MOST_STEPS {
            return;
        }
        if need.way.boundary.is_none() && !self.model.functions[function].is_unsafe {
            need.way.boundary = Some(function);
        }
        let by = need.way.check.map(|check| check.by);
        if self.seen.insert((function, need.atom, need.way.boundary, by)) {
            *passed += 1;
            self.queue.push_back((function, need));
        }
    }

    /// Passes a need on to callers, to the field that it is about, or out of the crate.
    fn pass(&mut self, id: FnId, need: Need) {
        let function = &self.model.functions[id];
        let outside = function.public && !function.is_unsafe;
        if !outside {
            let mut passed_on = false;
            for (caller, place) in self.callers[id].clone() {
                let call = &self.bodies[caller].calls[place];
                let source = argument(&need.atom, &call.args);
                for atom in &source.atoms {
                    passed_on = true;
                    let at = match need.at {
                        Some(at) if need.way.types.is_empty() => within(call.step, at),
                        // A field is accessed when its value is there, and not before what is next.
                        _ => end_of(call.step + 1),
                    };
                    let mut need = Need { atom: *atom, at: Some(at), ..need.clone() };
                    need.way.exact &= call.callees.exact;
                    need.way.steps.push((caller, self.place(caller, call.span)));
                    self.offer(caller, need, source.used_arithmetic());
                }
            }
            if passed_on && !function.public {
                return;
            }
        }
        match &function.params.get(need.atom.param).map(|param| &param.kind) {
            Some(Kind::Named(name))
                if self.model.type_named(name).is_some() && !self.model.is_plain(name) =>
            {
                self.fields_of(name, &need);
            }
            // Nothing is known of a trait's own type, and an unsafe function's caller has agreed.
            _ if function.takes_self && need.atom.param == 0 => {}
            _ if function.is_unsafe => {}
            _ => {
                let gate = Gate::Argument { function: id, param: need.atom.param };
                let place = self.place(id, function.span);
                self.lead(gate, place, &need, outside);
            }
        }
    }

    fn lead(&mut self, gate: Gate, gate_place: Place, need: &Need, reachable: bool) {
        self.leads.push(Lead { gate, gate_place, way: need.way.clone(), reachable });
    }

    /// The innermost field that a path from a value of a type leads to.
    fn innermost(&self, type_name: &Name, atom: &Atom) -> Option<(Name, Name)> {
        let mut owner = type_name.clone();
        let mut found = None;
        for name in atom.path() {
            let Some((known, info)) = self.model.type_named(&owner) else { break };
            let Some(field) = info.fields.iter().find(|field| field.name == name) else { break };
            found = Some((known.clone(), field.name.clone()));
            match &field.kind {
                Kind::Named(name) => owner = name.clone(),
                _ => break,
            }
        }
        found
    }

    fn fields_of(&mut self, type_name: &Name, need: &Need) {
        if self.without.fields {
            return;
        }
        if let Some((owner, field)) = self.innermost(type_name, &need.atom) {
            return self.field(&owner, &field, need);
        }
        let Some((owner, info)) = self.model.type_named(type_name) else { return };
        // Which field it is remains open.
        let mut need = need.clone();
        need.way.exact = false;
        for field in info.fields.iter().filter(|field| self.model.carries(&field.kind)) {
            self.field(owner, &field.name, &need);
        }
    }

    /// Passes a need on a field to all that gives the field a value.
    fn field(&mut self, owner: &Name, field: &Name, need: &Need) {
        if !self.fields.insert((owner.clone(), field.clone())) {
            return;
        }
        let Some(info) = self.model.types.get(owner) else { return };
        let mut need = need.clone();
        need.way.types.push(owner.clone());
        let Some(declared) = info.fields.iter().find(|known| known.name == *field) else { return };
        if declared.public && info.public {
            let gate = Gate::Field { type_name: owner.clone(), field: field.clone() };
            let place = Place { file: info.file, span: declared.span };
            self.lead(gate, place, &need, true);
        }
        if let Some(span) = info.deserialize {
            let gate = Gate::Deserialize { type_name: owner.clone() };
            let place = Place { file: info.file, span };
            self.lead(gate, place, &need, info.public);
        }
        for (function, place) in self.builds.get(owner).cloned().unwrap_or_default() {
            let build = &self.bodies[function].builds[place];
            if build.field != *field {
                continue;
            }
            for atom in build.value.atoms.clone() {
                let place = self.place(function, build.span);
                let param = self.model.functions[function].params.get(atom.param);
                let source = match param.map(|param| &param.kind) {
                    Some(Kind::Named(name)) => self.innermost(name, &atom),
                    _ => None,
                };
                let mut need = Need { atom, at: None, ..need.clone() };
                need.way.steps.push((function, place));
                match source {
                    // Another value of the type vouches for what it hands over.
                    Some((from, other)) if from == *owner => {
                        if other != *field {
                            self.field(&from, &other, &need);
                        }
                    }
                    _ => self.offer(function, need, build.value.used_arithmetic()),
                }
            }
        }
    }
}
