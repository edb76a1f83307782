//! What an intruder with the database in his hands might do to the audit log, one thing at a time, each taken back afterwards; and what the verifier
//! must say of it.

use diesel::prelude::*;
use diesel::sql_types::{Binary, Text};
use ksnik::domain::id::Id;
use ksnik::schema::{audit_events, audit_heads, audit_subjects};
use ksnik::service::audit::BreakKind::{self, Altered, HeadAltered, Inserted, Removed, Reordered, SubjectsAltered, TailCut};
use ksnik::service::audit::Verdict;
use ksnik::store::audit::{Head, Row};

#[derive(diesel::MultiConnection)]
pub enum Intruder {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// One thing done to the log, and what gives it away.
pub struct Tampering {
    pub what: String,
    kinds: &'static [BreakKind],
    /// Where the verifier must point, if it can.
    place: Option<(i32, i64)>,
    id: Option<Id>,
    undo: Undo,
}

enum Undo {
    Events { remove: Vec<Id>, restore: Vec<Row> },
    Head(Head),
    Subject { remove: Option<(Id, Id)>, restore: Option<(Id, Id)> },
}

/// A small generator, so that a run can be repeated by its seed.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn id(&mut self) -> Id {
        Id::from_bytes(std::array::from_fn(|_| self.below(256) as u8))
    }

    fn flip(&mut self, bytes: &mut [u8]) {
        let at = self.below(bytes.len());
        bytes[at] ^= 1 << self.below(8);
    }

    /// Changes a letter into its neighbour, which keeps ASCII what it is.
    fn misspell(&mut self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        let at = self.below(bytes.len());
        bytes[at] ^= 1;
        String::from_utf8(bytes).expect("still ASCII")
    }
}

impl Intruder {
    pub fn at(url: &str) -> Self {
        match url.strip_prefix("sqlite://") {
            Some(file) => {
                let mut connection = SqliteConnection::establish(file).expect("the file");
                diesel::connection::SimpleConnection::batch_execute(&mut connection, "PRAGMA busy_timeout = 5000").expect("a setting");
                Self::Sqlite(connection)
            }
            None => Self::Postgres(PgConnection::establish(url).expect("the database")),
        }
    }

    /// The whole log, in order.
    pub fn rows(&mut self) -> Vec<Row> {
        audit_events::table.select(Row::as_select()).order((audit_events::stripe, audit_events::seq)).load(self).expect("the log")
    }

    pub fn heads(&mut self) -> Vec<Head> {
        audit_heads::table.select(Head::as_select()).order(audit_heads::stripe).load(self).expect("the heads")
    }

    fn insert(&mut self, rows: &[Row]) {
        for row in rows {
            diesel::insert_into(audit_events::table).values(row.clone()).execute(self).expect("an event");
        }
    }

    fn remove(&mut self, ids: &[Id]) {
        for some in ids.chunks(500) {
            diesel::delete(audit_events::table.filter(audit_events::id.eq_any(some))).execute(self).expect("a deletion");
        }
    }

    fn replace(&mut self, row: &Row, by: Row) -> Undo {
        self.remove(&[row.id]);
        let remove = vec![by.id];
        self.insert(&[by]);
        Undo::Events { remove, restore: vec![row.clone()] }
    }

    pub fn set_head(&mut self, head: &Head) {
        diesel::update(audit_heads::table.find(head.stripe))
            .set((audit_heads::seq.eq(head.seq), audit_heads::link.eq(&head.link)))
            .execute(self)
            .expect("a head");
    }

    /// Deletes the end of a stripe, so many events.
    pub fn cut(&mut self, rows: &[Row], stripe: i32, count: usize) -> Tampering {
        let tail: Vec<Row> = rows.iter().filter(|row| row.stripe == stripe).rev().take(count).cloned().collect();
        let first = tail.last().expect("a stripe with events").seq;
        self.remove(&tail.iter().map(|row| row.id).collect::<Vec<_>>());
        let undo = Undo::Events { remove: Vec::new(), restore: tail };
        Tampering { what: format!("cut {count} events of stripe {stripe}"), kinds: &[TailCut], place: Some((stripe, first)), id: None, undo }
    }

    /// Does something at random to the log that `rows` holds whole.
    pub fn tamper(&mut self, rows: &[Row], chance: &mut Chance) -> Tampering {
        let row = &rows[chance.below(rows.len())];
        let is_last = !rows.iter().any(|other| other.stripe == row.stripe && other.seq > row.seq);
        let gone: &[BreakKind] = if is_last { &[TailCut] } else { &[Removed] };
        let (mut place, mut id) = (Some((row.stripe, row.seq)), None);
        let (what, kinds, undo): (&str, &'static [BreakKind], Undo) = match chance.below(18) {
            0 => {
                let mut bytes = *row.id.as_bytes();
                chance.flip(&mut bytes);
                id = Some(Id::from_bytes(bytes));
                ("id", &[Altered], self.replace(row, Row { id: Id::from_bytes(bytes), ..row.clone() }))
            }
            1 => {
                place = None;
                (
                    "stripe",
                    &[Removed, TailCut, Inserted, Altered],
                    self.replace(row, Row { stripe: row.stripe ^ (1 << chance.below(5)), ..row.clone() }),
                )
            }
            2 => {
                let seq = row.seq ^ (1 << chance.below(4));
                place = Some((row.stripe, row.seq.min(seq)));
                let kinds: &[BreakKind] = if seq < row.seq { &[Inserted] } else { &[Removed] };
                ("seq", kinds, self.replace(row, Row { seq, ..row.clone() }))
            }
            3 => ("at", &[Altered], self.alter_time(row, chance)),
            4 => ("kind", &[Altered], self.replace(row, Row { kind: chance.misspell(&row.kind), ..row.clone() })),
            5 => {
                let user_id = if row.user_id.is_some() && chance.below(2) == 0 { None } else { Some(chance.id()) };
                ("user_id", &[Altered], self.replace(row, Row { user_id, ..row.clone() }))
            }
            6 => {
                let facility_id = if row.facility_id.is_some() && chance.below(2) == 0 { None } else { Some(chance.id()) };
                ("facility_id", &[Altered], self.replace(row, Row { facility_id, ..row.clone() }))
            }
            7 => ("header", &[Altered], self.replace(row, Row { header: chance.misspell(&row.header), ..row.clone() })),
            8 => ("digest", &[Altered], self.replace(row, flipped(row, chance, |row| &mut row.digest))),
            9 => ("link", &[Altered], self.replace(row, flipped(row, chance, |row| &mut row.link))),
            10 => ("payload", &[Altered], self.replace(row, flipped(row, chance, |row| &mut row.payload))),
            11 => {
                self.remove(&[row.id]);
                ("a deletion", gone, Undo::Events { remove: Vec::new(), restore: vec![row.clone()] })
            }
            12 => return self.swap(rows, row, chance),
            13 => {
                let copy = Row { id: chance.id(), ..row.clone() };
                id = Some(copy.id);
                self.insert(std::slice::from_ref(&copy));
                ("a copy beside it", &[Inserted], Undo::Events { remove: vec![copy.id], restore: Vec::new() })
            }
            14 => {
                let end = rows.iter().filter(|other| other.stripe == row.stripe).count() as i64;
                let copy = Row { id: chance.id(), seq: end + 1, ..row.clone() };
                (place, id) = (Some((row.stripe, end + 1)), Some(copy.id));
                self.insert(std::slice::from_ref(&copy));
                ("a copy at the end", &[Inserted], Undo::Events { remove: vec![copy.id], restore: Vec::new() })
            }
            15 => return self.cut(rows, row.stripe, 1 + chance.below(5)),
            16 => {
                let head = self.heads().swap_remove(row.stripe as usize);
                let mut changed = head.clone();
                if chance.below(2) == 0 {
                    changed.seq -= 1
                } else {
                    chance.flip(&mut changed.link)
                }
                place = None;
                self.set_head(&changed);
                ("the head", &[HeadAltered], Undo::Head(head))
            }
            _ => return self.alter_subjects(row, chance),
        };
        Tampering { what: format!("{what} of {}/{}", row.stripe, row.seq), kinds, place, id, undo }
    }

    /// SQLite keeps instants as text, of which any byte may turn; PostgreSQL as a number.
    fn alter_time(&mut self, row: &Row, chance: &mut Chance) -> Undo {
        match self {
            Self::Sqlite(connection) => {
                let text: String = diesel::sql_query("SELECT at AS text FROM audit_events WHERE id = $1")
                    .bind::<Binary, _>(row.id)
                    .get_result::<TimeText>(connection)
                    .expect("a time")
                    .text;
                let digits: Vec<usize> = text.match_indices(|letter: char| letter.is_ascii_digit()).map(|(at, _)| at).collect();
                let mut bytes = text.into_bytes();
                bytes[digits[chance.below(digits.len())]] ^= 1;
                diesel::sql_query("UPDATE audit_events SET at = $1 WHERE id = $2")
                    .bind::<Text, _>(String::from_utf8(bytes).expect("still ASCII"))
                    .bind::<Binary, _>(row.id)
                    .execute(connection)
                    .expect("a change");
                Undo::Events { remove: vec![row.id], restore: vec![row.clone()] }
            }
            Self::Postgres(_) => {
                let at = row.at.plus(chrono::Duration::microseconds(1 << chance.below(30)));
                self.replace(row, Row { at, ..row.clone() })
            }
        }
    }

    /// Two events of a stripe change places, or only payloads.
    fn swap(&mut self, rows: &[Row], row: &Row, chance: &mut Chance) -> Tampering {
        let others: Vec<&Row> = rows.iter().filter(|other| other.stripe == row.stripe && other.seq != row.seq).collect();
        let other = others[chance.below(others.len())];
        let (first, second) = if row.seq < other.seq { (row, other) } else { (other, row) };
        let payloads_only = chance.below(2) == 0;
        let (early, late) = if payloads_only {
            (Row { payload: second.payload.clone(), ..first.clone() }, Row { payload: first.payload.clone(), ..second.clone() })
        } else {
            (Row { seq: first.seq, ..second.clone() }, Row { seq: second.seq, ..first.clone() })
        };
        let (kinds, id): (&[BreakKind], _) = if payloads_only { (&[Altered], first.id) } else { (&[Reordered], second.id) };
        let both = vec![first.clone(), second.clone()];
        self.remove(&[first.id, second.id]);
        self.insert(&[early, late]);
        let what = format!("{} and {} of stripe {} swapped{}", first.seq, second.seq, row.stripe, if payloads_only { ": payloads" } else { "" });
        let undo = Undo::Events { remove: vec![first.id, second.id], restore: both };
        Tampering { what, kinds, place: Some((row.stripe, first.seq)), id: Some(id), undo }
    }

    /// Hides somebody whom an event is about, or enters somebody whom none is about.
    fn alter_subjects(&mut self, row: &Row, chance: &mut Chance) -> Tampering {
        let entered: Vec<(Id, Id)> = audit_subjects::table
            .filter(audit_subjects::event_id.eq(row.id))
            .select((audit_subjects::participant_id, audit_subjects::event_id))
            .load(self)
            .expect("subjects");
        let (what, place, undo) = match entered.first() {
            Some(pair) if chance.below(2) == 0 => {
                diesel::delete(audit_subjects::table.find(*pair)).execute(self).expect("a deletion");
                ("a subject hidden", Some((row.stripe, row.seq)), Undo::Subject { remove: None, restore: Some(*pair) })
            }
            Some(_) | None => {
                let pair = (chance.id(), row.id);
                self.enter(pair);
                ("a subject added", None, Undo::Subject { remove: Some(pair), restore: None })
            }
        };
        Tampering { what: format!("{what} at {}/{}", row.stripe, row.seq), kinds: &[SubjectsAltered], place, id: None, undo }
    }

    fn enter(&mut self, (participant, event): (Id, Id)) {
        diesel::insert_into(audit_subjects::table)
            .values((audit_subjects::participant_id.eq(participant), audit_subjects::event_id.eq(event)))
            .execute(self)
            .expect("a subject");
    }

    pub fn undo(&mut self, tampering: Tampering) {
        match tampering.undo {
            Undo::Events { remove, restore } => {
                self.remove(&remove);
                self.insert(&restore);
            }
            Undo::Head(head) => self.set_head(&head),
            Undo::Subject { remove, restore } => {
                if let Some(pair) = remove {
                    diesel::delete(audit_subjects::table.find(pair)).execute(self).expect("a deletion");
                }
                if let Some(pair) = restore {
                    self.enter(pair);
                }
            }
        }
    }
}

#[derive(QueryableByName)]
struct TimeText {
    #[diesel(sql_type = Text)]
    text: String,
}

fn flipped(row: &Row, chance: &mut Chance, cell: impl Fn(&mut Row) -> &mut Vec<u8>) -> Row {
    let mut changed = row.clone();
    chance.flip(cell(&mut changed));
    changed
}

impl Tampering {
    /// Does the verifier say what was done, and where?
    #[track_caller]
    pub fn must_be_told_by(&self, verdict: &Verdict) {
        let Some(found) = &verdict.broken else { panic!("not found: {}", self.what) };
        assert!(self.kinds.contains(&found.kind), "{}: told as {found:?}", self.what);
        if let Some((stripe, seq)) = self.place {
            assert_eq!((found.stripe, found.seq), (Some(stripe), Some(seq)), "{}: told as {found:?}", self.what);
        }
        if self.id.is_some() {
            assert_eq!(found.id, self.id, "{}: told as {found:?}", self.what);
        }
    }
}
