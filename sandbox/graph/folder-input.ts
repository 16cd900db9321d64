/** What a client may send to create or rename a folder. */
import { z } from 'zod';
import { type BodyType, bodyFault } from './body-fault.ts';
import { GraphError } from './errors.ts';
import { folderEntity } from './mail-entities.ts';
import { checkType, parsedBody } from './odata/annotations.ts';

const folderSchema = z.strictObject({ displayName: z.string().nullish(), isHidden: z.boolean().nullish() });
const COUNTS = ['childFolderCount', 'totalItemCount', 'unreadItemCount'];
const newFolderBody: BodyType = { name: folderEntity.name, readOnly: new Set(['id', 'parentFolderId', ...COUNTS]) };
/** Whether a folder is hidden is settled when it is made. */
const renameSchema = folderSchema.omit({ isHidden: true });
const renameBody: BodyType = { name: folderEntity.name, readOnly: new Set([...newFolderBody.readOnly, 'isHidden']) };

/** @throws {GraphError} 400 */
export function folderFromInput(body: unknown): { displayName: string; isHidden: boolean } {
  const input = read(folderSchema, body, newFolderBody);
  return { displayName: checkedName(input.displayName), isHidden: input.isHidden ?? false };
}

/** @throws {GraphError} 400 */
export function newNameFromInput(body: unknown): string {
  return checkedName(read(renameSchema, body, renameBody).displayName);
}

function read<Schema extends z.ZodType>(schema: Schema, body: unknown, type: BodyType): z.infer<Schema> {
  checkType(body, type.name);
  const parsed = parsedBody(schema, body);
  if (!parsed.success) throw bodyFault(parsed.error, body, type);
  return parsed.data;
}

function checkedName(displayName: string | null | undefined): string {
  const name = displayName?.trim() ?? '';
  if (name === '' || name.length > 255) {
    throw new GraphError(400, 'ErrorInvalidFolderName', 'The folder name is empty or too long.');
  }
  return name;
}
