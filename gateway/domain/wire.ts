/**
 * The names under which our schemas carry an instant (`EpochMs`). Inside the gateway they are epoch milliseconds; on the
 * wire they are ISO 8601. A test walks the schemas and holds this list complete.
 */
export const timeFields: ReadonlySet<string> = new Set([
  "at",
  "receivedAt",
  "occurredAt",
  "recordedAt",
  "deviceTime",
  "from",
  "to",
  "blindFrom",
  "raisedAt",
  "updatedAt",
  "acknowledgedAt",
  "askedAt",
  "closedAt",
  "endedAt",
  "since",
  "until",
  "takenAt",
  "dueAt",
  "openedAt",
  "reportedAt",
  "occurredUntil",
  "cleryDue",
  "cleryEnteredAt",
  "lastHeardAt",
  "calledAt",
  "validUntil",
  "provedAt",
  "invitedUntil",
  "queuedAt",
  "retryAt",
  "reachedAt",
  "startedAt",
  "madeAt",
  "usedAt",
  "lastSuccessAt",
  "lastFailureAt",
  "testedAt"
])

/** The largest instant a date can hold (ECMA-262, section 21.4.1.1); a device's clock may claim more. */
const furthest = 8.64e15

/** An instant in epoch milliseconds as ISO 8601, UTC. One that no calendar holds becomes the furthest that one does. */
export const toIso = (epochMs: number): string => {
  const slot = remembered[epochMs & 255]!
  if (slot.epochMs !== epochMs) {
    slot.epochMs = epochMs
    slot.iso = new Date(Math.min(Math.max(epochMs, -furthest), furthest)).toISOString()
  }
  return slot.iso
}

/** A batch of entries carries the same few instants many times. */
const remembered = Array.from({ length: 256 }, () => ({ epochMs: Number.NaN, iso: "" }))

const instantsAsIso = (name: string, value: unknown): unknown =>
  typeof value === "number" && timeFields.has(name) ? toIso(value) : value

/** A value of our schemas as the JSON that leaves the gateway: every instant in ISO 8601. */
export const wireJson = (value: unknown): string => JSON.stringify(value, instantsAsIso)

/**
 * An instant in a JSON text: a number behind one of the names. No string can hold what looks like one, for in a string every
 * quotation mark has a backslash before it, and none of a name's has one.
 */
const instant = new RegExp(`(?<=[{,]"(?:${[...timeFields].join("|")})":)-?\\d[\\d.eE+-]*`, "g")

/** The text of an instant that was read last, and what was written for it: an entry has several, and mostly it is one. */
const last = { epochMs: "", iso: "" }

const quotedIso = (epochMs: string): string => {
  if (epochMs !== last.epochMs) {
    last.epochMs = epochMs
    last.iso = `"${toIso(Number(epochMs))}"`
  }
  return last.iso
}

/** The same from the value's JSON, in half the time. */
export const wireJsonOf = (json: string): string => json.replace(instant, quotedIso)

const iso = /^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/

const instantsAsMs = (name: string, value: unknown): unknown =>
  typeof value === "string" && timeFields.has(name) && iso.test(value) ? Date.parse(value) : value

/** JSON as it left a gateway, with its instants as they are inside one: what `wireJson` undoes. Throws for what is no JSON. */
export const fromWireJson = (text: string): unknown => JSON.parse(text, instantsAsMs)
