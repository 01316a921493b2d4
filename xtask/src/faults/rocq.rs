//! Asks Coq about a fault: see [`crate::rocq::faults`].

use std::path::Path;

use super::{Answer, Engine, Fault, Results, Switch};
use crate::Result;
use crate::rocq::{faults, ledger};

pub(super) struct Rocq;

/// The files that the question is in, besides the theories.
pub(super) fn sources() -> Vec<String> {
    ["mod", "faults"].map(|file| format!("xtask/src/rocq/{file}.rs")).into()
}

/// The lemma, the claim and the request of a fault; empty where the translator is asked.
fn parts(fault: &Fault) -> [&str; 3] {
    [&fault.rocq, &fault.claim, &fault.request].map(|part| part.as_deref().unwrap_or_default())
}

/// What is asked, with the theories that the answer depends on.
pub(super) fn question(root: &Path, fault: &Fault) -> Result<String> {
    let [lemma, claim, request] = parts(fault);
    let refused = fault.refused.as_deref().unwrap_or_default();
    Ok([lemma, claim, request, refused, &ledger::proofs(root, lemma, claim)?].join("\n"))
}

impl Engine for Rocq {
    fn baseline(&mut self, copy: &Path, wanted: &[&Fault], _: &mut Results) -> Result {
        println!("rocq: every request on the unchanged copy");
        let asked = wanted.iter().filter(|fault| fault.refused.is_none());
        let requests: Vec<_> = asked.map(|fault| parts(fault)).map(|[_, c, r]| (c, r)).collect();
        faults::unrefuted(copy, &requests)
    }

    fn ask(&self, copy: &Path, fault: &Fault, _: Option<Switch>) -> Answer {
        if let Some(why) = &fault.refused {
            return Ok((faults::refused(copy, why)?, None));
        }
        let [lemma, claim, request] = parts(fault);
        let answer = faults::refuted(copy, lemma, claim, request)?;
        Ok((format!("`{claim} {request}` gives `{answer}`"), None))
    }
}
