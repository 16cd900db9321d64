/**
 * Traces (OpenTelemetry): the seam at which the product says what it is doing. Nothing of OpenTelemetry is loaded here: while
 * nobody collects traces, work runs as if this were not there. `start.ts` decides, `open-telemetry.ts` is the adapter.
 *
 * A span carries names and counts, never text that people wrote, numbers, addresses of people, parameters or queries;
 * `clean-spans.ts` is the second lock, and holds for what libraries say, too.
 */
import type { Telemetry } from 'bullmq';

export type Facts = Readonly<Record<string, string | number>>;

export interface SpanPlan {
  /** of few values: no id, no address */
  readonly name: string;
  /** `client` asks somebody else, `internal` is a piece of our own work */
  readonly kind: 'client' | 'internal';
  readonly facts: Facts;
}

/** Adds what is known only while the work runs. */
export type Tell = (facts: Facts) => void;

export interface Tracing {
  /** Runs work as a span of what runs now. Where nothing does, there is none: a span by itself tells nobody anything. */
  within<T>(plan: SpanPlan, work: (tell: Tell) => Promise<T>): Promise<T>;
  /** of what runs now, for the log */
  ids(): { readonly trace_id: string; readonly span_id: string } | undefined;
  /** BullMQ's port: a job's span is a child of the one that asked for it */
  readonly queue: Telemetry;
  /** Sends what is not sent yet, for a few seconds at most. */
  stop(): Promise<void>;
}

// Next gives every bundle modules of its own: one for the process.
const holder = globalThis as typeof globalThis & { portalTracing?: Tracing | undefined };

export function installTracing(tracing: Tracing | undefined): void {
  holder.portalTracing = tracing;
}

/** undefined while no traces are collected */
export function tracing(): Tracing | undefined {
  return holder.portalTracing;
}

const NOBODY: Tell = () => {};

/** Runs work as a span, where traces are collected. */
export function traced<T>(plan: SpanPlan, work: (tell: Tell) => Promise<T>): Promise<T> {
  return holder.portalTracing === undefined ? work(NOBODY) : holder.portalTracing.within(plan, work);
}

/** Options of BullMQ's queues and workers: none where no traces are collected. */
export function telemetry(): { readonly telemetry?: Telemetry } {
  return holder.portalTracing === undefined ? {} : { telemetry: holder.portalTracing.queue };
}
