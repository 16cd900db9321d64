import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { printable } from './answer.ts';
import type { Single } from './content.ts';
import { EVENTS } from './events.ts';
import { mailOf } from './letter.ts';
import { titleOf } from './words.ts';

const connector = { id: randomUUID(), name: 'WhatsApp of Sales' };
const portal = 'https://portal.example';
const began = (event: (typeof EVENTS)[number], subject: string, detail = {}): Extract<Single, { kind: 'began' }> => ({
  kind: 'began',
  connector,
  event,
  subject,
  detail,
  condition: '7',
  beganAt: '2026-11-26T06:14:00.000Z',
});

it('names the connector, what is so, what helps, since when, and where to look', () => {
  const { subject, text } = mailOf([began('credentials_refused', 'invalid_credentials')], portal);
  expect(subject).toBe('Credentials refused: WhatsApp of Sales');
  expect(text).toContain('TeleMessage does not accept the username or password.\nUpdate the password.');
  expect(text).toContain('Since 2026-11-26 06:14 UTC');
  expect(text).toContain(`https://portal.example/connectors/${connector.id}`);
});

it('says of a recovery what is over and how long it was', () => {
  const content: Single = {
    ...began('does_not_balance', 'does_not_balance'),
    kind: 'ended',
    endedAt: '2026-11-26T08:00:00.000Z',
    beginningSent: true,
  };
  const { subject, text } = mailOf([content], portal);
  expect(subject).toBe('Recovered: Does not balance: WhatsApp of Sales');
  expect(text).toContain('From 2026-11-26 06:14 UTC to 2026-11-26 08:00 UTC');
});

it('says that all is well, and when it is not, what is open', () => {
  const summary: Extract<Single, { kind: 'summary' }> = {
    kind: 'summary',
    connector,
    at: '2026-11-26T06:00:00.000Z',
    health: 'balanced',
    balancedUpTo: '2026-11-26T00:00:00.000Z',
    pausedAt: null,
    last: { number: 12, listed: 1_203, imported: 1_200, repeat: 3 },
    toDo: { waiting: 0, failed: 0, unreadable: 0 },
    held: null,
    open: [],
  };
  const well = mailOf([summary], portal);
  expect(well.subject).toBe('All is well: WhatsApp of Sales');
  expect(well.text).toContain('1,203 from source, 1,200 imported to a mailbox, 3 repeats');
  const paused = mailOf([{ ...summary, pausedAt: '2026-11-02T08:00:00.000Z' }], portal);
  expect(paused.subject).toBe('Daily summary, paused: WhatsApp of Sales');
  expect(paused.text).toContain('Paused since 2026-11-02 08:00 UTC');
  const held = { count: 1_204, oldest: '2026-11-19T06:14:00.000Z' };
  const kept = mailOf([{ ...summary, held }], portal);
  expect(kept.subject).toBe('Daily summary, not all imported: WhatsApp of Sales');
  expect(kept.text).toContain('for 7 days or longer: 1,204 copies or items, the oldest of 2026-11-19 06:14 UTC.');
  const task = `https://portal.example/connectors/${connector.id}/not-imported`;
  expect(kept.text).toContain(`Import it or sign it off: ${task}`);
  expect(kept.html).toContain(`<a href="${task}">Import it or sign it off</a>`);
  const open = [{ event: 'waiting_above' as const, subject: 'waiting', beganAt: '2026-11-25T01:00:00.000Z' }];
  const ill = mailOf([{ ...summary, health: 'needs_you', open }], portal);
  expect(ill.subject).toBe('Daily summary, needs you: WhatsApp of Sales');
  expect(ill.text).toContain('Messages wait for mapping since 2026-11-25 01:00 UTC');
});

it('has words for every event', () => {
  const details = { day: '2026-11-25', waiting: 12, above: 10, ends: '2026-12-01T00:00:00.000Z' };
  for (const event of EVENTS) {
    const { subject, text } = mailOf([began(event, 'keeps_failing', details)], portal);
    expect(subject).toBe(`${titleOf(event)}: WhatsApp of Sales`);
    expect(text).not.toMatch(/undefined|NaN/);
  }
});

it('says the same as HTML, in which a name is text and nothing else', () => {
  const evil = { id: randomUUID(), name: '<img src=x onerror=alert(1)> & "co"' };
  const { html } = mailOf([{ ...began('import_failed', 'keeps_failing'), connector: evil }], portal);
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;co&quot;</a>');
  expect(html).not.toMatch(/<(img|script|link)/);
  expect(html).toContain(`href="https://portal.example/connectors/${evil.id}"`);
});

it('names every connector, and links to each while they are few', () => {
  const many = (count: number) =>
    mailOf(
      Array.from({ length: count }, (_, i) => ({
        ...began('import_failed', 'keeps_failing'),
        connector: { id: randomUUID(), name: `Branch ${i}` },
      })),
      portal,
    );
  expect(many(20).text.match(/connectors\/[0-9a-f-]{36}/g)).toHaveLength(20);
  const { subject, text } = many(1_000);
  expect(subject).toBe('Import failed: 1,000 connectors');
  expect(text.match(/^- Branch/gm)).toHaveLength(1_000);
  expect(text).toContain('Open the connectors: https://portal.example/data-connectors/connectors');
  expect(text.match(/https:/g)).toHaveLength(1);
});

it('says that a matter of the whole organization is one', () => {
  const { text } = mailOf([began('credentials_refused', 'consent_missing')], portal);
  expect(text).toContain('This concerns every connector of your organization.');
});

it('keeps a stranger’s answer to one line that can be shown', () => {
  expect(printable('550 no\r\nsuch\u0000 user\u202e')).toBe('550 no such user');
  expect(printable('x'.repeat(1_000))).toHaveLength(300);
});
