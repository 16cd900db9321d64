import type { Metadata, Viewport } from 'next';
import { cookies, headers } from 'next/headers';
import type { ReactNode } from 'react';
import { SandboxBar } from '#components/frame/sandbox-bar.tsx';
import * as text from '#components/text/text.ts';
import { APPEARANCE_COOKIE, appearanceOf } from '#components/theme/appearance.ts';
import { StylesAndTheme } from '#components/theme/styles-and-theme.tsx';
import { SHOW_MY_TIME_COOKIE } from '#components/time/cookie.ts';
import { ShowMyTimeProvider } from '#components/time/show-my-time.tsx';
import { configuredHosts } from '#lib/microsoft/configured-hosts.ts';

export const metadata: Metadata = {
  title: { default: text.frame.productName, template: `%s - ${text.frame.productName}` },
  robots: { index: false, follow: false },
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' };

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const [header, cookie] = await Promise.all([headers(), cookies()]);
  const appearance = appearanceOf(cookie.get(APPEARANCE_COOKIE)?.value);
  return (
    <html
      lang={text.frame.language}
      data-theme={appearance === 'system' ? undefined : appearance}
      suppressHydrationWarning
    >
      <head>
        <link rel="stylesheet" href="/theme.css" precedence="theme" />
      </head>
      <body>
        <StylesAndTheme nonce={header.get('x-nonce') ?? ''}>
          <ShowMyTimeProvider initially={cookie.get(SHOW_MY_TIME_COOKIE)?.value === '1'}>
            <SandboxBar hosts={configuredHosts().foreignHosts} />
            {children}
          </ShowMyTimeProvider>
        </StylesAndTheme>
      </body>
    </html>
  );
}
