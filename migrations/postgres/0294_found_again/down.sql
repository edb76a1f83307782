DROP INDEX messages_denied;
DROP INDEX claim_terms_to_pay;
DROP INDEX claims_in_place_of;
