//! Whatever sequence of life events, merges and un-merges is played: each date has one well-defined status for each person, no NIK finds two live people,
//! and taking everything back gives what was. Through the services, over a real database.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use chrono::{Days, NaiveDate};
use ksnik::context::{Context, Machine};
use ksnik::domain::corrections::Correction;
use ksnik::domain::enrollments::{Channel, EnrollmentAction, FilerKind};
use ksnik::domain::households::HouseholdEventKind;
use ksnik::domain::id::Id;
use ksnik::domain::kk::KkNumber;
use ksnik::domain::nik::Nik;
use ksnik::domain::participants::{ParticipantState, Standing, StatusEventKind};
use ksnik::domain::registration::{Field, RawRegistration, Registration, Relation};
use ksnik::domain::roles::{Caller, Role};
use ksnik::error::Error;
use ksnik::service::enrollment_decisions::{self, Decision};
use ksnik::service::enrollments::{self, Filing, Manner, Who};
use ksnik::service::idempotency::Once;
use ksnik::service::participant_events::{self, Told};
use ksnik::service::summaries::catch_up;
use ksnik::service::{App, households, housekeeping, participants};
use ksnik::store;
use ksnik::store::db::{Db, write_quietly};
use ksnik::store::gate::Priority;
use ksnik::store::reading::Reading;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};

use super::people::{OTHER_VILLAGE, VILLAGE, nik};
use super::support::databases::{Database, Engine, Seed};
use super::support::product;
use super::support::small_city::id_of;

/// Four people: two on one family card, two on their own.
const CARDS: [&str; 4] = ["3275012001159007", "3275012001159007", "3275012001159008", "3275012001159009"];
/// Numbers that families may get.
const NEW_CARDS: [&str; 3] = ["3275012001159010", "3275012001159011", "3275012001159012"];
const BEGINNING: NaiveDate = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();

#[derive(Debug, Clone)]
enum Step {
    Tell { who: usize, kind: StatusEventKind, day: u64, other: usize, card: Option<usize> },
    Renumber { who: usize },
    Household { kind: HouseholdEventKind, of: usize, other: usize, day: u64, card: usize },
    Revoke { who: usize, which: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let (who, day) = (0..4usize, 1..60u64);
    let card = proptest::option::of(0..3usize);
    let tell = (who.clone(), proptest::sample::select(StatusEventKind::ALL), day.clone(), who.clone(), card)
        .prop_map(|(who, kind, day, other, card)| Step::Tell { who, kind, day, other, card });
    let merge = (who.clone(), day.clone(), who.clone()).prop_map(|(who, day, other)| Step::Tell {
        who,
        kind: StatusEventKind::Merged,
        day,
        other,
        card: None,
    });
    let household = (proptest::sample::select(HouseholdEventKind::ALL), who.clone(), who.clone(), day, 0..3usize)
        .prop_map(|(kind, of, other, day, card)| Step::Household { kind, of, other, day, card });
    prop_oneof![
        8 => tell,
        4 => merge,
        1 => who.clone().prop_map(|who| Step::Renumber { who }),
        1 => household,
        2 => (who, 0..8usize).prop_map(|(who, which)| Step::Revoke { who, which }),
    ]
}

struct World {
    app: Arc<App>,
    db: Db,
    people: Vec<Id>,
    /// Every NIK that each has had.
    niks: Vec<Vec<String>>,
    renumbered: u16,
    database: Database,
}

impl World {
    fn new(engine: Engine) -> Option<Self> {
        let database = Database::copy_of(engine, Seed::City)?;
        let app = product::app(product::settings(database.url(), &[]), Arc::new(Machine));
        let mut db = app.pool.connect().expect("a connection");
        housekeeping::prepare(&app, &mut db).expect("it opens");
        let mut world = Self { app, db, people: Vec::new(), niks: Vec::new(), renumbered: 9500, database };
        for (at, card) in (0..).zip(CARDS) {
            world.register(nik(9001 + at), card, if at == 1 { Relation::Spouse } else { Relation::Head });
        }
        for at in [0, 2] {
            world.enroll(at);
        }
        Some(world)
    }

    fn context(&self, user: &str, role: Role) -> Context {
        self.app.context().as_caller(Caller { user_id: id_of(user), role, facility_id: None, session_id: None })
    }

    fn clerk(&self) -> Context {
        self.context("registrar", Role::Registrar)
    }

    fn register(&mut self, nik: String, card: &str, relation: Relation) {
        let raw = RawRegistration {
            nik: Some(&nik),
            kk_number: Some(card),
            relation: Some(relation.as_str()),
            name: Some("Wulan Teladan"),
            birth_date: Some("1990-02-15"),
            sex: Some("F"),
            village_code: Some(VILLAGE),
            rt: Some("003"),
            rw: Some("012"),
            address: Some("Jl. Kenanga 7"),
            phone: None,
            resident_since: Some("2024-01-01"),
            mother_name: None,
        };
        let today = self.app.city.today(self.app.context().now);
        let registration = Registration::from_raw(&raw, today, &self.app.city.regions).unwrap_or_else(|_| panic!("a right registration"));
        let context = self.clerk();
        let profile = participants::register(&self.app, &mut self.db, &context, &registration, &Once::plain());
        self.people.push(profile.unwrap_or_else(|error| panic!("registered: {error}")).participant.id);
        self.niks.push(vec![nik]);
    }

    fn enroll(&mut self, at: usize) {
        let context = self.clerk();
        let manner = Manner { filer: FilerKind::Officer, filer_nik: None, filer_name: None, channel: Channel::Counter, submit: true };
        let filing = Filing { who: Who::Participant(self.people[at]), note: None };
        let filed = enrollments::file(&self.app, &mut self.db, &context, &manner, &filing, &Once::plain()).unwrap_or_else(|error| panic!("{error}"));
        let second = self.context("admin", Role::Admin);
        for action in [EnrollmentAction::Take, EnrollmentAction::Approve, EnrollmentAction::Activate] {
            let decision = Decision { action, reason: None };
            let decided = enrollment_decisions::decide(&self.app, &mut self.db, &second, filed.request.id, &decision, &Once::plain());
            assert!(decided.is_ok(), "{action}");
        }
    }

    /// Reads as the product does within a change.
    fn look<T>(&mut self, work: impl Fn(&mut Db, &mut Reading) -> T) -> T {
        write_quietly(&mut self.db, Priority::People, "a test looks", |tx| {
            let mut reading = Reading::within(tx);
            Ok(work(tx, &mut reading))
        })
        .expect("it is read")
    }

    /// Plays a step; the event that it recorded, if it did. A refusal is a refusal and never a fault of the service.
    fn play(&mut self, step: &Step) -> Outcome {
        let context = self.clerk();
        let (app, db) = (self.app.clone(), &mut self.db);
        match step {
            Step::Tell { who, kind, day, other, card } => {
                let moves_in = *kind == StatusEventKind::MovedIn;
                let told = Told {
                    kind: *kind,
                    date: BEGINNING + Days::new(*day),
                    village_code: moves_in.then(|| OTHER_VILLAGE.parse().expect("a village")),
                    kk_number: card.filter(|_| moves_in).map(|card| KkNumber::parse(NEW_CARDS[card]).unwrap_or_else(|_| panic!("a KK number"))),
                    document_number: None,
                    to_participant_id: (*kind == StatusEventKind::Merged).then(|| self.people[*other]),
                    note: None,
                };
                let person = self.people[*who];
                match participant_events::record(&app, db, &context, person, &told, &Once::plain()) {
                    Ok(recorded) => Outcome::Recorded { person, event: recorded.event.id },
                    Err(error) => refusal(step, error),
                }
            }
            Step::Renumber { who } => {
                self.renumbered += 1;
                let number = nik(self.renumbered);
                let version = store::participants::rows(db, &[self.people[*who]]).expect("rows")[0].version;
                let today = app.city.today(context.now);
                let correction = Correction::from_raw(&[(Field::Nik, Some(&number))], today, &app.city.regions);
                let correction = correction.unwrap_or_else(|_| panic!("a right correction"));
                match participants::correct(&app, db, &context, self.people[*who], version, &correction, "as the civil registry says") {
                    Ok(_) => self.niks[*who].push(number),
                    Err(error) => drop(refusal(step, error)),
                }
                Outcome::Nothing
            }
            Step::Household { kind, of, other, day, card } => {
                let homes = store::households::open_memberships(db, &[self.people[*of], self.people[*other]]).expect("memberships");
                let home = |person: Id| homes.iter().find(|home| home.participant_id == person);
                let Some(own) = home(self.people[*of]) else { return Outcome::Nothing };
                let (splits, merges) = (*kind == HouseholdEventKind::Split, *kind == HouseholdEventKind::Merged);
                let told = households::Told {
                    kind: *kind,
                    date: BEGINNING + Days::new(*day),
                    new_kk_number: (!merges).then(|| KkNumber::parse(NEW_CARDS[*card]).unwrap_or_else(|_| panic!("a KK number"))),
                    members: (splits || *kind == HouseholdEventKind::HeadChanged).then(|| vec![(self.people[*of], Relation::Head)]),
                    to_household_id: home(self.people[*other]).filter(|_| merges).map(|home| home.household_id),
                };
                match households::record(&app, db, &context, own.household_id, &told, &Once::plain()) {
                    Ok(_) => Outcome::Barrier,
                    Err(error) => refusal(step, error),
                }
            }
            Step::Revoke { who, which } => {
                let person = self.people[*who];
                let events = self.look(|db, reading| store::participant_events::of(db, reading, person).expect("events"));
                let standing: Vec<Id> = events.iter().filter(|event| event.revoked_at.is_none()).map(|event| event.id).collect();
                let Some(event) = standing.get(which % standing.len().max(1)) else { return Outcome::Nothing };
                match self.revoke(person, *event) {
                    Ok(()) => Outcome::Barrier,
                    Err(error) => refusal(step, error),
                }
            }
        }
    }

    fn revoke(&mut self, person: Id, event: Id) -> Result<(), Error> {
        let context = self.clerk();
        participant_events::revoke(&self.app, &mut self.db, &context, person, event, "taken back", &Once::plain()).map(|_| ())
    }

    /// What the registry says, without ids, versions and times, and without what only history knows.
    fn dump(&mut self) -> BTreeSet<String> {
        let (people, niks) = (self.people.clone(), self.niks.clone());
        let mut lines = BTreeSet::new();
        let keyring = self.db.keyring();
        let db = &mut self.db;
        for (at, row) in people.iter().enumerate().map(|(at, id)| (at, store::participants::rows(db, &[*id]).expect("rows").remove(0))) {
            lines.insert(format!("{at} is {} in {}", row.state, row.village_code));
        }
        for stay in store::residencies::of(db, &people).expect("stays") {
            let who = name_of(&people, stay.participant_id);
            lines.insert(format!("{who} stays in {} {} - {:?}", stay.village_code, stay.resident_since, stay.resident_until));
        }
        for (at, id) in people.iter().enumerate() {
            for one in store::households::memberships_of(db, *id).expect("memberships") {
                lines.insert(format!("{at} is {} of {} {} - {:?}", one.relation, one.household_id, one.valid_from, one.valid_to));
            }
            let into = store::merges::way_up(db, *id).expect("merges");
            lines.insert(format!("{at} leads to {:?}", into.iter().map(|id| name_of(&people, *id)).collect::<Vec<_>>()));
            // The numbers from before: a number that came later stays.
            let index = keyring.nik_index(&Nik::parse(&niks[at][0]).unwrap_or_else(|_| panic!("a NIK"))).expect("a key").value;
            let finds = store::participants::of_niks(db, &[index]).expect("numbers");
            lines.insert(format!("the number of {at} finds {:?}", finds.get(&index).map(|id| name_of(&people, *id))));
        }
        for enrollment in self.look(|db, reading| store::enrollments::of(db, reading, &people).expect("enrolments")) {
            lines.insert(format!("{} is enrolled {:?}", name_of(&people, enrollment.participant_id), enrollment.standing));
        }
        lines
    }

    /// What must hold after every step.
    fn holds(&mut self) -> TestCaseResult {
        let people = self.people.clone();
        let today = self.app.city.today(self.app.context().now);
        let keyring = self.db.keyring();
        let mut live_enrollments: BTreeMap<Id, usize> = BTreeMap::new();
        for (at, id) in people.iter().enumerate() {
            let events = self.look(|db, reading| store::participant_events::of(db, reading, *id).expect("events"));
            let statuses: Vec<_> = events.iter().map(store::participant_events::Event::status).collect();
            let standing = |date| Standing::on(date, false, &statuses);
            let row = store::participants::rows(&mut self.db, &[*id]).expect("rows").remove(0);
            prop_assert_eq!(row.state, standing(today).state(), "{} of today is stored", at);
            let way_up = store::merges::way_up(&mut self.db, *id).expect("merges");
            prop_assert_eq!(row.state == ParticipantState::Merged, !way_up.is_empty(), "{} is merged or not", at);
            let found = way_up.last().copied().unwrap_or(*id);
            for number in &self.niks[at] {
                let index = keyring.nik_index(&Nik::parse(number).unwrap_or_else(|_| panic!("a NIK"))).expect("a key").value;
                let finds = store::participants::of_niks(&mut self.db, &[index]).expect("numbers").remove(&index);
                prop_assert_eq!(finds, Some(found), "the numbers of {} find who stays", at);
            }
            let stays = store::residencies::of(&mut self.db, &[*id]).expect("stays");
            for date in (0..62).map(|day| BEGINNING + Days::new(day)).chain([today]) {
                let at_home =
                    stays.iter().filter(|stay| stay.resident_since <= date && stay.resident_until.is_none_or(|until| date <= until)).count();
                prop_assert_eq!(at_home, usize::from(standing(date).moved_out.is_none()), "{} on {} lives in one place or is away", at, date);
            }
            let memberships = store::households::memberships_of(&mut self.db, *id).expect("memberships");
            for pair in memberships.windows(2) {
                prop_assert!(pair[0].valid_to.is_some_and(|to| pair[0].valid_from <= to && to < pair[1].valid_from), "{memberships:?}");
            }
            let open = memberships.iter().filter(|one| one.valid_to.is_none()).count();
            prop_assert_eq!(open, usize::from(way_up.is_empty()), "{} is on one family card", at);
            let own = self.look(|db, reading| store::enrollments::of(db, reading, &[*id]).expect("enrolments"));
            *live_enrollments.entry(found).or_default() += own.iter().filter(|enrollment| enrollment.standing.state.is_live()).count();
        }
        prop_assert!(live_enrollments.values().all(|live| *live <= 1), "one live enrolment a person");
        prop_assert!(live_enrollments.values().sum::<usize>() > 0, "a merge never ends the last one");
        Ok(())
    }
}

fn name_of(people: &[Id], id: Id) -> String {
    people.iter().position(|person| *person == id).map_or("nobody".into(), |at| format!("person {at}"))
}

enum Outcome {
    Recorded {
        person: Id,
        event: Id,
    },
    /// What was done cannot be taken back by itself, so what lies before it is not compared.
    Barrier,
    Nothing,
}

#[track_caller]
fn refusal(step: &Step, error: Error) -> Outcome {
    match error {
        Error::Invalid(_) | Error::Refused(_) => Outcome::Nothing,
        other => panic!("{step:?} broke something: {other}"),
    }
}

fn plays(engine: Engine, steps: &[Step]) -> TestCaseResult {
    let Some(mut world) = World::new(engine) else { return Ok(()) };
    let mut done: Vec<(Id, Id, BTreeSet<String>)> = Vec::new();
    for step in steps {
        let before = world.dump();
        match world.play(step) {
            Outcome::Recorded { person, event } => done.push((person, event, before)),
            Outcome::Barrier => done.clear(),
            Outcome::Nothing if matches!(step, Step::Renumber { .. }) => {}
            Outcome::Nothing => prop_assert_eq!(world.dump(), before, "a refusal changes nothing"),
        }
        world.holds()?;
    }
    for (person, event, before) in done.into_iter().rev() {
        let undone = world.revoke(person, event);
        prop_assert!(undone.is_ok(), "the last event can be taken back: {:?}", undone.err().map(|error| error.to_string()));
        world.holds()?;
        prop_assert_eq!(world.dump(), before, "taking it back gives what was");
    }
    // Nobody keeps this house, so what was marked is counted here.
    catch_up(&world.app, &mut world.db, &AtomicBool::new(false)).expect("what was marked is counted");
    super::summaries::compare(&world.database, &["registry_cells"]);
    Ok(())
}

fn any_sequence(engine: Engine, cases: u32) {
    let config = Config { cases, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&proptest::collection::vec(step(), 1..14), |steps| plays(engine, &steps));
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// Two that are enrolled alike were merged into a third; one comes back, and that is taken back.
#[test]
fn merged_once_more_the_same_enrolment_stays() {
    let tell = |who, kind, other| Step::Tell { who, kind, day: 1, other, card: None };
    let steps = [tell(0, StatusEventKind::Merged, 1), tell(2, StatusEventKind::Merged, 1), tell(0, StatusEventKind::Unmerged, 0)];
    for engine in [Engine::Sqlite, Engine::Postgres] {
        plays(engine, &steps).unwrap_or_else(|failure| panic!("{engine:?}: {failure}"));
    }
}

#[test]
fn whatever_is_played_it_is_well_defined_and_can_be_taken_back_on_sqlite() {
    any_sequence(Engine::Sqlite, 40);
}

#[test]
fn whatever_is_played_it_is_well_defined_and_can_be_taken_back_on_postgres() {
    any_sequence(Engine::Postgres, 8);
}
