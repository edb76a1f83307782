-- What past claims teach is read by the day of admission, and by the moment of the decision.

CREATE INDEX claims_by_admission ON claims (admitted_on, id);
CREATE INDEX claim_terms_by_decision ON claim_terms (decided_at, claim_id) WHERE decided_at IS NOT NULL;
