// One renderer for each kind of block of a message. A renderer returns `{node, update}`: `update(block)` brings an
// existing node to a new block of the same kind, so that an edit in place keeps folds, focus and scroll positions.
//
// `context`: `words` (translate), `run(command, button)` (a button was pressed), `mayRun` (false for viewers).
import { arrange, element, setAttribute, setText, smallButton } from './dom.js';

const kFoldAboveLines = 8;
const kFoldedLines = 5;
const kMarks = { good: '✅', warning: '⚠️', bad: '❌', unknown: '❔', none: '' };

/** Makes the view of one block. */
export function viewOf(block, context) {
  return kViews[block.kind](block, context);
}

const bytesOf = (base64) => Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));

/** Hands a file to the browser, to be saved. */
function save(name, type, content) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  element('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function textView(block) {
  const lead = element('p', { class: 'text-lead' });
  const rest = element('p', { class: 'text-rest' });
  const node = element('div', { class: 'block text' }, lead, rest);
  const update = ({ text }) => {
    const trimmed = text.replace(/\s+$/, '');
    const end = trimmed.indexOf('\n');
    setText(lead, end < 0 ? trimmed : trimmed.slice(0, end));
    setText(rest, end < 0 ? '' : trimmed.slice(end + 1));
    rest.hidden = end < 0;
    node.classList.toggle('has-rest', end >= 0);
  };
  update(block);
  return { node, update };
}

function codeView(block, { words }) {
  const name = element('span', { class: 'code-name' });
  const facts = element('span', { class: 'code-facts' });
  const body = element('pre', { class: 'code-body', tabindex: '0', role: 'region', translate: 'no' });
  const fold = smallButton('', () => {
    folded = !folded;
    show();
    if (!folded) body.scrollTop = body.scrollHeight;
  });
  const copy = smallButton(words('code.copy'), async () => {
    try {
      await navigator.clipboard.writeText(current.text);
      setText(copy, words('code.copied'));
      setTimeout(() => setText(copy, words('code.copy')), 2000);
    } catch {
      getSelection()?.selectAllChildren(body);
    }
  });
  copy.hidden = !navigator.clipboard; // exists only on https and on loopback
  const download = smallButton(words('file.download'), () => save(current.file_name, 'text/plain', current.text));
  const node = element(
    'div',
    { class: 'block code' },
    element('div', { class: 'code-head' }, name, facts, element('span', { class: 'grow' }), fold, copy, download),
    body,
  );
  let current = block;
  let folded = true;

  const show = () => {
    const text = current.text.replace(/\n+$/, '');
    const lines = text.split('\n');
    const long = lines.length > kFoldAboveLines;
    const kind = current.language === 'plan' ? words('code.plan') : current.language;
    setText(name, current.file_name || kind || words('code.output'));
    const parts = [words(lines.length === 1 ? 'code.line' : 'code.lines', { lines: lines.length })];
    if (current.cut) parts.push(words('code.cut'));
    if (long && folded) parts.push(words('code.last', { shown: kFoldedLines }));
    setText(facts, parts.join(' · '));
    setText(body, long && folded ? lines.slice(-kFoldedLines).join('\n') : text);
    body.classList.toggle('folded', (long && folded) || current.cut);
    setAttribute(body, 'aria-label', name.textContent);
    download.hidden = !current.file_name;
    fold.hidden = !long;
    setText(fold, folded ? words('code.all', { lines: lines.length }) : words('code.fold'));
    setAttribute(fold, 'aria-expanded', String(!folded));
  };
  show();
  return {
    node,
    update: (next) => {
      current = next;
      show();
    },
  };
}

const looksNumeric = (text) => text === '' || /^[<>≤≥~≈+-]*\s*\d/.test(text);

function tableView(block, { words }) {
  const judged = block.rows.some((row) => row.verdict !== 'none');
  const columns = Math.max(block.heads.length, ...block.rows.map((row) => row.cells.length), 0);
  const numeric = Array.from(
    { length: columns },
    (_, column) =>
      column > 0 && block.rows.length > 0 && block.rows.every((row) => looksNumeric(row.cells[column] ?? '')),
  );
  const head = element(
    'tr',
    {},
    judged ? element('th', { scope: 'col', text: words('table.verdict') }) : null,
    ...Array.from({ length: columns }, (_, column) =>
      element('th', { scope: 'col', class: numeric[column] ? 'number' : null, text: block.heads[column] ?? '' }),
    ),
  );
  const rows = block.rows.map((row) =>
    element(
      'tr',
      { data: { verdict: row.verdict } },
      judged
        ? element(
            'td',
            { class: 'verdict' },
            element('span', { 'aria-hidden': 'true', text: kMarks[row.verdict] }),
            ' ',
            row.verdict === 'none' ? '' : words(`verdict.${row.verdict}`),
          )
        : null,
      ...Array.from({ length: columns }, (_, column) =>
        element('td', { class: numeric[column] ? 'number' : null, text: row.cells[column] ?? '' }),
      ),
    ),
  );
  const more =
    block.left_out > 0 ? element('p', { class: 'faint', text: words('table.more', { count: block.left_out }) }) : null;
  const node = element(
    'div',
    { class: 'block table', tabindex: '0', role: 'region', 'aria-label': words('table.label') },
    element(
      'table',
      {},
      // A list of verdicts has no columns to name; a screen reader is told all the same.
      element('thead', { class: block.heads.some(Boolean) ? null : 'unseen' }, head),
      element('tbody', {}, ...rows),
    ),
    more,
  );
  return { node, update: null };
}

function buttonsView(block, context) {
  const node = element('div', { class: 'block buttons', role: 'group', 'aria-label': context.words('buttons.label') });
  arrange(
    node,
    block.buttons.map((button) => buttonView(button, context)),
  );
  return { node, update: null };
}

/** A button that sends its command; also used beside incidents. It shows on hover what it will send. */
export function buttonView(button, context) {
  const node = element('button', {
    type: 'button',
    class: `act ${button.style}`,
    text: button.label || button.command,
    title: button.command,
    data: { command: button.command },
    'aria-disabled': context.mayRun ? null : 'true',
  });
  node.addEventListener('click', () => {
    if (node.getAttribute('aria-disabled') === 'true') return;
    context.run(button.command, node);
  });
  return node;
}

function progressView(block, { words }) {
  const label = element('p', { class: 'progress-text' });
  const share = element('span', { class: 'progress-share' });
  const fill = element('span', { class: 'progress-fill' });
  const bar = element(
    'span',
    { class: 'progress-bar', role: 'progressbar', 'aria-label': words('progress.label') },
    fill,
  );
  const node = element(
    'div',
    { class: 'block progress' },
    label,
    element('div', { class: 'progress-line' }, bar, share),
  );
  const update = ({ text, done, total }) => {
    const known = total > 0;
    const part = known ? Math.min(1, Math.max(0, done / total)) : 0;
    setText(label, text);
    setText(share, known ? `${done}/${total}` : words('progress.unknown'));
    node.classList.toggle('unknown', !known);
    node.classList.toggle('complete', known && done >= total);
    fill.style.transform = known ? `scaleX(${part})` : '';
    setAttribute(bar, 'aria-valuemin', known ? 0 : null);
    setAttribute(bar, 'aria-valuemax', known ? total : null);
    setAttribute(bar, 'aria-valuenow', known ? Math.min(done, total) : null);
    setAttribute(bar, 'aria-valuetext', text.split('\n')[0] || share.textContent);
  };
  update(block);
  return { node, update };
}

/** `1.8 MiB`; empty when the size is unknown. */
export function formatSize(bytes) {
  if (bytes < 0) return '';
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

function fileView(block, { words }) {
  const facts = [block.media_type, formatSize(block.size)].filter(Boolean).join(' · ');
  const button = element(
    'button',
    {
      type: 'button',
      class: 'file-box',
      // As bytes and nothing a browser would open: what it is called may be anything.
      onclick: () => save(block.name, 'application/octet-stream', bytesOf(block.data)),
    },
    element('span', { class: 'file-name', text: block.name }),
    element('span', { class: 'file-facts', text: facts }),
    element('span', { class: 'file-do', text: words('file.download') }),
  );
  return { node: element('div', { class: 'block file' }, button), update: null };
}

function pictureView(block, { words }) {
  const picture = element('img', {
    class: 'picture',
    src: `data:${block.media_type};base64,${block.data}`,
    alt: block.shows || block.name,
  });
  const caption = element('figcaption', { class: 'faint', text: block.shows });
  const download = smallButton(words('file.download'), () => save(block.name, block.media_type, bytesOf(block.data)));
  return { node: element('figure', { class: 'block' }, picture, caption, download), update: null };
}

function fieldsView(block) {
  const node = element('dl', { class: 'block fields' });
  const update = ({ fields }) => {
    arrange(
      node,
      fields.map(({ label, value }) =>
        element('div', {}, element('dt', { class: 'faint', text: label }), element('dd', { text: value })),
      ),
    );
  };
  update(block);
  return { node, update };
}

function unknownView(block, { words }) {
  return {
    node: element('p', { class: 'block faint', text: words('entry.unknown', { name: block.name }) }),
    update: null,
  };
}

const kViews = {
  text: textView,
  code: codeView,
  table: tableView,
  fields: fieldsView,
  buttons: buttonsView,
  progress: progressView,
  file: fileView,
  picture: pictureView,
  unknown: unknownView,
};
