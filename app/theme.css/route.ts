import { themeStyleSheet } from '#components/theme/theme-css.ts';

export const dynamic = 'force-static';

/** The style sheet of both themes, made once at build time. */
export function GET(): Response {
  return new Response(themeStyleSheet(), {
    headers: { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=86400' },
  });
}
