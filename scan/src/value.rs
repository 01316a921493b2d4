//! What a value in a function's body is made of, in terms of the function's parameters.

use std::cell::RefCell;
use std::collections::HashMap;

use proc_macro2::Span;

use crate::model::{FnId, Name};

/// The name of a field or an accessor, as a number: values are copied more than anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Symbol(u32);

thread_local! {
    /// A scan has a thread of its own, so that this lives as long as the scan.
    static SYMBOLS: RefCell<(HashMap<Name, Symbol>, Vec<Name>)> = RefCell::default();
}

impl Symbol {
    fn of(name: &Name) -> Self {
        SYMBOLS.with_borrow_mut(|(numbers, names)| {
            let next = Self(u32::try_from(names.len()).unwrap_or(u32::MAX));
            *numbers.entry(name.clone()).or_insert_with(|| {
                names.push(name.clone());
                next
            })
        })
    }

    fn name(self) -> Option<Name> {
        SYMBOLS.with_borrow(|(_, names)| names.get(usize::try_from(self.0).ok()?).cloned())
    }
}

/// A parameter, or what a path of fields and accessors leads to in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Atom {
    pub(crate) param: usize,
    path: [Option<Symbol>; 3],
}

impl Atom {
    pub(crate) fn parameter(param: usize) -> Self {
        Self { param, path: [None; 3] }
    }

    /// Whether it is the parameter itself.
    pub(crate) fn is_whole(&self) -> bool {
        self.path[0].is_none()
    }

    /// The names on the path.
    pub(crate) fn path(&self) -> impl Iterator<Item = Name> {
        self.path.into_iter().flatten().filter_map(Symbol::name)
    }

    /// What `name` leads to from here; beyond the longest path it is the same.
    fn step(mut self, name: Symbol) -> Self {
        if let Some(free) = self.path.iter_mut().find(|step| step.is_none()) {
            *free = Some(name);
        }
        self
    }

    /// Whether one of the two is the other or a part of it.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let mut steps = self.path.iter().flatten().zip(other.path.iter().flatten());
        self.param == other.param && steps.all(|(a, b)| a == b)
    }
}

/// How easily arithmetic wraps for a caller who chooses its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ease {
    /// A difference, or a sum with a constant.
    Slight,
    /// A sum of two values, or a product with a constant.
    Sum,
    /// A product of two values.
    Product,
}

/// Arithmetic of machine integers that nothing keeps from wrapping.
#[derive(Clone, Debug)]
pub(crate) struct Arithmetic {
    pub(crate) ease: Ease,
    /// Its operands.
    pub(crate) atoms: Vec<Atom>,
    /// The function that computes it, and where.
    pub(crate) by: FnId,
    pub(crate) span: Span,
}

impl Arithmetic {
    fn with_arguments(&self, args: &[Value]) -> Option<Self> {
        let atoms = with_arguments(&self.atoms, false, None, args).atoms;
        // Arithmetic on what is fixed at this call does not wrap at a caller's wish.
        (!atoms.is_empty()).then_some(Self { atoms, ..*self })
    }

    /// Whether it computes with the same operands as `other`, and so wraps where that does.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        let within = |a: &Self, b: &Self| a.atoms.iter().all(|atom| b.atoms.contains(atom));
        within(self, other) && within(other, self)
    }
}

/// One side of a comparison.
#[derive(Clone, Debug, Default)]
pub(crate) struct Side {
    pub(crate) atoms: Vec<Atom>,
    /// Whether a caller cannot choose it: a real length, a constant, or a field.
    pub(crate) anchor: bool,
    pub(crate) arithmetic: Option<Arithmetic>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// The left side is at most the right one.
    AtMost,
    Equal,
    Unequal,
}

/// A comparison that was made; what follows depends on its outcome.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) left: Side,
    pub(crate) right: Side,
    pub(crate) relation: Relation,
    /// The function that compares, and where.
    pub(crate) by: FnId,
    pub(crate) span: Span,
    /// Absent from release builds.
    pub(crate) debug: bool,
}

impl Test {
    /// Whether two tests compare the same, wherever they do.
    pub(crate) fn says_same(&self, other: &Self) -> bool {
        let same = |a: &Side, b: &Side| a.atoms == b.atoms && a.anchor == b.anchor;
        self.relation == other.relation
            && self.debug == other.debug
            && self.by == other.by
            && same(&self.left, &other.left)
            && same(&self.right, &other.right)
    }

    pub(crate) fn negated(mut self) -> Self {
        self.relation = match self.relation {
            Relation::AtMost => return Self { left: self.right, right: self.left, ..self },
            Relation::Equal => Relation::Unequal,
            Relation::Unequal => Relation::Equal,
        };
        self
    }
}

/// A value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Value {
    pub(crate) atoms: Vec<Atom>,
    pub(crate) anchor: bool,
    pub(crate) constant: bool,
    /// At most 32 bits, in whatever type.
    pub(crate) narrow: bool,
    /// Of a type whose arithmetic does not wrap: wide enough, or not an integer.
    pub(crate) exact: bool,
    pub(crate) arithmetic: Option<Arithmetic>,
    pub(crate) type_name: Option<Name>,
    pub(crate) tests: Vec<Test>,
    /// Of a struct, tuple or range that was written out.
    pub(crate) parts: Vec<(Name, Value)>,
}

impl Value {
    const MOST_ATOMS: usize = 16;
    const MOST_PARTS: usize = 16;
    const MOST_TESTS: usize = 16;

    pub(crate) fn constant() -> Self {
        Self { anchor: true, constant: true, narrow: true, ..Self::default() }
    }

    /// A length that was measured.
    pub(crate) fn length() -> Self {
        Self { anchor: true, ..Self::default() }
    }

    pub(crate) fn of(atom: Atom) -> Self {
        Self { atoms: vec![atom], ..Self::default() }
    }

    /// A truth value that is the outcome of comparisons.
    pub(crate) fn tested(tests: Vec<Test>) -> Self {
        Self { tests, ..Self::default() }
    }

    pub(crate) fn add_atoms(&mut self, atoms: &[Atom]) {
        for atom in atoms {
            if self.atoms.len() < Self::MOST_ATOMS && !self.atoms.contains(atom) {
                self.atoms.push(*atom);
            }
        }
    }

    /// What the value may be where control flow meets, or where an unknown function mixes two.
    pub(crate) fn join(mut self, other: Self) -> Self {
        let before = self.atoms.clone();
        self.add_atoms(&other.atoms);
        // A constant bounds nothing that it is only mixed with.
        self.anchor = match (self.constant, other.constant) {
            (true, false) => other.anchor,
            (false, true) => self.anchor,
            _ => self.anchor || other.anchor,
        };
        self.constant &= other.constant;
        self.narrow &= other.narrow;
        self.exact &= other.exact;
        self.arithmetic = worse(self.arithmetic.take(), other.arithmetic);
        self.type_name = self.type_name.or(other.type_name);
        self.add_tests(other.tests);
        if self.parts.is_empty() != other.parts.is_empty() {
            // What one of them says of its parts, the other does not contradict.
            let (parts, opaque) = match self.parts.is_empty() {
                true => (other.parts, before),
                false => (std::mem::take(&mut self.parts), other.atoms),
            };
            let opaque = Self { atoms: opaque, ..Self::default() };
            self.parts = parts;
            for (name, part) in &mut self.parts {
                part.add_atoms(&opaque.project(name).atoms);
            }
        } else {
            for (name, part) in other.parts {
                match self.parts.iter().position(|(known, _)| *known == name) {
                    Some(place) => {
                        let known = std::mem::take(&mut self.parts[place].1);
                        self.parts[place].1 = known.join(part);
                    }
                    None if self.parts.len() < Self::MOST_PARTS => self.parts.push((name, part)),
                    None => {}
                }
            }
        }
        self
    }

    /// The same with a value that there may be already.
    pub(crate) fn joining(self, known: Option<Self>) -> Self {
        match known {
            Some(known) => known.join(self),
            None => self,
        }
    }

    pub(crate) fn add_tests(&mut self, tests: Vec<Test>) {
        let room = Self::MOST_TESTS.saturating_sub(self.tests.len());
        self.tests.extend(tests.into_iter().take(room));
    }

    /// A struct or tuple of these parts; what is nested deeper than that is only mixed.
    pub(crate) fn whole(parts: Vec<(Name, Value)>) -> Self {
        let mut whole = Self::default();
        for (name, mut part) in parts.into_iter().take(Self::MOST_PARTS) {
            for (_, inner) in &mut part.parts {
                inner.parts.clear();
                inner.tests.clear();
            }
            part.tests.clear();
            whole.add_atoms(&part.atoms);
            whole.anchor |= part.anchor;
            whole.arithmetic = worse(whole.arithmetic.take(), part.arithmetic.clone());
            whole.parts.push((name, part));
        }
        whole
    }

    /// The arithmetic that the value is the result of, if it is a number and no whole of parts.
    pub(crate) fn used_arithmetic(&self) -> Option<&Arithmetic> {
        self.arithmetic.as_ref().filter(|_| self.parts.is_empty())
    }

    pub(crate) fn part(&self, name: &str) -> Option<&Self> {
        self.parts.iter().find(|(known, _)| &**known == name).map(|(_, part)| part)
    }

    /// A field or accessor of it.
    pub(crate) fn project(&self, name: &Name) -> Self {
        match self.part(name) {
            Some(part) => part.clone(),
            None if self.atoms.is_empty() => Self { anchor: self.anchor, ..Self::default() },
            None => Self {
                atoms: {
                    let name = Symbol::of(name);
                    self.atoms.iter().map(|atom| atom.step(name)).collect()
                },
                arithmetic: self.arithmetic.clone(),
                anchor: self.anchor,
                ..Self::default()
            },
        }
    }

    /// As one side of a comparison.
    pub(crate) fn side(&self, chosen: impl Fn(&Atom) -> bool) -> Side {
        let atoms = self.atoms.clone();
        let anchor = self.anchor || atoms.iter().any(|atom| !chosen(atom));
        Side { atoms, anchor, arithmetic: self.arithmetic.clone() }
    }

    /// The same value where the parameters are these arguments.
    pub(crate) fn with_arguments(&self, args: &[Value]) -> Self {
        let Side { atoms, anchor, arithmetic } =
            with_arguments(&self.atoms, self.anchor, self.arithmetic.as_ref(), args);
        let parts = self.parts.iter();
        Self {
            atoms,
            anchor,
            constant: self.constant,
            narrow: self.narrow,
            exact: self.exact,
            arithmetic,
            type_name: self.type_name.clone(),
            tests: self.tests.iter().map(|test| test.with_arguments(args)).collect(),
            parts: parts.map(|(name, part)| (name.clone(), part.with_arguments(args))).collect(),
        }
    }
}

/// What an atom of a called function is in its caller.
pub(crate) fn argument(atom: &Atom, args: &[Value]) -> Value {
    let Some(value) = args.get(atom.param) else { return Value::default() };
    if atom.is_whole() {
        return value.clone();
    }
    let mut path = atom.path();
    let first = path.next().map_or_else(Value::default, |name| value.project(&name));
    path.fold(first, |value, name| value.project(&name))
}

/// What a called function bounds or compares, where the parameters are these arguments.
pub(crate) fn with_arguments(
    atoms: &[Atom],
    anchor: bool,
    arithmetic: Option<&Arithmetic>,
    args: &[Value],
) -> Side {
    let arithmetic = arithmetic.and_then(|found| found.with_arguments(args));
    let mut value = Value { anchor, arithmetic, ..Value::default() };
    for atom in atoms {
        let source = argument(atom, args);
        value.add_atoms(&source.atoms);
        value.anchor |= source.anchor;
        value.arithmetic = worse(value.arithmetic.take(), source.arithmetic);
    }
    Side { atoms: value.atoms, anchor: value.anchor, arithmetic: value.arithmetic }
}

impl Side {
    fn with_arguments(&self, args: &[Value]) -> Self {
        with_arguments(&self.atoms, self.anchor, self.arithmetic.as_ref(), args)
    }
}

impl Test {
    pub(crate) fn with_arguments(&self, args: &[Value]) -> Self {
        Self {
            left: self.left.with_arguments(args),
            right: self.right.with_arguments(args),
            ..self.clone()
        }
    }
}

pub(crate) fn worse(one: Option<Arithmetic>, other: Option<Arithmetic>) -> Option<Arithmetic> {
    match (one, other) {
        (Some(one), Some(other)) if other.ease > one.ease => Some(other),
        (None, other) => other,
        (one, _) => one,
    }
}
