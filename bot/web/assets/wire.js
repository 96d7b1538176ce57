// The frames of the server, brought into known shapes: hostile or broken input becomes an empty or cut value, never an
// exception and never markup. The protocol itself is described in bot/web/README.md.

const kMaxText = 200_000; // characters of one string
const kMaxBlocks = 50;
const kMaxRows = 500;
const kMaxCells = 20;
const kMaxButtons = 8;
const kMaxItems = 500;

const text = (value, limit = kMaxText) => {
  if (typeof value === 'string') return value.slice(0, limit);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
};
const number = (value, otherwise = 0) => (Number.isFinite(value) ? value : otherwise);
const instant = (value) => (Number.isFinite(value) && value > 0 ? value : null);
const base64 = (value) => (typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value) ? value : '');
const list = (value, limit) => (Array.isArray(value) ? value.slice(0, limit) : []);
const record = (value) => (value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {});
const oneOf = (value, allowed, otherwise) => (allowed.includes(value) ? value : otherwise);

const person = (value) => {
  const from = record(value);
  return { id: text(from.id, 200), name: text(from.name, 200), role: text(from.role, 50), bot: from.bot === true };
};

const button = (value) => {
  const from = record(value);
  return {
    label: text(from.label, 200),
    command: text(from.command, 4000),
    style: oneOf(from.style, ['plain', 'primary', 'danger'], 'plain'),
  };
};

const kBlocks = {
  text: (from) => ({ text: text(from.text) }),
  code: (from) => ({
    text: text(from.text),
    language: text(from.language, 50),
    file_name: text(from.file_name, 200),
    cut: from.cut === true,
  }),
  table: (from) => ({
    heads: list(from.heads, kMaxCells).map((head) => text(head, 2000)),
    rows: list(from.rows, kMaxRows).map((row) => ({
      cells: list(record(row).cells, kMaxCells).map((cell) => text(cell, 2000)),
      verdict: oneOf(record(row).verdict, ['good', 'warning', 'bad', 'unknown'], 'none'),
    })),
    left_out: Math.max(0, list(from.rows, Infinity).length - kMaxRows),
  }),
  buttons: (from) => ({ buttons: list(from.buttons, kMaxButtons).map(button) }),
  progress: (from) => ({ text: text(from.text), done: number(from.done), total: number(from.total) }),
  fields: (from) => ({
    fields: list(from.fields, kMaxCells).map((field) => ({
      label: text(record(field).label, 200),
      value: text(record(field).value, 2000),
    })),
  }),
  file: (from) => ({
    name: text(from.name, 300) || 'file',
    media_type: text(from.media_type, 100),
    size: number(from.size, -1),
    data: base64(from.data),
  }),
  picture: (from) => ({
    name: text(from.name, 300) || 'picture',
    media_type: oneOf(from.media_type, ['image/png', 'image/jpeg', 'image/gif', 'image/webp'], 'image/png'),
    shows: text(from.shows, 500),
    data: base64(from.data),
  }),
};

const block = (value) => {
  const from = record(value);
  const read = Object.hasOwn(kBlocks, from.kind) ? kBlocks[from.kind] : null;
  return read ? { kind: from.kind, ...read(from) } : { kind: 'unknown', name: text(from.kind, 50) };
};

const clock = (value) => {
  if (value === null || typeof value !== 'object') return null;
  return {
    state: oneOf(value.state, ['running', 'paused', 'met', 'lapsed'], 'running'),
    deadline: instant(value.deadline),
    started: number(value.started),
    target_ms: number(value.target_ms),
    elapsed_ms: number(value.elapsed_ms),
    met_at: instant(value.met_at),
  };
};

const incident = (value) => {
  const from = record(value);
  return {
    id: text(from.id, 100),
    label: text(from.label, 100),
    severity: oneOf(from.severity, ['P0', 'P1', 'P2', 'P3'], 'P3'),
    title: text(from.title, 500),
    status: oneOf(from.status, ['open', 'acknowledged', 'mitigated', 'resolved'], 'open'),
    private: from.private === true,
    drill: from.drill === true,
    assignee: nameOf(from.assignee),
    commander: nameOf(from.commander),
    response: clock(from.response),
    recovery: clock(from.recovery),
    buttons: list(from.buttons, kMaxButtons).map(button),
  };
};

// A person may be given as a name or as an object that has one.
function nameOf(value) {
  return typeof value === 'object' ? text(record(value).name, 200) : text(value, 200);
}

const page = (value) => {
  const from = record(value);
  return {
    id: text(from.id, 100),
    incident: text(from.incident, 100),
    text: text(from.text, 1000),
    at: number(from.at),
    state: text(from.state, 50),
    buttons: list(from.buttons, kMaxButtons).map(button),
  };
};

const kMessages = {
  hello: (from) => ({
    person: from.person ? person(from.person) : null,
    locale: text(from.locale, 20),
    zone: text(from.zone, 100),
    now: number(from.now),
    rate: number(from.rate, 1),
    version: text(from.version, 100),
    demo: from.demo === true,
    log: text(from.log, 100),
    reset: from.reset === true,
  }),
  entry: (from) => ({
    id: number(from.id),
    key: text(from.key, 300) || `entry:${number(from.id)}`,
    at: number(from.at),
    edited_at: instant(from.edited_at),
    author: person(from.author),
    reply_to: text(from.reply_to, 100),
    private: from.private === true,
    blocks: list(from.blocks, kMaxBlocks).map(block),
  }),
  result: (from) => ({ id: text(from.id, 100), state: oneOf(from.state, ['accepted', 'refused', 'done'], 'accepted') }),
  completions: (from) => ({
    seq: number(from.seq),
    items: list(from.items, 20).map((item) => ({
      text: text(record(item).text, 4000),
      help: text(record(item).help, 500),
    })),
  }),
  incidents: (from) => ({ items: list(from.items, kMaxItems).map(incident) }),
  inbox: (from) => ({ pages: list(from.pages, kMaxItems).map(page) }),
  pong: (from) => ({ now: number(from.now) }),
  error: (from) => ({ text: text(from.text, 2000) }),
};

/** One frame as `{type, …}` in its known shape; null for what is not JSON or of no known type. */
export function readFrame(frame) {
  let parsed;
  try {
    parsed = JSON.parse(frame);
  } catch {
    return null;
  }
  const from = record(parsed);
  return Object.hasOwn(kMessages, from.type) ? { type: from.type, ...kMessages[from.type](from) } : null;
}
