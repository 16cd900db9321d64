/** Nothing leaves in a span that is not on the list, whatever a library put there. */
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { beforeEach, expect, it } from 'vitest';
import { cleaning } from './clean-spans.ts';

const SECRET = '+15550100100';
const kept = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(cleaning(kept))] });
const tracer = provider.getTracer('test');
beforeEach(() => kept.reset());

/** What a collector would be told of it. */
function told(span: ReadableSpan | undefined): string {
  if (span === undefined) throw new Error('no span');
  const { name, attributes, events, links, status } = span;
  return JSON.stringify({ name, attributes, events, links, status });
}

it('keeps what is known to be harmless', () => {
  tracer
    .startSpan('GET /connectors/[id]', {
      kind: SpanKind.SERVER,
      attributes: { 'http.route': '/connectors/[id]', 'http.status_code': 200 },
    })
    .end();
  expect(kept.getFinishedSpans()).toMatchObject([
    { name: 'GET /connectors/[id]', attributes: { 'http.route': '/connectors/[id]', 'http.status_code': 200 } },
  ]);
});

it('drops whole addresses, messages of errors, events, and what is behind a name', () => {
  const other = tracer.startSpan('other', { kind: SpanKind.CLIENT });
  const span = tracer.startSpan(`GET /numbers?search=${SECRET}`, {
    kind: SpanKind.SERVER,
    attributes: {
      'http.target': `/numbers?search=${SECRET}`,
      'url.full': SECRET,
      'bullmq.job.failed.reason': SECRET,
      'http.method': 'GET',
    },
    links: [{ context: other.spanContext(), attributes: { said: SECRET } }],
  });
  span.recordException(new TypeError(SECRET));
  span.addEvent(SECRET, { said: SECRET });
  span.setStatus({ code: SpanStatusCode.ERROR, message: SECRET });
  span.end();
  const [left] = kept.getFinishedSpans();
  expect(told(left)).not.toContain(SECRET);
  expect(left).toMatchObject({
    name: 'GET /numbers',
    attributes: { 'http.method': 'GET' },
    status: { code: SpanStatusCode.ERROR },
    events: [{ name: 'exception', attributes: { 'exception.type': 'TypeError' } }],
  });
});

it('drops what belongs to nothing and is nobody’s request, and keeps what belongs to something', () => {
  tracer.startSpan('extendLocks import').end();
  const job = tracer.startSpan('process import', { kind: SpanKind.CONSUMER });
  tracer.startSpan('complete import', {}, trace.setSpan(context.active(), job)).end();
  job.end();
  expect(kept.getFinishedSpans().map(({ name }) => name)).toEqual(['complete import', 'process import']);
});
