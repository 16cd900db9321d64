/**
 * To which addresses connections are made for administrators and operators. A name is resolved once, for the connection
 * itself: what was checked is what is connected to, whatever the name stands for a moment later.
 */
import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Of this machine and of private networks: for hosts that the operator lists as private, or sets. */
const PRIVATE = blockList([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '::1/128',
  'fc00::/7',
]);
/** Of nobody's use: link-local (where clouds keep their metadata), unspecified, multicast, tunnels and documentation. */
const NEVER = blockList([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/128',
  'fe80::/10',
  'ff00::/8',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2001::/32',
  '2001:db8::/32',
  '2002::/16',
]);

export const ADDRESS_REFUSED = 'The host has an address that requests may not go to';

export class AddressRefused extends Error {
  override name = 'AddressRefused';
  constructor() {
    super(ADDRESS_REFUSED);
  }
}

/** Whether a connection to the address may be made. @param isPrivate the operator lists its host as private */
export function mayConnect(address: string, isPrivate: boolean): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || NEVER.check(address, family)) return false;
  return isPrivate || !PRIVATE.check(address, family);
}

/** Asks for all addresses of a name. */
export type Resolve = (
  hostname: string,
  options: { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * For the `lookup` of a connection: gives the addresses that may be connected to. A host that is an address itself is not
 * looked up, and has to be checked by `mayConnect` before. Fails with AddressRefused where none is left.
 */
export function checkedLookup(isPrivate: boolean, resolve: Resolve = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => mayConnect(address, isPrivate));
      const [first] = allowed;
      if (first === undefined) return callback(new AddressRefused(), '', 0);
      if (options.all === true) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };
}

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix = ''] = subnet.split('/');
    list.addSubnet(network, Number(prefix), isIP(network) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
