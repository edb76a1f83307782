ALTER TABLE budget_revisions DROP COLUMN withdrawn_at;
ALTER TABLE budgets DROP COLUMN withdrawn_at;
DROP TABLE treasury_orders;
