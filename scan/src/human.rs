//! A report for people: each finding underlined in its source, as a compiler would.

use std::collections::BTreeMap;
use std::fmt::Write;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::{Class, Finding, Mark, Report, Role};

/// As many other gates are named.
const MOST_NAMED: usize = 6;

impl Report {
    /// The report as text with terminal colours: of the findings the first `top`, and a summary.
    #[must_use]
    pub fn to_text(&self, top: usize) -> String {
        let mut text = String::new();
        for finding in self.findings.iter().take(top) {
            text.push_str(&self.finding(finding));
            text.push_str("\n\n");
        }
        for skipped in &self.skipped {
            let _ = writeln!(text, "skipped {}: {}", skipped.path.display(), skipped.reason);
        }
        let of = |class: Class| format!("{} of class {}", self.count(class), class.number());
        let counts: Vec<_> = Class::ALL.into_iter().map(of).collect();
        let _ = writeln!(
            text,
            "{}: lines: {}, files: {}, unchecked accesses: {}; unproven: {}",
            self.name(),
            self.lines,
            self.files,
            self.accesses,
            counts.join(", "),
        );
        let hidden = self.findings.len().saturating_sub(top);
        if hidden > 0 {
            let _ = writeln!(text, "{hidden} more with --top {}", self.findings.len());
        }
        text
    }

    /// The package with its version.
    pub(crate) fn name(&self) -> String {
        match self.package.version.as_str() {
            "" => self.package.name.clone(),
            version => format!("{} {version}", self.package.name),
        }
    }

    fn finding(&self, finding: &Finding) -> String {
        let mut files: BTreeMap<usize, (usize, Vec<&Mark>)> = BTreeMap::new();
        for (order, mark) in finding.marks.iter().enumerate() {
            files.entry(mark.source).or_insert((order, Vec::new())).1.push(mark);
        }
        let mut files: Vec<_> = files.into_iter().collect();
        files.sort_by_key(|(_, (order, _))| *order);
        let paths: Vec<_> = finding
            .marks
            .iter()
            .map(|mark| (mark.source, mark.file.display().to_string()))
            .collect();
        let level = match finding.class {
            Class::First => Level::WARNING,
            Class::Second | Class::Third => Level::NOTE,
        };
        let id = format!("{}/{}", finding.kind.name(), finding.class.number());
        let mut group = Group::with_title(level.primary_title(finding.title.as_str()).id(id));
        for (source, (_, marks)) in &files {
            let path = paths.iter().find(|(number, _)| number == source);
            let snippet = Snippet::source(self.sources[*source].as_str())
                .path(path.map(|(_, path)| path.as_str()))
                .annotations(marks.iter().map(|mark| annotation(mark)));
            group = group.element(snippet);
        }
        if !finding.also.is_empty() {
            let mut named = finding.also.clone();
            let more = named.len().saturating_sub(MOST_NAMED);
            named.truncate(MOST_NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let also = format!("also through {}{more}", named.join(", "));
            group = group.element(Level::NOTE.message(also));
        }
        let target = match self.package.version.as_str() {
            "" => String::new(),
            version => format!("cargo strideproof-audit new {}@{version}, and ", self.package.name),
        };
        let adapter = finding.adapter.trim_end();
        let help = format!("audit it: {target}complete this adapter:\n{adapter}");
        let report = [group.element(Level::HELP.message(help))];
        Renderer::styled().render(&report)
    }
}

fn annotation(mark: &Mark) -> Annotation<'_> {
    let kind = match mark.role {
        Role::Sink => AnnotationKind::Primary,
        Role::Check | Role::Gate | Role::Step => AnnotationKind::Context,
    };
    kind.span(mark.range.clone()).label(mark.label.as_str())
}
