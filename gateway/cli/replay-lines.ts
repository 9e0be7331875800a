import type { Call } from "../replay/calls.ts"
import type { Difference, Move, RealIncident, Share } from "../replay/difference.ts"
import type { Replayed } from "../replay/replay.ts"
import { paint, printable, several } from "./output.ts"
import { columns } from "./table.ts"

type Shown = (at: number) => string

/** Rows of one list that people read to the end; `--all` shows the others. */
const shownAtMost = 20

const number = (count: number): string => count.toLocaleString("en-US")

const incidentLine = ({ alert, title, at, calledAt }: RealIncident, shown: Shown): ReadonlyArray<string> => [
  `  ${paint("red", "✖")} ${alert}`,
  shown(at),
  printable(title),
  calledAt === undefined ? paint("red", "MISSED") : `${((calledAt - at) / 1000).toFixed(1)} s later`
]

const incidentLines = (incidents: Difference["realIncidents"], shown: Shown): ReadonlyArray<string> => {
  if (incidents.length === 0) return []
  const missed = incidents.filter(({ calledAt }) => calledAt === undefined).length
  const late = incidents.length - missed
  const told = [
    ...(missed === 0 ? [] : [`${several(missed, "REAL INCIDENT")} MISSED`]),
    ...(late === 0 ? [] : [`${several(late, "REAL INCIDENT")} CALLED LATER`])
  ]
  return [
    paint("red", `✖ ${told.join(", ")} (alerts that officers closed as real)`),
    ...columns(incidents.map((incident) => incidentLine(incident, shown))),
    ""
  ]
}

const savedLine = ({ nuisanceSaved }: Difference): string => {
  const { "nuisance-hardware": hardware, "nuisance-user": user, "test-drill": drill } = nuisanceSaved
  const sum = hardware + user + drill
  const parts = `${number(hardware)} closed as nuisance of hardware, ${number(user)} of users, ${number(drill)} as test or drill`
  return `nuisance saved: ${number(sum)}${sum === 0 ? "" : ` (${parts})`}`
}

const shareRows = (title: string, shares: ReadonlyArray<Share>): ReadonlyArray<string> => {
  const changed = shares.filter(({ added, removed, moved }) => added + removed + moved > 0)
  if (changed.length === 0) return []
  const rows = changed
    .slice(0, shownAtMost)
    .map(({ of, added, removed, moved, unchanged }) => [
      `  ${printable(of)}`,
      `+ ${number(added)}`,
      `− ${number(removed)}`,
      `~ ${number(moved)}`,
      `= ${number(unchanged)}`
    ])
  const more = changed.length - rows.length
  return [title, ...columns(rows), ...(more > 0 ? [`  and ${number(more)} more: --json has all`] : []), ""]
}

const callRow = (sign: string, { at, rule, door, key, title, outcome, alert }: Call, shown: Shown) => [
  sign,
  shown(at),
  rule,
  printable(door ?? key),
  printable(title),
  [...(alert === undefined ? [] : [alert]), ...(outcome === undefined ? [] : [`closed as ${outcome}`])].join(", ")
]

const movedWords = ({ before, after, differs }: Move): string =>
  differs
    .map((what) => {
      if (what === "name") return `as ${after.condition} of ${after.key}`
      if (what === "priority") return `priority ${before.priority} → ${after.priority}`
      if (what === "held-back") return after.heldBack === true ? "another alert stands for it" : "on its own"
      const seconds = (after.at - before.at) / 1000
      return `${Math.abs(seconds).toFixed(1)} s ${seconds < 0 ? "earlier" : "later"}`
    })
    .join(", ")

const moveRow = (move: Move, shown: Shown) => [
  ...callRow(paint("yellow", "~"), move.before, shown).slice(0, 5),
  movedWords(move)
]

const callLines = (difference: Difference, shown: Shown, most: number): ReadonlyArray<string> => {
  const { addedCalls, removedCalls, movedCalls } = difference
  const rows = [
    ...removedCalls.map((call) => ({ at: call.at, row: callRow(paint("green", "−"), call, shown) })),
    ...addedCalls.map((call) => ({ at: call.at, row: callRow(paint("red", "+"), call, shown) })),
    ...movedCalls.map((move) => ({ at: move.before.at, row: moveRow(move, shown) }))
  ].sort((a, b) => a.at - b.at)
  if (rows.length === 0) return []
  const more = rows.length - most
  return [
    "− called no more   + called anew   ~ called at another time or priority",
    ...columns(rows.slice(0, most).map(({ row }) => row)),
    ...(more > 0 ? [`and ${number(more)} more: --all shows them`] : [])
  ]
}

const doubt = (text: string): string => `${paint("yellow", "!")} ${text}`

/** Whether the replay of what was configured calls as the gateway did. */
export const agreementLine = ({ agreement }: Replayed): string => {
  const { recorded, agreeing, onlyRecorded, onlyReplayed } = agreement
  if (onlyRecorded.length + onlyReplayed.length === 0) {
    return `${paint("green", "✔")} as it was configured, the replay calls as the gateway did: ${several(recorded, "call")}`
  }
  return `${paint("yellow", "!")} as it was configured, the replay agrees in ${number(agreeing)} of ${several(recorded, "recorded call")}, lacks ${number(onlyRecorded.length)} and makes ${number(onlyReplayed.length)} more: another release decided then`
}

/** What a replay found, for people: what must not happen first, then sums, then each call. */
export const replayLines = (
  replayed: Replayed,
  { shown, all }: { readonly shown: Shown; readonly all: boolean }
): ReadonlyArray<string> => {
  const { difference, withoutAlert } = replayed
  const readAnew = replayed.readOtherwise.length
  const { added, removed, moved, unchanged } = difference
  const dropped =
    withoutAlert === 0
      ? []
      : [
          `${several(withoutAlert, "act or picture", "acts and pictures")} of alerts that are not raised as changed left out`
        ]
  return [
    ...incidentLines(difference.realIncidents, shown),
    agreementLine(replayed),
    ...(replayed.alike === true
      ? [doubt("nothing is changed that a replay shows: it shows no other profiles, links or channels")]
      : []),
    ...replayed.lostDevices.map(({ device, facts }) =>
      doubt(`the changed configuration has no device ${device}: ${several(facts, "fact")} of it count for nothing`)
    ),
    ...(readAnew === 0
      ? []
      : [
          doubt(
            `${several(readAnew, "device")} would be read by another profile, link or address: what they said is taken as it was read then`
          )
        ]),
    ...dropped,
    `calls for an officer: ${number(added)} added, ${number(removed)} removed, ${number(moved)} moved, ${number(unchanged)} unchanged`,
    savedLine(difference),
    "",
    ...shareRows("by rule", difference.byRule),
    ...shareRows("by door", difference.byDoor),
    ...callLines(difference, shown, all ? Infinity : shownAtMost)
  ]
}
