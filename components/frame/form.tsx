'use client';

import { useMergedRefs } from '@fluentui/react-components';
import { type ComponentProps, useEffect, useRef } from 'react';

interface FormProps extends Omit<ComponentProps<'form'>, 'action' | 'method' | 'noValidate' | 'onSubmit'> {
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
  const merged = useMergedRefs(form, ref);
  useEffect(() => tellWhatWasTyped(form.current), []);
  return (
    <form
      {...props}
      ref={merged}
      noValidate
      // Only for what was held back. Once more in the ordinary way, when the fields' owners have heard what was typed.
      action={() => void setTimeout(() => form.current?.requestSubmit())}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(new FormData(event.currentTarget));
      }}
    />
  );
}

/** A field that was filled in before React knew of it still shows its text, and whoever keeps its value has none. */
function tellWhatWasTyped(form: HTMLFormElement | null): void {
  for (const field of form?.elements ?? []) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) continue;
    const { value, defaultValue } = field;
    if (value === defaultValue || ['checkbox', 'radio', 'file', 'hidden'].includes(field.type)) continue;
    // React tells of a change where the text is another than the last that it has set itself.
    field.value = defaultValue;
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')?.set?.call(field, value);
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
}
