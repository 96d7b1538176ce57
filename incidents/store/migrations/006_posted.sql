-- What was said on a chat platform, by the name under which it is edited later; and where an incident lives there.
CREATE TABLE posted (
  platform     TEXT NOT NULL,
  conversation TEXT NOT NULL,
  key          TEXT NOT NULL,     -- "card:INC-42", "post:…": whatever is said anew under it takes its place
  message      TEXT NOT NULL,     -- the platform's own name for it
  thread       TEXT NOT NULL,
  digest       TEXT NOT NULL,     -- of what it looks like: the same again need not be sent
  at           INTEGER NOT NULL,  -- of its last version
  PRIMARY KEY (platform, conversation, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX posted_at ON posted (at);

CREATE TABLE homes (
  platform     TEXT NOT NULL,
  incident     INTEGER NOT NULL,
  origin       TEXT NOT NULL,     -- the conversation in which it was opened
  conversation TEXT NOT NULL,     -- where it lives: a channel of its own, or the thread of its card
  thread       TEXT NOT NULL,     -- empty: the whole conversation is its own
  done         TEXT NOT NULL,     -- what was seen to there: opaque here
  PRIMARY KEY (platform, incident)
) STRICT, WITHOUT ROWID;
CREATE INDEX homes_conversation ON homes (platform, conversation);
