/**
 * Every word that a page shows, by screen. A second language is a second folder beside `en/` with the same shape,
 * chosen here. Sentences that carry a value are functions, so that word order is the language's own.
 */
import { audit } from './en/audit.ts';
import { commands } from './en/commands.ts';
import { connectorViews } from './en/connector-views.ts';
import { connectors } from './en/connectors.ts';
import { corrections } from './en/corrections.ts';
import { coverage } from './en/coverage.ts';
import { frame } from './en/frame.ts';
import { history } from './en/history.ts';
import { mapping } from './en/mapping.ts';
import { mappingRule } from './en/mapping-rule.ts';
import { notifications } from './en/notifications.ts';
import { problems } from './en/problems.ts';
import { product } from './en/product.ts';
import { settings } from './en/settings.ts';
import { signIn } from './en/sign-in.ts';
import { undone } from './en/undone.ts';
import { validation } from './en/validation.ts';
import { wizard } from './en/wizard.ts';

export const text = {
  audit,
  commands,
  connectorViews,
  connectors,
  corrections,
  coverage,
  frame,
  history,
  mapping,
  mappingRule,
  notifications,
  problems,
  product,
  settings,
  signIn,
  undone,
  validation,
  wizard,
} as const;
