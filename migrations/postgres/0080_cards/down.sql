DELETE FROM keys WHERE purpose = 'card';
ALTER TABLE keys DROP CONSTRAINT keys_purpose_check;
ALTER TABLE keys ADD CONSTRAINT keys_purpose_check CHECK (purpose IN ('data', 'index', 'token', 'checkpoint'));
DROP TABLE card_batch_items;
DROP TABLE card_batches;
ALTER TABLE card_registry DROP COLUMN card_id;
DROP TABLE card_events;
DROP TABLE cards;
