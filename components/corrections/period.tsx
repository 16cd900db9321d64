const DAY_MS = 86_400_000;

/** Whole UTC days, first and last. @param to exclusive */
export function Period({ from, to }: { readonly from: string; readonly to: string }) {
  const first = from.slice(0, 10);
  const last = new Date(Date.parse(to) - DAY_MS).toISOString().slice(0, 10);
  return first === last ? first : `${first} – ${last}`;
}
