/** Who does something. Every use-case that reads or writes an organization's data takes one. */
import { isAllowed, type Permission, type Role } from './roles.ts';

export interface Actor {
  /** Entra tenant id: whose data may be touched at all */
  readonly organizationId: string;
  /** Entra object id of the person */
  readonly userId: string;
  readonly name: string;
  /** sign-in name or e-mail address */
  readonly address: string;
  readonly roles: readonly Role[];
  /** where the request comes from, as the proxy in front of the portal saw it; absent where no request is */
  readonly clientAddress?: string | undefined;
}

/** The actor's roles do not carry the permission. */
export class NotAllowed extends Error {
  override name = 'NotAllowed';
  readonly permission: Permission;
  constructor(permission: Permission) {
    super(`The permission ${permission} is missing`);
    this.permission = permission;
  }
}

/** @throws NotAllowed */
export function authorize(actor: Actor, permission: Permission): void {
  if (!isAllowed(actor.roles, permission)) throw new NotAllowed(permission);
}
