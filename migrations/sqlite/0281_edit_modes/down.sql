DROP TABLE edit_back_tests;
DROP TABLE edit_modes;
