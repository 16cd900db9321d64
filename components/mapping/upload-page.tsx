'use client';

import { makeStyles, Radio, RadioGroup, tokens } from '@fluentui/react-components';
import { Section } from '#components/connector/section.tsx';
import * as text from '#components/text/text.ts';
import { BackLink } from './back-link.tsx';
import { CheckFile } from './check-file.tsx';
import { PortalRows } from './portal-rows.tsx';
import { type NewVersionOptions, useNewVersion } from './use-new-version.ts';

const words = text.mapping;

const useStyles = makeStyles({
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  paragraph: { margin: 0, color: tokens.colorNeutralForeground2 },
  block: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
});

export interface UploadPageProps extends NewVersionOptions {
  /** number of the version in force; null where none is */
  readonly inForce: number | null;
}

/** A new version, first part: the file is chosen and checked. What it changes fills the blocks below, on its own page. */
export function UploadPage({ inForce, ...options }: UploadPageProps) {
  const styles = useStyles();
  const upload = useNewVersion(options);
  const { asks, mode, sends } = upload;
  return (
    <div className={styles.page}>
      <BackLink connectorId={options.connectorId} />
      <Section title={words.check.title}>
        <CheckFile connectorId={options.connectorId} upload={upload} />
      </Section>
      <Section title={words.difference.with(inForce)}>
        <div className={styles.block}>
          {inForce === null ? (
            <p className={styles.paragraph}>{words.difference.first}</p>
          ) : (
            <RadioGroup
              aria-label={words.difference.mode}
              value={mode}
              disabled={sends}
              onChange={(_event, { value }) => upload.changeMode(value === 'add' ? 'add' : 'replace')}
            >
              <Radio
                value="replace"
                label={<Choice label={words.difference.replace} hint={words.difference.replaceHint} />}
              />
              <Radio value="add" label={<Choice label={words.difference.add} hint={words.difference.addHint} />} />
            </RadioGroup>
          )}
          {asks === null ? null : <PortalRows count={asks.count} busy={sends} onDecide={upload.decide} />}
          {upload.file === null ? <p className={styles.paragraph}>{words.difference.chooseFirst}</p> : null}
        </div>
      </Section>
      <Section title={words.effect.title}>
        <p className={styles.paragraph}>{words.effect.chooseFirst}</p>
      </Section>
    </div>
  );
}

function Choice({ label, hint }: { readonly label: string; readonly hint: string }) {
  return (
    <span>
      {label}
      <br />
      <small>{hint}</small>
    </span>
  );
}
