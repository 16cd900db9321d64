/** An answer that comes line by line, JSON a line, each as soon as it is there. */
import { randomUUID } from 'node:crypto';

/** The last line of an answer that failed: the reference is in the server's log, beside the cause. */
export interface FailedLine {
  readonly failed: { readonly reference: string };
}

/** As a page shows it: short enough to be read out on the telephone. */
export function newReference(): string {
  return randomUUID().slice(0, 9).toUpperCase().replace('-', '');
}

/**
 * An item is asked for when the line before it was taken. Leaving ends the items.
 *
 * @param onFailure told once, where the items fail; its line is the last one
 */
export function jsonLines(
  items: AsyncGenerator<unknown>,
  onFailure: (error: unknown) => FailedLine,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const line = (value: unknown): Uint8Array => encoder.encode(`${JSON.stringify(value)}\n`);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await items.next();
          if (next.done) controller.close();
          else controller.enqueue(line(next.value));
        } catch (error) {
          controller.enqueue(line(onFailure(error)));
          controller.close();
        }
      },
      async cancel() {
        await items.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}
