/** That the validator in between sees what it is there for: a request or an answer that breaks a contract. */
import { connect } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { Contract } from './contract.ts';
import { type Watched, watch } from './watch.ts';

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const note = { $ref: '#/components/schemas/note' };

const NOTES = {
  paths: {
    '/$batch': {
      post: {
        requestBody: { required: true, ...json({ type: 'object', required: ['requests'] }) },
        responses: { 200: json({ type: 'object', required: ['responses'] }) },
      },
    },
    '/notes': {
      get: {
        parameters: [
          { name: 'from', in: 'query', required: true, schema: { type: 'string', format: 'date-time' } },
          { name: '$top', in: 'query', schema: { type: 'integer', maximum: 100 } },
        ],
        responses: { 200: json({ type: 'object', properties: { value: { type: 'array', items: note } } }) },
      },
      post: {
        requestBody: { required: true, ...json(note) },
        responses: { 201: json(note), '4XX': json({ type: 'object', required: ['error'] }) },
      },
    },
    '/pages': {
      get: {
        responses: {
          '4XX': {
            ...json({ type: 'object', required: ['error'] }),
            headers: { 'request-id': { schema: { type: 'string' } }, 'Retry-After': { schema: { type: 'integer' } } },
          },
          '5XX': json({ type: 'object', required: ['error'] }),
        },
      },
    },
    '/notes/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^[0-9]+$' } }],
      delete: { responses: { 204: { description: 'gone' } } },
    },
  },
  components: {
    schemas: {
      attachment: { type: 'object', required: ['@odata.type'], properties: { name: { type: 'string' } } },
      fileAttachment: {
        allOf: [
          { $ref: '#/components/schemas/attachment' },
          { type: 'object', properties: { size: { type: 'integer' } } },
        ],
      },
      note: {
        type: 'object',
        required: ['text'],
        properties: {
          text: { type: 'string', nullable: true },
          attachments: { type: 'array', items: { $ref: '#/components/schemas/attachment' } },
        },
      },
    },
  },
};

interface Sent {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT';
  readonly url: string;
  readonly body?: object;
}

function watchedServer(): { readonly server: FastifyInstance; readonly watched: Watched } {
  const server = Fastify();
  const contract = new Contract(NOTES, { unknownInAnswers: 'faults' });
  return {
    server,
    watched: watch(server, { contract, base: '/v1.0', outside: (path) => path.startsWith('/uploads/') }),
  };
}

/** Sends one request to a server that answers as told, and gives back what was noticed. */
async function noticed(
  sent: readonly Sent[],
  status: number,
  answer?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Watched> {
  const { server, watched } = watchedServer();
  server.all('/*', async (_request, reply) => reply.code(status).headers(headers).send(answer));
  for (const { method, url, body } of sent) await server.inject({ method, url, ...(body && { payload: body }) });
  await server.close();
  return watched;
}

const violations = async (sent: Sent, status: number, answer?: object): Promise<readonly string[]> =>
  (await noticed([sent], status, answer)).violations;

const asked = '/v1.0/notes?from=2026-01-01T00:00:00Z';
const post = (body: object): Sent => ({ method: 'POST', url: '/v1.0/notes', body });

describe('an exchange that keeps to the contract', () => {
  it('is counted under its operation, and nothing is noted', async () => {
    const file = { '@odata.type': '#fileAttachment', name: 'a', size: 1 };
    const { checked, violations } = await noticed([post({ text: null, attachments: [file] })], 201, { text: 'x' });
    expect([...checked]).toEqual([['POST /notes', 1]]);
    expect(violations).toEqual([]);
  });

  it('may follow an address that an answer gave, and use addresses that the contract leaves out', async () => {
    const next = '/v1.0/notes?$skiptoken=x';
    const page = { value: [], '@odata.nextLink': `https://localhost${next}` };
    const followed = await noticed(
      [asked, next].map((url) => ({ method: 'GET', url })),
      200,
      page,
    );
    expect(followed.violations).toEqual([]);
    expect(await violations({ method: 'PUT', url: '/uploads/x' }, 500)).toEqual([]);
  });
});

describe('a request whose client goes before it is answered', () => {
  const BODY = '{"colour":"blue"}';

  /** What is noted of one whose body is announced as so many bytes. */
  async function notedOf(length: number, path = '/v1.0/notes'): Promise<readonly string[]> {
    const { server, watched } = watchedServer();
    const [began, gone, said] = [
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
    ];
    server.addHook('onRequest', async ({ raw }) => {
      raw.socket.once('close', gone.resolve);
      began.resolve();
    });
    server.addHook('onSend', async () => said.resolve());
    server.post('/*', async (_request, reply) => {
      await gone.promise;
      return reply.code(201).send({ text: 'x' });
    });
    const address = new URL(await server.listen({ port: 0, host: '127.0.0.1' }));
    const client = connect(Number(address.port), address.hostname);
    client.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`,
    );
    client.write(BODY);
    await began.promise;
    client.destroy();
    await said.promise;
    await server.close();
    return watched.violations;
  }

  it('is held against the contract where it came whole', async () => {
    expect(await notedOf(BODY.length)).toContain('POST /notes asked: /colour is no property');
  });

  it('is by all but its body where the rest of that never came', async () => {
    expect(await notedOf(BODY.length + 1)).toEqual([]);
    expect(await notedOf(BODY.length + 1, '/v1.0/people')).toEqual(['POST /people is not in the contract']);
  });
});

describe('what breaks it is named', () => {
  it.each<[string, Sent, number, object | undefined, string]>([
    ['a path', { method: 'GET', url: '/v1.0/people' }, 200, {}, 'GET /people is not in the contract'],
    ['a method', { method: 'PUT', url: '/v1.0/notes' }, 200, {}, 'PUT /notes is not in the contract'],
    [
      'a name in a body',
      post({ text: 'x', colour: 'red' }),
      201,
      { text: 'x' },
      'POST /notes asked: /colour is no property',
    ],
    ['a type in a body', post({ text: 1 }), 201, { text: 'x' }, 'POST /notes asked: /text must be string'],
    [
      'a type that depends on the kind',
      post({ text: 'x', attachments: [{ '@odata.type': '#fileAttachment', size: 'big' }] }),
      201,
      { text: 'x' },
      'POST /notes asked: /attachments/0/size must be integer',
    ],
    [
      'a kind that there is not',
      post({ text: 'x', attachments: [{ '@odata.type': '#parcel' }] }),
      201,
      { text: 'x' },
      'POST /notes asked: /attachments/0 is of the kind parcel',
    ],
    ['no body', { method: 'POST', url: '/v1.0/notes' }, 201, { text: 'x' }, 'POST /notes asked: the body is missing'],
    ['a parameter', { method: 'GET', url: `${asked}&$size=1` }, 200, {}, 'GET /notes asked: $size is no parameter'],
    ['a missing parameter', { method: 'GET', url: '/v1.0/notes' }, 200, {}, 'GET /notes asked: from is missing'],
    [
      'a parameter’s value',
      { method: 'GET', url: `${asked}&$top=101` },
      200,
      {},
      'GET /notes asked: $top must be <= 100',
    ],
    [
      'a part of the path',
      { method: 'DELETE', url: '/v1.0/notes/x' },
      204,
      undefined,
      'DELETE /notes/{id} asked: id must match pattern "^[0-9]+$"',
    ],
    ['a status', { method: 'GET', url: asked }, 404, {}, 'GET /notes answered 404: no answer has status 404'],
    ['an answer', post({ text: 'x' }), 201, {}, "POST /notes answered 201: must have required property 'text'"],
    [
      'an answer’s name',
      post({ text: 'x' }),
      201,
      { text: 'x', id: 1 },
      'POST /notes answered 201: /id is no property',
    ],
    ['no answer', post({ text: 'x' }), 201, undefined, 'POST /notes answered 201: the body is missing'],
    ['a refusal', post({ text: 'x' }), 400, {}, "POST /notes answered 400: must have required property 'error'"],
  ])('%s', async (_what, sent, status, answer, violation) => {
    expect(await violations(sent, status, answer)).toEqual([violation]);
  });

  it.each<[number, Record<string, string>, string[]]>([
    [404, { 'request-id': 'a' }, []],
    [404, {}, ['GET /pages answered 404: request-id is missing']],
    [429, { 'request-id': 'a' }, ['GET /pages answered 429: Retry-After is missing']],
    [429, { 'request-id': 'a', 'retry-after': 'soon' }, ['GET /pages answered 429: Retry-After must be integer']],
    [429, { 'request-id': 'a', 'retry-after': '3' }, []],
  ])('headers of a %i with %j', async (status, headers, expected) => {
    const { violations } = await noticed([{ method: 'GET', url: '/v1.0/pages' }], status, { error: {} }, headers);
    expect(violations).toEqual(expected);
  });

  it('a fault of the sandbox, though it has the shape of a refusal', async () => {
    const failure = { error: { code: 'x', message: 'The sandbox failed: no such table' } };
    expect(await violations({ method: 'GET', url: '/v1.0/pages' }, 500, failure)).toEqual([
      'GET /pages answered 500: the sandbox failed',
    ]);
  });

  it('in each request of a batch, and in its answer', async () => {
    const requests = [
      { id: '1', method: 'POST', url: '/notes', body: { text: 'x', colour: 'red' } },
      { id: '2', method: 'DELETE', url: 'notes/5' },
    ];
    const responses = [
      { id: '2', status: 200 },
      { id: '1', status: 201, body: { text: 2 } },
    ];
    const { checked, violations } = await noticed([{ method: 'POST', url: '/v1.0/$batch', body: { requests } }], 200, {
      responses,
    });
    expect(violations).toEqual([
      'DELETE /notes/{id} in a batch answered 200: no answer has status 200',
      'POST /notes in a batch asked: /colour is no property',
      'POST /notes in a batch answered 201: /text must be string',
    ]);
    expect([...checked.keys()]).toContain('POST /notes in a batch');
  });
});
