import { describe, expect, it } from 'vitest';
import { type Actor, authorize, NotAllowed } from './actor.ts';
import { appRolesAmong, isAllowed, PERMISSIONS, ROLES, rolesAmong, rolesWith } from './roles.ts';

describe('roles', () => {
  it('come from a token by exact name, and nothing else counts', () => {
    expect(rolesAmong(['dataconnectors.admin', 'DataConnectors.Reader', 'Global Administrator'])).toEqual([
      'DataConnectors.Reader',
    ]);
  });

  it('of programs are no roles of people, change nothing but mappings, and read nothing but the audit log', () => {
    expect(rolesAmong(['Mapping.Propose'])).toEqual([]);
    const roles = appRolesAmong(['Mapping.Propose', 'DataConnectors.Admin']);
    expect(roles).toEqual(['Mapping.Propose']);
    expect(PERMISSIONS.filter((permission) => isAllowed(roles, permission))).toEqual([
      'connectors.read',
      'mapping.manage',
    ]);
    expect(rolesAmong(['Audit.Read'])).toEqual([]);
    expect(PERMISSIONS.filter((permission) => isAllowed(['Audit.Read'], permission))).toEqual(['audit.read']);
  });

  it('let only Admin change connectors and mappings, only Auditor sign off, only ContentViewer open originals', () => {
    expect(rolesWith('connectors.manage')).toEqual(['DataConnectors.Admin']);
    expect(rolesWith('mapping.manage')).toEqual(['DataConnectors.Admin']);
    expect(rolesWith('retention.manage')).toEqual(['DataConnectors.Admin']);
    expect(rolesWith('mapping.approve')).toEqual(['DataConnectors.Admin']);
    expect(rolesWith('items.sign-off')).toEqual(['DataConnectors.Auditor']);
    expect(rolesWith('content.read')).toEqual(['DataConnectors.ContentViewer']);
    expect(rolesWith('history.read')).toEqual(['DataConnectors.Admin', 'DataConnectors.Auditor']);
  });

  it('all see connectors; nobody has a permission without a role', () => {
    expect(rolesWith('connectors.read')).toEqual([...ROLES]);
    expect(PERMISSIONS.filter((permission) => isAllowed([], permission))).toEqual([]);
    expect(PERMISSIONS.filter((permission) => rolesWith(permission).length === 0)).toEqual([]);
  });
});

describe('authorize', () => {
  const reader: Actor = {
    organizationId: 'o',
    userId: 'u',
    name: 'n',
    address: 'a',
    roles: ['DataConnectors.Reader'],
  };

  it('throws what callers can name', () => {
    expect(() => authorize(reader, 'connectors.manage')).toThrow(NotAllowed);
    expect(() => authorize(reader, 'connectors.read')).not.toThrow();
  });
});
