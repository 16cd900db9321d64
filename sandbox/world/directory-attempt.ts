/** A request to the directory: read by a schema, carried out, and refused where either does not let it pass. */
import type { z } from 'zod';
import { DirectoryRefusal } from './directory-rules.ts';

export type Attempt<Result> = { readonly done: Result } | { readonly refused: z.ZodError | DirectoryRefusal };

/** Does it with what the schema makes of `value`, or says why not. Other errors of `act` are thrown. */
export function attempt<Schema extends z.ZodType, Result>(
  schema: Schema,
  value: unknown,
  act: (value: z.infer<Schema>) => Result,
): Attempt<Result> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return { refused: parsed.error };
  try {
    return { done: act(parsed.data) };
  } catch (error) {
    if (error instanceof DirectoryRefusal) return { refused: error };
    throw error;
  }
}
