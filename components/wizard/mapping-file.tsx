'use client';

import { Button, MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components';
import { ArrowDownloadRegular, DocumentTableRegular } from '@fluentui/react-icons';
import { useRef, useState } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import { MAX_FILE_BYTES } from '#lib/mapping/limits.ts';
import { refusalSentence } from '#lib/mapping/words.ts';
import { CheckProgress } from './check-progress.tsx';
import type { DraftView } from './draft-view.ts';
import { DropZone } from './drop-zone.tsx';
import { FileErrors, FilePreview } from './file-preview.tsx';
import { isReadable } from './is-readable.ts';
import { useFileCheck } from './use-file-check.ts';
import { WrongRows, type WrongRowsFound } from './wrong-rows.tsx';

const words = text.wizard.mapping;

const useStyles = makeStyles({
  section: { display: 'grid', rowGap: tokens.spacingVerticalM },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightRegular },
  hint: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  file: {
    display: 'flex',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalS,
    flexGrow: 1,
    minWidth: 0,
    overflowWrap: 'anywhere',
  },
});

export interface MappingFileProps {
  readonly draftId: string;
  readonly inForce: DraftView['mapping']['file'];
  readonly region: string;
  /** the organization's, in lower case; empty where they are not known yet */
  readonly verifiedDomains: readonly string[];
  /** a file with errors was chosen, and nobody has said yet what to do with it */
  readonly onUndecided: (undecided: boolean) => void;
  readonly onChanged: () => void;
  readonly removeFile: (draftId: string) => Promise<void>;
}

/** Drop zone, check in the browser, and the upload; what is uploaded is checked again by the server. */
export function MappingFile(props: MappingFileProps) {
  const { draftId, inForce, region, verifiedDomains, onUndecided, onChanged, removeFile } = props;
  const styles = useStyles();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const uploading = useRef<AbortController | null>(null);
  const [uploads, setUploads] = useState(false);
  const [waits, setWaits] = useState(false);
  const [refusedRows, setRefusedRows] = useState<WrongRowsFound | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const { check, start, clear } = useFileCheck();

  async function choose(chosen: File): Promise<void> {
    stopUpload();
    setFile(chosen);
    setFailure(null);
    setRefusedRows(null);
    onUndecided(false);
    if (chosen.size > MAX_FILE_BYTES) return fail(words.tooLarge);
    try {
      const checked = await start(chosen, { region, verifiedDomains });
      if (checked.kind === 'refused') return fail(refusalSentence(checked.refusal));
      if (checked.kind === 'unreadable') return fail(words.unreadable);
      if (checked.erroneousRowCount > 0) return onUndecided(true);
      await upload(chosen, 0);
    } catch (error) {
      fail(failureSentence(error));
    }
  }

  async function upload(chosen: File, leaveOut: number): Promise<void> {
    const request = new AbortController();
    uploading.current = request;
    setUploads(true);
    try {
      const { signal } = request;
      // Nobody needs it before a file was chosen.
      const { uploadMappingFile } = await import('./upload-mapping-file.ts');
      const result = await uploadMappingFile({
        draftId,
        file: chosen,
        region,
        leaveOut,
        signal,
        onBusy: setWaits,
      });
      if (result.kind === 'refused') return fail(refusalSentence(result.refusal));
      if (result.kind === 'no_draft') return fail(text.wizard.draftGone);
      clear();
      // The server knows more than the page did: domains that were verified or withdrawn since it was opened.
      if (result.kind === 'erroneous') {
        setRefusedRows({ ...result, firstRows: [], errorsCsv: null });
        return onUndecided(true);
      }
      onUndecided(false);
      setFile(null);
      onChanged();
    } catch (error) {
      if (request.signal.aborted) return;
      fail((await isReadable(chosen)) ? failureSentence(error) : words.unreadable);
    } finally {
      if (uploading.current === request) stopUpload();
    }
  }

  function stopUpload(): void {
    uploading.current?.abort();
    uploading.current = null;
    setUploads(false);
    setWaits(false);
  }

  function cancel(): void {
    const wasUploading = uploads;
    stopUpload();
    clear();
    setFile(null);
    setRefusedRows(null);
    onUndecided(false);
    // What had reached the server before the click is in force there.
    if (wasUploading) onChanged();
  }

  function fail(sentence: string): void {
    clear();
    setFile(null);
    setRefusedRows(null);
    onUndecided(false);
    setFailure(sentence);
  }

  async function remove(): Promise<void> {
    try {
      await removeFile(draftId);
      onChanged();
    } catch (error) {
      setFailure(failureSentence(error));
    }
  }

  const wrong = check.kind === 'checked' && check.erroneousRowCount > 0 ? check : refusedRows;
  const shownFile = file?.name ?? inForce?.fileName ?? null;
  return (
    <section className={styles.section} aria-labelledby="mapping-file-label">
      <h2 id="mapping-file-label" className={styles.heading}>
        {words.file}
      </h2>
      <DropZone onDrop={(dropped) => void choose(dropped)}>
        {shownFile === null ? null : (
          <span className={styles.file}>
            <DocumentTableRegular fontSize={20} aria-hidden />
            {file === null && inForce !== null ? words.inForce(inForce.fileName, inForce.rowCount) : shownFile}
          </span>
        )}
        <input
          ref={input}
          type="file"
          accept=".csv,.txt,text/csv"
          aria-label={words.file}
          hidden
          onChange={(event) => {
            const [chosen] = event.target.files ?? [];
            event.target.value = '';
            if (chosen) void choose(chosen);
          }}
        />
        <Button id="mapping-file" disabledFocusable={uploads} onClick={() => input.current?.click()}>
          {shownFile === null ? words.choose : words.another}
        </Button>
        {shownFile === null ? <span>{words.drop}</span> : null}
        {file === null && inForce !== null ? (
          <Button appearance="subtle" onClick={() => void remove()}>
            {words.remove}
          </Button>
        ) : null}
      </DropZone>
      <span className={styles.hint}>{words.fileHint}</span>
      <div>
        <Button
          appearance="transparent"
          icon={<ArrowDownloadRegular />}
          as="a"
          href="/mapping-template.csv"
          download="mapping-template.csv"
        >
          {words.template}
        </Button>
      </div>
      {file === null && inForce !== null && inForce.leftOutCount > 0 ? (
        <MessageBar intent="warning">
          <MessageBarBody>{words.leftOut(inForce.leftOutCount)}</MessageBarBody>
        </MessageBar>
      ) : null}
      {failure === null ? null : (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody role="alert">{failure}</MessageBarBody>
        </MessageBar>
      )}
      {check.kind === 'reading' || uploads ? (
        <CheckProgress
          waits={waits}
          fraction={check.kind === 'reading' ? check.fraction : null}
          rows={check.kind === 'reading' ? check.rowCount : 0}
          wrong={check.kind === 'reading' ? check.erroneousRowCount : 0}
          onCancel={cancel}
        />
      ) : null}
      {wrong !== null && file !== null ? (
        <WrongRows found={wrong} uploads={uploads} onApply={() => void upload(file, wrong.erroneousRowCount)} />
      ) : null}
      {check.kind === 'reading' || check.kind === 'checked' ? (
        <>
          <FileErrors errors={check.firstErrors} all={check.erroneousRowCount} />
          <FilePreview rows={check.firstRows} all={check.rowCount} />
        </>
      ) : null}
      {refusedRows === null ? null : (
        <FileErrors errors={refusedRows.firstErrors} all={refusedRows.erroneousRowCount} />
      )}
    </section>
  );
}
