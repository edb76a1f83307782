DELETE FROM keys WHERE purpose = 'letter';
ALTER TABLE keys DROP CONSTRAINT keys_purpose_check;
ALTER TABLE keys ADD CONSTRAINT keys_purpose_check CHECK (purpose IN ('data', 'index', 'token', 'checkpoint', 'card'));
DROP TABLE letter_events;
DROP TABLE live_letters;
DROP TABLE guarantee_letters;
