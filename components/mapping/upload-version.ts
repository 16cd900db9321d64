import { z } from 'zod';
import { type SendOptions, sendFile } from '#components/wizard/send-file.ts';
import type { ProposeResult } from '#lib/connectors/mapping/use-cases.ts';
import type { MappingMode } from './addresses.ts';

export interface VersionUpload extends SendOptions {
  readonly connectorId: string;
  readonly file: File;
  readonly mode: MappingMode;
  /** as many rows with errors as were shown; 0: none is to be left out */
  readonly leaveOut: number;
  readonly portalRows: 'keep' | 'remove' | null;
}

const kindSchema = z.object({ kind: z.enum(['proposed', 'erroneous', 'refused', 'asks_portal_rows', 'not_found']) });

/**
 * Sends the file as it is to `app/api/connectors/[id]/mapping`.
 *
 * @throws where there is no answer, or none of the portal's; the signal's reason
 */
export async function uploadVersion(upload: VersionUpload): Promise<ProposeResult> {
  const { connectorId, file, mode, leaveOut, portalRows, signal, onBusy } = upload;
  const query = new URLSearchParams({
    name: file.name,
    mode,
    leaveOut: String(leaveOut),
    portalRows: portalRows ?? 'ask',
    size: String(file.size),
  });
  const answer = await sendFile(`/api/connectors/${connectorId}/mapping?${query}`, file, { signal, onBusy });
  if (answer.status === 404) return { kind: 'not_found' };
  if (!answer.ok) throw Object.assign(new Error('the upload was refused'), { digest: `HTTP ${answer.status}` });
  const result: unknown = await answer.json();
  kindSchema.parse(result);
  return result as ProposeResult;
}
