import { expect, it } from 'vitest';
import { sumOf } from './watch.ts';

it('series of a metric are added up by their labels', () => {
  const text = `# HELP portal_queue_jobs Jobs
portal_queue_jobs{queue="plan",state="waiting"} 2
portal_queue_jobs{queue="deliver",state="active"} 3
portal_queue_jobs{queue="deliver",state="failed"} 50
portal_queue_jobs_other 7
portal_standing_up 1`;
  expect(sumOf(text, 'portal_queue_jobs', /state="(?:waiting|active)"/)).toBe(5);
  expect(sumOf(text, 'portal_standing_up')).toBe(1);
  expect(sumOf(text, 'portal_items_total')).toBeNull();
});
