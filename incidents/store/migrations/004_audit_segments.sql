-- Old rows of the audit, sealed into files beside the database. The chain goes on from the last one's hash.
CREATE TABLE audit_segments (
  first     INTEGER PRIMARY KEY,   -- numbers of its rows
  last      INTEGER NOT NULL,
  hash      TEXT NOT NULL,         -- of its last row
  file      TEXT NOT NULL,         -- its name in the folder
  sealed_at INTEGER NOT NULL
) STRICT;
