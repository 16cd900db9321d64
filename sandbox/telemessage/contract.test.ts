import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const OWN = new URL('contract.openapi.yaml', import.meta.url);
const SHARED = new URL('../../../shared/contracts/telemessage-archive.openapi.yaml', import.meta.url);
const present = existsSync(SHARED);
if (!present) console.warn('skipped: the contract of TeleMessage is not in ../shared/contracts');

describe.skipIf(!present)('the contract that the site’s tests hold it against', () => {
  it('says the same as the one beside the project', () => {
    const [own, shared] = [OWN, SHARED].map((file): unknown => parse(readFileSync(file, 'utf8')));
    expect(own).toEqual(shared);
  });
});
