/** Where a request comes from. Pure. */

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
