'use client';

import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { CopyRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import * as text from '#components/text/text.ts';
import { exchangeCommands, type ScopedApplication } from '#lib/microsoft/exchange-commands.ts';

const words = text.wizard.consent.exchange;

const useStyles = makeStyles({
  section: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalS },
  heading: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  commands: {
    display: 'grid',
    rowGap: tokens.spacingVerticalS,
    margin: 0,
    padding: tokens.spacingHorizontalM,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground2,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  },
  // A command that takes several lines is told from the next one.
  command: {
    display: 'block',
    paddingLeft: tokens.spacingHorizontalL,
    textIndent: `calc(-1 * ${tokens.spacingHorizontalL})`,
  },
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  hint: { color: tokens.colorNeutralForeground3 },
});

interface ConsentExchangeProps extends ScopedApplication {
  readonly heading?: 'h2' | 'h3';
}

/** The commands that put the limit into force, to be copied as they are. */
export function ConsentExchange({ heading: Heading = 'h2', ...application }: ConsentExchangeProps) {
  const styles = useStyles();
  const [copied, setCopied] = useState<'no' | 'yes' | 'refused'>('no');
  const commands = exchangeCommands(application);

  async function copy(): Promise<void> {
    setCopied('no');
    await navigator.clipboard.writeText(commands).then(
      () => setCopied('yes'),
      () => setCopied('refused'),
    );
  }

  return (
    <section className={styles.section} aria-labelledby="consent-exchange">
      <Heading id="consent-exchange" className={styles.heading}>
        {words.title}
      </Heading>
      <Text>{words.lead}</Text>
      <pre className={styles.commands}>
        {commands.split('\n').map((command) => (
          <code key={command} className={styles.command}>
            {command}
          </code>
        ))}
      </pre>
      <div className={styles.bar}>
        <Button icon={<CopyRegular />} onClick={() => void copy()}>
          {words.copy}
        </Button>
        <Text role="status">{copied === 'yes' ? words.copied : copied === 'refused' ? words.copyFailed : null}</Text>
      </div>
      <Text className={styles.hint}>
        {application.objectId === null ? words.objectId : null} {words.delay}
      </Text>
    </section>
  );
}
