'use client';

import { Button, MessageBar, MessageBarBody, makeStyles, ProgressBar, tokens } from '@fluentui/react-components';
import { ArrowDownloadRegular, DocumentTableRegular } from '@fluentui/react-icons';
import { useRef, useState } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import { text } from '#components/text/text.ts';
import { MAX_FILE_BYTES } from '#lib/mapping/mapping-file.ts';
import { refusalSentence } from '#lib/mapping/words.ts';
import { downloadBlob } from './download-blob.ts';
import type { DraftView } from './draft-view.ts';
import { DropZone } from './drop-zone.tsx';
import { FileErrors, FilePreview } from './file-preview.tsx';
import { uploadMappingFile } from './upload-mapping-file.ts';
import { useFileCheck } from './use-file-check.ts';

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
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

export interface MappingFileProps {
  readonly draftId: string;
  readonly inForce: DraftView['mapping']['file'];
  readonly region: string;
  /** a file with errors was chosen, and nobody has said yet what to do with it */
  readonly onUndecided: (undecided: boolean) => void;
  readonly onChanged: () => void;
  readonly removeFile: (draftId: string) => Promise<void>;
}

/** Drop zone, check in the browser, and the upload; what is uploaded is checked again by the server. */
export function MappingFile({ draftId, inForce, region, onUndecided, onChanged, removeFile }: MappingFileProps) {
  const styles = useStyles();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [uploading, setUploading] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { check, start, clear } = useFileCheck();

  async function choose(chosen: File): Promise<void> {
    setFile(chosen);
    setFailure(null);
    onUndecided(false);
    if (chosen.size > MAX_FILE_BYTES) return fail(words.tooLarge);
    try {
      const checked = await start(chosen, region);
      if (checked.kind === 'refused') return fail(refusalSentence(checked.refusal));
      if (checked.erroneousRowCount > 0) return onUndecided(true);
      await upload(chosen, false);
    } catch (error) {
      fail(failureSentence(error));
    }
  }

  async function upload(chosen: File, leaveOutErrors: boolean): Promise<void> {
    setUploading(true);
    try {
      const result = await uploadMappingFile({ draftId, file: chosen, region, leaveOutErrors });
      if (result.kind === 'refused') return fail(refusalSentence(result.refusal));
      if (result.kind === 'erroneous')
        return fail(words.rowsWrong(result.erroneousRowCount, result.rowCount + result.erroneousRowCount));
      if (result.kind === 'no_draft') return fail(text.wizard.draftGone);
      onUndecided(false);
      clear();
      setFile(null);
      onChanged();
    } catch (error) {
      fail(failureSentence(error));
    } finally {
      setUploading(false);
    }
  }

  function fail(sentence: string): void {
    clear();
    setFile(null);
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
        <Button id="mapping-file" disabledFocusable={uploading} onClick={() => input.current?.click()}>
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
      {check.kind === 'reading' || uploading ? (
        <ProgressBar
          aria-label={uploading ? words.uploading : words.reading}
          {...(check.kind === 'reading' ? { value: check.fraction } : {})}
        />
      ) : null}
      {check.kind === 'checked' && check.erroneousRowCount > 0 && file !== null ? (
        <>
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody role="alert">
              {words.rowsWrong(check.erroneousRowCount, check.rowCount + check.erroneousRowCount)}
            </MessageBarBody>
          </MessageBar>
          <div className={styles.actions}>
            <Button onClick={() => downloadBlob(check.errorsCsv, 'mapping-errors.csv')}>{words.downloadErrors}</Button>
            {check.rowCount > 0 ? (
              <Button disabledFocusable={uploading} onClick={() => void upload(file, true)}>
                {words.applyWithout(check.erroneousRowCount)}
              </Button>
            ) : null}
          </div>
          <FileErrors errors={check.firstErrors} all={check.erroneousRowCount} />
          <FilePreview rows={check.firstRows} all={check.rowCount} />
        </>
      ) : null}
    </section>
  );
}
