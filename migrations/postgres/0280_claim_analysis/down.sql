DROP INDEX claim_terms_by_decision;
DROP INDEX claims_by_admission;
