/**
 * Both themes as one style sheet of custom properties. The browser chooses by itself what the system wants, before any
 * script runs: no flash of the wrong theme, nothing to hydrate. A choice by hand is `data-theme` on the root element.
 */
import { type Theme, webDarkTheme, webLightTheme } from '@fluentui/react-components';

/** Inherits the system's fonts and gives the two themes to every element below the root, portals included. */
export function themeStyleSheet(): string {
  const light = declarations(webLightTheme);
  const dark = declarations(webDarkTheme);
  return [
    `:root{color-scheme:light;${light}}`,
    `@media (prefers-color-scheme: dark){:root:not([data-theme='light']){color-scheme:dark;${dark}}}`,
    `:root[data-theme='dark']{color-scheme:dark;${dark}}`,
    'body{margin:0;background:var(--colorNeutralBackground1);color:var(--colorNeutralForeground1)}',
    '*,*::before,*::after{box-sizing:border-box}',
    '@media (prefers-reduced-motion: reduce){*,*::before,*::after{animation-duration:1ms!important;animation-iteration-count:1!important;transition-duration:1ms!important;scroll-behavior:auto!important}}',
  ].join('\n');
}

function declarations(theme: Theme): string {
  return Object.entries(theme)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');
}
