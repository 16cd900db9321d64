/** A mobile number of every region of libphonenumber, through the whole check of a file. */
import { getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { expect, test } from 'vitest';
import { describeWithData } from '#testing/shared-data.ts';
import { type MappingRow, type RowError, readMappingFile } from './mapping-file.ts';
import { isRegion, type Region } from './number.ts';

/** As people and spreadsheets write it. The last ones can be another number, too, and are errors then. */
function formsOf(region: Region, national: string) {
  const example = getExampleNumber(region, { ...examples, [region]: national });
  if (example === undefined) throw new Error(`no example of ${region}`);
  const digits = example.number.slice(1);
  return {
    number: example.number,
    certain: [example.number, example.formatInternational(), `="${example.number}"`, `'${example.number}`],
    perhaps: [digits, `="${digits}"`, `${digits}.0`, `00${digits}`, example.formatNational(), national],
  };
}

async function check(region: Region, numbers: readonly string[]) {
  const rows: MappingRow[] = [];
  const errors: RowError[] = [];
  const lines = numbers.map((number, index) => `"${number.replaceAll('"', '""')}";a${index}@company.com`);
  const file = new TextEncoder().encode(['ExternalUserId;O365UserMailbox', ...lines].join('\r\n'));
  await readMappingFile(
    file,
    { region },
    { rows: (some) => void rows.push(...some), errors: (some) => void errors.push(...some) },
  );
  return { rows, errors };
}

describeWithData('libphonenumber-examples', (data) => {
  const all = Object.entries(data.json('examples.mobile.json') ?? {}).filter(
    (entry): entry is [Region, string] => isRegion(entry[0]) && typeof entry[1] === 'string',
  );

  test('all of it is here', () => expect(all).toHaveLength(245));

  test('with its country code every number is read as itself', async () => {
    for (const [region, national] of all) {
      const { number, certain } = formsOf(region, national);
      for (const text of certain) {
        const { rows, errors } = await check(region, [text]);
        expect(errors, `${region} ${text}`).toEqual([]);
        expect(rows.map((row) => row.number)).toEqual([number]);
      }
    }
  });

  test('without it a number is read as itself, or refused with both readings', async () => {
    let [read, ambiguous] = [0, 0];
    for (const [region, national] of all) {
      const { number, perhaps } = formsOf(region, national);
      for (const text of perhaps) {
        const { rows, errors } = await check(region, [text]);
        const [error] = errors;
        if (error === undefined) {
          expect(
            rows.map((row) => row.number),
            `${region} ${text}`,
          ).toEqual([number]);
          read += 1;
        } else {
          expect(error.problem, `${region} ${text}`).toBe('number_ambiguous');
          expect(error.readings).toHaveLength(2);
          expect(error.readings).toContain(number);
          ambiguous += 1;
        }
      }
    }
    expect(read).toBeGreaterThan(1_200);
    expect(ambiguous).toBeLessThan(200);
  });
});
