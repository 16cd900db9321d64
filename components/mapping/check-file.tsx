'use client';

import { Button, MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components';
import { ArrowDownloadRegular, DocumentTableRegular } from '@fluentui/react-icons';
import * as text from '#components/text/text.ts';
import { CheckProgress } from '#components/wizard/check-progress.tsx';
import { DropZone } from '#components/wizard/drop-zone.tsx';
import { FileErrors, FilePreview } from '#components/wizard/file-preview.tsx';
import { FilePicker } from './file-picker.tsx';
import type { useNewVersion } from './use-new-version.ts';
import { WrongRows } from './wrong-rows.tsx';

const words = text.mapping.check;

const useStyles = makeStyles({
  block: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
  file: {
    display: 'flex',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalS,
    flexGrow: 1,
    minWidth: 0,
    overflowWrap: 'anywhere',
  },
  hint: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

export interface CheckFileProps {
  readonly connectorId: string;
  readonly upload: ReturnType<typeof useNewVersion>;
}

/** *Check*: the file, how far it is read, and what is wrong with it. */
export function CheckFile({ connectorId, upload }: CheckFileProps) {
  const styles = useStyles();
  const { file, check, sends, waits, failure, byServer, wrong } = upload;
  const reads = check.kind === 'reading';
  return (
    <div className={styles.block}>
      <DropZone onDrop={upload.choose}>
        {file === null ? null : (
          <span className={styles.file}>
            <DocumentTableRegular fontSize={20} aria-hidden />
            {file.name}
          </span>
        )}
        <FilePicker label={words.file} onChoose={upload.choose}>
          {(pick) => (
            <Button appearance={file === null ? 'primary' : 'secondary'} onClick={pick}>
              {file === null ? words.choose : words.another}
            </Button>
          )}
        </FilePicker>
        {file === null ? <span>{words.drop}</span> : null}
      </DropZone>
      <span className={styles.hint}>
        {words.hint} {words.kept}
      </span>
      <div>
        <Button
          appearance="transparent"
          icon={<ArrowDownloadRegular />}
          as="a"
          href="/mapping-template.csv"
          download="mapping-template.csv"
        >
          {text.mapping.template}
        </Button>
      </div>
      {failure === null ? null : (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody role="alert">{failure}</MessageBarBody>
        </MessageBar>
      )}
      {reads || sends ? (
        <CheckProgress
          waits={waits}
          fraction={reads ? check.fraction : null}
          rows={reads ? check.rowCount : 0}
          wrong={reads ? check.erroneousRowCount : 0}
          onCancel={upload.cancel}
        />
      ) : null}
      {wrong !== null && file !== null ? (
        <WrongRows
          connectorId={connectorId}
          file={file}
          found={wrong}
          errorsCsv={check.kind === 'checked' ? check.errorsCsv : null}
          busy={sends}
          onLeaveOut={upload.leaveOut}
        />
      ) : null}
      {reads || check.kind === 'checked' ? (
        <>
          <FileErrors errors={check.firstErrors} all={check.erroneousRowCount} />
          <FilePreview rows={check.firstRows} all={check.rowCount} />
        </>
      ) : null}
      {byServer === null ? null : <FileErrors errors={byServer.firstErrors} all={byServer.erroneousRowCount} />}
    </div>
  );
}
