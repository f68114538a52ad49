-- The terms of ranges are other ones from now on. They are made again from the leaves, behind the sequencer; until then leaves are
-- found by being read.
TRUNCATE "AuditSearchRange";
