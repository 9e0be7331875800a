/** W3C XML Schema part 2, 3.2.6: `P1DT2H3M4.5S`. A year is taken as 365 days and a month as 30. */
const pattern = /^(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

const unitSeconds = [365 * 86_400, 30 * 86_400, 86_400, 3600, 60, 1]

/** Milliseconds of an `xs:duration`, or nothing when it is none. */
export const durationMs = (text: string): number | undefined => {
  const match = pattern.exec(text.trim())
  if (match === null || match.slice(2).every((part) => part === undefined)) return undefined
  const seconds = unitSeconds.reduce((sum, unit, index) => sum + unit * Number(match[index + 2] ?? 0), 0)
  return (match[1] === undefined ? 1 : -1) * seconds * 1000
}

/** An `xs:duration` in seconds. */
export const durationOf = (ms: number): string => `PT${ms / 1000}S`

/**
 * A `wsnt:AbsoluteOrRelativeTimeType` as the time from now: a duration, or an `xs:dateTime` on the device's clock, where
 * no zone means UTC (ONVIF Core, Event Handling: all times are UTC). Nothing when it is neither.
 */
export const fromNowMs = (
  text: string,
  now: number
): { readonly ms: number; readonly relative: boolean } | undefined => {
  const relative = durationMs(text)
  if (relative !== undefined) return { ms: relative, relative: true }
  const trimmed = text.trim()
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/.test(trimmed)) return undefined
  const at = Date.parse(/(Z|[+-]\d{2}:\d{2})$/.test(trimmed) ? trimmed : `${trimmed}Z`)
  return Number.isNaN(at) ? undefined : { ms: at - now, relative: false }
}
