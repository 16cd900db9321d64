/** Answers of Graph: status, headers and bodies of single requests, of batches, and links to next pages. */
import fc, { type Arbitrary } from 'fast-check';
import { listAttachments } from '#lib/mailbox/attach.ts';
import { listCopies } from '#lib/mailbox/look-up.ts';
import { microsoftHosts } from '#lib/microsoft/clouds.ts';
import { resolveAddresses } from '#lib/microsoft/directory.ts';
import { createGraph } from '#lib/microsoft/graph.ts';
import { GraphError } from '#lib/microsoft/graph-errors.ts';
import { readInBatches } from '#lib/microsoft/read-in-batches.ts';
import type { WireAnswer } from '#lib/microsoft/transport.ts';
import { address, json, spoiled, text } from './arbitraries.ts';
import { bounded, must, type Target } from './target.ts';

const error = { error: { code: 'ErrorAccessDenied', message: 'no', innerError: { 'request-id': 'r' } } };
const nextLink = fc.oneof(
  address,
  fc.constantFrom(
    'https://graph.microsoft.com/v1.0/users?$skiptoken=x',
    '/users?$skip=10',
    'https://evil.example/?$skip=1',
    '',
  ),
);
const page = fc
  .tuple(
    fc.array(fc.oneof(spoiled({ id: '1', name: 'n', mail: 'a@b.example', userType: 'Member' }), json), {
      maxLength: 3,
    }),
    fc.option(nextLink, { nil: undefined }),
  )
  .map(([value, next]) => ({ value, ...(next === undefined ? {} : { '@odata.nextLink': next }) }));
const part = fc.oneof(
  fc.record({
    id: fc.constantFrom('0', '1', '2', 'x'),
    status: fc.constantFrom(200, 201, 400, 404, 429, 503),
    headers: fc.option(fc.dictionary(text, text, { maxKeys: 2 })),
    body: fc.oneof(page, json),
  }),
  spoiled({ id: '0', status: 200, headers: {}, body: {} }),
);
const batch = fc.array(part, { maxLength: 4 }).map((responses) => ({ responses }));
const body = fc.oneof(page, batch, spoiled(error), json);
const header = fc.constantFrom('retry-after', 'Retry-After', 'request-id', 'content-type', 'location');
const answer: Arbitrary<WireAnswer> = fc
  .record({
    status: fc.oneof(
      fc.constantFrom(200, 201, 204, 400, 401, 403, 404, 409, 412, 413, 429, 500, 503, 504),
      fc.integer({ min: 200, max: 599 }),
    ),
    headers: fc.dictionary(
      header,
      fc.oneof(text, fc.constantFrom('0', '1', '-5', '1e9', 'Wed, 21 Oct 2026 07:28:00 GMT')),
      { maxKeys: 3 },
    ),
    text: fc.oneof(
      { weight: 5, arbitrary: body.map((of) => JSON.stringify(of) ?? '') },
      { weight: 1, arbitrary: text },
    ),
  })
  .map(({ status, headers, text: said }) => ({ status, headers, text: said }));

interface Conversation {
  readonly what: 'request' | 'batch' | 'reads' | 'addresses' | 'copies' | 'attachments';
  readonly answers: readonly WireAnswer[];
}

/** More requests than that for one question are a hang, whatever the answers say. */
const MOST_REQUESTS = 500;

export const odata: Target<Conversation> = {
  name: 'OData answers',
  input: fc.record({
    what: fc.constantFrom('request', 'batch', 'reads', 'addresses', 'copies', 'attachments'),
    answers: fc.array(answer, { minLength: 1, maxLength: 4 }),
  }),
  feed: async ({ what, answers }) => {
    const asks = bounded(MOST_REQUESTS, 'requests');
    let asked = 0;
    const hosts = microsoftHosts('public');
    const graph = createGraph({
      hosts,
      tokens: { clientId: 'c', token: async () => ({ accessToken: 't', roles: [], tenantId: 't', objectId: null }) },
      tenantId: 't',
      transport: async (url) => {
        asks();
        must(url.startsWith(`${hosts.graphUrl}/`), `a request to ${url}`);
        // The last answer is what comes from then on, for ever.
        return answers[Math.min(asked++, answers.length - 1)] ?? { status: 500, headers: {}, text: '' };
      },
    });
    const read = { attempts: 2, sleep: async () => {} };
    try {
      if (what === 'request') await graph.request({ method: 'GET', url: '/users' });
      else if (what === 'batch')
        await graph.batch([
          { id: '0', method: 'GET', url: '/users' },
          { id: '1', method: 'POST', url: '/users', body: {} },
        ]);
      else if (what === 'reads') await readInBatches(graph, ['/users/a', '/users/b'], read);
      else if (what === 'addresses') await resolveAddresses(graph, ['a@company.example', 'b@company.example'], read);
      else if (what === 'copies') await listCopies(graph, 'u', { id: 'p', value: 'v' });
      else await listAttachments(graph, '/users/u/messages/m/attachments', async () => ({}));
    } catch (failed) {
      // The caller knows what to do with these, and with nothing else.
      if (!(failed instanceof GraphError)) throw failed;
    }
  },
};
