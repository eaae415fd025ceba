-- CRC-32 of a row, so that a row that has changed since it was written is found when the file is opened. Rows of before have none.
ALTER TABLE log ADD COLUMN checksum INTEGER;
