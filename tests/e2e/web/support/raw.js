// Requests as no browser would send them: bytes over a socket.
import { connect } from 'node:net';

const kPatience = 10_000;

/** Opens a connection, writes `bytes`, resolves with what came until it was `enough` or the other side closed. */
export function rawExchange(port, bytes, { enough = () => false, patience = kPatience } = {}) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`not closed within ${patience} ms; so far: ${answer}`));
    }, patience);
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', (text) => {
      answer += text;
      if (enough(answer)) socket.destroy();
    });
    socket.on('error', () => {}); // a reset is an answer too
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

/** A head, and as much body as it announces. */
function complete(answer) {
  const end = answer.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /^content-length: *(\d+)/im.exec(answer.slice(0, end))?.[1] ?? 0;
  return answer.length - end - 4 >= Number(length);
}

/** One request with headers as given, on a connection of its own: `{status, headers, body}`. */
export async function request(port, { method = 'GET', path = '/', headers = {}, body = '' }) {
  const lines = Object.entries({ Connection: 'close', ...headers }).flatMap(([name, value]) =>
    [value].flat().map((each) => `${name}: ${each}\r\n`),
  );
  const answer = await rawExchange(port, `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`, {
    enough: method === 'HEAD' ? undefined : complete,
  });
  const end = answer.indexOf('\r\n\r\n');
  const [first, ...rest] = answer.slice(0, end).split('\r\n');
  return {
    status: Number(first.split(' ')[1]),
    headers: Object.fromEntries(
      rest.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    ),
    body: answer.slice(end + 4),
  };
}

/** What asks for the WebSocket of the page. */
export const upgrade = (headers) => ({
  path: '/ws',
  headers: {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  },
});
