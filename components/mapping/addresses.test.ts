import { expect, it } from 'vitest';
import { differenceView, FIRST_VIEW, uploadAddress, versionAddress } from './addresses.ts';

const ID = '0c6f6a2e-5a0e-4d43-9c1a-2f6b3e9d1a77';

it('what an address asks for comes back from it, and what it does not say is left out', () => {
  const view = { against: ID, kind: 'removed', after: 'sealed.AQx_-9' } as const;
  const { search } = new URL(versionAddress('c', 'v', view), 'http://localhost');
  expect(differenceView(Object.fromEntries(new URLSearchParams(search)))).toEqual(view);
  expect(versionAddress('c', 'v')).toBe('/connectors/c/mapping/v');
  expect(uploadAddress('c')).toBe('/connectors/c/mapping/upload');
  expect(uploadAddress('c', 'add')).toBe('/connectors/c/mapping/upload?mode=add');
});

it('what somebody typed into an address is not taken for what it is not', () => {
  for (const query of [
    { against: 'x', kind: 'all', after: 'sealed.' },
    { against: `${ID}'`, kind: ['changed', 'added'], after: '50' },
    { against: ['none'], after: 'sealed.a b' },
  ]) {
    expect(differenceView(query)).toEqual(FIRST_VIEW);
  }
  expect(differenceView({ against: 'none' }).against).toBe('none');
});
