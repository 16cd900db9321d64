'use client';

import { useMergedRefs } from '@fluentui/react-components';
import { type ComponentProps, useEffect, useRef, useState } from 'react';
import { useInBrowser } from './use-in-browser.ts';

interface FormProps extends Omit<ComponentProps<'form'>, 'action' | 'method' | 'noValidate' | 'onReset' | 'onSubmit'> {
  /** with the fields as they were when it was sent */
  readonly onSubmit: (fields: FormData) => void;
}

/**
 * A form that a script answers, from its first drawing on. Sent before React has taken the page over, a plain form would
 * go to the page's own address with its fields in it, a password among them, and everything typed would be gone. With a
 * function as its `action` React holds such a sending back until it can be answered.
 */
export function Form({ onSubmit, ref, ...props }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const again = useRef<ReturnType<typeof setTimeout>>(undefined);
  const merged = useMergedRefs(form, ref);
  const inBrowser = useInBrowser();
  const [wasDrawnBefore] = useState(!inBrowser);
  useEffect(() => {
    if (wasDrawnBefore) tellWhatWasEntered(form.current);
  }, [wasDrawnBefore]);

  /** What was held back, once however often it was sent, in the ordinary way: its fields' owners know by then what is in them. */
  function sendAgain(): void {
    clearTimeout(again.current);
    again.current = setTimeout(() => form.current?.requestSubmit());
  }

  return (
    <form
      {...props}
      ref={merged}
      noValidate
      action={sendAgain}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(new FormData(event.currentTarget));
      }}
      // React empties a form whose action it has run.
      onReset={(event) => event.preventDefault()}
    />
  );
}

/** Who keeps a field's value has what the server drew. What somebody entered before React was there, they are told now. */
function tellWhatWasEntered(form: HTMLFormElement | null): void {
  for (const field of form?.elements ?? []) {
    if (field instanceof HTMLSelectElement) tellChosen(field);
    else if (field instanceof HTMLTextAreaElement) tellTyped(field);
    else if (!(field instanceof HTMLInputElement)) continue;
    else if (field.type === 'checkbox' || field.type === 'radio') tellChecked(field);
    else if (field.type !== 'file' && field.type !== 'hidden') tellTyped(field);
  }
}

/** React tells of a change where the text is another than the last that it has set itself. */
function tellTyped(field: HTMLInputElement | HTMLTextAreaElement): void {
  const { value, defaultValue } = field;
  if (value === defaultValue) return;
  field.value = defaultValue;
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')?.set?.call(field, value);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

function tellChecked(field: HTMLInputElement): void {
  // Of radio buttons the one that is chosen now tells for those that are not any more.
  if (field.checked === field.defaultChecked || (field.type === 'radio' && !field.checked)) return;
  field.checked = field.defaultChecked;
  field.click();
}

function tellChosen(field: HTMLSelectElement): void {
  const drawn = Math.max(
    0,
    [...field.options].findIndex(({ defaultSelected }) => defaultSelected),
  );
  if (field.selectedIndex !== drawn) field.dispatchEvent(new Event('change', { bubbles: true }));
}
