//! Findings as SARIF 2.1.0, for services that show such.

use serde_json::{Value, json};

use super::report::{Merged, Report};
use crate::class::Class;

/// The log of one run of the command.
#[must_use]
pub fn sarif(reports: &[Report]) -> Value {
    let rules: Vec<_> = Class::ALL.into_iter().map(rule).collect();
    let results = reports
        .iter()
        .flat_map(|report| report.findings.iter().map(move |merged| result(report, merged)));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "strideproof-audit",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn id(class: Class) -> String {
    class.name().replace(' ', "-")
}

fn level(class: Class) -> &'static str {
    if class.is_unsound() { "error" } else { "note" }
}

fn rule(class: Class) -> Value {
    json!({
        "id": id(class),
        "shortDescription": { "text": class.name() },
        "fullDescription": { "text": class.meaning() },
        "defaultConfiguration": { "level": level(class) },
    })
}

fn result(report: &Report, merged: &Merged) -> Value {
    let finding = &merged.finding;
    let (package, target) = (&report.target.package, &report.target.name);
    // The crate's own sources are elsewhere; the adapter is what the repository has.
    let location = json!({ "physicalLocation": {
        "artifactLocation": { "uri": report.target.folder.join("main.rs") },
        "region": { "startLine": 1 },
    }});
    let frames = merged.frames(report).map(|frame| {
        json!({ "location": {
            "physicalLocation": {
                "artifactLocation": {
                    "uri": format!("{}-{}/{}", package.name, package.version, frame.file),
                },
                "region": { "startLine": frame.line.max(1) },
            },
            "message": { "text": frame.function },
        }})
    });
    let frames: Vec<_> = frames.collect();
    let message = format!(
        "{} {}: {} ({} request: {}): {}",
        package.name,
        package.version,
        finding.class,
        finding.request,
        finding.smallest,
        finding.detail
    );
    let mut result = json!({
        "ruleId": id(finding.class),
        "level": level(finding.class),
        "message": { "text": message },
        "locations": [location],
        "partialFingerprints": {
            "finding/v1": format!("{target}/{}/{}/{}", id(finding.class), finding.request, finding.call),
        },
    });
    if !frames.is_empty() {
        result["stacks"] = json!([{ "frames": frames }]);
    }
    result
}
