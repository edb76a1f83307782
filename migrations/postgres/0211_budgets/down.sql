DROP TABLE budget_alerts;
DROP TABLE budget_revisions;
DROP TABLE budget_pots;
DROP TABLE budget_years;
DROP TABLE budgets;
