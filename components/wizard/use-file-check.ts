'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import type { CheckMessage, CheckRequest } from './check-file.worker.ts';

export type FileCheck =
  | { readonly kind: 'none' }
  | { readonly kind: 'reading'; readonly fraction: number }
  | Exclude<CheckMessage, { kind: 'progress' }>;

/** Checks one file at a time in a worker. A new file ends the check of the one before. */
export function useFileCheck() {
  const [check, setCheck] = useState<FileCheck>({ kind: 'none' });
  const worker = useRef<Worker | null>(null);

  const stop = useCallback(() => {
    worker.current?.terminate();
    worker.current = null;
  }, []);
  useEffect(() => stop, [stop]);

  const start = useCallback(
    async (file: File, region: string): Promise<Exclude<FileCheck, { kind: 'none' | 'reading' }>> => {
      stop();
      setCheck({ kind: 'reading', fraction: 0 });
      const bytes = await file.arrayBuffer();
      const running = new Worker(new URL('./check-file.worker.ts', import.meta.url), { type: 'module' });
      worker.current = running;
      return new Promise((resolve, reject) => {
        running.addEventListener('error', () => reject(new Error('the check of the file ended by itself')));
        running.addEventListener('message', ({ data }: MessageEvent<CheckMessage>) => {
          if (data.kind === 'progress') return setCheck({ kind: 'reading', fraction: data.fraction });
          setCheck(data);
          running.terminate();
          resolve(data);
        });
        running.postMessage({ bytes, region } satisfies CheckRequest, [bytes]);
      });
    },
    [stop],
  );

  const clear = useCallback(() => {
    stop();
    setCheck({ kind: 'none' });
  }, [stop]);

  return { check, start, clear };
}
