-- The first schema. Instants are UTC milliseconds; lengths are milliseconds; texts of the catalogue are stored as key
-- and arguments, never as words.

CREATE TABLE migrations (
  version    INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  length     INTEGER NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE incidents (
  id              INTEGER PRIMARY KEY,
  severity        INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 3),
  status          INTEGER NOT NULL CHECK (status BETWEEN 0 AND 4),
  title           TEXT NOT NULL,
  platform        TEXT NOT NULL,
  conversation    TEXT NOT NULL,
  thread          TEXT NOT NULL,
  opened_by       TEXT NOT NULL,
  opened_at       INTEGER NOT NULL,
  round           INTEGER NOT NULL,
  arming          INTEGER NOT NULL,
  started_at      INTEGER NOT NULL,
  response_target INTEGER NOT NULL,
  response_met_at INTEGER,
  recovery_target INTEGER NOT NULL,
  recovery_met_at INTEGER,
  policy          TEXT NOT NULL,
  marks           INTEGER NOT NULL,
  steps           TEXT NOT NULL,
  acknowledged_by TEXT NOT NULL,
  claimed_at      INTEGER,
  resolved_at     INTEGER,
  closed_at       INTEGER,
  active_at       INTEGER NOT NULL,
  idle_paged_at   INTEGER NOT NULL,
  people          TEXT NOT NULL,     -- assignee, roles, responders, members, drill pages
  hidden          INTEGER NOT NULL,
  drill           INTEGER NOT NULL,
  false_alarm     INTEGER NOT NULL,
  merged_into     INTEGER NOT NULL,
  update_due      INTEGER,
  open_reviews    INTEGER NOT NULL,
  pauses          INTEGER NOT NULL,  -- how many rows of this round there are in pauses
  next_due        INTEGER            -- what the scheduler waits for
) STRICT;
CREATE INDEX incidents_due ON incidents (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX incidents_live ON incidents (status, id) WHERE status < 3;
CREATE INDEX incidents_room ON incidents (platform, conversation, status) WHERE status < 4;

CREATE TABLE pauses (
  incident INTEGER NOT NULL REFERENCES incidents (id),
  round    INTEGER NOT NULL,
  position INTEGER NOT NULL,
  from_at  INTEGER NOT NULL,
  to_at    INTEGER,
  person   TEXT NOT NULL,
  PRIMARY KEY (incident, round, position)
) STRICT, WITHOUT ROWID;

-- The state before the last decision that can be taken back.
CREATE TABLE undo (
  incident INTEGER PRIMARY KEY REFERENCES incidents (id),
  made_by  TEXT NOT NULL,
  made_at  INTEGER NOT NULL,
  state    TEXT NOT NULL
) STRICT;

CREATE TABLE timeline (
  incident INTEGER NOT NULL REFERENCES incidents (id),
  sequence INTEGER NOT NULL,
  kind     TEXT NOT NULL,
  author   TEXT NOT NULL,
  happened INTEGER NOT NULL,
  recorded INTEGER NOT NULL,
  corrects INTEGER NOT NULL,
  what     TEXT NOT NULL,
  PRIMARY KEY (incident, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE pages (
  id              INTEGER PRIMARY KEY,
  incident        INTEGER NOT NULL,  -- 0: a request that belongs to no incident
  arming          INTEGER NOT NULL,
  step            INTEGER NOT NULL,
  occurrence      INTEGER NOT NULL,
  person          TEXT NOT NULL,
  what            TEXT NOT NULL,
  due             INTEGER NOT NULL,
  created         INTEGER NOT NULL,
  state           INTEGER NOT NULL,
  first_tried     INTEGER,
  ended_at        INTEGER,           -- accepted, acknowledged, failed or superseded
  next_due        INTEGER,           -- of its deliveries
  handed_over     INTEGER NOT NULL,  -- the next person was called because no channel took it
  UNIQUE (incident, arming, step, occurrence, person)
) STRICT;
CREATE INDEX pages_due ON pages (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX pages_person ON pages (person, id);

CREATE TABLE deliveries (
  page       INTEGER NOT NULL REFERENCES pages (id),
  position   INTEGER NOT NULL,
  channel    TEXT NOT NULL,
  contact    TEXT NOT NULL,
  state      INTEGER NOT NULL,
  tries      INTEGER NOT NULL,
  next_due   INTEGER,
  may_repeat INTEGER NOT NULL,
  detail     TEXT NOT NULL,
  PRIMARY KEY (page, position)
) STRICT, WITHOUT ROWID;

-- What must still be said: to a room, or quietly to a person.
CREATE TABLE outbox (
  id           INTEGER PRIMARY KEY,
  created      INTEGER NOT NULL,
  incident     INTEGER NOT NULL,
  platform     TEXT NOT NULL,
  conversation TEXT NOT NULL,
  thread       TEXT NOT NULL,
  person       TEXT NOT NULL,      -- not empty: for this person, on whatever reaches them
  what         TEXT NOT NULL,
  due          INTEGER NOT NULL,
  tries        INTEGER NOT NULL,
  sending      INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (due, id);
CREATE INDEX outbox_incident ON outbox (incident, tries);

-- Every message that came in, with what was answered: a message that comes again gets the same answer and runs nothing.
CREATE TABLE inbox (
  platform TEXT NOT NULL,
  id       TEXT NOT NULL,
  person   TEXT NOT NULL,
  at       INTEGER NOT NULL,
  state    INTEGER NOT NULL,       -- 0 kept, 1 running, 2 done, 3 interrupted
  text     TEXT NOT NULL,
  room     TEXT NOT NULL,
  answer   TEXT NOT NULL,
  PRIMARY KEY (platform, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_unfinished ON inbox (state, at) WHERE state < 2;
CREATE INDEX inbox_at ON inbox (at);

-- Append-only; each row carries the hash of the one before.
CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  person   TEXT NOT NULL,
  place    TEXT NOT NULL,
  what     TEXT NOT NULL,
  outcome  TEXT NOT NULL,
  detail   TEXT NOT NULL,
  length   INTEGER NOT NULL,       -- duration in milliseconds
  hash     TEXT NOT NULL
) STRICT;

CREATE TABLE approvals (
  code         TEXT PRIMARY KEY,   -- "K7"
  command      TEXT NOT NULL,      -- the canonical command
  digest       TEXT NOT NULL,      -- SHA-256 of action, parameters and target set
  what         TEXT NOT NULL,      -- the request as shown
  incident     INTEGER NOT NULL,
  asked_by     TEXT NOT NULL,
  asked_at     INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  needs_second INTEGER NOT NULL,
  state        TEXT NOT NULL,      -- waiting, approved, denied, expired, used, broken
  decided_by   TEXT NOT NULL,
  decided_at   INTEGER,
  reason       TEXT NOT NULL,
  place        TEXT NOT NULL
) STRICT;
CREATE INDEX approvals_open ON approvals (state, expires_at);

CREATE TABLE reviews (
  id          INTEGER PRIMARY KEY,
  incident    INTEGER NOT NULL REFERENCES incidents (id),
  code        TEXT NOT NULL,
  broken_by   TEXT NOT NULL,
  broken_at   INTEGER NOT NULL,
  reason      TEXT NOT NULL,
  reviewed_by TEXT NOT NULL,
  reviewed_at INTEGER,
  verdict     TEXT NOT NULL
) STRICT;

CREATE TABLE todos (
  id       INTEGER PRIMARY KEY,
  incident INTEGER NOT NULL REFERENCES incidents (id),
  text     TEXT NOT NULL,
  owner    TEXT NOT NULL,
  due      INTEGER,
  made_by  TEXT NOT NULL,
  made_at  INTEGER NOT NULL,
  done_by  TEXT NOT NULL,
  done_at  INTEGER
) STRICT;
CREATE INDEX todos_incident ON todos (incident);

CREATE TABLE duty_overrides (
  id          INTEGER PRIMARY KEY,
  person      TEXT NOT NULL,
  from_at     INTEGER NOT NULL,
  to_at       INTEGER NOT NULL,
  recorded_by TEXT NOT NULL,
  recorded_at INTEGER NOT NULL
) STRICT;

-- A run of an action: what it was, how it ended, what it printed.
CREATE TABLE runs (
  id         INTEGER PRIMARY KEY,
  incident   INTEGER NOT NULL,
  action     TEXT NOT NULL,
  target     TEXT NOT NULL,
  parameters TEXT NOT NULL,
  effect     TEXT NOT NULL,
  person     TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at   INTEGER,
  state      TEXT NOT NULL,        -- running, verified, ran, failed, stopped, undone, interrupted
  exit_code  INTEGER,
  output     TEXT NOT NULL,
  digest     TEXT NOT NULL
) STRICT;
CREATE INDEX runs_running ON runs (target) WHERE ended_at IS NULL;
CREATE INDEX runs_incident ON runs (incident);

-- Small facts with a name: last seen instant, anchors, one-time links.
CREATE TABLE facts (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  at    INTEGER NOT NULL
) STRICT;

-- One-time links and sessions of the web; only hashes are kept.
CREATE TABLE web_tokens (
  hash    TEXT PRIMARY KEY,
  kind    TEXT NOT NULL,           -- login, session
  person  TEXT NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
