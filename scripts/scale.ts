/** `npm run scale`: what an installation needs (docs/scale.md), with assumptions of one's own: `-- --phones=20000 --items=40`. */
import { parseArgs } from 'node:util';
import { ASSUMED } from './scale/model.ts';
import { scaleTable } from './scale/table.ts';

const { values: given } = parseArgs({
  options: {
    phones: { type: 'string', default: '1000,50000,500000' },
    items: { type: 'string', default: String(ASSUMED.itemsAPhoneADay) },
    copies: { type: 'string', default: String(ASSUMED.copiesAnItem) },
    'attachment-kb': { type: 'string', default: String(ASSUMED.attachmentKbAnItem) },
    years: { type: 'string', default: String(ASSUMED.years) },
  },
});
const assumed = {
  itemsAPhoneADay: Number(given.items),
  copiesAnItem: Number(given.copies),
  attachmentKbAnItem: Number(given['attachment-kb']),
  years: Number(given.years),
};
const phones = given.phones.split(',').map(Number);
const wrong = [...phones, ...Object.values(assumed)].some((value) => !Number.isFinite(value) || value < 0);
if (wrong) {
  console.error(
    'All of --phones, --items, --copies, --attachment-kb and --years are numbers, phones several, comma separated.',
  );
  process.exitCode = 1;
} else console.log(scaleTable(phones, assumed));
