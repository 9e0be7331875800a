/** An instant as a `datetime-local` field shows it, by the clocks of a zone: `2026-03-02T10:02:11`. */
export const localOf = (at: string, timeZone: string): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" })
    .format(new Date(at))
    .replace(" ", "T")

/** How far the zone's clocks were ahead of UTC then, milliseconds. */
const offsetAt = (ms: number, timeZone: string): number =>
  Date.parse(`${localOf(new Date(ms).toISOString(), timeZone)}Z`) - Math.floor(ms / 1000) * 1000

/** The instant at which the zone's clocks show that; of a time that comes twice, the first. */
export const siteInstant = (local: string, timeZone: string): string => {
  const shown = Date.parse(`${local.length === 16 ? `${local}:00` : local}Z`)
  const [before, after] = [-1, 1].map((side) => offsetAt(shown + side * 86_400_000, timeZone)) as [number, number]
  const first = shown - Math.max(before, after)
  const fits = first + offsetAt(first, timeZone) === shown
  return new Date(fits ? first : shown - Math.min(before, after)).toISOString()
}
