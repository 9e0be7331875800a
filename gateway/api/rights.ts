import { Schema } from "effect"
import type { Role } from "../domain/person.ts"
import type { PersonId } from "../domain/ids.ts"

/** What somebody can be allowed, each in the words that complete "the right to …". */
export const rights = {
  "own-session": "sign in, sign out and change one's own password",
  see: "see how the site stands, its alerts and its log",
  acknowledge: "acknowledge and claim alerts, and take that back",
  "acknowledge-forced": "acknowledge an alert that another officer has in hand, and take it out of their hands",
  note: "note something on an alert",
  close: "close alerts",
  shelve: "shelve alerts",
  "command-doors": "command doors",
  arm: "arm and disarm areas, and set the threat level",
  "take-out-of-service": "take doors, devices, areas and points out of service",
  forgive: "have rules forget what they hold against somebody",
  "work-shift": "go on shift, hand over and sign off",
  "lead-shift": "end other people's shifts",
  "keep-incidents": "keep incidents",
  "review-incidents": "review and reopen incidents",
  "raise-emergency": "raise an emergency from outside",
  export: "export records",
  replay: "replay the log with a changed configuration",
  configure: "have the configuration read anew, and test the channels",
  "manage-people": "invite people, sign them out everywhere, and manage machine tokens"
} as const

export type Right = keyof typeof rights

export const Right = Schema.Literals(Object.keys(rights) as ReadonlyArray<Right>).annotate({ identifier: "Right" })

const viewer: ReadonlyArray<Right> = ["own-session", "see"]
const officer: ReadonlyArray<Right> = [
  ...viewer,
  "acknowledge",
  "note",
  "close",
  "shelve",
  "command-doors",
  "arm",
  "work-shift",
  "keep-incidents",
  "raise-emergency"
]
const supervisor: ReadonlyArray<Right> = [
  ...officer,
  "acknowledge-forced",
  "lead-shift",
  "take-out-of-service",
  "forgive",
  "review-incidents",
  "export",
  "replay"
]
/** They wire and tune; alerts and doors are not theirs to act on. */
const integrator: ReadonlyArray<Right> = [...viewer, "note", "take-out-of-service", "export", "replay", "configure"]

const table: Readonly<Record<Role, ReadonlySet<Right>>> = {
  viewer: new Set(viewer),
  officer: new Set(officer),
  supervisor: new Set(supervisor),
  integrator: new Set(integrator),
  administrator: new Set(Object.keys(rights) as ReadonlyArray<Right>)
}

/** Who calls: somebody who signed in, or a machine with a token. */
export interface Caller {
  /** As the log names them. */
  readonly name: string
  readonly role: Role
  /** Who it is in the configuration; absent for machines, and where no people are configured. */
  readonly person?: PersonId
  /** A machine's token may be for less than its role allows; absent: for all of it. */
  readonly only?: ReadonlyArray<Right>
}

/** May they? The one answer to that, over HTTP and on the stream alike. */
export const may = ({ role, only }: Pick<Caller, "role" | "only">, right: Right): boolean =>
  table[role].has(right) && (only === undefined || right === "own-session" || only.includes(right))

/** What they may, in the order of `rights`. */
export const rightsOf = (caller: Pick<Caller, "role" | "only">): ReadonlyArray<Right> =>
  (Object.keys(rights) as ReadonlyArray<Right>).filter((right) => may(caller, right))

/** The roles that have a right, the one with the fewest others first. */
export const rolesWith = (right: Right): ReadonlyArray<Role> =>
  (Object.keys(table) as ReadonlyArray<Role>).filter((role) => table[role].has(right))
