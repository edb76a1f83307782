-- What is asked by these columns grows with the years: which claim is in another's place, what is due to be paid, and what a person has answered.
CREATE INDEX claims_in_place_of ON claims (replaces_claim_id) WHERE replaces_claim_id IS NOT NULL;
CREATE INDEX claim_terms_to_pay ON claim_terms (pay_by) WHERE pay_by IS NOT NULL;
CREATE INDEX messages_denied ON messages (participant_id, care_on) WHERE answer = 'not_me';
