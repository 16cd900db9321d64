import { describe, expect, it } from 'vitest';
import { AppTokenError } from '../microsoft/app-token.ts';
import { findOrganizationByAddress } from './find-by-address.ts';

const ours = 'b7a1c2d4-93e5-4f60-8d1b-6a2f0e9c3b58';
const issuerOf = (tenant: string) => async () => ({
  authorizationEndpoint: 'https://login.example/authorize',
  tokenEndpoint: 'https://login.example/token',
  issuer: `https://login.example/${tenant}/v2.0`,
  jwksUri: 'https://login.example/keys',
});

describe('findOrganizationByAddress', () => {
  it('finds the listed organization that owns the domain', async () => {
    const asked: string[] = [];
    const found = await findOrganizationByAddress(' Ann@Kestrel.example ', [ours], async (domain) => {
      asked.push(domain);
      return issuerOf(ours.toUpperCase())();
    });
    expect(found).toEqual({ kind: 'found', organizationId: ours });
    expect(asked).toEqual(['kestrel.example']);
  });

  it('knows nobody of an organization that is not listed, and none where Microsoft knows no such domain', async () => {
    expect(
      await findOrganizationByAddress('a@b.example', [ours], issuerOf('e2946c07-0000-4d3a-a1c6-70f3d85b2e19')),
    ).toEqual({ kind: 'unknown', domain: 'b.example' });
    const noTenant = async (): Promise<never> => {
      throw new AppTokenError('tenant_unknown', 'none');
    };
    expect(await findOrganizationByAddress('a@b.example', [ours], noTenant)).toEqual({
      kind: 'unknown',
      domain: 'b.example',
    });
  });

  it('asks nothing for what is no address', async () => {
    const never = async (): Promise<never> => {
      throw new Error('was asked');
    };
    for (const text of ['', 'ann', 'ann@', 'ann@host', 'a b@c.example', 'a@c.example/../common', 'a@..']) {
      expect(await findOrganizationByAddress(text, [ours], never)).toEqual({ kind: 'no-address' });
    }
  });

  it('says so when Microsoft does not answer', async () => {
    const silent = async (): Promise<never> => {
      throw new AppTokenError('unreachable', 'down');
    };
    expect(await findOrganizationByAddress('a@b.example', [ours], silent)).toEqual({ kind: 'not-answering' });
  });
});
