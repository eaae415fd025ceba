-- The log: one row a revision. A row is kept while it is the newest of its object or still part of the retained history.
CREATE TABLE log (
  revision  INTEGER PRIMARY KEY,
  time      INTEGER NOT NULL, -- milliseconds since the epoch
  type      INTEGER NOT NULL, -- 1 ADDED, 2 MODIFIED, 3 DELETED
  resource  TEXT    NOT NULL, -- key of the stored definition: v1/pods, apps/v1/deployments
  namespace TEXT    NOT NULL,
  name      TEXT    NOT NULL,
  object    BLOB    NOT NULL  -- the object as the API prints it
) STRICT;

-- Facts about the file: the highest compacted revision.
CREATE TABLE fact (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
