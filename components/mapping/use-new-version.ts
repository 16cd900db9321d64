'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import type { Findings } from '#components/wizard/check-file.ts';
import { isReadable } from '#components/wizard/is-readable.ts';
import { useFileCheck } from '#components/wizard/use-file-check.ts';
import type { FileReading } from '#lib/connectors/mapping/file-reading.ts';
import { MAX_FILE_BYTES } from '#lib/mapping/limits.ts';
import { refusalSentence } from '#lib/mapping/words.ts';
import { type MappingMode, uploadAddress, versionAddress } from './addresses.ts';
import { useChosenFile } from './chosen-file.tsx';

const words = text.mapping;

/** Rows with errors that the server found and the browser did not. */
type FoundByServer = Pick<Findings, 'rowCount' | 'erroneousRowCount' | 'firstErrors'>;

interface Choices {
  readonly mode: MappingMode;
  /** as many rows with errors as were shown */
  readonly leaveOut: number;
  readonly portalRows: 'keep' | 'remove' | null;
}

export interface NewVersionOptions {
  readonly connectorId: string;
  readonly reading: FileReading;
  readonly initialMode: MappingMode;
  /** ends the proposal that the same file was before, in the other mode */
  readonly discard: (choice: { readonly connectorId: string; readonly versionId: string }) => Promise<unknown>;
}

/** From a chosen file to a proposed version: checked here, sent, checked there; then its own page goes on. */
export function useNewVersion({ connectorId, reading, initialMode, discard }: NewVersionOptions) {
  const router = useRouter();
  const { chosen, hold } = useChosenFile();
  const { check, start, clear } = useFileCheck();
  const request = useRef<AbortController | null>(null);
  const [mode, setMode] = useState(initialMode);
  const [sends, setSends] = useState(false);
  const [waits, setWaits] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [byServer, setByServer] = useState<FoundByServer | null>(null);
  const [asks, setAsks] = useState<{ readonly count: number; readonly leaveOut: number } | null>(null);
  const file = chosen?.file ?? null;
  const became = chosen?.became ?? null;
  // Also where another file is chosen after all, its proposal gives way to the new one.
  const [replaces] = useState(became?.versionId ?? null);

  const wrong = check.kind === 'checked' && check.erroneousRowCount > 0 ? check : byServer;

  function stop(): void {
    request.current?.abort();
    request.current = null;
    setSends(false);
    setWaits(false);
  }

  function fail(sentence: string): void {
    clear();
    hold(null);
    setFailure(sentence);
  }

  async function examine(one: File): Promise<void> {
    stop();
    setFailure(null);
    setByServer(null);
    setAsks(null);
    if (one.size > MAX_FILE_BYTES) return fail(words.check.tooLarge);
    try {
      const checked = await start(one, reading);
      if (checked.kind === 'refused') return fail(refusalSentence(checked.refusal));
      if (checked.kind === 'unreadable') return fail(text.wizard.mapping.unreadable);
      // Also of a file that was a version before, in the other mode: what is left out of this one is another choice.
      if (checked.erroneousRowCount > 0) return;
      await send(one, { mode, leaveOut: 0, portalRows: null });
    } catch (error) {
      fail(failureSentence(error));
    }
  }

  async function send(one: File, choices: Choices): Promise<void> {
    const sending = new AbortController();
    request.current = sending;
    setSends(true);
    setFailure(null);
    setAsks(null);
    try {
      const { uploadVersion } = await import('./upload-version.ts');
      const result = await uploadVersion({
        connectorId,
        file: one,
        signal: sending.signal,
        onBusy: setWaits,
        ...choices,
      });
      switch (result.kind) {
        case 'refused':
          return fail(refusalSentence(result.refusal));
        case 'not_found':
          return fail(words.check.gone);
        case 'asks_portal_rows':
          return setAsks({ count: result.count, leaveOut: choices.leaveOut });
        case 'erroneous':
          // The server knows more than the page did: domains that were verified or withdrawn since it was opened.
          clear();
          return setByServer(result);
        case 'proposed':
          if (replaces !== null) await discard({ connectorId, versionId: replaces });
          hold({ file: one, became: { versionId: result.versionId } });
          router.replace(versionAddress(connectorId, result.versionId));
      }
    } catch (error) {
      if (sending.signal.aborted) return;
      fail((await isReadable(one)) ? failureSentence(error) : text.wizard.mapping.unreadable);
    } finally {
      if (request.current === sending) stop();
    }
  }

  const begin = useEffectEvent((one: File) => void examine(one));
  useEffect(() => {
    if (file !== null) begin(file);
  }, [file]);
  useEffect(() => () => request.current?.abort(), []);

  return {
    file,
    check,
    mode,
    sends,
    waits,
    failure,
    byServer,
    wrong,
    asks,
    choose: (one: File) => hold({ file: one, became: null }),
    cancel() {
      stop();
      clear();
      setByServer(null);
      setAsks(null);
      hold(null);
    },
    leaveOut: () => void (file && wrong && send(file, { mode, leaveOut: wrong.erroneousRowCount, portalRows: null })),
    decide: (portalRows: 'keep' | 'remove') =>
      void (file && asks && send(file, { mode, portalRows, leaveOut: asks.leaveOut })),
    changeMode(next: MappingMode) {
      setMode(next);
      history.replaceState(null, '', uploadAddress(connectorId, next));
      // A file that waits for an answer is asked about anew: first whether its wrong rows are left out in this mode, too.
      if (asks !== null && asks.leaveOut > 0) setAsks(null);
      else if (file && asks) void send(file, { mode: next, portalRows: null, leaveOut: 0 });
    },
  };
}
