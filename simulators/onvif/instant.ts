/** How a device writes an instant. Only `utc` is what ONVIF Core asks for; each of the others was seen in the field. */
export type InstantStyle =
  | "utc"
  /** `2026-03-02T14:00:00`, as in an example of ONVIF Core itself. */
  | "no-zone"
  /** The example's white space around it, and no zone. */
  | "white-space"
  /** `…+08:00`, rightly converted. */
  | "offset"
  /** Local time, eight hours ahead, that claims to be UTC. */
  | "local-as-utc"
  | "microseconds"
  | "nanoseconds"
  /** The device lost its clock: counts from the epoch. */
  | "1970"
  | "2000"
  /** An hour ago, always: the time a state began, repeated. */
  | "stale"
  | "minute-61"
  | "all-zero"
  | "dash-in-time"
  | "empty"

const hourMs = 3_600_000
const localMs = 8 * hourMs

const iso = (at: number): string => new Date(at).toISOString()

/** Tells an instant of the device's clock in a style. */
export const instant = (at: number, style: InstantStyle): string => {
  switch (style) {
    case "utc":
      return iso(at)
    case "no-zone":
      return iso(at).slice(0, -1)
    case "white-space":
      return `\n      ${iso(at).slice(0, 19)}\n    `
    case "offset":
      return iso(at + localMs).replace("Z", "+08:00")
    case "local-as-utc":
      return iso(at + localMs)
    case "microseconds":
      return iso(at).replace("Z", "123Z")
    case "nanoseconds":
      return iso(at).replace("Z", "123456Z")
    case "1970":
      return iso(at % (24 * hourMs))
    case "2000":
      return iso(Date.UTC(2000, 0, 1) + (at % (24 * hourMs)))
    case "stale":
      return iso(at - hourMs)
    case "minute-61":
      return iso(at).replace(/T(..):..:/, "T$1:61:")
    case "all-zero":
      return iso(at).replace(/^\d{4}-\d{2}-\d{2}/, "0000-00-00")
    case "dash-in-time":
      return iso(at).replace("T", "T-")
    case "empty":
      return ""
  }
}
