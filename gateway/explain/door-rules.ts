import type { IndexedDoor } from "../correlation/campus-index.ts"
import { innerOf } from "../correlation/draft.ts"
import type { Situation } from "../correlation/situation.ts"
import { noContact } from "./bypassed-contact.ts"
import type { CampusHeard } from "./campus-heard.ts"
import type { Alert, AlertChange } from "../domain/alert.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { OpeningExplained, RuleExplained } from "./explanation.ts"
import { spanOf } from "./span-words.ts"

/** What a rule is explained from: a door at an instant, with all that was judged and alerted around it. */
export interface AtDoor {
  readonly door: IndexedDoor
  readonly at: EpochMs
  /** As it was known then. */
  readonly known: Situation
  readonly openings: ReadonlyArray<OpeningExplained>
  /** Steps of the door's alerts around then, oldest first. */
  readonly changes: ReadonlyArray<AlertChange>
  /** What the other doors told: rules may count beyond one. */
  readonly campus: CampusHeard
}

/** Says of one rule, or of several, whether it fired at the door around then, and which condition decided, with its value. */
export type RuleExplainer = (at: AtDoor) => ReadonlyArray<RuleExplained>

/** The opening that a question about an instant means: the last that had begun, else the first after it. */
export const openingMeant = ({ openings, at }: Pick<AtDoor, "openings" | "at">): OpeningExplained | undefined =>
  openings.findLast((one) => one.at <= at) ?? openings[0]

const alertOf = ({ changes }: AtDoor, condition: string, since: EpochMs) =>
  changes.findLast((change) => change.alert.condition === condition && change.at >= since)?.alert.id

/** The alert that stands for the door's own, where a rule holds that back. */
const holdingOf = ({ campus, door, known }: AtDoor, condition: string): Alert | undefined =>
  innerOf(known).index.rules.inhibits.has(condition) ? campus.holding(condition, new Set([door.key])) : undefined

const verdict = (
  at: AtDoor,
  rule: string,
  condition: string,
  more: Pick<RuleExplained, "fired" | "text"> & Partial<Pick<RuleExplained, "at" | "seq" | "otherwise">>
): RuleExplained => {
  const own = more.fired ? alertOf(at, condition, more.at ?? at.at) : undefined
  const holding = more.fired && own === undefined ? holdingOf(at, condition) : undefined
  const alert = own ?? holding?.id
  return {
    rule,
    condition,
    near: more.fired ? 1 : 0,
    otherwise: [],
    ...more,
    ...(holding === undefined
      ? {}
      : { text: `${more.text}. It is held on an alert that stands for it: ${holding.title}` }),
    ...(alert === undefined ? {} : { alert })
  }
}

const noOpening = ({ known, door }: AtDoor): string => {
  const ref = door.door.position
  if (ref === undefined) return noContact(known, door)
  const state = known.points.get(ref)
  if (state === undefined) return `No opening was heard of: ${ref} had never said anything`
  const { value } = state.reading
  return isUnknown(value)
    ? `No opening was heard of, and none could be: what ${ref} says is not known since`
    : `No opening was heard of around then: ${ref} had said ${value} since`
}

const isUnknown = (value: string): boolean => value === "unknown" || value === "fault"

const sinceOf = ({ known, door }: AtDoor): { readonly at?: EpochMs; readonly seq?: number } => {
  const ref = door.door.position
  const state = ref === undefined ? undefined : known.points.get(ref)
  return state === undefined ? {} : { at: state.since, seq: state.seq }
}

const forced: RuleExplainer = (at) => {
  const opening = openingMeant(at)
  if (opening === undefined)
    return [verdict(at, "door.forced", "DoorForcedOpen", { fired: false, text: noOpening(at), ...sinceOf(at) })]
  if (opening.outcome === "unverified") {
    const { text, at: openedAt, seq, otherwise } = opening
    return [verdict(at, "door.unverified", "UnverifiedOpening", { fired: true, text, at: openedAt, seq, otherwise })]
  }
  const fired = opening.outcome === "forced" || opening.outcome === "reported-forced"
  const { text, seq, otherwise } = opening
  return [verdict(at, "door.forced", "DoorForcedOpen", { fired, text, at: opening.at, seq, otherwise })]
}

const heldText = (opening: OpeningExplained, at: AtDoor): string => {
  const last = opening.steps.at(-1)
  if (last !== undefined && (opening.held || opening.until !== undefined)) return last.text
  return `It was open for ${spanOf(at.at - opening.at)} then; ${spanOf(at.door.times.heldOpenSeconds * 1000)} are allowed`
}

const held: RuleExplainer = (at) => {
  const opening = openingMeant(at)
  if (opening === undefined)
    return [verdict(at, "door.held", "DoorOpenTooLong", { fired: false, text: noOpening(at), ...sinceOf(at) })]
  return [
    verdict(at, "door.held", "DoorOpenTooLong", {
      fired: opening.held,
      text: heldText(opening, at),
      at: opening.at,
      seq: opening.seq,
      otherwise: opening.otherwiseHeld
    })
  ]
}

const lateExitText = ({ weighed, text }: OpeningExplained, at: AtDoor): string => {
  const { rexLateSeconds } = at.door.times
  if ((at.door.door.rex ?? []).length === 0) return "The door has no request to exit: nobody can be seen leaving"
  const late = weighed.find(({ by, verdict: found }) => by === "rex" && found === "after")
  return late?.text ?? `No request to exit came in the ${rexLateSeconds} s after it opened. ${text}`
}

const probableExit: RuleExplainer = (at) => {
  const opening = openingMeant(at)
  if (opening === undefined) return []
  const told = at.changes.find(({ alert, at: when }) => alert.condition === "ProbableExit" && when >= opening.at)
  const text = told?.why.at(-1)?.text ?? lateExitText(opening, at)
  return [
    verdict(at, "door.probable-exit", "ProbableExit", {
      fired: told !== undefined,
      text,
      at: opening.at,
      seq: opening.seq
    })
  ]
}

const pointRules = [
  { role: "tamper", rule: "door.tamper", condition: "DoorTampered" },
  { role: "alarm", rule: "door.controller", condition: "DoorForcedOpen" }
] as const

/** What the points said that raise an alert by themselves. */
const byPoints: RuleExplainer = (at) =>
  pointRules.flatMap(({ role, rule, condition }) =>
    at.door.points
      .filter(([, is]) => is === role)
      .map(([ref]) => {
        const state = at.known.points.get(ref)
        const own = at.changes.some(({ by }) => by === rule)
        const text = state === undefined ? `${ref} had never said anything` : `${ref} said ${state.reading.value}`
        const since = state === undefined ? {} : { at: state.since, seq: state.seq }
        return verdict(at, rule, condition, { fired: own, text, ...since })
      })
  )

/** The built-in rules of the door itself. */
export const builtInRules: RuleExplainer = (at) => [...forced(at), ...held(at), ...probableExit(at), ...byPoints(at)]
