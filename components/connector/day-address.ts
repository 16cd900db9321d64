const DAY_MS = 86_400_000;

/** The page of days that begins with the one in which a time lies. @param time ISO 8601 */
export function dayAddress(connectorId: string, time: string): string {
  const next = new Date(Math.floor(Date.parse(time) / DAY_MS) * DAY_MS + DAY_MS);
  return `/connectors/${connectorId}/imports/days?before=${next.toISOString().slice(0, 10)}`;
}
