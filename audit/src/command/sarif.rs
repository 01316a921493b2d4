//! Findings as SARIF 2.1.0, for services that show such.

use serde_json::{Value, json};

use super::report::{Merged, Report};
use super::target::Package;
use crate::class::Class;
use crate::finding::Finding;

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

fn rule(class: Class) -> Value {
    json!({
        "id": class.id(),
        "shortDescription": { "text": class.name() },
        "fullDescription": { "text": class.meaning() },
        "defaultConfiguration": { "level": class.level() },
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
    let Package { name, version, .. } = package;
    let frames = report.frames(finding).map(|frame| {
        json!({ "location": {
            "physicalLocation": {
                "artifactLocation": { "uri": format!("{name}-{version}/{}", frame.file) },
                "region": { "startLine": frame.line.max(1) },
            },
            "message": { "text": frame.function },
        }})
    });
    let frames: Vec<_> = frames.collect();
    let Finding { class, request, smallest, detail, .. } = finding;
    let message = format!("{name} {version}: {class} ({request} request: {smallest}): {detail}");
    let mut result = json!({
        "ruleId": finding.class.id(),
        "level": finding.class.level(),
        "message": { "text": message },
        "locations": [location],
        "partialFingerprints": {
            "finding/v1": format!("{target}/{}/{}/{}", finding.class.id(), finding.request, finding.call),
        },
    });
    if !frames.is_empty() {
        result["stacks"] = json!([{ "frames": frames }]);
    }
    result
}
