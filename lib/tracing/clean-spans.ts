/**
 * What leaves the process of a span: attributes of the list, names without a query, of an error its kind. Libraries put more
 * into spans than we would: whole addresses, an error's message, a job's key.
 */
import { type Attributes, SpanKind } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';

const MAY_LEAVE: ReadonlySet<string> = new Set([
  // what we say
  ...['portal.job', 'portal.organization_id', 'portal.connector_id', 'portal.import_id', 'portal.shard'],
  ...['http.request.method', 'http.response.status_code', 'server.address', 'server.port', 'url.template'],
  ...['db.system.name', 'db.operation.name', 'db.collection.name', 'db.query.summary'],
  ...['error.type', 'exception.type'],
  // what BullMQ says
  ...['bullmq.queue.name', 'bullmq.queue.operation', 'bullmq.job.name', 'bullmq.job.attempts.made'],
  // what Next says
  ...['http.method', 'http.route', 'http.status_code', 'next.route', 'next.span_type', 'next.rsc'],
]);

/** Names are made of such characters, whoever makes them; anything else is cut off with what follows. */
const NAME = /^[\w\s./()[\]{}$:-]*/;
const LONGEST_NAME = 120;

/** Hands spans on, clean. One that belongs to nothing and is nobody's request is a library's housekeeping, and dropped. */
export function cleaning(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans.filter(tellsSomething).map(clean), done),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

function tellsSomething({ kind, parentSpanContext }: ReadableSpan): boolean {
  return parentSpanContext !== undefined || kind !== SpanKind.INTERNAL;
}

export function clean(span: ReadableSpan): ReadableSpan {
  return {
    spanContext: () => span.spanContext(),
    ...(span.parentSpanContext && { parentSpanContext: span.parentSpanContext }),
    name: (NAME.exec(span.name)?.[0] ?? '').slice(0, LONGEST_NAME).trim(),
    kind: span.kind,
    startTime: span.startTime,
    endTime: span.endTime,
    duration: span.duration,
    ended: span.ended,
    status: { code: span.status.code },
    attributes: allowed(span.attributes),
    links: span.links.map(({ context }) => ({ context })),
    events: span.events
      .filter(({ name }) => name === 'exception')
      .map(({ name, time, attributes }) => ({ name, time, attributes: allowed(attributes ?? {}) })),
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function allowed(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => MAY_LEAVE.has(name)));
}
