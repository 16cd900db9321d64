/**
 * A source to import from: the archive feed of TeleMessage's contract with as many items in as many people's phones as a
 * benchmark wants. The sandbox's own phones speak for forty people; a page here costs next to nothing, so that what is
 * measured is the import. A process of its own: prints its address when it listens, ends with its parent.
 *
 * `node bench/import/feed.ts ITEMS PEOPLE FROM`: so many items, evenly over one hour from FROM (ISO 8601), owners in turn.
 */
import { createServer } from 'node:http';
import { account } from '#lib/imports/connector.fixture.ts';
import { person } from './people.ts';

const [items = 0, people = 0] = process.argv.slice(2, 4).map(Number);
const from = Date.parse(process.argv[4] ?? '');
const HOUR_MS = 3_600_000;
const USERS_A_PAGE = 200;
const stepMs = HOUR_MS / items;

const owners = Array.from({ length: people }, (_, at) => {
  const { mobile, email, name } = person(at);
  return JSON.stringify({ mobile, email, name });
});
const TEXTS = [
  'Between 7 and 9. I will ping you when he is 30 min out',
  'Perfect, thanks. The boxes are in the hallway, the grey ones go first',
  'Can we move the call to 16:30? The client wants the numbers from last quarter as well',
  'ok',
  'Running late, start without me. Agenda is in the folder, page three has the open points',
];

/** An item with one participant who is registered: the owner. The other party is an outsider. */
function item(at: number): string {
  const owner = owners[at % people] ?? '';
  const peer = `{"mobile":"+13125550${String(100 + (Math.floor(at / people) % 100)).padStart(3, '0')}","email":null,"name":"Kim Novak"}`;
  const incoming = at % 2 === 0;
  const archived = from + Math.floor(at * stepMs);
  return (
    `{"id":"b-${at.toString(36).padStart(7, '0')}","type":"sms","messageKey":null,` +
    `"direction":"${incoming ? 'incoming' : 'outgoing'}","owner":${owner},` +
    `"sender":${incoming ? peer : owner},"recipients":[${incoming ? owner : peer}],` +
    `"messageTime":"${new Date(archived - 4_000).toISOString()}","archivedTime":"${new Date(archived).toISOString()}",` +
    `"conversationId":"c-${at % (people * 7)}","groupName":null,"subject":null,` +
    `"text":"${TEXTS[at % TEXTS.length]} ${at}","attachments":[],"call":null}`
  );
}

function page(query: URLSearchParams): string {
  const limit = Math.min(1_000, Number(query.get('limit') ?? 500));
  const begin = Number(query.get('cursor') ?? 0);
  const end = Math.min(items, begin + limit);
  const list = Array.from({ length: end - begin }, (_, offset) => item(begin + offset));
  return `{"items":[${list.join(',')}],"nextCursor":${end < items ? `"${end}"` : 'null'}}`;
}

function users(query: URLSearchParams): string {
  const begin = Number(query.get('cursor') ?? 0);
  const end = Math.min(people, begin + USERS_A_PAGE);
  const list = owners.slice(begin, end).map((owner) => `${owner.slice(0, -1)},"status":"activated"}`);
  return `{"users":[${list.join(',')}],"nextCursor":${end < people ? `"${end}"` : 'null'}}`;
}

function answer(path: string, query: URLSearchParams): string {
  const settled = new Date(from + HOUR_MS).toISOString();
  if (path.endsWith('/items')) return page(query);
  if (path.endsWith('/users')) return users(query);
  if (path.endsWith('/manifest')) return JSON.stringify({ count: items, attachmentBytes: 0 });
  if (path.endsWith('/status')) {
    return JSON.stringify({ now: settled, settledThrough: settled, earliestRetained: '2020-01-01T00:00:00.000Z' });
  }
  return JSON.stringify({ token: 'bench', expiresIn: 86_400, account: account.account });
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  request.resume();
  const body = answer(url.pathname, url.searchParams);
  response.writeHead(request.method === 'POST' ? 201 : 200, { 'content-type': 'application/json' }).end(body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') console.log(`http://127.0.0.1:${address.port}`);
});
process.stdin.resume().once('end', () => process.exit(0));
