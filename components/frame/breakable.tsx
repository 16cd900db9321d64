import { Fragment } from 'react';

/** Text in which an address that is too long for its line breaks before the @, and not within a word. */
export function Breakable({ children }: { readonly children: string }) {
  return children.split(/(?=@)/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, which have no other name
    <Fragment key={index}>
      {index === 0 ? null : <wbr />}
      {part}
    </Fragment>
  ));
}
