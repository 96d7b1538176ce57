-- The built-in room, which terminal and web share: its newest messages, so that a page that comes back after a restart
-- has lost no line. An edit takes the place of the version before, under a new number.

CREATE TABLE room (
  key       TEXT PRIMARY KEY,
  id        INTEGER NOT NULL UNIQUE,  -- grows with every version of any message
  first     INTEGER NOT NULL,         -- the number of its first version: the order in which messages stand
  at        INTEGER NOT NULL,         -- of the first version
  edited_at INTEGER,
  author    TEXT NOT NULL,            -- empty: the bot
  reply_to  TEXT NOT NULL,
  audience  TEXT,                     -- one person a line; null: everybody
  message   TEXT NOT NULL,
  typed     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
