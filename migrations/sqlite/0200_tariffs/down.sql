DROP TABLE tariff_items;
DROP TABLE tariff_schedule_writers;
DROP TABLE tariff_schedules;
