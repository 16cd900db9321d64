import { describe, expect, it } from 'vitest';
import { clockFinding } from './clock.ts';
import type { Finding } from './finding.ts';
import { AskedWrongError, askedOf, exitCodeOf, linesOf, summaryOf } from './report.ts';

const well: Finding = { about: 'Redis, version', result: 'well', found: 'Redis 8.', settles: 'what it settles' };
const beware: Finding = { about: 'Clock', result: 'beware', found: 'Late.', toDo: 'Set it.' };
const wrong: Finding = { about: 'Keys', result: 'wrong', found: 'None.', toDo: 'Make one.' };
const [one, two] = ['5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271', '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d272'];

describe('the report of npm run doctor', () => {
  it('ends with 1 only where something is wrong', () => {
    expect([exitCodeOf([]), exitCodeOf([well, beware]), exitCodeOf([well, wrong, beware])]).toEqual([0, 0, 1]);
  });

  it('says what was found, and below it what to do', () => {
    expect(linesOf(well)).toBe('well         Redis, version: Redis 8.');
    expect(linesOf(wrong)).toBe('WRONG        Keys: None.\n             Make one.');
  });

  it('counts, and lists what is settled', () => {
    expect(summaryOf([beware, wrong])).toBe('0 well, 1 to know, 1 wrong, 0 not checked');
    expect(summaryOf([well])).toBe(
      "Settled here, and open in Microsoft's documentation:\n  - what it settles\n\n1 well, 0 to know, 0 wrong, 0 not checked",
    );
  });
});

describe('what npm run doctor is asked', () => {
  it('takes the only organization for the mailbox, and asks where there are several', () => {
    expect(askedOf(['--mailbox', 'a@b.example', '--mailbox', 'c@b.example'], [one])).toMatchObject({
      mailboxes: ['a@b.example', 'c@b.example'],
      organization: null,
    });
    expect(() => askedOf(['--mailbox', 'a@b.example'], [one, two])).toThrow(AskedWrongError);
    expect(askedOf(['--mailbox', 'a@b.example', '--organization', two.toUpperCase()], [one, two]).organization).toBe(
      two,
    );
  });

  it.each([[['--organization', two]], [['--mailboxes', 'x']], [['stray']]])('refuses %o', (args) => {
    expect(() => askedOf(args, [one])).toThrow(AskedWrongError);
  });
});

describe('two clocks', () => {
  it.each([
    [29.9, 'well', '29.9 seconds ahead of'],
    [-30.2, 'wrong', '30.2 seconds behind'],
    [Number.NaN, 'wrong', 'NaN'],
  ])('%f seconds apart', (seconds, result, words) => {
    expect(clockFinding('Clock', seconds)).toMatchObject({ result, found: expect.stringContaining(words) });
  });
});
