/**
 * Requests that no honest client sends: real paths and broken ones, valid bodies with something wrong in them, odd
 * options, headers and ranges. Ids are placeholders such as `{message}`, filled in when a request is sent; `{last}` is
 * what was created last.
 */
import fc from 'fast-check';

/** How many runs: `FUZZ_RUNS`, or few enough for every commit. */
export const fuzzRuns = Number(process.env.FUZZ_RUNS ?? 60);

export interface FuzzRequest {
  readonly method: string;
  /** below the version, with placeholders */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, or anything else */
  readonly body: string | Uint8Array | undefined;
}

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS'] as const;
const USER = '/users/{user}';

/** Routes with the method and a body that they take, from which fuzzing departs. */
const valid: readonly { readonly method: string; readonly path: string; readonly body?: unknown }[] = [
  { method: 'GET', path: `${USER}/messages` },
  { method: 'GET', path: `${USER}/mailFolders` },
  { method: 'GET', path: `${USER}/mailFolders/{folder}/messages` },
  { method: 'GET', path: `${USER}/mailFolders/{folder}/childFolders` },
  { method: 'GET', path: `${USER}/messages/{message}` },
  { method: 'GET', path: `${USER}/messages/{message}/attachments` },
  { method: 'GET', path: `${USER}/messages/{message}/attachments/{attachment}` },
  { method: 'GET', path: `${USER}/messages/{message}/attachments/{attachment}/$value` },
  { method: 'DELETE', path: `${USER}/messages/{message}/attachments/{attachment}` },
  { method: 'DELETE', path: `${USER}/messages/{message}` },
  { method: 'DELETE', path: `${USER}/mailFolders/{folder}` },
  { method: 'POST', path: `${USER}/mailFolders`, body: { displayName: 'Folder', isHidden: false } },
  { method: 'PATCH', path: `${USER}/mailFolders/{folder}`, body: { displayName: 'Renamed' } },
  { method: 'POST', path: `${USER}/messages/{message}/move`, body: { destinationId: 'archive' } },
  { method: 'PATCH', path: `${USER}/messages/{message}`, body: { isRead: true, categories: ['x'], subject: 's' } },
  {
    method: 'POST',
    path: `${USER}/messages/{message}/attachments`,
    body: {
      '@odata.type': '#microsoft.graph.fileAttachment',
      name: 'a.txt',
      contentType: 'text/plain',
      contentBytes: 'eA==',
      isInline: false,
      contentId: 'c',
    },
  },
  {
    method: 'POST',
    path: `${USER}/messages/{message}/attachments/createUploadSession`,
    body: { AttachmentItem: { attachmentType: 'file', name: 'clip', size: 4_000_000, contentType: 'video/mp4' } },
  },
  {
    method: 'POST',
    path: `${USER}/mailFolders/{folder}/messages`,
    body: {
      subject: 'SMS',
      body: { contentType: 'html', content: '<p>Hello</p>' },
      from: { emailAddress: { name: 'A', address: 'a@mobile.invalid' } },
      toRecipients: [{ emailAddress: { name: 'B', address: 'b@mobile.invalid' } }],
      importance: 'high',
      isRead: true,
      flag: { flagStatus: 'flagged', startDateTime: { dateTime: '2026-01-01T00:00:00', timeZone: 'UTC' } },
      internetMessageId: '<x@archive.example>',
      internetMessageHeaders: [{ name: 'x-item', value: 'v' }],
      singleValueExtendedProperties: [
        { id: 'Integer 0x0E07', value: '1' },
        { id: 'SystemTime 0x0E06', value: '2019-05-01T10:00:00Z' },
        { id: 'String {8ecac74c-d7dc-4f9a-a0ea-a9f7ff0d1d0a} Name Item', value: 'v' },
      ],
      multiValueExtendedProperties: [
        { id: 'StringArray {8ecac74c-d7dc-4f9a-a0ea-a9f7ff0d1d0a} Name Tags', value: ['a', 'b'] },
      ],
      attachments: [{ '@odata.type': '#microsoft.graph.fileAttachment', name: 'a', contentBytes: 'eA==' }],
    },
  },
];

const nastyText = fc.oneof(
  fc.constantFrom(
    '',
    '\u0000',
    'a\u0000b',
    '\ud800',
    'x\udfff',
    '__proto__',
    'constructor',
    '../..',
    "'",
    '%00',
    '<'.repeat(5_000),
    '9'.repeat(400),
    '-9223372036854775808',
    '2019-13-45T99:99:99Z',
    '+275760-09-13T00:00:00.001Z',
    '-271821-04-20T00:00:00Z',
    'Integer 0x',
    'String {8ecac74c-d7dc-4f9a-a0ea-a9f7ff0d1d0a} Name ',
    'x'.repeat(70_000),
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  nastyText,
  fc.constantFrom(null, true, 0, -1, 1e308, -0, 2 ** 53, 0.5, [], {}, [[[]]], [null], { '@odata.type': 1 }),
  fc.json({ maxDepth: 4 }).map((text): unknown => JSON.parse(text)),
  fc.constantFrom(99, 101, 1_000).map((depth): unknown => nested(depth)),
);

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** `body` with what stands at a random place replaced, taken away, or joined by another property. */
function mutated(body: unknown, change: { at: number; value: unknown; name: string; kind: string }): unknown {
  let left = change.at;
  const walk = (value: unknown): unknown => {
    left -= 1;
    if (left === 0 && change.kind === 'replace') return change.value;
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [name, walk(inner)]);
    return left < 0 && change.kind === 'add'
      ? Object.fromEntries([...entries, [change.name, change.value]])
      : Object.fromEntries(entries);
  };
  return walk(body);
}

const change = fc.record({
  at: fc.integer({ min: 1, max: 40 }),
  value: nastyValue,
  name: fc.oneof(fc.constantFrom('__proto__', 'id', 'isDraft', 'attachments', 'toString', '@odata.type'), nastyText),
  kind: fc.constantFrom('replace', 'replace', 'add', 'nothing'),
});

const jsonText = (body: unknown): fc.Arbitrary<string> =>
  fc.array(change, { maxLength: 3 }).map((changes) => JSON.stringify(changes.reduce<unknown>(mutated, body)) ?? '');

const brokenBody: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc.constantFrom(
    '',
    '{',
    '[]',
    'null',
    '1',
    '"x"',
    '{"a":1,}',
    '\ufeff{}',
    '['.repeat(100_000),
    '{"subject":"\\ud800"}',
  ),
  fc.constant('{"__proto__":{"isDraft":false},"subject":"x"}'),
  fc.uint8Array({ maxLength: 40 }),
);

const options = fc.constantFrom(
  '$select=subject',
  '$select=nonsense',
  '$select=,',
  '$select=*',
  '$select=@odata.type',
  '$select=__proto__',
  '$top=0',
  '$top=-1',
  '$top=1001',
  '$top=1e9',
  '$top=',
  '$skip=99999999999999999999',
  '$skip=9007199254740991',
  '$count=maybe',
  '$count=true',
  '$expand=attachments',
  '$expand=attachments($select=contentBytes)',
  '$expand=singleValueExtendedProperties',
  "$expand=singleValueExtendedProperties($filter=id eq 'x')",
  '$expand=(',
  '$filter=',
  "$filter=isRead eq 'x'",
  '$filter=toString eq null',
  '$filter=subject eq null',
  '$filter=(((',
  "$filter=a'",
  '$filter=receivedDateTime ge 9999-99-99',
  "$filter=toRecipients/any(r:r/x eq 'y')",
  "$filter=categories/any(c:c eq 'x')",
  "$filter=categories/any(c:zz eq 'x')",
  '$filter=categories/any(c:c gt 5)',
  "$filter=flag/startDateTime/dateTime eq 'x'",
  "$filter=childFolders/any(c:c/id eq 'x')",
  '$expand=extensions',
  '$expand=messages',
  '$expand=childFolders($filter=isHidden eq 1)',
  '$orderby=subject&$count=true',
  "$filter=startswith(isRead,'x')",
  '$filter=from/emailAddress eq null',
  '$filter=singleValueExtendedProperties/any(a:a/id eq 1)',
  '$orderby=__proto__',
  '$orderby=subject desc,subject',
  "$filter=subject eq 'x'&$orderby=receivedDateTime",
  '$search="x"',
  '$format=xml',
  '$skiptoken=x',
  'includeHiddenFolders=true',
  '%24select=%ff',
  '$top=1&$top=2',
  '%',
);

/** Names that differ in case or by a number alone; `{twin}` is called A, its sibling `{suffixed}`, a folder in Deleted Items A too. */
const clashingName = fc.constantFrom('A', 'a', 'A (1)', '{suffixed}', '\u00c4', '\u00e4', 'Deletions', 'x'.repeat(255));
const clashingFolders: fc.Arbitrary<FuzzRequest> = fc
  .tuple(
    fc.constantFrom(
      ['POST', '/mailFolders'],
      ['POST', '/mailFolders/{folder}/childFolders'],
      ['POST', '/mailFolders/deleteditems/childFolders'],
      ['POST', '/mailFolders/recoverableitemsdeletions/childFolders'],
      ['PATCH', '/mailFolders/{twin}'],
      ['PATCH', '/mailFolders/{folder}'],
      ['DELETE', '/mailFolders/{twin}'],
      ['DELETE', '/mailFolders/{twin}'],
      ['DELETE', '/mailFolders/{folder}'],
    ),
    clashingName,
  )
  .map(([[method = '', path = ''], displayName]) => ({
    method,
    path: `${USER}${path}`,
    headers: { 'content-type': 'application/json' },
    body: method === 'DELETE' ? undefined : JSON.stringify({ displayName }),
  }));

/** Files called what no file is, with types that no header can carry, and their contents. */
const oddText = fc.oneof(
  fc.constantFrom(
    'text/x\r\nset-cookie: a=b',
    'a/b;c=\u0000',
    'caf\u00e9/x',
    '\u20ac',
    ' ',
    'a'.repeat(20_000),
    '../"x',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const FILE = { '@odata.type': '#microsoft.graph.fileAttachment', contentBytes: 'eA==' };
const oddAttachment: fc.Arbitrary<FuzzRequest> = fc.oneof(
  fc.record({ name: oddText, contentType: oddText }).map((item) => ({
    method: 'POST',
    path: `${USER}/messages/{message}/attachments`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...FILE, ...item }),
  })),
  fc.constantFrom('{message}/attachments/{last}', '{message}/attachments/{attachment}', '{uploaded}').map((which) => ({
    method: 'GET',
    path: `${USER}/messages/${which}/$value`,
    headers: {},
    body: undefined,
  })),
);

const query = fc.array(fc.oneof({ weight: 5, arbitrary: options }, { weight: 1, arbitrary: nastyText }), {
  maxLength: 3,
});

const segment = fc.oneof(
  fc.constantFrom(
    '{folder}',
    '{message}',
    '{attachment}',
    '{other}',
    'inbox',
    'INBOX',
    'clutter',
    '$value',
    '$batch',
    'me',
  ),
  fc.constantFrom(
    'AAkALg',
    'AAkALgWlsA',
    'AAMkAGAA',
    'AQMkAD____',
    'messages',
    'attachments',
    '%00',
    '%2F',
    '%e0%a4',
    '..',
    ' ',
  ),
  nastyText.map((text) => encodeURIComponent(text.toWellFormed()).slice(0, 3_000)),
);

const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/json; charset=utf-16',
      'application/json;charset="utf-8"',
      'text/plain',
      'application/xml',
      '',
      'application/json;;;',
      'multipart/form-data',
    ),
    'content-encoding': fc.constantFrom('gzip', 'identity', 'br'),
    prefer: fc.constantFrom('IdType="ImmutableId"', 'IdType=', 'outlook.body-content-type="text"', 'x'.repeat(5_000)),
    'client-request-id': fc.constantFrom('', 'x'.repeat(2_000), 'caf\u00e9', '1'),
    'content-range': fc.constantFrom(
      'bytes 0-9/4000000',
      'bytes 9-0/1',
      'bytes */5',
      '',
      'bytes 0-99999999999999999999/1',
    ),
    accept: fc.constantFrom('text/html', '*/*'),
  },
  { requiredKeys: [] },
);

/** Cut to what HTTP servers take: longer ones are answered before they come to Graph. */
const url = (path: string, parts: readonly string[]): string =>
  parts.length > 0 ? `${path}?${parts.join('&')}`.slice(0, 2_000) : path;

/** A valid request with a few things wrong. */
const nearlyValid: fc.Arbitrary<FuzzRequest> = fc.constantFrom(...valid).chain((base) =>
  fc.record({
    method: fc.oneof(
      { weight: 8, arbitrary: fc.constant(base.method) },
      { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
    ),
    path: fc
      .tuple(
        fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: segment }),
        fc.nat(8),
        query,
      )
      .map(([other, at, parts]) =>
        url(
          base.path
            .split('/')
            .map((part, index) => (other !== undefined && index === at ? other : part))
            .join('/'),
          parts,
        ),
      ),
    headers: fc.oneof(
      { weight: 3, arbitrary: fc.constant({ 'content-type': 'application/json' }) },
      { weight: 1, arbitrary: headers },
    ),
    body:
      base.body === undefined
        ? fc.constant(undefined)
        : fc.oneof({ weight: 6, arbitrary: jsonText(base.body) }, { weight: 1, arbitrary: brokenBody }),
  }),
);

/** Anything at all. */
const nonsense: fc.Arbitrary<FuzzRequest> = fc.record({
  method: fc.constantFrom(...METHODS),
  path: fc
    .tuple(fc.array(segment, { maxLength: 6 }), fc.boolean(), query)
    .map(([segments, below, parts]) => url(`${below ? USER : ''}/${segments.join('/')}`, parts)),
  headers,
  body: fc.option(fc.oneof(brokenBody, jsonText({ a: 1 })), { nil: undefined }),
});

/** Nothing bounds a URL inside a batch but the batch. */
const longUrl: fc.Arbitrary<FuzzRequest> = fc
  .constantFrom(
    'isRead eq true or '.repeat(100_000).concat('isRead eq false'),
    '('.repeat(1_000_000),
    `subject eq '${'x'.repeat(3_000_000)}'`,
    'not '.repeat(100_000),
    'isRead eq true or '.repeat(800).concat('isRead eq false'),
  )
  .map((filter) => ({ method: 'GET', path: `${USER}/messages?$filter=${filter}`, headers: {}, body: undefined }));

/** Up to 20 requests in one, or what looks like it. */
const batch: fc.Arbitrary<FuzzRequest> = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 8, arbitrary: nearlyValid },
        { weight: 4, arbitrary: nonsense },
        { weight: 1, arbitrary: longUrl },
      ),
      {
        maxLength: 5,
      },
    ),
    fc.array(change, { maxLength: 2 }),
    fc.boolean(),
  )
  .map(([steps, changes, break_]) => {
    const requests = steps.map(({ method, path, headers: named, body }, index) => ({
      id: String(index + 1),
      method,
      url: path,
      headers: { 'content-type': 'application/json', ...named },
      ...(typeof body === 'string' && { body: parsed(body) }),
    }));
    const whole: unknown = break_ ? changes.reduce<unknown>(mutated, { requests }) : { requests };
    return {
      method: 'POST',
      path: '/$batch',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(whole) ?? '',
    };
  });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Ranges for an upload session of 4,000,000 bytes. */
const upload: fc.Arbitrary<FuzzRequest> = fc
  .record({
    method: fc.constantFrom('PUT', 'PUT', 'PUT', 'GET', 'DELETE', 'POST'),
    path: fc.constantFrom('{upload}', '{upload}', '/uploads/x', '/uploads/%00', '/uploads/'),
    headers,
    range: fc.option(
      fc
        .tuple(fc.integer({ min: -5, max: 4_000_005 }), fc.integer({ min: -1, max: 20 }), fc.constantFrom(4_000_000, 1))
        .map(([from, more, total]) => `bytes ${from}-${from + more}/${total}`),
      { nil: undefined },
    ),
    body: fc.uint8Array({ maxLength: 20 }),
  })
  .map(({ range, ...request }) => ({
    ...request,
    headers: { ...request.headers, ...(range !== undefined && { 'content-range': range }) },
  }));

export const fuzzRequest: fc.Arbitrary<FuzzRequest> = fc.oneof(
  { weight: 6, arbitrary: nearlyValid },
  { weight: 2, arbitrary: nonsense },
  { weight: 2, arbitrary: batch },
  { weight: 2, arbitrary: upload },
  { weight: 2, arbitrary: clashingFolders },
  { weight: 1, arbitrary: oddAttachment },
);
