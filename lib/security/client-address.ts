/** Where a request comes from. Pure. */
import { isIP } from 'node:net';

/**
 * The address that the outermost proxy of ours saw. Each proxy adds the address of whoever called it to the end of
 * X-Forwarded-For; what stands further in front is the caller's own word and is not believed. Where there is no proxy, Next
 * itself writes the header.
 *
 * @param proxies how many of ours stand in front, 1 or more
 * @returns undefined where the header is absent, or is no address
 */
export function clientAddress(forwarded: string | null, proxies: number): string | undefined {
  const address = forwarded?.split(',').at(-proxies)?.trim();
  return address !== undefined && /^[0-9a-f.:]{2,45}$/i.test(address) ? address : undefined;
}

/**
 * What stands for a caller where requests are counted. Who has an IPv6 address has a whole /64 of them, and would never
 * be counted twice.
 *
 * @param address as `clientAddress` gives it; anything else stands for itself
 */
export function addressBlock(address: string): string {
  if (isIP(address) !== 6) return address;
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  // In its canonical form, with what `::` stands for written out.
  const [front = '', back] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const groups = (part: string): string[] => part.split(':').filter(Boolean);
  const left = groups(front);
  const zeros = back === undefined ? 0 : 8 - left.length - groups(back).length;
  const all = [...left, ...Array.from({ length: zeros }, () => '0'), ...groups(back ?? '')];
  return `${all.slice(0, 4).join(':')}::/64`;
}
