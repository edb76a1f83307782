DROP INDEX claims_of_year_by_state;
DROP INDEX claims_of_facility_by_discharge;
DROP TABLE carried_debts;
DROP TABLE debt_items;
DROP TABLE debt_acknowledgements;
