-- Whose card is to be printed next: few of many.
CREATE INDEX enrollments_unprinted ON enrollments (id) WHERE state = 'active' AND card_state = 'not_printed';
