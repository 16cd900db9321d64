'use client';

import { Button, Checkbox, Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { useTransition } from 'react';
import { Form } from '#components/frame/form.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import * as text from '#components/text/text.ts';
import { AUDIT_KINDS, type AuditSelection, auditQuery, auditSelection, isSelective } from '#lib/audit/selection.ts';

const words = text.audit.filters;

const useStyles = makeStyles({
  form: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  field: { flex: '1 1 150px', maxWidth: '240px', minWidth: 0, gridTemplateColumns: 'minmax(0, 1fr)' },
  input: { width: '100%', minWidth: 0 },
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

interface AuditFiltersProps {
  readonly base: string;
  readonly selection: AuditSelection;
}

/** A form, so that a half-typed name does not search; sent, it is an address. */
export function AuditFilters({ base, selection }: AuditFiltersProps) {
  const styles = useStyles();
  const router = useRouter();
  const [, start] = useTransition();

  function submit(fields: FormData): void {
    const typed = new URLSearchParams();
    for (const [name, value] of fields) if (typeof value === 'string') typed.set(name, value);
    start(() => router.push(base + auditQuery(auditSelection(typed))));
  }

  return (
    <search aria-label={words.label}>
      <Form className={styles.form} onSubmit={submit}>
        <Field label={words.from} className={styles.field}>
          <Input className={styles.input} name="from" type="date" defaultValue={selection.from ?? ''} />
        </Field>
        <Field label={words.to} className={styles.field}>
          <Input className={styles.input} name="to" type="date" defaultValue={selection.to ?? ''} />
        </Field>
        <Field label={words.who} className={styles.field}>
          <Input className={styles.input} name="who" defaultValue={selection.who} placeholder={words.whoHint} />
        </Field>
        <Field label={words.kind} className={styles.field}>
          <Select name="kind" defaultValue={selection.kind ?? ''}>
            <option value="">{words.anything}</option>
            {AUDIT_KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {text.audit.kinds[kind]}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={words.on} className={styles.field}>
          <Input className={styles.input} name="on" defaultValue={selection.on} placeholder={words.onHint} />
        </Field>
        <Checkbox name="refused" value="1" label={words.refused} defaultChecked={selection.refused} />
        <div className={styles.actions}>
          <Button type="submit">{words.apply}</Button>
          {isSelective(selection) ? <LinkButton href={base}>{words.clear}</LinkButton> : null}
        </div>
      </Form>
    </search>
  );
}
