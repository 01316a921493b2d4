//! Reports for machines: JSON of this crate's own schema, and SARIF 2.1.0.

use serde_json::{Value, json};

use crate::{Class, Finding, Kind, Mark, Report, Role};

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Sink => "sink",
            Self::Check => "check",
            Self::Gate => "gate",
            Self::Step => "step",
        }
    }
}

impl Report {
    /// The report as JSON, schema 1: of the findings the first `top`.
    #[must_use]
    pub fn to_json(&self, top: usize) -> Value {
        json!({
            "schema": 1,
            "package": self.package.name,
            "version": self.package.version,
            "files": self.files,
            "lines": self.lines,
            "accesses": self.accesses,
            "classes": Class::ALL.map(|class| self.count(class)),
            "findings": self.findings.iter().take(top).map(finding_json).collect::<Vec<_>>(),
            "skipped": self.skipped.iter().map(|skipped| json!({
                "file": skipped.path.display().to_string(),
                "reason": skipped.reason,
            })).collect::<Vec<_>>(),
        })
    }
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "class": finding.class.number(),
        "kind": finding.kind.name(),
        "title": finding.title,
        "marks": finding.marks.iter().map(|mark| json!({
            "role": mark.role.name(),
            "label": mark.label,
            "file": uri(mark),
            "line": mark.line,
            "column": mark.column,
        })).collect::<Vec<_>>(),
        "also": finding.also,
        "adapter": finding.adapter,
    })
}

/// Reports as one SARIF 2.1.0 log: of each the first `top` findings.
#[must_use]
pub fn to_sarif(reports: &[Report], top: usize) -> Value {
    let results: Vec<_> = reports
        .iter()
        .flat_map(|report| report.findings.iter().take(top).map(|found| result(report, found)))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "strideproof scan",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": Kind::ALL.map(|kind| json!({
                    "id": kind.name(),
                    "shortDescription": { "text": kind.description() },
                })),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(report: &Report, finding: &Finding) -> Value {
    let level = match finding.class {
        Class::First => "warning",
        Class::Second | Class::Third => "note",
    };
    let others = finding.marks.iter().filter(|mark| mark.role != Role::Sink);
    let sink = finding.marks.iter().filter(|mark| mark.role == Role::Sink);
    let locations: Vec<_> = sink.map(location).collect();
    // From the gate to the access.
    let way: Vec<_> = finding
        .marks
        .iter()
        .filter(|mark| matches!(mark.role, Role::Gate | Role::Step))
        .chain(finding.mark(Role::Sink))
        .map(|mark| json!({ "location": location(mark) }))
        .collect();
    json!({
        "ruleId": finding.kind.name(),
        "ruleIndex": Kind::ALL.iter().position(|kind| *kind == finding.kind),
        "level": level,
        "message": { "text": format!("{}: {}", report.name(), finding.title) },
        "locations": locations,
        "relatedLocations": others.map(location).collect::<Vec<_>>(),
        "codeFlows": [{ "threadFlows": [{ "locations": way }] }],
        "properties": { "class": finding.class.number(), "adapter": finding.adapter },
    })
}

fn location(mark: &Mark) -> Value {
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(mark) },
            "region": { "startLine": mark.line, "startColumn": mark.column },
        },
        "message": { "text": mark.label },
    })
}

/// The file with `/` between folders on every system, and with what an URI reserves escaped.
fn uri(mark: &Mark) -> String {
    let parts = mark.file.components().map(|part| {
        let part = part.as_os_str().to_string_lossy();
        let mut escaped = String::new();
        for byte in part.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    escaped.push(char::from(byte));
                }
                _ => escaped.push_str(&format!("%{byte:02X}")),
            }
        }
        escaped
    });
    parts.collect::<Vec<_>>().join("/")
}
