import { chance, nextWalk, type Timed } from "../../simulators/campus/people.ts"
import type { Action } from "../../simulators/campus/action.ts"
import { campus, type LinkName, links } from "./campus.ts"
import type { StoreFault } from "./store.ts"

/** What an officer does, to the `nth` of the alerts that are open then. */
export type Act = "acknowledge" | "close" | "note" | "shelve" | "shelve until normal" | "unshelve"

/** What an officer says of the site, or of what is in service. */
export type Entering =
  | "east in maintenance"
  | "panel in maintenance"
  | "hall in maintenance"
  | "maintenance ends"
  | "contact bypassed"
  | "bypass ends"
  | "armed"
  | "disarmed"
  | "arming ends"

/** What comes of what is sent to the panel from here on. */
export type Answering = "at once" | "late" | "lost" | "done, but the answer lost" | "refused" | "away"

/** One thing that happens, at its time. Any of them may be left out of a plan, and the rest is a plan. */
export type Step = { readonly atMs: number } &
  /** `delayMs`: what its device says of it comes so much later than what others say. `twice`: it is said again. */
  (
    | { readonly _tag: "Happens"; readonly action: Action; readonly delayMs: number; readonly twice: boolean }
    | { readonly _tag: "LinkFalls"; readonly link: LinkName; readonly forMs: number; readonly forgets: boolean }
    | { readonly _tag: "Store"; readonly fault: Exclude<StoreFault, "none">; readonly forMs: number }
    | { readonly _tag: "Dies"; readonly forMs: number }
    | { readonly _tag: "Stops"; readonly forMs: number }
    | { readonly _tag: "Officer"; readonly act: Act; readonly nth: number; readonly by: string }
    | { readonly _tag: "Orders"; readonly command: "Access" | "Lock" | "Unlock" }
    | { readonly _tag: "Answering"; readonly how: Answering }
    /** The configuration is changed while the gateway runs, or found changed at its next start. */
    | { readonly _tag: "Configures"; readonly nth: 0 | 1 }
    /** An officer enters something that is about no alert, for `minutes` at most. */
    | { readonly _tag: "Enters"; readonly what: Entering; readonly minutes: number }
    /** The clock of a device is so much ahead from here on. */
    | { readonly _tag: "Clock"; readonly device: string; readonly aheadMs: number }
    | { readonly _tag: "Condition"; readonly id: "forced" | "case"; readonly active: boolean }
  )

export interface Plan {
  readonly seed: number
  readonly steps: ReadonlyArray<Step>
}

/** How long what happens is spread over; after that everything is there again, and time goes on until nothing is due. */
export const livelyMs = 120_000

type Dice = () => number

const between = (dice: Dice, least: number, most: number): number => Math.round(least + dice() * (most - least))

const one = <A>(dice: Dice, items: ReadonlyArray<A>): A => items[Math.floor(dice() * items.length)]!

const linkNames = Object.keys(links) as ReadonlyArray<LinkName>

/** Most of what is said comes at once; some of it within the reorder grace, a little much later. */
const delay = (dice: Dice): number => {
  const luck = dice()
  return luck < 0.75 ? between(dice, 0, 60) : luck < 0.95 ? between(dice, 60, 1400) : between(dice, 1400, 20_000)
}

const happens = (dice: Dice, atMs: number, course: ReadonlyArray<Timed>): ReadonlyArray<Step> =>
  course.map(({ afterMs, action }) => ({
    _tag: "Happens",
    atMs: atMs + Math.round(afterMs),
    action,
    delayMs: delay(dice),
    twice: dice() < 0.05
  }))

const rightful = (dice: Dice, atMs: number): ReadonlyArray<Step> =>
  happens(dice, atMs, nextWalk(campus, new Set(), dice))

/** A door that opens without anybody's right, for a moment or for long. */
const unrightful = (dice: Dice, atMs: number): ReadonlyArray<Step> => {
  const { id: door } = one(dice, campus.doors)
  const openMs = dice() < 0.3 ? between(dice, 20_000, 60_000) : between(dice, 500, 8000)
  const course: ReadonlyArray<Timed> = [
    { afterMs: 0, action: { _tag: "Open", door } },
    { afterMs: openMs, action: { _tag: "Close", door } }
  ]
  return happens(dice, atMs, course)
}

const devices = campus.devices.map(({ id }) => id as string)

const trouble = (dice: Dice, atMs: number): ReadonlyArray<Step> => {
  const luck = dice()
  if (luck < 0.35) {
    const forMs = dice() < 0.8 ? between(dice, 100, 8000) : between(dice, 8000, 100_000)
    return [{ _tag: "LinkFalls", atMs, link: one(dice, linkNames), forMs, forgets: dice() < 0.4 }]
  }
  if (luck < 0.55) return [{ _tag: "Dies", atMs, forMs: between(dice, 0, 6000) }]
  if (luck < 0.65) return [{ _tag: "Stops", atMs, forMs: between(dice, 0, 6000) }]
  if (luck < 0.85) {
    const fault = one(dice, ["full", "fsync fails", "dies before the commit", "dies after the commit"] as const)
    return [{ _tag: "Store", atMs, fault, forMs: between(dice, 100, 9000) }]
  }
  if (luck < 0.93) {
    const device = one(dice, devices)
    const back = atMs + between(dice, 500, 60_000)
    return [
      ...happens(dice, atMs, [{ afterMs: 0, action: { _tag: "Offline", device } }]),
      ...happens(dice, back, [{ afterMs: 0, action: { _tag: "Online", device } }])
    ]
  }
  return [{ _tag: "Clock", atMs, device: one(dice, devices), aheadMs: between(dice, -4000, 4000) }]
}

const panelLife = (dice: Dice, atMs: number): ReadonlyArray<Step> => {
  const luck = dice()
  if (luck < 0.5) return [{ _tag: "Condition", atMs, id: one(dice, ["forced", "case"] as const), active: dice() < 0.6 }]
  if (luck < 0.75) {
    const hows = ["at once", "at once", "late", "lost", "done, but the answer lost", "refused", "away"] as const
    return [{ _tag: "Answering", atMs, how: one(dice, hows) }]
  }
  return [{ _tag: "Orders", atMs, command: one(dice, ["Access", "Lock", "Unlock"] as const) }]
}

const enterings: ReadonlyArray<Entering> = [
  "east in maintenance",
  "panel in maintenance",
  "hall in maintenance",
  "maintenance ends",
  "contact bypassed",
  "bypass ends",
  "armed",
  "disarmed",
  "arming ends"
]

const siteLife = (dice: Dice, atMs: number): ReadonlyArray<Step> => [
  dice() < 0.3
    ? { _tag: "Configures", atMs, nth: dice() < 0.5 ? 0 : 1 }
    : { _tag: "Enters", atMs, what: one(dice, enterings), minutes: between(dice, 1, 2) }
]

const acts: ReadonlyArray<Act> = [
  "acknowledge",
  "acknowledge",
  "close",
  "note",
  "shelve",
  "shelve until normal",
  "unshelve"
]

const officer = (dice: Dice, atMs: number): ReadonlyArray<Step> => [
  { _tag: "Officer", atMs, act: one(dice, acts), nth: Math.floor(dice() * 4), by: one(dice, ["Ada", "Ben"]) }
]

/** A whole life of the campus by its seed. Pure. */
export const planOf = (seed: number): Plan => {
  const dice = chance(seed)
  // Some lives have hardly any trouble, some have little else.
  const [troubles, people] = [dice() * 0.3, 0.2 + dice() * 0.3]
  const steps: Array<Step> = []
  const count = between(dice, 5, 45)
  for (let nth = 0; nth < count; nth++) {
    const atMs = between(dice, 3000, livelyMs)
    const luck = dice()
    if (luck < troubles) steps.push(...trouble(dice, atMs))
    else if (luck < troubles + people) steps.push(...rightful(dice, atMs))
    else if (luck < troubles + people + 0.12) steps.push(...unrightful(dice, atMs))
    else if (luck < troubles + people + 0.27) steps.push(...panelLife(dice, atMs))
    else if (luck < troubles + people + 0.33) steps.push(...siteLife(dice, atMs))
    else steps.push(...officer(dice, atMs))
  }
  return { seed, steps: steps.sort((a, b) => a.atMs - b.atMs) }
}
