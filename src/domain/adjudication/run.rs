//! Running all edits over a case, and cutting money in the order of the steps.

use std::collections::BTreeMap;

use super::{Adjudication, Adjustment, CapOf, Case, CutLine, Edit, EditOutcome, Findings, Found, Hit, JudgedLine, Step, Verdict};
use crate::domain::claims::{Line, LineState};
use crate::domain::rupiah::{Rupiah, TooLarge};

/// Judges a case by these edits. Those that `shadow` names only tell what they would have done.
pub fn adjudicate(case: &Case<'_>, edits: &[&'static Edit], shadow: &dyn Fn(&str) -> bool) -> Result<Adjudication, TooLarge> {
    let asked: Vec<&Edit> = edits.iter().copied().filter(|edit| edit.is_asked_on(case.bill.admitted_on)).collect();
    let mut lines: Vec<&Line> = case.bill.lines.iter().collect();
    // So that the order in which lines were written changes nothing.
    lines.sort_by(|a, b| (a.date, &a.tariff_code, a.line).cmp(&(b.date, &b.tariff_code, b.line)));

    let mut hits = Vec::new();
    for edit in &asked {
        if let Some(look) = edit.judge.look() {
            let mut findings = Findings::default();
            look(case, &mut findings);
            hits.extend(findings.0.into_iter().map(|found| hit(edit, found, shadow(edit.code))));
        }
    }
    let mut cuts = Cuts::new(&lines);
    cuts.reject(&hits);
    for step in Step::ALL {
        for edit in &asked {
            if let Some((_, cap)) = edit.judge.cap().filter(|(of, _)| of == step) {
                cuts.cap(case, edit, (*step, cap), shadow(edit.code), &mut hits)?;
            }
        }
    }
    cuts.result(case, hits)
}

fn hit(edit: &Edit, found: Found, shadow: bool) -> Hit {
    let Found { outcome, line, field, value, limit } = found;
    // Statistics tell or ask; they never refuse.
    let outcome = if edit.statistical { outcome.min(EditOutcome::Pend) } else { outcome };
    Hit { edit: edit.code.to_owned(), version: edit.version, outcome, line, field: field.to_owned(), value, limit, shadow }
}

struct Cuts<'l> {
    lines: &'l [&'l Line],
    left: BTreeMap<i32, Rupiah>,
    rejected: BTreeMap<i32, bool>,
    adjustments: Vec<Adjustment>,
}

impl<'l> Cuts<'l> {
    fn new(lines: &'l [&'l Line]) -> Self {
        let left = lines.iter().map(|line| (line.line, line.claimed_amount)).collect();
        Self { lines, left, rejected: BTreeMap::new(), adjustments: Vec::new() }
    }

    /// Takes away what is not paid at all, each line for the first edit that says so; what concerns the claim concerns all lines.
    fn reject(&mut self, hits: &[Hit]) {
        for line in self.lines {
            let rejects = |hit: &&Hit| !hit.shadow && hit.outcome == EditOutcome::Reject && hit.line.is_none_or(|of| of == line.line);
            let Some(by) = hits.iter().find(rejects) else { continue };
            let amount = self.left.insert(line.line, Rupiah::ZERO).unwrap_or(Rupiah::ZERO);
            self.rejected.insert(line.line, true);
            if amount != Rupiah::ZERO {
                self.adjustments.push(Adjustment { edit: by.edit.clone(), line: line.line, amount, step: None });
            }
        }
    }

    fn cap(&mut self, case: &Case<'_>, edit: &Edit, (step, cap): (Step, CapOf), shadow: bool, hits: &mut Vec<Hit>) -> Result<(), TooLarge> {
        let mut before = Rupiah::ZERO;
        let all: Vec<(&Line, Rupiah)> = self.lines.iter().map(|line| (*line, self.left.get(&line.line).copied().unwrap_or(Rupiah::ZERO))).collect();
        for (line, amount) in all.iter().copied() {
            let most = if amount == Rupiah::ZERO { None } else { cap(case, &CutLine { line, amount, before, all: &all }) };
            // A limit below nothing leaves nothing.
            let most = most.map(|most| most.max(Rupiah::ZERO)).filter(|most| *most < amount);
            if let Some(most) = most {
                let is_rejected = most == Rupiah::ZERO && edit.outcome == EditOutcome::Reject;
                hits.push(Hit {
                    edit: edit.code.to_owned(),
                    version: edit.version,
                    outcome: if is_rejected { EditOutcome::Reject } else { EditOutcome::Cap },
                    line: Some(line.line),
                    field: "claimed_amount".to_owned(),
                    value: Some(amount.0.to_string()),
                    limit: Some(most.0.to_string()),
                    shadow,
                });
                if !shadow {
                    self.left.insert(line.line, most);
                    if is_rejected {
                        self.rejected.insert(line.line, true);
                    }
                    self.adjustments.push(Adjustment { edit: edit.code.to_owned(), line: line.line, amount: amount.minus(most)?, step: Some(step) });
                }
            }
            before = before.plus(if shadow { most.unwrap_or(amount) } else { self.left.get(&line.line).copied().unwrap_or(Rupiah::ZERO) })?;
        }
        Ok(())
    }

    fn result(self, case: &Case<'_>, hits: Vec<Hit>) -> Result<Adjudication, TooLarge> {
        let lines: Vec<JudgedLine> = case
            .bill
            .lines
            .iter()
            .map(|line| {
                let payable = self.left.get(&line.line).copied().unwrap_or(Rupiah::ZERO);
                let state = match (self.rejected.contains_key(&line.line), payable < line.claimed_amount) {
                    (true, _) => LineState::Rejected,
                    (false, true) => LineState::Reduced,
                    (false, false) => LineState::Approved,
                };
                JudgedLine { line: line.line, state, tariff_amount: case.tariff_amount(line), payable }
            })
            .collect();
        let payable = Rupiah::sum(lines.iter().map(|line| line.payable))?;
        let counts = |outcome: EditOutcome| move |hit: &&Hit| !hit.shadow && hit.outcome == outcome;
        let is_rejected = hits.iter().filter(counts(EditOutcome::Reject)).any(|hit| hit.line.is_none())
            || (!lines.is_empty() && lines.iter().all(|line| line.state == LineState::Rejected));
        let verdict = if is_rejected {
            Verdict::Reject
        } else if hits.iter().any(|hit| counts(EditOutcome::Pend)(&hit)) {
            Verdict::Pend
        } else {
            Verdict::Pay
        };
        Ok(Adjudication { hits, lines, adjustments: self.adjustments, payable, verdict })
    }
}
