import { type NuisanceCause, nuisanceCauses } from "../explain/doctor/nuisance.ts"
import type { DoctorReport, DoorReport } from "../explain/doctor/report.ts"
import { paint, printable, several } from "./output.ts"
import { columns } from "./table.ts"

/** Happenings of one door that people read; `--json` has all. */
const shownAtMost = 10

const causeWords: Readonly<Record<NuisanceCause, string>> = {
  sensor: "contact or wiring",
  "late-exit": "late exit",
  latch: "latch or closer",
  chatter: "chatter",
  schedule: "time of the day",
  wind: "wind",
  unexplained: "unexplained"
}

const causesText = ({ causes }: DoorReport): string =>
  nuisanceCauses
    .filter((cause) => (causes[cause] ?? 0) > 0)
    .map((cause) => `${causes[cause]} ${causeWords[cause]}`)
    .join(", ")

const proposalLines = ({ proposal }: DoorReport): ReadonlyArray<string> => {
  if (proposal === undefined) return []
  const { times, during = [], hides, hidesReal, hidesUnjudged, adds, patch } = proposal
  const told = (some: object): ReadonlyArray<string> => Object.entries(some).map(([name, value]) => `${name}: ${value}`)
  const changes = [
    ...told(times),
    ...during.map(
      (one) => `${told(one.times).join(", ")} during ${one.schedule}${one.added === undefined ? "" : " (new)"}`
    )
  ]
  const judged = hidesUnjudged > 0 ? `, ${hidesUnjudged} that nobody has judged yet` : ""
  const real = hidesReal > 0 ? paint("red", `${hidesReal} REAL`) : "none that was real"
  const added = adds > 0 ? `; it would add ${adds}` : ""
  return [
    `  ${paint("bold", "proposed")} ${changes.join(", ")}: ${several(hides, "alarm")} of the span would not have come, ${real}${judged}${added}`,
    ...patch
      .trimEnd()
      .split("\n")
      .map((line) => `    ${line}`)
  ]
}

const happeningRows = ({ happenings }: DoorReport, shown: (at: number) => string): ReadonlyArray<string> => [
  ...columns(
    happenings
      .slice(-shownAtMost)
      .map(({ alert, condition, at, cause, text, outcome }) => [
        `  ${shown(at)}`,
        alert,
        condition,
        causeWords[cause],
        printable(text),
        outcome ?? ""
      ])
  ),
  ...(happenings.length > shownAtMost ? [`  and ${happenings.length - shownAtMost} earlier: --json has all`] : [])
]

const doorLines = (door: DoorReport, shown: (at: number) => string): ReadonlyArray<string> => [
  "",
  `${paint("bold", printable(door.name))} (${door.door}): ${several(door.happenings.length, "alarm")}, ${door.real} closed as real: ${causesText(door)}`,
  ...happeningRows(door, shown),
  ...door.advice.map((advice) => `  ${paint("bold", "to do")} ${advice}`),
  ...proposalLines(door)
]

/** The doctor's findings, for a terminal. */
export const doctorLines = (report: DoctorReport, shown: (at: number) => string): ReadonlyArray<string> => [
  `${shown(report.from)} to ${shown(report.to)}: ${several(report.doors.length, "door")} with alarms of forced, held or late exits`,
  ...report.doors.flatMap((door) => doorLines(door, shown)),
  ...(report.leftOut > 0
    ? ["", `${several(report.leftOut, "door")} with fewer were not looked at: --door asks for one`]
    : [])
]
