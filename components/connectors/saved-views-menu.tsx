'use client';

import {
  Button,
  Field,
  Input,
  makeStyles,
  mergeClasses,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  tokens,
} from '@fluentui/react-components';
import { DeleteRegular } from '@fluentui/react-icons';
import { type MouseEvent, useRef, useState } from 'react';
import { Form } from '#components/frame/form.tsx';
import type { OpenedBy } from '#components/frame/menu-on-demand.tsx';
import * as text from '#components/text/text.ts';
import { LONGEST_NAME, MOST_VIEWS, queryToSave } from './saved-views.ts';
import { useSavedViews } from './use-saved-views.ts';
import type { View } from './view.ts';

const useStyles = makeStyles({
  surface: {
    display: 'grid',
    rowGap: tokens.spacingVerticalM,
    width: '320px',
    maxWidth: 'calc(100vw - 16px)',
    boxSizing: 'border-box',
  },
  title: { margin: 0, fontSize: tokens.fontSizeBase300, lineHeight: tokens.lineHeightBase300 },
  list: { margin: 0, padding: 0, listStyleType: 'none', maxHeight: '40vh', overflowY: 'auto' },
  view: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalS },
  link: {
    flexGrow: 1,
    minWidth: 0,
    overflowWrap: 'anywhere',
    padding: `${tokens.spacingVerticalXS} 0`,
    color: tokens.colorBrandForegroundLink,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  current: { fontWeight: tokens.fontWeightSemibold },
  form: { display: 'grid', justifyItems: 'start', rowGap: tokens.spacingVerticalS },
  field: { width: '100%' },
  small: {
    margin: 0,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
  },
});

export interface SavedViewsMenuProps {
  /** whose views they are */
  readonly person: string;
  readonly view: View;
  /** goes to a view without asking the server */
  readonly onOpen: (query: string) => void;
}

/** Views that the person gave a name: links, to go to them, and a form, to keep the one that is open. */
export function SavedViewsMenu({ person, view, onOpen, button, open, onOpenChange }: SavedViewsMenuProps & OpenedBy) {
  const styles = useStyles();
  const words = text.connectorViews;
  const [name, setName] = useState('');
  const [said, setSaid] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const { views, save, remove } = useSavedViews(person);
  const current = queryToSave(view);

  function onSave(): void {
    if (name.trim() === '') return;
    if (views.length >= MOST_VIEWS && !views.some((one) => one.name === name.trim())) {
      setSaid(words.tooMany(MOST_VIEWS));
      return;
    }
    setSaid(save({ name, query: current }) ? words.savedAs(name.trim()) : words.notSaved);
    setName('');
  }

  function onLink(event: MouseEvent, query: string): void {
    // With a modifier it is an ordinary link.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onOpen(query);
    onOpenChange(false);
  }

  const link = (label: string, query: string) => (
    <a
      className={mergeClasses(styles.link, query === current && styles.current)}
      href={query === '' ? '?' : query}
      aria-current={query === current ? 'page' : undefined}
      onClick={(event) => onLink(event, query)}
    >
      {label}
    </a>
  );

  return (
    <Popover
      open={open}
      onOpenChange={(_event, data) => {
        onOpenChange(data.open);
        setSaid('');
      }}
      trapFocus
    >
      <PopoverTrigger disableButtonEnhancement>{button}</PopoverTrigger>
      <PopoverSurface className={styles.surface} aria-label={words.saved}>
        <h2 className={styles.title}>{words.saved}</h2>
        <ul className={styles.list}>
          <li className={styles.view}>{link(words.all, '')}</li>
          {views.map(({ name: one, query }) => (
            <li key={one} className={styles.view}>
              {link(one, query)}
              <Button
                appearance="subtle"
                icon={<DeleteRegular />}
                aria-label={words.remove(one)}
                onClick={() => {
                  remove(one);
                  setSaid(words.removed(one));
                  // The button is gone, and the focus must not be.
                  field.current?.focus();
                }}
              />
            </li>
          ))}
        </ul>
        {views.length === 0 ? <p className={styles.small}>{words.none}</p> : null}
        <Form className={styles.form} onSubmit={onSave}>
          <Field className={styles.field} label={words.name}>
            <Input
              ref={field}
              value={name}
              maxLength={LONGEST_NAME}
              autoComplete="off"
              onChange={(_event, { value }) => setName(value)}
            />
          </Field>
          <Button type="submit" appearance="primary">
            {words.save}
          </Button>
        </Form>
        <p className={styles.small} role="status">
          {said}
        </p>
        <p className={styles.small}>{words.where}</p>
      </PopoverSurface>
    </Popover>
  );
}
