'use client';

import {
  createDOMRenderer,
  FluentProvider,
  RendererProvider,
  renderToStyleElements,
  type Theme,
} from '@fluentui/react-components';
import { useServerInsertedHTML } from 'next/navigation';
import { type ReactNode, useState } from 'react';

// The values are in /theme.css, for both themes and every element: the provider has nothing of its own to set.
// A column as high as the window: what is in it may grow into the rest.
const page = { background: 'transparent', display: 'flex', flexDirection: 'column', minHeight: '100dvh' } as const;

const themeFromStyleSheet: Partial<Theme> = {};

/**
 * Fluent's styles, rendered on the server into the page's head under the page's nonce, and adopted by the browser.
 */
export function StylesAndTheme({ nonce, children }: { readonly nonce: string; readonly children: ReactNode }) {
  const [renderer] = useState(() => createDOMRenderer(undefined, { styleElementAttributes: { nonce } }));
  useServerInsertedHTML(() => {
    const elements = renderToStyleElements(renderer);
    // Called once for each part of a streamed page: every rule goes out once, with the part that needs it first.
    renderer.stylesheets = {};
    return elements;
  });
  return (
    <RendererProvider renderer={renderer} targetDocument={typeof document === 'undefined' ? undefined : document}>
      <FluentProvider theme={themeFromStyleSheet} style={page}>
        {children}
      </FluentProvider>
    </RendererProvider>
  );
}
