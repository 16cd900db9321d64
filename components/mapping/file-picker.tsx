'use client';

import { type ReactNode, useRef } from 'react';

export interface FilePickerProps {
  /** of the field that browsers do not show */
  readonly label: string;
  readonly onChoose: (file: File) => void;
  /** the button that opens it */
  readonly children: (pick: () => void) => ReactNode;
}

/** The browser's own dialog for a mapping file, behind a button of the page. */
export function FilePicker({ label, onChoose, children }: FilePickerProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".csv,.txt,text/csv"
        aria-label={label}
        hidden
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          // The same file may be chosen again, corrected.
          event.target.value = '';
          if (file) onChoose(file);
        }}
      />
      {children(() => input.current?.click())}
    </>
  );
}
