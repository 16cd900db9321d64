/** Reads an answer that comes line by line, JSON a line. */
import type { z } from 'zod';

/** @throws where the answer breaks off, or a line is of another shape */
export async function* readLines<T extends z.ZodType>(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  schema: T,
): AsyncGenerator<z.infer<T>> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const lines = (rest + read.value).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield schema.parse(JSON.parse(line));
    }
    if (rest !== '') throw new Error('the answer ended in the middle of a line');
  } finally {
    await reader.cancel().catch(() => {});
  }
}
