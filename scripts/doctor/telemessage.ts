/** TeleMessage, or the gateway in front of it: it answers, lets us in, and its clock can be planned by. */
import { type ArchiveSource, SourceError } from '#lib/archive/source.ts';
import type { Reach } from '#lib/archive/telemessage/reach.ts';
import { isSoundClock } from '#lib/imports/windows.ts';
import { clockFinding } from './clock.ts';
import { codeOf, type Examination, type Finding } from './finding.ts';

/** A source that is further behind than this settles no whole day in time. */
const LATE_HOURS = 24;

export interface SourceParts {
  /** host (with port) of TELEMESSAGE_URL */
  readonly host: string;
  readonly reach: () => Promise<Reach>;
  /** signed in with the login that was given; null where none was */
  readonly source: Pick<ArchiveSource, 'clock'> | null;
}

const UNREACHED: Readonly<
  Record<Extract<Reach, { reached: false }>['problem'], readonly [found: string, toDo: string]>
> = {
  unknown_host: ['There is no host of this name.', 'Check TELEMESSAGE_URL and the name server of this machine.'],
  no_connection: ['No connection.', 'Check TELEMESSAGE_URL, and let this machine out to that host and port.'],
  bad_certificate: [
    'Its certificate is not believed.',
    'Trust its authority by NODE_EXTRA_CA_CERTS; there is no switch to skip it.',
  ],
};

export async function* examineSource({ host, reach, source }: SourceParts): Examination {
  const reached = await reachOf(host, reach);
  yield reached;
  const about = 'TeleMessage, sign-in and clock';
  if (reached.result === 'wrong') return;
  if (source === null) {
    const toDo =
      'Run it with --telemessage-user, and the password in DOCTOR_TELEMESSAGE_PASSWORD. TeleMessage locks a login after five wrong passwords; one is tried.';
    yield { about, result: 'not_checked', found: 'No login was given.', toDo };
    return;
  }
  try {
    const asked = new Date();
    const clock = await source.clock();
    yield { about: 'TeleMessage, sign-in', result: 'well', found: 'Let in.' };
    yield clockFinding('Clock, against TeleMessage', (clock.now.getTime() - asked.getTime()) / 1_000);
    yield settledOf(clock.now, clock.settledThrough, isSoundClock(clock, asked));
  } catch (error) {
    const found = error instanceof SourceError ? `${error.message}.` : `It failed (${codeOf(error)}).`;
    yield {
      about,
      result: 'wrong',
      found,
      toDo: 'Check the login with TeleMessage before it is tried again: five wrong passwords lock it.',
    };
  }
}

async function reachOf(host: string, reach: SourceParts['reach']): Promise<Finding> {
  const about = `TeleMessage, ${host}`;
  try {
    const reached = await reach();
    if (reached.reached)
      return { about, result: 'well', found: `It answers${reached.tls === null ? '' : ` over ${reached.tls}`}.` };
    const [found, toDo] = UNREACHED[reached.problem];
    return { about, result: 'wrong', found, toDo };
  } catch (error) {
    const found = error instanceof SourceError ? `${error.message}.` : `No answer (${codeOf(error)}).`;
    return { about, result: 'wrong', found, toDo: 'Check TELEMESSAGE_URL.' };
  }
}

/** What arrived before `settledThrough` does not change any more: imports go no further. */
function settledOf(now: Date, settledThrough: Date, sound: boolean): Finding {
  const about = 'TeleMessage, settled';
  const found = `Everything up to ${settledThrough.toISOString()} is there.`;
  if (!sound) {
    return {
      about,
      result: 'wrong',
      found: `${found} Its times contradict each other.`,
      toDo: 'Nothing is planned by such a clock: ask the operator of the source.',
    };
  }
  const hours = (now.getTime() - settledThrough.getTime()) / 3_600_000;
  if (hours <= LATE_HOURS) return { about, result: 'well', found };
  return {
    about,
    result: 'beware',
    found,
    toDo: `It is ${Math.floor(hours)} hours behind: imports are as late as that.`,
  };
}
