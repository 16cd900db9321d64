'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import { text } from '#components/text/text.ts';
import type { Findings } from '#components/wizard/check-file.ts';
import { isReadable } from '#components/wizard/upload-mapping-file.ts';
import { useFileCheck } from '#components/wizard/use-file-check.ts';
import type { FileReading } from '#lib/connectors/mapping/file-reading.ts';
import { MAX_FILE_BYTES } from '#lib/mapping/mapping-file.ts';
import { refusalSentence } from '#lib/mapping/words.ts';
import { type MappingMode, uploadAddress, versionAddress } from './addresses.ts';
import { useChosenFile } from './chosen-file.tsx';
import { uploadVersion } from './upload-version.ts';

const words = text.mapping;

/** Rows with errors that the server found and the browser did not. */
type FoundByServer = Pick<Findings, 'rowCount' | 'erroneousRowCount' | 'firstErrors'>;

interface Choices {
  readonly mode: MappingMode;
  readonly leaveOutErrors: boolean;
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
  const [asks, setAsks] = useState<{ readonly count: number; readonly leaveOutErrors: boolean } | null>(null);
  const file = chosen?.file ?? null;
  const became = chosen?.became ?? null;
  // Also where another file is chosen after all, its proposal gives way to the new one.
  const [replaces] = useState(became?.versionId ?? null);

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
      const leaveOutErrors = became?.leftOut ?? false;
      if (checked.erroneousRowCount > 0 && !leaveOutErrors) return;
      await send(one, { mode, leaveOutErrors, portalRows: null });
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
      const result = await uploadVersion({
        connectorId,
        file: one,
        signal: sending.signal,
        onBusy: setWaits,
        ...choices,
      });
      const { leaveOutErrors } = choices;
      switch (result.kind) {
        case 'refused':
          return fail(refusalSentence(result.refusal));
        case 'not_found':
          return fail(words.check.gone);
        case 'asks_portal_rows':
          return setAsks({ count: result.count, leaveOutErrors });
        case 'erroneous':
          // The server knows more than the page did: domains that were verified or withdrawn since it was opened.
          clear();
          return setByServer(result);
        case 'proposed':
          if (replaces !== null) await discard({ connectorId, versionId: replaces });
          hold({ file: one, became: { versionId: result.versionId, leftOut: leaveOutErrors } });
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
    asks,
    choose: (one: File) => hold({ file: one, became: null }),
    cancel() {
      stop();
      clear();
      setByServer(null);
      setAsks(null);
      hold(null);
    },
    leaveOut: () => void (file && send(file, { mode, leaveOutErrors: true, portalRows: null })),
    decide: (portalRows: 'keep' | 'remove') =>
      void (file && asks && send(file, { mode, portalRows, leaveOutErrors: asks.leaveOutErrors })),
    changeMode(next: MappingMode) {
      setMode(next);
      history.replaceState(null, '', uploadAddress(connectorId, next));
      // A file that waits for an answer is asked about anew.
      if (file && asks) void send(file, { mode: next, portalRows: null, leaveOutErrors: asks.leaveOutErrors });
    },
  };
}
