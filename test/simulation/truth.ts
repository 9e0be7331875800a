import type { Door } from "../../gateway/domain/campus.ts"
import type { Entry } from "../../gateway/log/entry.ts"
import { campus, linkOf } from "./campus.ts"
import type { Plan, Step } from "./plan.ts"

/** An opening that nothing else at its door is near: what it was, whoever stood there would say at once. */
export interface Seen {
  readonly door: string
  readonly atMs: number
  readonly isRightful: boolean
  /** Nothing was wrong with any of the door's devices, links or the gateway around it. */
  readonly isClean: boolean
}

type Happening = Extract<Step, { readonly _tag: "Happens" }>

/** Nothing else happens at the door so long before and after. */
const aloneMs = { before: 25_000, after: 12_000 }

/** So long after trouble everything is heard again: the longest back-off, and until devices repeat themselves. */
const healsMs = 40_000

/** By then all devices have been heard for the first time, for as long as a grant lasts. */
const beginsMs = 15_000

const at = (door: string, step: Step): step is Happening =>
  step._tag === "Happens" && "door" in step.action && step.action.door === door

const devicesOf = ({ position, rex = [], accessPoints = [] }: Door): ReadonlySet<string> => {
  const refs = [position, ...rex, ...accessPoints.map(({ reader }) => reader)]
  return new Set(["bridge", ...refs.flatMap((ref) => (ref === undefined ? [] : [ref.slice(0, ref.indexOf("/"))]))])
}

/** From when to when a step troubles a door; `undefined`: not at all. */
const troubleOf = (step: Step, devices: ReadonlySet<string>): readonly [from: number, until: number] | undefined => {
  switch (step._tag) {
    case "LinkFalls": {
      const touches = [...devices].some((device) => device !== "bridge" && linkOf(device) === step.link)
      return touches ? [step.atMs, step.atMs + step.forMs] : undefined
    }
    case "Dies":
    case "Stops":
      return [step.atMs, step.atMs + step.forMs + 1000]
    case "Store":
      // What happens to one commit happens to the next there is, whenever that comes.
      return [step.atMs, step.fault === "full" ? step.atMs + step.forMs : step.atMs + 10_000]
    case "Clock":
      return devices.has(step.device) ? [step.atMs, Infinity] : undefined
    // What is worked on, and what is configured otherwise, is judged otherwise.
    case "Configures":
    case "Enters":
      return [step.atMs, Infinity]
    case "Orders":
    case "Condition":
      return devices.has("panel") ? [step.atMs, Infinity] : undefined
    case "Happens":
      if (step.action._tag !== "Offline" || !devices.has(step.action.device)) return undefined
      return [step.atMs, Infinity]
    default:
      return undefined
  }
}

const opensOf = (plan: Plan, door: Door): ReadonlyArray<Seen> => {
  const steps = plan.steps.filter((step): step is Happening => at(door.id, step))
  const troubles = plan.steps.flatMap((step) => {
    const trouble = troubleOf(step, devicesOf(door))
    return trouble === undefined ? [] : [trouble]
  })
  return steps.flatMap((step, nth): ReadonlyArray<Seen> => {
    if (step.action._tag !== "Open") return []
    const before = steps.slice(0, nth).filter(({ atMs }) => atMs > step.atMs - aloneMs.before)
    const after = steps.slice(nth + 1).filter(({ atMs }) => atMs < step.atMs + aloneMs.after)
    const own = before.filter(({ action }) => action._tag === "Badge" || action._tag === "RequestExit")
    const moved = steps.slice(0, nth).findLast(({ action: { _tag } }) => _tag === "Open" || _tag === "Close")
    const isAlone =
      moved?.action._tag !== "Open" &&
      before.length === own.length &&
      own.length <= 1 &&
      after.filter(({ action }) => action._tag !== "Close" && action._tag !== "EndExitRequest").length === 0 &&
      after.filter(({ action }) => action._tag === "Close").length <= 1
    if (!isAlone) return []
    const isRightful = own.some(({ action }) => action._tag !== "Badge" || action.granted)
    // What came late has left the gateway with another door than there is: only a contact's next word sets that right.
    const isPrompt = [...steps.slice(0, nth + 1), ...after].every(({ delayMs }) => delayMs < 1000)
    const isTroubled = troubles.some(
      ([from, until]) => from < step.atMs + aloneMs.after && until > step.atMs - aloneMs.before - healsMs
    )
    return [{ door: door.id, atMs: step.atMs, isRightful, isClean: isPrompt && !isTroubled && step.atMs > beginsMs }]
  })
}

export const openingsOf = (plan: Plan): ReadonlyArray<Seen> => campus.doors.flatMap((door) => opensOf(plan, door))

/** The openings that were called forced or unverified, each by when the door opened. */
export const judgedIn = (entries: ReadonlyArray<Entry>) =>
  entries.flatMap((entry) => {
    if (entry._tag !== "Alert") return []
    const { condition, door } = entry.change.alert
    if (condition !== "DoorForcedOpen" && condition !== "UnverifiedOpening") return []
    const opened = entry.change.why.find(({ text }) => text === "The door opened")
    return opened === undefined ? [] : [{ condition, door: door as string, at: opened.at, seq: entry.seq }]
  })

/** The contact's word for an opening comes at most so long after it, where nothing is wrong; a device's clock may be as far off. */
const nearMs = 2500

/** What the gateway made of openings, against what they were. `dawn`: when the plan begins. */
export const judgeDoors = (
  plan: Plan,
  dawn: number,
  entries: ReadonlyArray<Entry>,
  fault: (text: string) => void
): void => {
  const judged = judgedIn(entries)
  for (const { door, atMs, isRightful, isClean } of openingsOf(plan)) {
    if (!isClean) continue
    const found = judged.filter((one) => one.door === door && Math.abs(one.at - dawn - atMs) < nearMs)
    const forced = found.some(({ condition }) => condition === "DoorForcedOpen")
    if (isRightful && found.length > 0)
      fault(`${door} was opened by right at ${atMs} ms, and was called ${found[0]?.condition}`)
    if (!isRightful && !forced) fault(`${door} was forced at ${atMs} ms, and nobody was told`)
  }
}
