'use client';

import { Button, MessageBar, MessageBarBody, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import { text } from '#components/text/text.ts';
import { downloadBlob } from '#components/wizard/download-blob.ts';

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
      downloadBlob(errorsCsv ?? (await errorsOf(connectorId, file)), 'mapping-errors.csv');
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

/** All errors of a file by the rules of the server. @throws where there is no list */
async function errorsOf(connectorId: string, file: File): Promise<Blob> {
  const answer = await fetch(`/api/connectors/${connectorId}/mapping/errors?size=${file.size}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: file,
  });
  if (answer.headers.get('content-type')?.startsWith('text/csv') === true) return answer.blob();
  throw Object.assign(new Error('there is no list of errors'), { digest: `HTTP ${answer.status}` });
}
