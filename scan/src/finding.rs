//! Leads that have one root become one finding; findings are ranked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

use crate::adapter;
use crate::link::{Gate, Lead, Place};
use crate::load::SourceFile;
use crate::model::{FnId, Model, Name};
use crate::source::Package;
use crate::value::Ease;

/// How much speaks for looking here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Every step was followed, from a gate that any caller can use to the access, and what there is
    /// to stop it is a check whose arithmetic can wrap, or nothing between a field and its use.
    First,
    /// Every step was followed, and no check was seen that a release build has.
    Second,
    /// A step is a guess, or no caller outside the crate was found.
    Third,
}

impl Class {
    /// All classes, the strongest first.
    pub const ALL: [Self; 3] = [Self::First, Self::Second, Self::Third];

    /// Its number, from 1.
    #[must_use]
    pub fn number(self) -> usize {
        self as usize + 1
    }
}

/// What kind of root a finding has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A check whose own arithmetic can wrap.
    WrappingCheck,
    /// A field that unsafe code trusts, and that safe code sets without a check.
    TrustedField,
    /// An argument of a safe function that no check was seen for.
    UncheckedArgument,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::WrappingCheck, Self::TrustedField, Self::UncheckedArgument];

    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["wrapping-check", "trusted-field", "unchecked-argument"][self as usize]
    }

    /// What is unproven.
    #[must_use]
    pub fn description(self) -> &'static str {
        const DESCRIPTIONS: [&str; 3] = [
            "an unsafe access is guarded by a check whose own arithmetic can wrap",
            "an unsafe access trusts a field that safe code can set without a check",
            "an unsafe access depends on an argument that no check was seen for",
        ];
        DESCRIPTIONS[self as usize]
    }
}

/// What a marked place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The access that nothing checks.
    Sink,
    /// The check that can wrap, or that release builds lack.
    Check,
    /// Where a caller's choice gets in.
    Gate,
    /// A call or an assignment on the way.
    Step,
}

/// A place in the source.
#[derive(Clone, Debug)]
pub struct Mark {
    /// What it is.
    pub role: Role,
    /// What it says to a reader.
    pub label: String,
    /// The file, relative to the package.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// Its bytes in the file.
    pub range: Range<usize>,
    /// The number of the file in the report.
    pub(crate) source: usize,
}

/// One root, and what leads from it to an unchecked access.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How much speaks for looking here.
    pub class: Class,
    /// What kind of root it has.
    pub kind: Kind,
    /// What is unproven, in a sentence.
    pub title: String,
    /// The sink, the check if there is one, the gate, and the steps from the gate to the sink.
    pub marks: Vec<Mark>,
    /// Other functions and fields through which the same root is reached.
    pub also: Vec<String>,
    /// An adapter for the audit kit, to be completed.
    pub adapter: String,
    pub(crate) score: i64,
}

impl Finding {
    /// The first mark of a role.
    #[must_use]
    pub fn mark(&self, role: Role) -> Option<&Mark> {
        self.marks.iter().find(|mark| mark.role == role)
    }
}

/// What leads have in common that are one finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Root {
    /// Arithmetic, by the name of its function and by its text: a shared and an exclusive form of
    /// one function are one root.
    Arithmetic(Name, String),
    /// A type whose fields are set without a check.
    Type(Name),
    /// A safe function around an access.
    Function(FnId),
    /// An access in unsafe functions only.
    Place((usize, usize)),
}

/// The longest way of a finding of the first class.
const MOST_FIRST_STEPS: usize = 3;

pub(crate) struct Ranking<'a> {
    pub(crate) package: &'a Package,
    pub(crate) files: &'a [SourceFile],
    pub(crate) model: &'a Model,
}

impl Ranking<'_> {
    pub(crate) fn findings(&self, leads: Vec<Lead>) -> Vec<Finding> {
        let mut roots: BTreeMap<Root, Vec<Lead>> = BTreeMap::new();
        for lead in leads {
            roots.entry(self.root(&lead)).or_default().push(lead);
        }
        let mut findings: Vec<_> = roots.into_values().map(|leads| self.finding(leads)).collect();
        let key = |finding: &Finding| {
            let first = finding.marks.first().map(|mark| (mark.source, mark.range.start));
            (std::cmp::Reverse(finding.score), first)
        };
        findings.sort_by_key(key);
        findings
    }

    fn root(&self, lead: &Lead) -> Root {
        match (lead.way.wraps(), lead.way.types.last(), lead.way.boundary) {
            (Some((_, by, place)), ..) => {
                let function = &self.model.functions[by];
                Root::Arithmetic(function.name.clone(), self.text(place))
            }
            (None, Some(name), _) => Root::Type(name.clone()),
            (None, None, Some(boundary)) => Root::Function(boundary),
            (None, None, None) => Root::Place(lead.way.sink.start()),
        }
    }

    /// The source of a place without what differs between one axis and another: numbers.
    fn text(&self, place: Place) -> String {
        let text = self.files[place.file].text.get(place.span.byte_range()).unwrap_or_default();
        text.chars().filter(|c| !c.is_whitespace() && !c.is_ascii_digit()).collect()
    }

    fn class(&self, lead: &Lead) -> Class {
        let wraps = lead.way.wraps().is_some();
        // An `unsafe impl` does not say which field it trusts; a check of the field does.
        let exact = lead.way.exact || (wraps && lead.way.is_trust() && lead.way.steps.len() <= 1);
        let safe = lead.way.boundary.is_some() || lead.way.is_trust();
        if !lead.reachable || !exact || !safe {
            return Class::Third;
        }
        match lead.gate {
            // Each step may have a reason to be fine that the scan does not see.
            _ if lead.way.steps.len() > MOST_FIRST_STEPS => Class::Second,
            _ if wraps => Class::First,
            Gate::Field { .. } | Gate::Deserialize { .. } => Class::First,
            Gate::Argument { .. } => Class::Second,
        }
    }

    fn score(&self, lead: &Lead) -> i64 {
        let class = [1000, 500, 0][self.class(lead) as usize];
        let check = match lead.way.check.map(|check| check.wraps) {
            Some(Some((Ease::Product, ..))) => 80,
            Some(Some(_)) => 60,
            Some(None) => 20,
            None => 0,
        };
        let gate = match lead.gate {
            Gate::Field { .. } => 40,
            Gate::Deserialize { .. } => 30,
            Gate::Argument { .. } => 20,
        };
        let steps = i64::try_from(lead.way.steps.len()).unwrap_or(i64::MAX).saturating_mul(5);
        // Another lead of the same root may say which access it is.
        class + check + gate - steps - 2 * i64::from(lead.way.is_trust())
    }

    fn finding(&self, mut leads: Vec<Lead>) -> Finding {
        leads.sort_by_key(|lead| std::cmp::Reverse(self.score(lead)));
        let gates: BTreeSet<String> = leads.iter().map(|lead| self.gate_name(&lead.gate)).collect();
        let sinks: BTreeSet<_> = leads.iter().map(|lead| lead.way.sink.start()).collect();
        let best = &leads[0];
        let many = |count: usize| i64::try_from(count.min(8)).unwrap_or(8);
        // All unsafe code that takes a trait relies on the types that have an `unsafe impl` of it.
        let trust = if leads.iter().any(|lead| lead.way.is_trust()) { 15 } else { 0 };
        let score = self.score(best) + 4 * many(gates.len()) + 3 * many(sinks.len()) + trust;
        let gate = self.gate_name(&best.gate);
        let also = gates.into_iter().filter(|name| *name != gate).collect();
        Finding {
            class: self.class(best),
            kind: match (best.way.wraps(), best.way.types.is_empty()) {
                (Some(_), _) => Kind::WrappingCheck,
                (None, false) => Kind::TrustedField,
                (None, true) => Kind::UncheckedArgument,
            },
            title: self.title(best),
            marks: self.marks(best),
            also,
            adapter: adapter::adapter(self.package, self.model, best),
            score,
        }
    }

    fn gate_name(&self, gate: &Gate) -> String {
        match gate {
            Gate::Argument { function, .. } => self.model.functions[*function].path(),
            Gate::Field { type_name, field } => format!("{type_name}.{field}"),
            Gate::Deserialize { type_name } => format!("{type_name}'s Deserialize"),
        }
    }

    fn title(&self, lead: &Lead) -> String {
        let what = lead.way.what;
        let gate = match &lead.gate {
            Gate::Argument { function, param } => {
                let function = &self.model.functions[*function];
                format!("`{}` of `{}`", function.params[*param].name, function.path())
            }
            Gate::Field { type_name, field } => format!("the public field `{type_name}.{field}`"),
            Gate::Deserialize { type_name } => {
                format!("what `Deserialize` puts into a `{type_name}`")
            }
        };
        let but = match lead.way.check {
            Some(check) if check.wraps.is_some() => "the check of it can wrap",
            Some(_) => "release builds do not check it",
            None => "no check of it was seen",
        };
        format!("unproven: {what} depends on {gate}, and {but}")
    }

    fn marks(&self, lead: &Lead) -> Vec<Mark> {
        let mut marks = Vec::new();
        let mut mark = |role, label, place| marks.push(self.mark(role, label, place));
        mark(Role::Sink, format!("the access: {}", lead.way.what), lead.way.sink);
        if let Some(check) = lead.way.check {
            let by = self.model.functions[check.by].path();
            match check.wraps {
                Some((ease, origin, place)) => {
                    let how = match ease {
                        Ease::Product => "this product can wrap",
                        Ease::Sum | Ease::Slight => "this arithmetic can wrap",
                    };
                    if origin == check.by {
                        mark(Role::Check, format!("the check, by `{by}`: {how}"), check.place);
                    } else {
                        let label = format!("the check, by `{by}`, of a value that can wrap");
                        mark(Role::Check, label, check.place);
                        let origin = self.model.functions[origin].path();
                        mark(Role::Check, format!("computed by `{origin}`: {how}"), place);
                    }
                }
                None => {
                    let label = format!("the check, by `{by}`, in debug builds only");
                    mark(Role::Check, label, check.place);
                }
            }
        }
        let label = match &lead.gate {
            Gate::Argument { function, param } => {
                let function = &self.model.functions[*function];
                format!("the gate: takes any `{}`", function.params[*param].name)
            }
            Gate::Field { .. } => "the gate: any caller can set this".to_owned(),
            Gate::Deserialize { .. } => "the gate: takes what the input says".to_owned(),
        };
        mark(Role::Gate, label, lead.gate_place);
        for &(function, place) in lead.way.steps.iter().rev() {
            mark(Role::Step, format!("through `{}`", self.model.functions[function].path()), place);
        }
        marks
    }

    fn mark(&self, role: Role, label: String, place: Place) -> Mark {
        let file = &self.files[place.file];
        let start = place.span.start();
        let range = place.span.byte_range();
        // Spans that could not be joined end before they begin.
        let end = range.end.clamp(range.start, file.text.len());
        let path = file.path.strip_prefix(&self.package.folder).unwrap_or(&file.path).to_owned();
        Mark {
            role,
            label,
            file: path,
            line: start.line,
            column: start.column + 1,
            range: range.start.min(end)..end,
            source: place.file,
        }
    }
}
