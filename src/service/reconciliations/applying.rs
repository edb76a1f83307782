//! Applying a finding: what the file says is recorded as it would be at the counter, through the same use cases and by their rules. What does not hold
//! any more, because the record has changed since, is refused.

use chrono::NaiveDate;

use super::decisions::RecordAs;
use crate::context::Context;
use crate::domain::corrections::Correction;
use crate::domain::id::Id;
use crate::domain::jkn::JknPeriod;
use crate::domain::kk::KkNumber;
use crate::domain::participants::StatusEventKind;
use crate::domain::population::{CivilStatus, ComparedField, FindingCategory};
use crate::domain::registration::Relation;
use crate::domain::residency::VillageCode;
use crate::domain::texts::Language;
use crate::error::{Code, Error, Fault, Result};
use crate::service::participant_events::{self, NewIds, Told};
use crate::service::{App, corrections, jkn_statuses, memberships, merges, participants, registry_cases};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::Tx;
use crate::store::participants::Participant;
use crate::store::reading::Reading;
use crate::store::reconciliation_findings::Finding;

/// Whom a finding is applied to, and what it says.
struct Task<'a> {
    app: &'a App,
    context: &'a Context,
    finding: &'a Finding,
    as_of: NaiveDate,
    /// Stands beside what is recorded. It is kept once for all readers, so in the language of the city.
    reason: String,
    ids: NewIds,
    more: [Id; 3],
}

/// Applies a finding that this transaction holds. `as_of` is the date of the file that showed it last.
pub fn apply(app: &App, tx: &mut Tx, context: &Context, finding: &Finding, as_of: NaiveDate, record_as: Option<RecordAs>) -> Result<()> {
    let date = as_of.to_string();
    let reason = app.city.texts.get(Language::Id, "recorded.reconciliation", &[("date", &date)]);
    let reason = reason.ok_or_else(|| Error::internal("the text of a reconciliation is missing"))?;
    let task = Task { app, context, finding, as_of, reason, ids: NewIds::new(context), more: std::array::from_fn(|_| context.new_id()) };
    match (finding.category, record_as) {
        (FindingCategory::NotFound, None) => Err(Fault::at("/record_as", "FIELD_MISSING").into()),
        (FindingCategory::NotFound, Some(record_as)) => {
            task.require_unchanged(tx)?;
            task.record(tx, record_as.kind())
        }
        (_, Some(_)) => Err(Fault::at("/record_as", "FIELD_NOT_FOR_THIS_KIND").into()),
        (FindingCategory::Moved, None) => task.moved(tx),
        (FindingCategory::Deceased, None) => task.deceased(tx),
        (FindingCategory::Different, None) => task.different(tx),
        (FindingCategory::JknChanged, None) => task.jkn_changed(tx),
        (FindingCategory::Duplicate, None) => task.duplicate(tx),
    }
}

impl Task<'_> {
    fn said<T: std::str::FromStr>(&self, field: ComparedField) -> Result<Option<T>> {
        let said = self.finding.cell.difference.said(field).map(str::parse).transpose();
        said.map_err(|_| Error::internal("what a finding holds does not read"))
    }

    /// Since when it is so: as the file says, else from the file's date.
    fn since(&self) -> NaiveDate {
        self.finding.cell.difference.since.unwrap_or(self.as_of)
    }

    /// The person as the finding has them, held for the rest of the transaction. What is said of a record that is merged since is said of nobody: the
    /// next comparison says it of the record that is found in its place.
    fn require_unchanged(&self, tx: &mut Tx) -> Result<Participant> {
        let mut reading = Reading::within(tx);
        let id = self.finding.participant_id;
        merges::lock_with_way_up(tx, &[id])?;
        merges::refuse_merged(tx, id)?;
        let participant = store::participants::lock(tx, &mut reading, id)?.ok_or(Error::refused(Code::NotFound))?;
        for pair in &self.finding.cell.difference.fields {
            let now = match pair.field {
                ComparedField::Status => Some(participant.state.to_string()),
                ComparedField::VillageCode => Some(participant.village_code.to_string()),
                ComparedField::Name => participant.identity.known_name().map(str::to_owned),
                ComparedField::BirthDate => participant.identity.known_birth_date().map(|date| date.to_string()),
                ComparedField::Sex => Some(participant.sex.to_string()),
                // Their histories are asked when they are written.
                ComparedField::KkNumber | ComparedField::JknSegment | ComparedField::JknState => continue,
            };
            if now != pair.registry {
                return Err(Error::refused(Code::StateConflict));
            }
        }
        Ok(participant)
    }

    fn record(&self, tx: &mut Tx, kind: StatusEventKind) -> Result<()> {
        self.tell(tx, (kind, self.since()), None)
    }

    fn tell(&self, tx: &mut Tx, (kind, date): (StatusEventKind, NaiveDate), village_code: Option<VillageCode>) -> Result<()> {
        let note = Some(self.reason.clone());
        let told = Told { kind, date, village_code, kk_number: None, document_number: None, to_participant_id: None, note };
        participant_events::judge(self.app, self.context, &told)?;
        participant_events::happen(self.app, tx, self.context, (self.finding.participant_id, self.ids), &told).map(drop)
    }

    fn moved(&self, tx: &mut Tx) -> Result<()> {
        let participant = self.require_unchanged(tx)?;
        let village = self.said::<VillageCode>(ComparedField::VillageCode)?;
        let leaves = self.said::<CivilStatus>(ComparedField::Status)? == Some(CivilStatus::MovedOut);
        if leaves {
            // The village that is left is no place to go to.
            return self.tell(tx, (StatusEventKind::MovedOut, self.since()), village.filter(|village| !village.is_in(&self.app.city.code)));
        }
        // A file dates the stay in the city; of a move within it, it knows only that it was before the file.
        let begun = store::residencies::of(tx, &[participant.id])?.iter().map(|stay| stay.resident_since).max();
        let date = if begun.is_some_and(|begun| self.since() <= begun) { self.as_of } else { self.since() };
        self.tell(tx, (StatusEventKind::MovedIn, date), village.or(Some(participant.village_code)))
    }

    /// A death is recorded; one that the civil registry does not know is taken back.
    fn deceased(&self, tx: &mut Tx) -> Result<()> {
        self.require_unchanged(tx)?;
        if self.said::<CivilStatus>(ComparedField::Status)? == Some(CivilStatus::Deceased) {
            return self.record(tx, StatusEventKind::Deceased);
        }
        let reading = Reading::within(tx);
        let id = self.finding.participant_id;
        let events = store::participant_events::of(tx, &reading, id)?;
        let death = events.iter().find(|event| event.kind == StatusEventKind::Deceased && event.revoked_at.is_none());
        let death = death.ok_or_else(|| Error::refused(Code::StateConflict))?.id;
        participant_events::take_back(self.app, tx, self.context, (id, death, [self.more[0], self.more[1]]), &self.reason).map(drop)
    }

    fn different(&self, tx: &mut Tx) -> Result<()> {
        let mut participant = self.require_unchanged(tx)?;
        let correction = Correction {
            name: self.said(ComparedField::Name)?,
            birth_date: self.said(ComparedField::BirthDate)?,
            sex: self.said(ComparedField::Sex)?,
            ..Correction::default()
        };
        let task = corrections::Task::new(self.app, self.context, &correction, &self.reason);
        let changes = corrections::apply(tx, &task, &mut participant)?;
        if !changes.is_empty() {
            participants::keep_corrected(tx, self.context, &mut participant, &self.reason, &changes)?;
        }
        match self.finding.cell.difference.said(ComparedField::KkNumber) {
            Some(kk_number) => self.rehouse(tx, &participant, kk_number),
            None => Ok(()),
        }
    }

    /// From the file's date on, someone stands on another family card. Who they are to its head the file does not say.
    fn rehouse(&self, tx: &mut Tx, participant: &Participant, kk_number: &str) -> Result<()> {
        let kk = KkNumber::parse(kk_number).map_err(|_| Error::internal("a KK number of a finding is none"))?;
        let [household, membership, _] = self.more;
        let household = memberships::household_of(tx, self.context, &kk, participant, household)?;
        let current = store::households::open_memberships(tx, &[participant.id])?.pop();
        if current.is_some_and(|current| current.valid_from > self.as_of) {
            return Err(Error::refused(Code::StateConflict));
        }
        let relation = current.map_or(Relation::Other, |current| current.relation);
        memberships::change_membership(tx, current, participant.id, (household, relation), self.as_of, membership)?;
        let event = Event::new(self.context, "participant.rehoused").object(participant.id).about([participant.id]);
        tx.record(event.with("household_id", household).with("date", self.as_of));
        Ok(())
    }

    fn jkn_changed(&self, tx: &mut Tx) -> Result<()> {
        let missing = || Error::internal("a finding about JKN without its segment");
        let segment = self.said(ComparedField::JknSegment)?.ok_or_else(missing)?;
        let state = self.said(ComparedField::JknState)?.ok_or_else(missing)?;
        let id = self.require_unchanged(tx)?.id;
        let period = JknPeriod { valid_from: self.as_of, valid_to: None, segment, state };
        let row = store::jkn::Row::new(self.more[0], id, period, self.context.now);
        jkn_statuses::put_one(tx, self.context, id, row).map(drop)
    }

    /// Which of two is meant only the civil registry can tell: it gets a case, and nobody is changed.
    fn duplicate(&self, tx: &mut Tx) -> Result<()> {
        let participant = self.require_unchanged(tx)?;
        let who = (participant.id, self.finding.other_participant_id);
        registry_cases::open(tx, self.context, self.more[0], who, &participant.identity.nik)
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::texts::Texts;

    #[test]
    fn what_is_recorded_has_its_words() {
        let texts = [("id.toml", include_str!("../../../config/texts/id.toml")), ("en.toml", include_str!("../../../config/texts/en.toml"))];
        assert_eq!(Texts::load(texts[0], texts[1]).unwrap().check("recorded", &["reconciliation"]), vec![]);
    }
}
