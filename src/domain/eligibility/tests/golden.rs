//! What each engine that recorded answers said: the same facts under the same rules must give the same answer for ever.

use std::collections::BTreeMap;
use std::path::PathBuf;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::{Deserialize, Serialize};

use super::properties::facts;
use super::*;
use crate::domain::rule_sets::RuleSet;

const CASES_OF_EACH_RULE_SET: usize = 20;

/// Whole in itself: today's files may change, what was recorded under them may not.
#[derive(Serialize, Deserialize)]
struct Corpus {
    lists: String,
    rule_sets: BTreeMap<String, String>,
    cases: Vec<GoldenCase>,
}

#[derive(Serialize, Deserialize)]
struct GoldenCase {
    rule_set: String,
    facts: Facts,
    decision: Decision,
    digest: String,
}

fn file(engine: u32) -> PathBuf {
    PathBuf::from(format!("{}/tests/golden/engine-{engine}.json", env!("CARGO_MANIFEST_DIR")))
}

#[test]
fn every_engine_decides_as_it_did() {
    for engine in 1..=ENGINE {
        let corpus: Corpus = serde_json::from_str(&std::fs::read_to_string(file(engine)).unwrap()).unwrap();
        let lists = Lists::from_canonical(&corpus.lists).unwrap();
        let rule_sets: BTreeMap<_, _> = corpus.rule_sets.iter().map(|(code, text)| (code, RuleSet::from_canonical(text).unwrap())).collect();
        let decisions: BTreeSet<&str> = corpus.cases.iter().map(|case| case.decision.as_str()).collect();
        assert_eq!(decisions.len(), Decision::ALL.len(), "a corpus without {decisions:?} proves little");
        for (number, case) in corpus.cases.iter().enumerate() {
            let answer = decide(&rule_sets[&case.rule_set], &lists, &case.facts);
            assert_eq!(answer.decision, case.decision, "engine {engine}, case {number}");
            assert_eq!(answer.digest().unwrap().to_string(), case.digest, "engine {engine}, case {number}: {answer:?}");
        }
    }
}

/// Writes the corpus of an engine that has none yet. One that is there stays: whoever changes the decision raises `ENGINE` instead.
#[test]
#[ignore = "writes a file, once for each engine"]
fn a_new_engine_gets_its_corpus() {
    let path = file(ENGINE);
    assert!(!path.exists(), "{} is there already", path.display());
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let mut counts = BTreeMap::<String, usize>::new();
    let mut cases = Vec::new();
    while cases.len() < rule_sets().iter().count() * CASES_OF_EACH_RULE_SET {
        let facts = facts().new_tree(&mut runner).unwrap().current();
        let set = rule_sets().for_date(facts.service_date).unwrap();
        let count = counts.entry(set.code.clone()).or_default();
        if *count < CASES_OF_EACH_RULE_SET {
            *count += 1;
            let answer = decide(set, lists(), &facts);
            cases.push(GoldenCase { rule_set: set.code.clone(), facts, decision: answer.decision, digest: answer.digest().unwrap().to_string() });
        }
    }
    let rule_sets = rule_sets().iter().map(|set| (set.code.clone(), set.canonical().to_owned())).collect();
    let corpus = Corpus { lists: lists().canonical().to_owned(), rule_sets, cases };
    std::fs::write(path, serde_json::to_string_pretty(&corpus).unwrap()).unwrap();
}
