//! Sets of papers of which any one is enough.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::domain::eligibility::Paper;

/// `[["ktp_el", "kk"], ["dinsos_letter"]]`: KTP-el with KK, or a letter of the Dinas Sosial. No set at all asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct PaperSets(pub Vec<BTreeSet<Paper>>);

impl PaperSets {
    /// What is lacking from the set that is nearest to complete; nothing if one is complete. `spared` papers are not asked for.
    pub fn lacking(&self, shown: &BTreeSet<Paper>, spared: &[Paper]) -> Vec<Paper> {
        let missing =
            |set: &BTreeSet<Paper>| set.iter().copied().filter(|paper| !shown.contains(paper) && !spared.contains(paper)).collect::<Vec<_>>();
        self.0.iter().map(missing).min_by_key(Vec::len).unwrap_or_default()
    }

    /// Is one of the sets there, not merely unasked?
    pub fn shown_in(&self, shown: Option<&BTreeSet<Paper>>) -> bool {
        shown.is_some_and(|shown| self.0.iter().any(|set| set.is_subset(shown)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_set_tells_what_is_lacking() {
        use Paper::*;
        let sets = PaperSets(vec![[KtpEl, Kk].into(), [DinsosLetter].into()]);
        for (shown, spared, lacking) in [
            (vec![KtpEl, Kk], vec![], vec![]),
            (vec![DinsosLetter], vec![], vec![]),
            (vec![KtpEl], vec![], vec![Kk]),
            (vec![], vec![], vec![DinsosLetter]),
            (vec![Kk], vec![KtpEl], vec![]),
        ] {
            assert_eq!(sets.lacking(&shown.iter().copied().collect(), &spared), lacking, "{shown:?} without {spared:?}");
        }
        assert!(PaperSets(vec![]).lacking(&BTreeSet::new(), &[]).is_empty());
        assert!(!sets.shown_in(None) && !sets.shown_in(Some(&[KtpEl].into())) && sets.shown_in(Some(&[Kk, DinsosLetter].into())));
    }
}
