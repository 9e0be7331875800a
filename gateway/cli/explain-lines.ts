import type {
  AlertExplanation,
  DoorExplanation,
  OpeningExplained,
  Otherwise,
  RuleExplained
} from "../explain/explanation.ts"
import { describeEntry } from "./line.ts"
import { paint, printable, several } from "./output.ts"
import { columns } from "./table.ts"

/** The wall clock here, with milliseconds; with its date where it is of another day than `day`. */
const clockOf = (at: number, day: number): string => {
  const date = new Date(at)
  const time = `${date.toLocaleTimeString("en-GB", { hour12: false })}.${String(date.getMilliseconds()).padStart(3, "0")}`
  return date.toDateString() === new Date(day).toDateString() ? time : `${date.toLocaleDateString("sv-SE")} ${time}`
}

const fullClockOf = (at: number): string => `${new Date(at).toLocaleDateString("sv-SE")} ${clockOf(at, at)}`

const entryOf = (seq: number | undefined): string => (seq === undefined ? "" : `#${seq}`)

const heading = (text: string): string => paint("bold", text)

/** Rows below a heading; nothing at all where there are none. */
const section = (title: string, rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  rows.length === 0 ? [] : ["", heading(title), ...columns(rows.map((row) => ["", ...row.map(printable)]))]

const reasonRow = (
  { at, seq, text }: { readonly at: number; readonly seq?: number; readonly text: string },
  day: number
) => [clockOf(at, day), entryOf(seq), text]

const otherwiseRow = ({ text, from, until, seq }: Otherwise, day: number): ReadonlyArray<string> => [
  from === undefined || until === undefined ? "" : `${clockOf(from, day)} – ${clockOf(until, day)}`,
  entryOf(seq),
  text
]

const openingRows = (opening: OpeningExplained, day: number): ReadonlyArray<ReadonlyArray<string>> => [
  ...opening.steps.map((step) => reasonRow(step, day)),
  ...opening.weighed.map(({ seq, text }) => ["", entryOf(seq), `weighed: ${text}`])
]

const configLine = ({ config }: AlertExplanation | DoorExplanation): ReadonlyArray<string> =>
  config === undefined
    ? []
    : [
        `configuration ${config.version} (#${config.seq}), applied by ${printable(config.by)} on ${fullClockOf(config.at)}`
      ]

const conditionText = ({ alert }: AlertExplanation): string =>
  [
    alert.active ? "active" : "back to normal",
    alert.acknowledgedBy === undefined ? "not acknowledged" : `acknowledged by ${alert.acknowledgedBy}`,
    ...(alert.shelved === undefined ? [] : [`shelved by ${alert.shelved.by}`]),
    ...(alert.closed ? [`closed by ${alert.closedBy ?? "an officer"} as ${alert.outcome ?? "unknown"}`] : ["open"])
  ].join(", ")

const reasonRows = ({ reasons, alert }: AlertExplanation): ReadonlyArray<ReadonlyArray<string>> =>
  reasons.flatMap((reason) => [
    reasonRow(reason, alert.occurredAt),
    ...(reason.timing === undefined ? [] : [["", "", `  (${reason.timing.text})`]])
  ])

/** An alert's explanation, for a terminal. */
export const alertLines = (told: AlertExplanation): ReadonlyArray<string> => {
  const { alert, rule, timeline, opening, otherwise } = told
  const day = alert.occurredAt
  const numbers = Object.entries(rule.numbers).map(([name, value]) => `${name} ${value}`)
  return [
    `${paint("bold", alert.id)}  ${printable(alert.title)}  (priority ${alert.priority}; ${printable(conditionText(told))})`,
    `happened ${fullClockOf(alert.occurredAt)}, raised ${clockOf(alert.raisedAt, day)} by #${alert.raisedBy}`,
    `rule ${rule.id}: ${printable(rule.text)}`,
    ...(numbers.length === 0 ? [] : [`  with ${numbers.join(", ")}`]),
    ...configLine(told),
    ...section("What made it", reasonRows(told)),
    ...section("How the opening was judged", opening === undefined ? [] : openingRows(opening, day)),
    ...section(
      "What would have had to be otherwise",
      otherwise.map((one) => otherwiseRow(one, day))
    ),
    "",
    heading("What it has gone through"),
    ...timeline.map((entry) => `  ${describeEntry(entry)}`)
  ]
}

const signs = { true: ["red", "✖"], false: ["green", "✔"] } as const

const ruleRows = (rule: RuleExplained, day: number): ReadonlyArray<ReadonlyArray<string>> => {
  const [, sign] = signs[`${rule.fired}`]
  const outcome = rule.fired ? `fired${rule.alert === undefined ? "" : ` as ${rule.alert}`}` : "did not fire"
  const when = rule.at === undefined ? "" : clockOf(rule.at, day)
  return [
    [`${sign} ${rule.rule}`, outcome, when, entryOf(rule.seq), rule.text],
    ...rule.otherwise.map((one) => {
      const [span = "", seq = "", text = ""] = otherwiseRow(one, day)
      return ["", "", "", seq, `${span === "" ? "" : `${span}: `}${text}`]
    })
  ]
}

const pointRows = ({ points, at }: DoorExplanation): ReadonlyArray<ReadonlyArray<string>> =>
  points.map(({ role, point, value, since, seq, availability, unknownBecause }) => [
    role,
    point,
    value,
    since === undefined ? "" : `since ${clockOf(since, at)}`,
    entryOf(seq),
    unknownBecause ?? `device ${availability}`
  ])

const openingsOf = (told: DoorExplanation): ReadonlyArray<string> =>
  told.openings.flatMap((opening) => {
    const until = opening.until === undefined ? "still open" : `until ${clockOf(opening.until, told.at)}`
    const held = opening.held ? ", held" : ""
    const title = `Opening of ${clockOf(opening.at, told.at)} (#${opening.seq}), ${until}: ${opening.outcome}${held}`
    return section(title, openingRows(opening, told.at))
  })

/** A rule that heard nothing of the door is counted; the door's own are told all the same. */
const isTold = ({ rule, fired, near }: RuleExplained): boolean => fired || near > 0 || builtIn.has(rule)

const builtIn: ReadonlySet<string> = new Set(["door.forced", "door.unverified", "door.held", "door.probable-exit"])

const others = (count: number): ReadonlyArray<string> =>
  count === 0 ? [] : [`  and ${several(count, "rule")} that heard nothing of it, or did not listen: --json has all`]

/** A door's explanation at an instant, for a terminal. */
export const doorLines = (told: DoorExplanation): ReadonlyArray<string> => {
  const { at, state } = told
  return [
    `${paint("bold", told.door)}  ${printable(told.name)}  at ${fullClockOf(at)}`,
    `${state.standing} since ${clockOf(state.since, at)}: ${printable(state.text)}; position ${state.position}, lock ${state.lock}, mode ${state.mode}`,
    ...configLine(told),
    ...section(
      "Not seen whole then",
      told.blind.map((reason) => reasonRow(reason, at))
    ),
    ...section(
      "Circumstances",
      told.circumstances.map((reason) => reasonRow(reason, at))
    ),
    ...section("Its points", pointRows(told)),
    ...section(
      "What was to fall due",
      told.pending.map(({ dueAt, text }) => [clockOf(dueAt, at), text])
    ),
    ...openingsOf(told),
    ...section(
      "Its alerts around then",
      told.alerts.map(({ at: when, alert, condition, transition, by }) => [
        clockOf(when, at),
        alert,
        condition,
        `${transition} by ${by}`
      ])
    ),
    ...section(
      "Its rules",
      told.rules.filter(isTold).flatMap((rule) => ruleRows(rule, at))
    ),
    ...others(told.rules.filter((rule) => !isTold(rule)).length)
  ]
}
