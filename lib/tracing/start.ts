/** Whether traces are collected, by OpenTelemetry's own environment variables: not unless an endpoint is named. */
import type { Env } from '../env.ts';
import { installTracing } from './tracing.ts';

export type TracingSettings = Pick<
  Env,
  | 'OTEL_EXPORTER_OTLP_ENDPOINT'
  | 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
  | 'OTEL_EXPORTER_OTLP_PROTOCOL'
  | 'OTEL_EXPORTER_OTLP_HEADERS'
  | 'OTEL_SERVICE_NAME'
  | 'OTEL_SDK_DISABLED'
  | 'OTEL_TRACES_EXPORTER'
>;

/** Whether an endpoint is named and nothing says that it is not to be used. */
export function collectsTraces(settings: TracingSettings): boolean {
  const isNamed =
    settings.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined || settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT !== undefined;
  return isNamed && settings.OTEL_TRACES_EXPORTER !== 'none' && settings.OTEL_SDK_DISABLED?.toLowerCase() !== 'true';
}

/**
 * To be awaited before the database and the queue are opened.
 *
 * @param service name of this process among others, where OTEL_SERVICE_NAME gives none
 * @param warn told when spans could not be sent
 */
export async function startTracing(settings: TracingSettings, service: string, warn: () => void): Promise<void> {
  if (!collectsTraces(settings)) return;
  const { openTelemetry } = await import('./open-telemetry.ts');
  installTracing(openTelemetry(settings, service, warn));
}
