/**
 * `npm run install:walk`: follows docs/install.md word by word, prints what each command said, and writes it into
 * docs/install-walk.md. Ends with 1, and writes nothing, where something was otherwise than the guide says.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stepText, walkPage } from './install-walk/page.ts';
import { walk } from './install-walk/walk.ts';
import { PROJECT } from './services/place.ts';

const { who, steps, fault } = await walk((step) => console.log(`${stepText(step)}\n`));
if (fault === null) writeFileSync(join(PROJECT, 'docs/install-walk.md'), walkPage(steps, who, new Date()));
else console.error(`WRONG: ${fault}`);
process.exitCode = fault === null ? 0 : 1;
