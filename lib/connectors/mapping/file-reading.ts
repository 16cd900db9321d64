/** How a file of a live connector is read, for the preview in the browser: by the same rules as on the server. */
import { type Actor, authorize } from '../../security/actor.ts';
import type { ReadingParts } from './parts.ts';
import { readingOf } from './propose.ts';
import { mappedConnector } from './store/versions.ts';

export interface FileReading {
  /** ISO 3166-1 code of the country in which numbers without one are read */
  readonly region: string;
  /** the organization's, in lower case; empty where they are not known */
  readonly verifiedDomains: readonly string[];
}

/** Needs `mapping.manage`. @returns null for another organization's connector. @throws NotAllowed */
export async function fileReading(parts: ReadingParts, actor: Actor, connectorId: string): Promise<FileReading | null> {
  authorize(actor, 'mapping.manage');
  const connector = await mappedConnector(parts.database.pool, actor.organizationId, connectorId);
  if (connector === null) return null;
  const { region, verifiedDomains } = await readingOf(parts, connector);
  return { region, verifiedDomains: [...(verifiedDomains ?? [])] };
}
