//! The bases of decisions: each rule set with its lists, texts and engine is kept with the first check that may use it, and found again for replay.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::App;
use crate::domain::eligibility::{Answer, ENGINE, Facts, Lists, decide};
use crate::domain::id::Id;
use crate::domain::rule_sets::RuleSet;
use crate::domain::texts::Texts;
use crate::error::{Error, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::bases::{Basis, ContentKind};
use crate::store::db::{Db, write};
use crate::store::gate::Priority;

/// What a recorded check was decided on.
pub struct Grounds {
    pub rule_set: RuleSet,
    pub lists: Lists,
    pub texts: Texts,
    pub engine: i32,
}

impl Grounds {
    /// Decides facts as they were decided then.
    pub fn decide(&self, facts: &Facts) -> Result<Answer> {
        match u32::try_from(self.engine) {
            Ok(ENGINE) => Ok(decide(&self.rule_set, &self.lists, facts)),
            _ => Err(Error::internal(format!("this program does not have decision engine {}", self.engine))),
        }
    }
}

/// The bases in use, and those that were read for replay.
#[derive(Default)]
pub struct Bases {
    in_use: OnceLock<HashMap<String, Id>>,
    read: Mutex<HashMap<Id, Arc<Grounds>>>,
}

impl Bases {
    /// The id under which the answers of a rule set are recorded.
    pub fn of(&self, rule_set: &str) -> Result<Id> {
        self.in_use.get().and_then(|bases| bases.get(rule_set)).copied().ok_or_else(|| Error::internal("a rule set was used before it was adopted"))
    }
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// What became of the files that the program was started with.
#[must_use]
pub enum Adoption {
    Adopted,
    /// A rule set was changed without a new revision: whoever runs the service must mend the file.
    Refused(String),
}

/// Keeps the contents of all rule sets, lists and texts that are new, and refuses a rule set that was changed without a new revision.
pub fn adopt(app: &App, db: &mut Db) -> Result<Adoption> {
    let context = app.context();
    let city = &app.city;
    for (code, revision, hash) in store::bases::rule_sets_in_use(db)? {
        if let Some(rule_set) = city.rule_sets.by_code(&code)
            && rule_set.hash() != hash
            && number(rule_set.revision) <= revision
        {
            return Ok(Adoption::Refused(format!(
                "rule set {code} is in use as revision {revision} with other contents: give the changed file a revision above {revision}"
            )));
        }
    }
    let bases: Vec<Basis> = city
        .rule_sets
        .iter()
        .map(|rule_set| Basis {
            id: context.new_id(),
            rule_set_code: rule_set.code.clone(),
            rule_set_revision: number(rule_set.revision),
            rule_set: rule_set.hash(),
            texts: city.texts.hash(),
            lists: city.lists.hash(),
            engine: number(ENGINE),
        })
        .collect();
    let in_use = write(db, Priority::People, |tx| {
        store::bases::keep_content(tx, ContentKind::Texts, city.texts.hash(), city.texts.canonical())?;
        store::bases::keep_content(tx, ContentKind::Lists, city.lists.hash(), city.lists.canonical())?;
        let mut in_use = HashMap::new();
        for (rule_set, basis) in city.rule_sets.iter().zip(&bases) {
            store::bases::keep_content(tx, ContentKind::RuleSet, rule_set.hash(), rule_set.canonical())?;
            in_use.insert(rule_set.code.clone(), store::bases::keep(tx, basis, context.now)?);
        }
        tx.record(Event::new(&context, "rules.adopted").with("bases", &in_use));
        Ok(in_use)
    })?;
    // A second opening of the same database changes nothing.
    let _ = app.bases.in_use.set(in_use);
    Ok(Adoption::Adopted)
}

/// The grounds of a recorded check, from what was kept and never from today's files.
pub fn grounds(app: &App, db: &mut Db, id: Id) -> Result<Arc<Grounds>> {
    if let Some(grounds) = app.bases.read.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return Ok(grounds.clone());
    }
    let missing = || Error::internal("the basis of a recorded check is missing");
    let unreadable = |what: &'static str| Error::internal(format!("the kept {what} of a recorded check cannot be read"));
    let basis = store::bases::find(db, id)?.ok_or_else(missing)?;
    let grounds = Arc::new(Grounds {
        rule_set: RuleSet::from_canonical(&store::bases::content(db, basis.rule_set)?.ok_or_else(missing)?).map_err(|_| unreadable("rule set"))?,
        lists: Lists::from_canonical(&store::bases::content(db, basis.lists)?.ok_or_else(missing)?).map_err(|_| unreadable("lists"))?,
        texts: Texts::from_canonical(&store::bases::content(db, basis.texts)?.ok_or_else(missing)?).map_err(|_| unreadable("texts"))?,
        engine: basis.engine,
    });
    app.bases.read.lock().unwrap_or_else(PoisonError::into_inner).insert(id, grounds.clone());
    Ok(grounds)
}
