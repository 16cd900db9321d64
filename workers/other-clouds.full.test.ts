import { expect, it } from 'vitest';
import { allOf, importIn } from './other-clouds.fixture.ts';

it.each([
  ['gcc-high' as const, 'login.microsoftonline.us', 'graph.microsoft.us', 'outlook.office365.us'],
  ['dod' as const, 'login.microsoftonline.us', 'dod-graph.microsoft.us', 'outlook-dod.office365.us'],
])(
  'in %s consent, sign-in and an import ask hosts of that cloud, and nobody else',
  async (cloud, entra, graph, uploads) => {
    const hosts = { entra, graph, uploads };
    expect(await importIn(cloud, hosts)).toEqual(allOf(hosts));
  },
);
