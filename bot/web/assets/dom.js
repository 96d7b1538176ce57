// Building elements. Everything that comes from the server passes through here as text: nothing in this page parses
// a string as markup, which the page's policy holds with `require-trusted-types-for 'script'`.

/**
 * Makes an element. `properties`: `class`, `text` (its text), functions under `on…` (listeners), `data` (dataset);
 * any other name is an attribute: true sets it empty; false, null and undefined leave it out.
 * @returns {HTMLElement}
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'class') {
      node.className = value;
    } else if (name === 'text') {
      node.textContent = value;
    } else if (name === 'data') {
      Object.assign(node.dataset, value);
    } else if (name.startsWith('on')) {
      node.addEventListener(name.slice(2), value);
    } else {
      node.setAttribute(name, value === true ? '' : String(value));
    }
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** A small button of the page itself. */
export const smallButton = (text, onclick) => element('button', { type: 'button', class: 'small', text, onclick });

/** Sets a text only when it differs, so that a tick every second costs nothing and selections survive. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets or removes an attribute only when it differs. */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value === true ? '' : value)) {
    node.setAttribute(name, value === true ? '' : String(value));
  }
}

/**
 * Brings the children of `parent` into the order of `nodes`, removing others. Nodes already in place are not moved:
 * focus, scroll positions and animations survive.
 */
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) {
    if (!wanted.has(child)) child.remove();
  }
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
}
