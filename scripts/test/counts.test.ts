import { expect, test } from 'vitest';
import { closingLine, playwrightCounts, sum, vitestCounts, withExitCode } from './counts.ts';

const vitestReport = {
  numPassedTests: 5,
  numFailedTests: 1,
  numPendingTests: 2,
  numTodoTests: 1,
  testResults: [
    { status: 'passed', assertionResults: [{ status: 'passed' }] },
    { status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] },
  ],
};

test('the closing line has the form that others read', () => {
  expect(closingLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
  expect(closingLine({ passed: 1, failed: 2, skipped: 3 })).toBe('1 passed, 2 failed, 3 skipped');
});

test('stages add up', () => {
  const stages = [
    { passed: 1, failed: 0, skipped: 2 },
    { passed: 10, failed: 3, skipped: 0 },
  ];
  expect(sum(stages)).toEqual({ passed: 11, failed: 3, skipped: 2 });
  expect(sum([])).toEqual({ passed: 0, failed: 0, skipped: 0 });
});

test('vitest: tests are counted, what waits is skipped', () => {
  expect(vitestCounts(vitestReport)).toEqual({ passed: 5, failed: 1, skipped: 3 });
});

test('vitest: a file that did not load is a failure, although none of its tests ran', () => {
  const broken = { status: 'failed', assertionResults: [] };
  const report = { ...vitestReport, testResults: [...vitestReport.testResults, broken] };
  expect(vitestCounts(report).failed).toBe(2);
});

test('Playwright: a test that passed only when repeated has failed, and so has a file that did not load', () => {
  const stats = { expected: 7, unexpected: 1, flaky: 2, skipped: 1 };
  expect(playwrightCounts({ stats, errors: [{}] })).toEqual({ passed: 7, failed: 4, skipped: 1 });
});

test('a runner that ended badly has failed, also without a report', () => {
  expect(withExitCode({ passed: 3, failed: 0, skipped: 0 }, 0)).toEqual({ passed: 3, failed: 0, skipped: 0 });
  expect(withExitCode({ passed: 3, failed: 0, skipped: 0 }, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  expect(withExitCode({ passed: 3, failed: 2, skipped: 0 }, 1).failed).toBe(2);
  expect(withExitCode(undefined, 0).failed).toBe(1);
  expect(withExitCode(undefined, null).failed).toBe(1);
});
