import { describe, expect, it } from 'vitest';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { connectorSentence, organizationSentence } from './connectors.ts';

const balanced: ConnectorRow = {
  id: 'd8a0c2b5-8f0e-4b0a-9a55-0d0f0e6a7a01',
  name: 'Android Archiver',
  kind: 'android',
  health: 'balanced',
  activity: 'idle',
  stoppedReason: null,
  stoppedAt: null,
  pausedAt: null,
  alerts: [],
  toDo: { waiting: 0, failed: 0, unreadable: 0 },
  open: [],
  version: 1,
  lastNumber: null,
  balancedUpTo: '2026-11-21T00:00:00.000Z',
  verification: null,
  verifiedAt: null,
  nextImportAt: null,
};

describe('organizationSentence', () => {
  it('gives the earliest of all ends: what is said of all must hold for the slowest', () => {
    const rows = [balanced, { ...balanced, balancedUpTo: '2026-11-20T00:00:00.000Z' }, balanced];
    expect(organizationSentence(rows)).toEqual({
      text: 'All 3 connectors balance up to',
      until: '2026-11-20T00:00:00.000Z',
      needing: 0,
    });
  });

  it('counts who needs somebody, stopped ones too, and then claims no balance', () => {
    const rows = [balanced, { ...balanced, health: 'stopped' } as const, { ...balanced, health: 'needs_you' } as const];
    expect(organizationSentence(rows)).toEqual({ text: '2 of 3 connectors need you.', until: null, needing: 2 });
    expect(organizationSentence(rows.slice(0, 2)).text).toBe('1 of 2 connectors needs you.');
  });

  it('does not call a connector balanced that has not finished an import', () => {
    const fresh = { ...balanced, health: 'never_run', balancedUpTo: null } as const;
    expect(organizationSentence([fresh]).text).toBe('The first import is not finished yet.');
    expect(organizationSentence([balanced, fresh]).text).toBe(
      '1 of 2 connectors have finished an import, and balance up to',
    );
  });
});

describe('connectorSentence', () => {
  it('says who refuses what since when, and what to do', () => {
    const row = {
      ...balanced,
      health: 'stopped',
      stoppedReason: 'invalid_credentials',
      stoppedAt: '2026-11-21T06:00:00.000Z',
    } as const;
    const said = connectorSentence(row);
    expect(said).toEqual({
      text: 'TeleMessage does not accept the username or password. Imports have stopped since',
      until: '2026-11-21T06:00:00.000Z',
      detail: 'Update the password.',
    });
  });

  it('shows the code of a reason that it has no words for', () => {
    const row = {
      ...balanced,
      health: 'stopped',
      stoppedReason: 'moon_phase',
      stoppedAt: '2026-11-21T06:00:00.000Z',
    } as const;
    expect(connectorSentence(row).text).toContain('moon_phase');
  });

  it('counts what waits for somebody, by task', () => {
    const row = { ...balanced, health: 'needs_you', toDo: { waiting: 25, failed: 0, unreadable: 1 } } as const;
    expect(connectorSentence(row)).toMatchObject({
      text: "25 copies are not in their mailboxes, and 1 item can't be read.",
      detail: "25 copies wait for a mapping. 1 item can't be read. Their content is kept.",
    });
    const one = { ...row, toDo: { waiting: 0, failed: 1, unreadable: 0 } } as const;
    expect(connectorSentence(one).text).toBe('1 copy is not in its mailbox.');
    expect(connectorSentence(one).detail).toBe('1 copy failed. Its content is kept.');
    const unread = { ...row, toDo: { waiting: 0, failed: 0, unreadable: 2 } } as const;
    expect(connectorSentence(unread).text).toBe("2 items can't be read.");
  });

  it('puts an import that does not balance first', () => {
    const row = {
      ...balanced,
      health: 'needs_you',
      alerts: ['import_failed', 'does_not_balance'],
      toDo: { waiting: 1, failed: 0, unreadable: 0 },
    } as const;
    expect(connectorSentence({ ...row, alerts: [...row.alerts] }).text).toBe('The numbers of an import do not add up.');
  });
});
