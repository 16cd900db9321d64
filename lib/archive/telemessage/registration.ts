/** Registering this portal's connector at TeleMessage, and what the site knows of it ("Connector status with source"). */
import { z } from 'zod';
import { type SourceConnectorStatus, SourceError } from '../source.ts';
import { callJson, open } from './client.ts';
import type { TeleMessageSession } from './session.ts';

const registeredSchema = z.object({ id: z.string().min(1) });

const statusSchema = z.object({
  id: z.string().min(1),
  status: z.enum(['active', 'suspended']),
  lastArchivedTime: z.string().nullish(),
  devices: z.number().int().nonnegative().nullish(),
  dormantDevices: z.number().int().nonnegative().nullish(),
});

/**
 * Registers a connector of `kind` for the account. Idempotent: the same reference gives the same id.
 *
 * @param clientReference ours, at most 64 characters
 * @returns the source's id of the connector
 * @throws SourceError
 */
export async function register(
  session: TeleMessageSession,
  kind: string,
  clientReference: string,
  signal?: AbortSignal,
): Promise<{ readonly id: string }> {
  return session.withToken(
    (token) =>
      callJson(
        session.endpoint,
        { method: 'POST', path: '/v1/connectors', token, body: { kind, clientReference }, signal },
        registeredSchema,
      ),
    signal,
  );
}

/** Takes the registration back. One that is gone already is a success. @throws SourceError */
export async function unregister(session: TeleMessageSession, id: string, signal?: AbortSignal): Promise<void> {
  try {
    await session.withToken(async (token) => {
      const answer = await open(session.endpoint, { method: 'DELETE', path: connectorPath(id), token, signal });
      await answer.body.dump();
    }, signal);
  } catch (error) {
    if (!(error instanceof SourceError && error.failure === 'not_found')) throw error;
  }
}

/** @throws SourceError, `not_found` where the source does not know the connector */
export async function connectorStatus(
  session: TeleMessageSession,
  id: string,
  signal?: AbortSignal,
): Promise<SourceConnectorStatus> {
  const answer = await session.withToken(
    (token) => callJson(session.endpoint, { method: 'GET', path: connectorPath(id), token, signal }, statusSchema),
    signal,
  );
  return {
    id: answer.id,
    status: answer.status,
    lastArchivedTime: answer.lastArchivedTime ?? null,
    devices: answer.devices ?? null,
    dormantDevices: answer.dormantDevices ?? null,
  };
}

function connectorPath(id: string): string {
  return `/v1/connectors/${encodeURIComponent(id)}`;
}
