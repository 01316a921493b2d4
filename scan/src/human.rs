//! A report for people: each finding underlined in its source, as a compiler would.

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
        let mut files: Vec<Vec<&Mark>> = Vec::new();
        for mark in &finding.marks {
            match files.iter_mut().find(|marks| marks[0].source == mark.source) {
                Some(marks) => marks.push(mark),
                None => files.push(vec![mark]),
            }
        }
        let level = match finding.class {
            Class::First => Level::WARNING,
            Class::Second | Class::Third => Level::NOTE,
        };
        let id = format!("{}/{}", finding.kind.name(), finding.class.number());
        let mut group = Group::with_title(level.primary_title(finding.title.as_str()).id(id));
        for marks in &files {
            let snippet = Snippet::source(self.sources[marks[0].source].as_str())
                .path(marks[0].file.display().to_string())
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
