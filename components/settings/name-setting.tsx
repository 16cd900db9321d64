'use client';

import { Field, Input, makeStyles, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { useLiveConnector } from '#components/connector/live-connector.tsx';
import * as text from '#components/text/text.ts';
import type { NewName, RenameResult } from '#lib/connectors/rename.ts';
import { SettingForm } from './setting-form.tsx';

const words = text.settings.name;

const useStyles = makeStyles({
  value: { margin: 0, overflowWrap: 'anywhere' },
  field: { color: tokens.colorNeutralForeground1 },
});

interface NameSettingProps {
  readonly connectorId: string;
  /** null for who may not */
  readonly rename: ((choice: NewName) => Promise<RenameResult>) | null;
}

export function NameSetting({ connectorId, rename }: NameSettingProps) {
  const styles = useStyles();
  const name = useLiveConnector()?.row.name ?? '';
  /** and the name that it was typed over; null: nothing was typed, and the name is shown as it is now */
  const [typed, setTyped] = useState<{ readonly name: string; readonly from: string } | null>(null);
  if (rename === null) return <p className={styles.value}>{name}</p>;
  return (
    <SettingForm
      title={words.title}
      run={async () => {
        const result = await rename({ connectorId, name: typed?.name ?? name, seen: typed?.from ?? name });
        if (result.kind === 'changed_meanwhile') {
          setTyped({ name: typed?.name ?? name, from: result.now });
          return { meanwhile: text.settings.meanwhile(result.by, words.now(result.now)) };
        }
        if (result.kind !== 'done') return { problem: words.results[result.kind] };
        setTyped(null);
        return { said: words.done(result.name) };
      }}
    >
      <Field label={words.label} hint={words.hint} required className={styles.field}>
        <Input
          value={typed?.name ?? name}
          autoComplete="off"
          onChange={(_event, { value }) => setTyped({ name: value, from: typed?.from ?? name })}
        />
      </Field>
    </SettingForm>
  );
}
