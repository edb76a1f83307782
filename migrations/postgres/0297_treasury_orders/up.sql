-- Which payment an order of the treasury paid: one pays one. Where several had the same number until now, it is the first of them.
CREATE TABLE treasury_orders (
    sp2d_number TEXT COLLATE "C" PRIMARY KEY,
    batch_id BYTEA NOT NULL UNIQUE REFERENCES payment_batches (id) CHECK (length(batch_id) = 16)
);
INSERT INTO treasury_orders (sp2d_number, batch_id)
SELECT sp2d_number, id FROM payment_batches WHERE sp2d_number IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM payment_batches AS earlier WHERE earlier.sp2d_number = payment_batches.sp2d_number AND earlier.id < payment_batches.id);

-- A proposal that nobody approved may be taken back by whoever made it.
ALTER TABLE budgets ADD COLUMN withdrawn_at TIMESTAMP;
ALTER TABLE budget_revisions ADD COLUMN withdrawn_at TIMESTAMP;
