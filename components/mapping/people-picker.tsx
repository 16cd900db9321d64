'use client';

import { Combobox, Field, makeStyles, Option, Text, tokens } from '@fluentui/react-components';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import * as text from '#components/text/text.ts';
import type { FoundMembers } from '#lib/connectors/mapping/find-members.ts';

const words = text.mapping.people;

const useStyles = makeStyles({
  // Long addresses do not widen a dialog at 320 px.
  picker: { minWidth: 0, width: '100%' },
  input: { minWidth: 0 },
  option: { display: 'grid' },
  address: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
  status: { display: 'block', color: tokens.colorNeutralForeground3 },
});

/** Of what is typed, so much later the directory is asked. */
const PAUSE_MS = 250;
const SHORTEST = 2;

export type FindMembers = (typed: string) => Promise<FoundMembers>;

export interface PeoplePickerProps {
  /** of the form's field, whose value is an address */
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly initial: string;
  readonly find: FindMembers;
}

type Search =
  | { readonly kind: 'none' }
  | { readonly kind: 'looking' }
  | { readonly kind: 'failed' }
  | Extract<FoundMembers, { kind: 'found' }>
  | Extract<FoundMembers, { kind: 'directory_unavailable' }>;

/** An address, typed, or chosen from those whom the directory has by a name or address that begins like what is typed. */
export function PeoplePicker({ name, label, hint, initial, find }: PeoplePickerProps) {
  const styles = useStyles();
  const [value, setValue] = useState(initial);
  const [search, setSearch] = useState<Search>({ kind: 'none' });
  const [open, setOpen] = useState(false);
  const latest = useRef(0);
  const pause = useRef<ReturnType<typeof setTimeout> | null>(null);
  const members = search.kind === 'found' ? search.members : [];

  function stop(): void {
    latest.current += 1;
    if (pause.current !== null) clearTimeout(pause.current);
  }
  const leave = useEffectEvent(stop);
  useEffect(() => () => leave(), []);

  function type(typed: string): void {
    stop();
    setValue(typed);
    if (typed.trim().length < SHORTEST) {
      setSearch({ kind: 'none' });
      return;
    }
    const turn = latest.current;
    pause.current = setTimeout(() => void look(typed, turn), PAUSE_MS);
  }

  /** What comes late, after something else was typed, is dropped. */
  async function look(typed: string, turn: number): Promise<void> {
    setSearch({ kind: 'looking' });
    const found = await find(typed).catch(() => ({ kind: 'failed' }) as const);
    if (turn !== latest.current) return;
    setSearch(found);
    setOpen(found.kind === 'found' && found.members.length > 0);
  }

  function choose(address: string): void {
    stop();
    setValue(address);
    setSearch({ kind: 'none' });
    setOpen(false);
  }

  return (
    <div>
      <Field label={label} hint={hint} required>
        <Combobox
          freeform
          name={name}
          autoComplete="off"
          className={styles.picker}
          input={{ className: styles.input }}
          expandIcon={null}
          value={value}
          selectedOptions={[]}
          open={open && members.length > 0}
          onOpenChange={(_event, data) => setOpen(data.open)}
          onChange={(event) => type(event.target.value)}
          onOptionSelect={(_event, { optionValue }) => {
            if (optionValue !== undefined) choose(optionValue);
          }}
        >
          {members.map((member) => (
            <Option key={member.address} value={member.address} text={`${member.name}, ${member.address}`}>
              <span className={styles.option}>
                <span>{member.name}</span>
                <span className={styles.address}>{member.address}</span>
              </span>
            </Option>
          ))}
        </Combobox>
      </Field>
      <Text role="status" size={200} className={styles.status}>
        {sentenceOf(search)}
      </Text>
    </div>
  );
}

function sentenceOf(search: Search): string {
  switch (search.kind) {
    case 'none':
      return '';
    case 'looking':
      return words.looking;
    case 'found':
      return words.found(search.members.length);
    case 'directory_unavailable':
    case 'failed':
      return words.unavailable;
  }
}
