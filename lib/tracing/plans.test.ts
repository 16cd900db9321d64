/** Names of spans say what is done, and to nobody in particular. */
import { describe, expect, it } from 'vitest';
import { statementSpan } from './queries.ts';
import { requestSpan } from './requests.ts';
import { collectsTraces } from './start.ts';

describe('a statement', () => {
  it.each([
    ['SELECT id, state FROM delivery WHERE id = $1', 'SELECT delivery'],
    ['\n  -- what is due\n  UPDATE delivery SET state = $1', 'UPDATE delivery'],
    ['INSERT INTO "public"."connector" ("id") VALUES ($1)', 'INSERT connector'],
    ['WITH due AS (SELECT 1 FROM shard) UPDATE item SET x = 1', 'WITH shard'],
    ['BEGIN', 'BEGIN'],
    ["hello '+15550100100'", 'OTHER'],
    ['', 'OTHER'],
  ])('%j is %s', (text, name) => {
    expect(statementSpan(text).name).toBe(name);
  });
});

it('a request names no user, message, file or query', () => {
  const { name, facts } = requestSpan(
    'POST',
    new URL('https://graph.microsoft.com/v1.0/users/grace@alderbyrne.example/messages/AAMk/attachments?$select=x'),
  );
  expect(name).toBe('POST /v1.0/users/{}/messages/{}/attachments');
  expect(facts).toEqual({
    'http.request.method': 'POST',
    'server.address': 'graph.microsoft.com',
    'url.template': '/v1.0/users/{}/messages/{}/attachments',
  });
  expect(requestSpan('GET', new URL('https://hooks.example:8443/s3cr3t/given')).name).toBe('GET /{}/{}');
});

describe('traces are collected', () => {
  const none = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_TRACES_EXPORTER: 'otlp' } as const;
  const named = { ...none, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
  it.each([
    ['not by default', none, false],
    ['where an endpoint is named', named, true],
    ['where one is named for traces', { ...none, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1/t' }, true],
    ['not where the SDK is disabled', { ...named, OTEL_SDK_DISABLED: 'TRUE' }, false],
    ['not where no exporter is wanted', { ...named, OTEL_TRACES_EXPORTER: 'none' as const }, false],
  ])('%s', (_name, settings, expected) => {
    expect(collectsTraces(settings)).toBe(expected);
  });
});
