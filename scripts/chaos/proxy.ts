/** A way between the workers and a service that can be cut, or fall silent, while both ends are well. */
import { connect, createServer, type Socket } from 'node:net';

export interface Line {
  /** where to connect instead, on 127.0.0.1 */
  readonly port: number;
  /** Resets every connection that is open. @returns how many there were */
  cut(): number;
  /** Lets nothing through for `ms` and keeps every connection open. @returns how many there were */
  silence(ms: number): number;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** ends its silence; null while it talks */
  waking: NodeJS.Timeout | null;
}

/** Opens a line to a port of this machine. */
export async function openLine(to: number): Promise<Line> {
  const pairs = new Set<Pair>();
  let silentUntil = 0;

  const server = createServer((near) => {
    const far = connect({ port: to, host: '127.0.0.1' });
    const pair: Pair = { near, far, waking: null };
    pairs.add(pair);
    for (const [from, other] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true);
      from.pipe(other);
      from.on('error', () => other.destroy());
      from.on('close', () => {
        other.destroy();
        pairs.delete(pair);
      });
    }
    if (silentUntil > Date.now()) hush(pair);
  });

  /** A silence that begins within another makes that one longer. */
  const hush = (pair: Pair): void => {
    const { near, far } = pair;
    if (pair.waking === null) {
      for (const socket of [near, far]) socket.pause();
      near.unpipe(far);
      far.unpipe(near);
    } else clearTimeout(pair.waking);
    pair.waking = setTimeout(() => {
      pair.waking = null;
      near.pipe(far);
      far.pipe(near);
    }, silentUntil - Date.now()).unref();
  };

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the line has no port');

  const cut = (): number => {
    const count = pairs.size;
    for (const { near, far } of pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    return count;
  };
  return {
    port: address.port,
    cut,
    silence: (ms) => {
      silentUntil = Math.max(silentUntil, Date.now() + ms);
      for (const pair of pairs) hush(pair);
      return pairs.size;
    },
    close: async () => {
      cut();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
