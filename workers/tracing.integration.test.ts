/** What a worker tells a collector of traces about an import. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { type Collector, type ReceivedSpan, startCollector } from './collector.fixture.ts';
import { type Installation, installation, startedIn, until } from './installation.fixture.ts';

let sandbox: TestSandbox;
let place: Installation;
let collector: Collector;
/** Has a worker say, when it ends, what of OpenTelemetry it had loaded, but for its interface, which prom-client loads. */
let watched: { readonly NODE_OPTIONS: string };
beforeAll(async () => {
  const hook = join(mkdtempSync(join(tmpdir(), 'loaded-')), 'hook.cjs');
  const loads = 'Object.keys(require.cache).filter((path) => /opentelemetry.(?!api\\/)/.test(path))';
  writeFileSync(hook, `process.on('exit', () => console.log(JSON.stringify({ loaded: ${loads} })));`);
  watched = { NODE_OPTIONS: `--require=${hook}` };
  sandbox = await startTestSandbox();
  collector = await startCollector();
  place = await installation(sandbox, { RECONCILE_SECONDS: '1' });
});
afterAll(async () => {
  await place.close();
  await collector.close();
  await sandbox.stop();
});

/** A span, and all below it. */
function family(root: ReceivedSpan): ReceivedSpan[] {
  const below = collector.spans.filter(
    ({ traceId, parentSpanId }) => traceId === root.traceId && parentSpanId === root.spanId,
  );
  return [root, ...below.flatMap(family)];
}

it('sees one import in one trace: the jobs that ask for each other, requests, statements, blobs', async () => {
  const worker = place.start({
    ...watched,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20key',
    OTEL_SERVICE_NAME: 'worker-under-test',
  });
  await until(async () => (await place.number("SELECT count(*) FROM import WHERE phase = 'completed'")) > 0);
  await until(async () => (await place.number("SELECT count(*) FROM import WHERE phase <> 'completed'")) === 0);
  // What is not sent yet is sent at the end.
  expect((await worker.stop()).code).toBe(0);

  const { spans } = collector;
  expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['worker-under-test']));
  expect(collector.headers.every((headers) => headers['x-key'] === 'a key')).toBe(true);
  const collect = spans.find(({ name, attributes }) => name === 'collect' && attributes['portal.job'] === 'collect');
  expect(collect?.attributes['portal.connector_id']).toBe(place.connectorId);
  const trace = spans.filter(({ traceId }) => traceId === collect?.traceId);
  // It began with the job that planned the import, and went on with those that collecting asked for.
  expect(trace.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'plan',
      'add import.collect',
      'process import',
      'collect',
      'add deliver.deliver',
      'deliver',
    ]),
  );
  const deliver = trace.find(({ name }) => name === 'deliver');
  expect(deliver).toBeDefined();
  const delivered = deliver === undefined ? [] : trace.filter(({ name }) => name === 'deliver').flatMap(family);
  expect(delivered.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['POST /v1.0/$batch', 'UPDATE delivery', 'COMMIT', 'GET blob']),
  );
  const batch = delivered.find(({ name }) => name === 'POST /v1.0/$batch');
  expect(batch?.attributes).toMatchObject({ 'http.response.status_code': 200, 'server.address': 'localhost' });
  expect(family(collect ?? trace[0] ?? never()).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['GET /v1/archives/{}/items', 'INSERT item', 'PUT blob']),
  );
  // A worker's housekeeping is no trace.
  expect(spans.filter(({ kind, parentSpanId }) => kind === 1 && !parentSpanId)).toEqual([]);

  const line = readFileSync(place.logFile, 'utf8')
    .split('\n')
    .find((one) => one.includes(collect?.traceId ?? 'none'));
  expect(JSON.parse(line ?? '{}')).toMatchObject({ trace_id: collect?.traceId, span_id: expect.any(String) });
});

it('sees no number, address, text, query or secret', async () => {
  const { rows } = await place.pool.query<{ said: string }>(
    `SELECT DISTINCT participant AS said FROM delivery
     UNION SELECT mailbox_address FROM delivery WHERE mailbox_address IS NOT NULL
     UNION SELECT source_item_id FROM item UNION SELECT user_id::text FROM delivery WHERE user_id IS NOT NULL`,
  );
  expect(rows.length).toBeGreaterThan(50);
  const told = collector.bodies.join('\n');
  expect(told.length).toBeGreaterThan(10_000);
  for (const { said } of rows) expect([said, told.includes(said)]).toEqual([said, false]);
  for (const word of ['SELECT ', '$1', '?', 'Bearer', '@alderbyrne', 'redis:', 'postgresql:', 'stack']) {
    expect([
      word,
      collector.spans.some((span) =>
        JSON.stringify(span)
          .replace(/"(?:SELECT|WITH) \w+"/g, '')
          .includes(word),
      ),
    ]).toEqual([word, false]);
  }
});

it('hears nothing, and nothing of OpenTelemetry is loaded, where no endpoint is named or it is switched off', async () => {
  expect(loaded()).toEqual([expect.arrayContaining([expect.stringContaining('/@opentelemetry/sdk-trace')])]);
  const before = collector.bodies.length;
  const off = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: 'true' };
  for (const [index, env] of [{}, off].entries()) {
    const worker = place.start({ ...env, ...watched });
    await until(async () => startedIn(place) === index + 2);
    expect((await worker.stop()).code).toBe(0);
  }
  expect(loaded().slice(1)).toEqual([[], []]);
  expect(collector.bodies.length).toBe(before);
});

it('speaks protobuf unless told otherwise, under a name of its own', async () => {
  const before = startedIn(place);
  const worker = place.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  await until(async () => startedIn(place) > before);
  expect((await worker.stop()).code).toBe(0);
  expect(collector.headers.at(-1)?.['content-type']).toBe('application/x-protobuf');
  expect(collector.bodies.at(-1)).toContain('compliance-portal-worker');
});

it('works, and ends, while the collector is away, and says so', async () => {
  const before = startedIn(place);
  const worker = place.start({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    OTEL_BSP_SCHEDULE_DELAY: '100',
  });
  await until(async () => startedIn(place) > before);
  await until(async () => readFileSync(place.logFile, 'utf8').includes('traces could not be sent'));
  expect((await worker.stop()).code).toBe(0);
});

/** What each worker that has ended had loaded of OpenTelemetry. */
function loaded(): unknown[] {
  return readFileSync(place.logFile, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"loaded"'))
    .map((line) => JSON.parse(line).loaded);
}

function never(): never {
  throw new Error('there is no trace');
}
