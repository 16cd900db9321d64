/** The name of a mapping file, as a program or a page sends it. Pure. */
import { z } from 'zod';
import { isStorable } from '../storable-text.ts';

/** 1 to 255 characters that PostgreSQL can store. */
export const fileNameSchema = z.string().min(1).max(255).refine(isStorable, 'contains a NUL character');
