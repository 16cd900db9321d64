'use client';

import { Button, MessageBar, MessageBarBody, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import { downloadBlob } from '#components/wizard/download-blob.ts';
import { sendFile } from '#components/wizard/send-file.ts';

const words = text.wizard.mapping;

const useStyles = makeStyles({
  actions: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
});

export interface WrongRowsProps {
  readonly connectorId: string;
  readonly file: File;
  readonly found: { readonly rowCount: number; readonly erroneousRowCount: number };
  /** the list as the browser has it; null where only the server knows what is wrong */
  readonly errorsCsv: Blob | null;
  readonly busy: boolean;
  readonly onLeaveOut: () => void;
}

/** How many rows are wrong, and the two ways on: the list of them, and the rest of the file without them. */
export function WrongRows({ connectorId, file, found, errorsCsv, busy, onLeaveOut }: WrongRowsProps) {
  const styles = useStyles();
  const [problem, setProblem] = useState('');
  const { rowCount, erroneousRowCount } = found;

  async function download(): Promise<void> {
    setProblem('');
    try {
      downloadBlob(
        errorsCsv ?? (await errorsOf(connectorId, file, (busy) => setProblem(busy ? words.waits : ''))),
        'mapping-errors.csv',
      );
    } catch (error) {
      setProblem(failureSentence(error));
    }
  }

  return (
    <>
      <MessageBar intent="error" layout="multiline">
        <MessageBarBody role="alert">{words.rowsWrong(erroneousRowCount, rowCount + erroneousRowCount)}</MessageBarBody>
      </MessageBar>
      <div className={styles.actions}>
        <Button onClick={() => void download()}>{words.downloadErrors}</Button>
        {rowCount > 0 ? (
          <Button disabledFocusable={busy} onClick={onLeaveOut}>
            {words.applyWithout(erroneousRowCount)}
          </Button>
        ) : null}
        <Text role="status">{problem}</Text>
      </div>
    </>
  );
}

/** How long somebody waits for a list, turns of others with it. */
const LONGEST_MS = 10 * 60_000;

/** All errors of a file by the rules of the server. @throws where there is no list */
async function errorsOf(connectorId: string, file: File, onBusy: (busy: boolean) => void): Promise<Blob> {
  const address = `/api/connectors/${connectorId}/mapping/errors?size=${file.size}`;
  const answer = await sendFile(address, file, { signal: AbortSignal.timeout(LONGEST_MS), onBusy });
  if (answer.headers.get('content-type')?.startsWith('text/csv') === true) return answer.blob();
  throw Object.assign(new Error('there is no list of errors'), { digest: `HTTP ${answer.status}` });
}
