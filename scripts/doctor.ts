/** `npm run doctor`: whether an installation has what it needs, before the first connector and at any time after. */
import { database } from '#lib/db.ts';
import { EnvError, readEnv } from '#lib/env.ts';
import { examine } from './doctor/examine.ts';
import type { Finding } from './doctor/finding.ts';
import { AskedWrongError, askedOf, exitCodeOf, linesOf, summaryOf, USAGE } from './doctor/report.ts';

const password = process.env.DOCTOR_TELEMESSAGE_PASSWORD;
// No process that this one starts inherits it.
delete process.env.DOCTOR_TELEMESSAGE_PASSWORD;

try {
  const settings = await readEnv();
  const asked = askedOf(process.argv.slice(2), settings.ORGANIZATIONS);
  const findings: Finding[] = [];
  for await (const finding of examine(asked, settings, password)) {
    findings.push(finding);
    console.log(asked.json ? JSON.stringify(finding) : linesOf(finding));
  }
  if (!asked.json) console.log(`\n${summaryOf(findings)}`);
  process.exitCode = exitCodeOf(findings);
} catch (error) {
  process.exitCode = 2;
  if (error instanceof AskedWrongError) console.error(`${error.message}\n\n${USAGE}`);
  else if (error instanceof EnvError) console.error(error.message);
  else throw error;
} finally {
  await close();
}

async function close(): Promise<void> {
  // Where the environment could not be read there is nothing open.
  try {
    await database().prisma.$disconnect();
    await database().pool.end();
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
  }
}
