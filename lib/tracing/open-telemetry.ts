/** OpenTelemetry's SDK behind the seam. Loaded only where traces are collected. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, hostDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { BullMQOtel } from 'bullmq-otel';
import { cleaning } from './clean-spans.ts';
import type { TracingSettings } from './start.ts';
import type { SpanPlan, Tell, Tracing } from './tracing.ts';

const SCOPE = 'compliance-portal';
const KINDS = { client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;
/** A collector that is away must not keep a process from ending. */
const STOP_MS = 3_000;
const WARN_EVERY_MS = 60_000;

/** Sampler, limits, timeouts and the endpoint are read from the environment by the SDK itself. */
export function openTelemetry(settings: TracingSettings, service: string, warn: () => void): Tracing {
  // The SDK's own words may quote an answer or a header: that it failed is enough.
  let warned = Number.NEGATIVE_INFINITY;
  const onFailure = (): void => {
    if (performance.now() - warned < WARN_EVERY_MS) return;
    warned = performance.now();
    warn();
  };
  const nothing = (): void => {};
  diag.setLogger(
    { error: onFailure, warn: nothing, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
  const Exporter = settings.OTEL_EXPORTER_OTLP_PROTOCOL === 'http/json' ? JsonExporter : ProtobufExporter;
  const exporter = new Exporter({ headers: headersOf(settings.OTEL_EXPORTER_OTLP_HEADERS ?? '') });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }).merge(
      detectResources({ detectors: [hostDetector, envDetector] }),
    ),
    spanProcessors: [new BatchSpanProcessor(cleaning(exporter))],
  });
  // Context by AsyncLocalStorage, and W3C trace context between processes.
  provider.register();
  const tracer = provider.getTracer(SCOPE);
  const queue = new BullMQOtel({ tracerName: SCOPE });
  // A worker's own loops belong to no job.
  Object.assign(queue.contextManager, { root: () => ROOT_CONTEXT });

  return {
    queue,
    within: <T>({ name, kind, facts }: SpanPlan, work: (tell: Tell) => Promise<T>): Promise<T> => {
      if (trace.getActiveSpan() === undefined) return work(nothing);
      return tracer.startActiveSpan(name, { kind: KINDS[kind], attributes: facts }, (span) => ended(span, work));
    },
    ids: () => {
      const current = trace.getActiveSpan()?.spanContext();
      return current && { trace_id: current.traceId, span_id: current.spanId };
    },
    stop: async () => {
      const sent = provider.shutdown().catch(nothing);
      await Promise.race([sent, sleep(STOP_MS, undefined, { ref: false })]);
      context.disable();
    },
  };
}

async function ended<T>(span: Span, work: (tell: Tell) => Promise<T>): Promise<T> {
  try {
    return await work((facts) => void span.setAttributes(facts));
  } catch (error) {
    // Its kind alone: a message may quote what could not be read.
    span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** `name=value`, comma separated and percent-encoded, as OpenTelemetry's protocol exporter has it. */
function headersOf(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at < 1 ? [] : [[pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}
