'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import type { CheckMessage, CheckRequest, Findings } from './check-file.ts';

type Checked = Exclude<CheckMessage, { kind: 'progress' }>;

export type FileCheck =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'reading'; readonly fraction: number } & Findings)
  | Checked;

const BEGINNING: FileCheck = {
  kind: 'reading',
  fraction: 0,
  rowCount: 0,
  erroneousRowCount: 0,
  firstRows: [],
  firstErrors: [],
};

/** Checks one file at a time in a worker. A new file ends the check of the one before, and `clear` any. */
export function useFileCheck() {
  const [check, setCheck] = useState<FileCheck>({ kind: 'none' });
  const worker = useRef<Worker | null>(null);

  const stop = useCallback(() => {
    worker.current?.terminate();
    worker.current = null;
  }, []);
  useEffect(() => stop, [stop]);

  /** @returns what came of it; never, where the check is ended before. @throws where the worker cannot be had */
  const start = useCallback(
    (file: File, options: Omit<CheckRequest, 'file'>): Promise<Checked> => {
      stop();
      setCheck(BEGINNING);
      const running = new Worker(new URL('./check-file.worker.ts', import.meta.url), { type: 'module' });
      worker.current = running;
      return new Promise((resolve, reject) => {
        running.addEventListener('error', () => reject(new Error('the check of the file ended by itself')));
        running.addEventListener('message', ({ data }: MessageEvent<CheckMessage>) => {
          if (data.kind === 'progress') {
            const { fraction, found } = data;
            return setCheck((before) => ({ ...(before.kind === 'reading' ? before : BEGINNING), ...found, fraction }));
          }
          setCheck(data);
          running.terminate();
          resolve(data);
        });
        running.postMessage({ file, ...options } satisfies CheckRequest);
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
