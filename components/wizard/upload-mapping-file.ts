import { z } from 'zod';
import type { UploadMappingResult } from '#lib/connectors/set-up/mapping.ts';
import { type SendOptions, sendFile } from './send-file.ts';

export interface MappingUpload extends SendOptions {
  readonly draftId: string;
  readonly file: File;
  readonly region: string;
  /** as many rows with errors as were shown; 0: none is to be left out */
  readonly leaveOut: number;
}

const kindSchema = z.object({ kind: z.enum(['in_force', 'erroneous', 'refused', 'no_draft']) });

/** Sends the file as it is to `app/api/mapping`. @throws where there is no answer, or none of the portal's; the signal's reason */
export async function uploadMappingFile(upload: MappingUpload): Promise<UploadMappingResult> {
  const query = new URLSearchParams({
    draft: upload.draftId,
    name: upload.file.name,
    region: upload.region,
    leaveOut: String(upload.leaveOut),
    size: String(upload.file.size),
  });
  const answer = await sendFile(`/api/mapping?${query}`, upload.file, upload);
  if (!answer.ok) throw Object.assign(new Error('the upload was refused'), { digest: `HTTP ${answer.status}` });
  const result: unknown = await answer.json();
  kindSchema.parse(result);
  return result as UploadMappingResult;
}
