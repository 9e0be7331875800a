import type { AlertTransition } from "../domain/alert.ts"

/**
 * How an open alert stands, in the independent parts of its life (ANSI/ISA-18.2 and OPC 10000-9, put together from the
 * conditions, acknowledgement, shelving and out-of-service states there). `hand` is as seen by the officer who acts.
 */
export interface Standing {
  readonly condition: "active" | "returned" | "explained"
  readonly answer: "new" | "acknowledged"
  readonly hand: "free" | "own" | "another's"
  readonly shelf: "off" | "timed" | "once"
  /** `ended`: the work is over, and what came in it was normal by then. */
  readonly service: "in" | "out" | "ended"
  readonly urgency: "critical" | "other"
}

export type Part = keyof Standing

/** Every value of every part. */
export const standings: { readonly [P in Part]: ReadonlyArray<Standing[P]> } = {
  condition: ["active", "returned", "explained"],
  answer: ["new", "acknowledged"],
  hand: ["free", "own", "another's"],
  shelf: ["off", "timed", "once"],
  service: ["in", "out", "ended"],
  urgency: ["critical", "other"]
}

/** What can happen to an open alert. */
export const happenings = [
  "told again",
  "comes again",
  "comes too often",
  "comes in maintenance",
  "returns to normal",
  "explained late",
  "explained in part",
  "confirmed",
  "confirmed as a threat to life",
  "acknowledge",
  "acknowledge by force",
  "undo in time",
  "undo too late or by another",
  "claim",
  "take over",
  "release",
  "note",
  "shelve for a time",
  "shelve until normal",
  "unshelve",
  "shelving runs out",
  "maintenance goes on",
  "maintenance ends",
  "chattering ends",
  "close"
] as const
export type Happening = (typeof happenings)[number]

/** Which standings a row is for: each part that is named must have one of its values. */
export type When = { readonly [P in Part]?: ReadonlyArray<Standing[P]> }

/** One row: what a happening makes of an alert that stands so. A part that is not named stays as it is. */
export interface Turn {
  readonly on: Happening
  /** Absent: however it stands. Of several rows that fit the first counts. */
  readonly when?: When
  /** What is told of it; absent: nothing happens, and nothing is told. */
  readonly tells?: AlertTransition
  readonly to?: Partial<Omit<Standing, "urgency">> & { readonly closed?: true }
}

const notActive = ["returned", "explained"] as const
const onShelf = ["timed", "once"] as const
const calledCritical = { urgency: ["critical"], shelf: onShelf } as const
const calling = { answer: ["new"], service: ["in"] } as const
const silenced = { service: ["out", "ended"] } as const

/**
 * The life of an alert, whole. The code goes by it, the tests walk it, and the diagrams of the documents are drawn from it.
 *
 * An acknowledgement is for what had happened until then: what comes anew asks anew. What is critical is never silent. A
 * claim is not an answer: it says who goes, and the alert asks on. Nothing but an officer ends it.
 */
export const lifeTable: ReadonlyArray<Turn> = [
  { on: "told again", when: calledCritical, tells: "reactivated", to: { answer: "new", shelf: "off" } },
  { on: "told again", tells: "updated" },

  {
    on: "comes again",
    when: calledCritical,
    tells: "reactivated",
    to: { condition: "active", answer: "new", shelf: "off", service: "in" }
  },
  {
    on: "comes again",
    when: { shelf: onShelf },
    tells: "updated",
    to: { condition: "active", answer: "new", service: "in" }
  },
  { on: "comes again", tells: "reactivated", to: { condition: "active", answer: "new", service: "in" } },

  {
    on: "comes too often",
    when: { urgency: ["critical"] },
    tells: "reactivated",
    to: { condition: "active", answer: "new", shelf: "off", service: "in" }
  },
  { on: "comes too often", tells: "updated", to: { condition: "active", service: "in" } },

  // What calls for somebody already goes on calling.
  {
    on: "comes in maintenance",
    when: { ...calledCritical, ...calling },
    tells: "reactivated",
    to: { condition: "active", answer: "new", shelf: "off" }
  },
  {
    on: "comes in maintenance",
    when: { shelf: onShelf, ...calling },
    tells: "updated",
    to: { condition: "active" }
  },
  { on: "comes in maintenance", when: calling, tells: "reactivated", to: { condition: "active" } },
  { on: "comes in maintenance", tells: "updated", to: { condition: "active", answer: "new", service: "out" } },

  {
    on: "returns to normal",
    when: { condition: ["active"], shelf: ["once"] },
    tells: "returned-to-normal",
    to: { condition: "returned", shelf: "off" }
  },
  {
    on: "returns to normal",
    when: { condition: ["active"] },
    tells: "returned-to-normal",
    to: { condition: "returned" }
  },
  { on: "returns to normal" },

  { on: "explained late", when: { condition: ["explained"] } },
  {
    on: "explained late",
    when: { shelf: ["once"] },
    tells: "resolved-by-late-evidence",
    to: { condition: "explained", shelf: "off" }
  },
  { on: "explained late", tells: "resolved-by-late-evidence", to: { condition: "explained" } },
  { on: "explained in part", when: { condition: ["explained"] } },
  { on: "explained in part", tells: "updated" },

  { on: "confirmed", when: calledCritical, tells: "confirmed", to: { answer: "new", shelf: "off" } },
  { on: "confirmed", tells: "confirmed" },
  {
    on: "confirmed as a threat to life",
    when: { ...calledCritical, ...silenced },
    tells: "confirmed",
    to: { answer: "new", shelf: "off", service: "in" }
  },
  { on: "confirmed as a threat to life", when: silenced, tells: "confirmed", to: { answer: "new", service: "in" } },
  {
    on: "confirmed as a threat to life",
    when: calledCritical,
    tells: "confirmed",
    to: { answer: "new", shelf: "off" }
  },
  { on: "confirmed as a threat to life", tells: "confirmed" },

  { on: "acknowledge", when: { answer: ["acknowledged"] }, tells: "noted" },
  { on: "acknowledge", when: { hand: ["another's"] }, tells: "noted" },
  { on: "acknowledge", tells: "acknowledged", to: { answer: "acknowledged" } },
  { on: "acknowledge by force", when: { answer: ["acknowledged"] }, tells: "noted" },
  { on: "acknowledge by force", tells: "acknowledged", to: { answer: "acknowledged" } },
  {
    on: "undo in time",
    when: { answer: ["acknowledged"] },
    tells: "acknowledgement-undone",
    to: { answer: "new" }
  },
  { on: "undo in time", tells: "noted" },
  { on: "undo too late or by another", tells: "noted" },

  { on: "claim", when: { hand: ["free"] }, tells: "claimed", to: { hand: "own" } },
  { on: "claim", tells: "noted" },
  { on: "take over", when: { hand: ["free", "another's"] }, tells: "claimed", to: { hand: "own" } },
  { on: "take over", tells: "noted" },
  { on: "release", when: { hand: ["own", "another's"] }, tells: "released", to: { hand: "free" } },
  { on: "release", tells: "noted" },
  { on: "note", tells: "noted" },

  { on: "shelve for a time", when: { urgency: ["critical"] } },
  { on: "shelve for a time", tells: "shelved", to: { shelf: "timed" } },
  { on: "shelve until normal", when: { urgency: ["critical"] } },
  { on: "shelve until normal", tells: "shelved", to: { shelf: "once" } },
  { on: "unshelve", when: { shelf: ["off"] } },
  { on: "unshelve", when: { condition: ["active"] }, tells: "unshelved", to: { shelf: "off", answer: "new" } },
  { on: "unshelve", tells: "unshelved", to: { shelf: "off" } },
  { on: "shelving runs out", when: { shelf: ["off"] } },
  { on: "shelving runs out", when: { condition: ["active"] }, tells: "unshelved", to: { shelf: "off", answer: "new" } },
  { on: "shelving runs out", tells: "unshelved", to: { shelf: "off" } },

  { on: "maintenance goes on", tells: "updated", to: { service: "out" } },
  { on: "maintenance ends", when: { service: ["in"] }, tells: "updated" },
  { on: "maintenance ends", when: { condition: notActive }, tells: "updated", to: { service: "ended" } },
  { on: "maintenance ends", when: { shelf: onShelf }, tells: "updated", to: { service: "in", answer: "new" } },
  { on: "maintenance ends", tells: "reactivated", to: { service: "in", answer: "new" } },

  {
    on: "chattering ends",
    when: { condition: ["active"], shelf: ["off"] },
    tells: "reactivated",
    to: { answer: "new" }
  },
  { on: "chattering ends", tells: "updated" },

  { on: "close", tells: "closed", to: { shelf: "off", closed: true } }
]

const turnsOf: ReadonlyMap<Happening, ReadonlyArray<Turn>> = Map.groupBy(lifeTable, ({ on }) => on)

const fits = (when: When, standing: Standing): boolean =>
  (Object.keys(when) as ReadonlyArray<Part>).every((part) => {
    const values: ReadonlyArray<Standing[Part]> | undefined = when[part]
    return values === undefined || values.includes(standing[part])
  })

/** The row that a happening takes for an alert that stands so. */
export const turnOf = (standing: Standing, on: Happening): Turn => {
  const turn = (turnsOf.get(on) ?? []).find(({ when }) => when === undefined || fits(when, standing))
  // Every happening has a row for every standing: a test walks them all.
  return turn ?? { on }
}

/** How an alert stands after a row. */
export const after = (standing: Standing, { to = {} }: Turn): Standing => {
  const { closed: _closed, ...parts } = to
  return { ...standing, ...parts }
}

/** Before there is an alert: nothing holds, or what holds is a consequence that its cause stands for (suppressed by design). */
export type Stage = "none" | "held back" | "open"

export interface Beginning {
  readonly from: Stage
  readonly on: "comes" | "comes beside its cause" | "returns to normal" | "its cause ends"
  readonly to: Stage
}

/** How an alert begins, and how a condition is held back instead. */
export const beginnings: ReadonlyArray<Beginning> = [
  { from: "none", on: "comes", to: "open" },
  { from: "none", on: "comes beside its cause", to: "held back" },
  { from: "held back", on: "comes", to: "held back" },
  { from: "held back", on: "comes beside its cause", to: "held back" },
  { from: "held back", on: "returns to normal", to: "none" },
  { from: "held back", on: "its cause ends", to: "open" },
  // What has an alert keeps it, whatever causes come later.
  { from: "open", on: "comes", to: "open" },
  { from: "open", on: "comes beside its cause", to: "open" }
]

/** What a stage comes to; where the table says nothing it stays. */
export const begins = (from: Stage, on: Beginning["on"]): Stage =>
  beginnings.find((one) => one.from === from && one.on === on)?.to ?? from
