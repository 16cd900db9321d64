import { describe, expect, test } from 'vitest';
import { attachmentName, importPrefix, organizationPrefix, pageName, parseStagedName } from './names.ts';

const organizationId = '0b7c1f2e-6a3d-4c58-9f10-2b3c4d5e6f70';
const importId = '5d1e9a34-0c2b-4f7a-8e6d-1a2b3c4d5e6f';

describe('names', () => {
  test('lie under their organization and import, and parse back', () => {
    const page = pageName(organizationId, importId, 12);
    expect(page).toBe(`${organizationId}/${importId}/pages/12`);
    expect(page.startsWith(importPrefix(organizationId, importId))).toBe(true);
    expect(page.startsWith(organizationPrefix(organizationId))).toBe(true);
    expect(parseStagedName(page)).toEqual({ organizationId, importId, kind: 'pages', id: '12' });
    const attachment = attachmentName(organizationId, importId, 9_007_199_254_740_993n);
    expect(parseStagedName(attachment)).toEqual({
      organizationId,
      importId,
      kind: 'attachments',
      id: '9007199254740993',
    });
  });

  test.each(['', 'backup.zip', `${organizationId}/x/pages/1`, `${organizationId}/${importId}/pages/01`])(
    '"%s" is not ours',
    (name) => {
      expect(parseStagedName(name)).toBeNull();
    },
  );

  test('an id that is no id is refused before anything is written', () => {
    expect(() => pageName('../other', importId, 1)).toThrow(RangeError);
    expect(() => pageName(organizationId, importId, -1)).toThrow(RangeError);
    expect(() => pageName(organizationId, importId, 1.5)).toThrow(RangeError);
  });
});
