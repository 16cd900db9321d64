'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { NARROW } from './use-narrow.ts';

const focusRing = { outline: `2px solid ${tokens.colorStrokeFocus2}`, borderRadius: tokens.borderRadiusSmall };

/** The columns of the Connectors tab, as wide in the header as in every row; lines of a card where it is narrow. */
export const useColumnStyles = makeStyles({
  name: { flex: '2 1 0', [NARROW]: { paddingRight: '40px' } },
  now: { flex: '3 1 0', [NARROW]: { flexDirection: 'column', alignItems: 'stretch' } },
  kind: { flex: '1.5 1 0' },
  health: { flex: '1.2 1 0' },
  balanced: { flex: '0 0 176px' },
  toDo: { flex: '1 1 0' },
  next: { flex: '0 0 176px' },
  details: {
    flex: '0 0 48px',
    [NARROW]: { position: 'absolute', top: tokens.spacingVerticalS, right: tokens.spacingHorizontalS },
  },
});

export const useLineStyles = makeStyles({
  row: {
    cursor: 'pointer',
    // A bar instead of a shade: links keep their contrast in every theme.
    ':hover': { backgroundColor: 'transparent', boxShadow: `inset 3px 0 0 ${tokens.colorNeutralStrokeAccessible}` },
    ':active': { backgroundColor: 'transparent' },
    [NARROW]: {
      display: 'grid',
      alignContent: 'start',
      rowGap: tokens.spacingVerticalXS,
      padding: tokens.spacingVerticalM,
      border: `1px solid ${tokens.colorNeutralStroke2}`,
      borderRadius: tokens.borderRadiusLarge,
      position: 'relative',
    },
  },
  open: { boxShadow: `inset 3px 0 0 ${tokens.colorCompoundBrandStroke}` },
  cell: {
    paddingTop: tokens.spacingVerticalS,
    paddingBottom: tokens.spacingVerticalS,
    height: 'auto',
    overflowWrap: 'anywhere',
    ':focus-visible': { ...focusRing, outlineOffset: '-2px' },
    [NARROW]: {
      display: 'flex',
      columnGap: tokens.spacingHorizontalM,
      padding: 0,
      minHeight: '24px',
      justifyContent: 'space-between',
    },
  },
  label: { display: 'none', [NARROW]: { display: 'inline', color: tokens.colorNeutralForeground3 } },
  labelOfName: {
    display: 'none',
    // The name needs no label to the eye.
    [NARROW]: {
      display: 'block',
      position: 'absolute',
      width: '1px',
      height: '1px',
      overflow: 'hidden',
      clipPath: 'inset(50%)',
    },
  },
  link: {
    color: tokens.colorBrandForegroundLink,
    fontWeight: tokens.fontWeightSemibold,
    textDecorationLine: 'none',
    ':hover': { textDecorationLine: 'underline' },
    ':focus-visible': focusRing,
  },
  muted: { color: tokens.colorNeutralForeground3 },
});
