/** What was seen of a restart, as rows of a table in Markdown. */
import type { Readiness, Sample } from './watch.ts';

export interface Seen {
  /** what was restarted */
  readonly part: string;
  readonly before: Sample;
  /** the last one while it was away */
  readonly away: Sample;
  /** the first one in which all is ready again */
  readonly after: Sample;
}

const HEAD = ['restarted', 'when', 'second', 'portal', 'worker 1', 'worker 2', 'standing', 'jobs', 'imported', 'lag'];

export function table(seen: readonly Seen[]): string[] {
  const rows = seen.flatMap(({ part, before, away, after }) => [
    [part, 'before', ...cells(before)],
    ['', 'while away', ...cells(away)],
    ['', 'ready again', ...cells(after)],
  ]);
  return [HEAD, HEAD.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
}

function cells({ at, portal, workers, standing, jobs, imported, lag }: Sample): string[] {
  return [
    (at / 1000).toFixed(1),
    readiness(portal),
    ...workers.map(readiness),
    standing === null ? 'no answer' : standing ? '1' : '0',
    jobs === null ? '–' : String(jobs),
    String(imported),
    lag === null ? '–' : `${Math.round(lag)} s`,
  ];
}

const readiness = (said: Readiness): string =>
  said === 'ready' ? 'ready' : said === null ? '**no answer**' : `**503** ${said}`;
