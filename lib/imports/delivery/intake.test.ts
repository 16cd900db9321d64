import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import type { HandedCopy } from '../prepare.ts';
import { type HandedPage, Intake, type Room } from './intake.ts';

const LEASE = { organizationId: 'organization', shard: 0, epoch: '1' };
const copy = (frameLength: number) => ({ delivery: { frameLength } }) as HandedCopy;
const page = (...lengths: readonly number[]): HandedPage => ({
  copies: lengths.map(copy),
  validUntil: 0,
  moreComes: true,
});

/** An intake at a time that stands still, with the timers that it sets. */
function intakeAt(room: Room | null = { copies: 3, bytes: 1_000 }, mayStay = true) {
  let now = 5_000;
  let timers: { readonly at: number; readonly callback: () => void }[] = [];
  const clock = {
    ...systemClock,
    monotonic: () => now,
    after: (ms: number, callback: () => void) => {
      timers.push({ at: now + ms, callback });
      return () => {};
    },
  };
  const intake = new Intake(clock, LEASE, { room: () => room, takes: () => true }, () => mayStay);
  const pass = (ms: number): void => {
    now += ms;
    const due = timers.filter(({ at }) => at <= now);
    timers = timers.filter(({ at }) => at > now);
    for (const { callback } of due) callback();
  };
  return { intake, pass };
}

const hasChanged = (intake: Intake): Promise<boolean> =>
  Promise.race([intake.changed.then(() => true), setImmediate(false)]);

it('has room for as much as its run, less what came and was not taken yet', () => {
  const { intake } = intakeAt();
  intake.receive(page(100, 200));
  expect(intake.room()).toEqual({ copies: 1, bytes: 700 });
  intake.receive(page(100));
  expect(intake.room()).toBeNull();
  expect(intake.takePages()).toHaveLength(2);
  expect(intake.room()).toEqual({ copies: 3, bytes: 1_000 });
});

it('has no room for copies where there is none for their bytes, where its run ends, and where others wait for its place', () => {
  const { intake } = intakeAt();
  intake.receive(page(1_000));
  expect(intake.room()).toBeNull();
  expect(intakeAt(null).intake.room()).toBeNull();
  const { intake: unwanted } = intakeAt(undefined, false);
  expect(unwanted.room()).toBeNull();
  // It still looks again for what is due.
  expect(unwanted.call()).toBe(true);
});

it('takes nothing, and no call, after twenty seconds: what its run left in doubt waits for the next one', () => {
  const { intake, pass } = intakeAt();
  pass(19_999);
  expect([intake.room() !== null, intake.call()]).toEqual([true, true]);
  pass(1);
  expect([intake.room(), intake.call()]).toEqual([null, false]);
});

it('a call is met once, and none is taken by a run that ends', async () => {
  const { intake } = intakeAt();
  expect(intake.call()).toBe(true);
  expect(await hasChanged(intake)).toBe(true);
  expect(intake.isOpen).toBe(true);
  expect([intake.takeCall(), intake.takeCall()]).toEqual([true, false]);
  expect(intake.isOpen).toBe(false);
  expect(intakeAt(null).intake.call()).toBe(false);
});

it('stays open while something is offered, or was not taken yet', async () => {
  const { intake } = intakeAt();
  intake.beginOffer();
  intake.beginOffer();
  intake.endOffer();
  expect(intake.isOpen).toBe(true);
  intake.rearm();
  expect(await hasChanged(intake)).toBe(false);
  intake.receive(page(1));
  intake.endOffer();
  expect(await hasChanged(intake)).toBe(true);
  expect(intake.isOpen).toBe(true);
  intake.takePages();
  expect(intake.isOpen).toBe(false);
});

it('gathers for a second from the first page on, however many follow, and then wakes its run', async () => {
  const { intake, pass } = intakeAt();
  expect(intake.gathers).toBe(false);
  intake.receive(page(1));
  pass(600);
  intake.receive(page(1));
  expect(intake.gathers).toBe(true);
  intake.rearm();
  pass(399);
  expect([intake.gathers, await hasChanged(intake)]).toEqual([true, false]);
  pass(2);
  expect([intake.gathers, await hasChanged(intake)]).toEqual([false, true]);
});

it('begins to gather anew only when what came is being sent, so that none waits for two seconds', () => {
  const { intake, pass } = intakeAt();
  intake.receive(page(1));
  pass(1_000);
  intake.receive(page(1));
  expect(intake.gathers).toBe(false);
  intake.sweep();
  intake.receive(page(1));
  expect(intake.gathers).toBe(true);
});

it('does not gather beyond the last page of a feed', () => {
  const { intake } = intakeAt();
  intake.receive(page(1));
  intake.receive({ ...page(1), moreComes: false });
  expect(intake.gathers).toBe(false);
});
