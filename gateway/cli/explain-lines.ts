import type {
  AlertExplanation,
  DoorExplanation,
  OpeningExplained,
  Otherwise,
  RuleExplained
} from "../explain/explanation.ts"
import type { Entry } from "../log/entry.ts"
import { describeEntry, wallClock } from "./line.ts"
import { paint, printable, several } from "./output.ts"
import { columns } from "./table.ts"

/** The clocks of the site, with milliseconds; with the date where it is of another day than the one that is spoken of. */
class Clocks {
  readonly #timeZone: string
  readonly #day: string

  constructor(timeZone: string, day: number) {
    this.#timeZone = timeZone
    this.#day = this.#dayOf(day)
  }

  #dayOf(at: number): string {
    return new Date(at).toLocaleDateString("sv-SE", { timeZone: this.#timeZone })
  }

  time(at: number): string {
    const time = wallClock(at, this.#timeZone)
    return this.#dayOf(at) === this.#day ? time : `${this.#dayOf(at)} ${time}`
  }

  full(at: number): string {
    return `${this.#dayOf(at)} ${wallClock(at, this.#timeZone)}`
  }

  entry(entry: Entry): string {
    return describeEntry(entry, this.#timeZone)
  }
}

const entryOf = (seq: number | undefined): string => (seq === undefined ? "" : `#${seq}`)

const heading = (text: string): string => paint("bold", text)

/** Rows below a heading; nothing at all where there are none. */
const section = (title: string, rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  rows.length === 0 ? [] : ["", heading(title), ...columns(rows.map((row) => ["", ...row.map(printable)]))]

const reasonRow = (
  { at, seq, text }: { readonly at: number; readonly seq?: number; readonly text: string },
  clocks: Clocks
) => [clocks.time(at), entryOf(seq), text]

const otherwiseRow = ({ text, from, until, seq }: Otherwise, clocks: Clocks): ReadonlyArray<string> => [
  from === undefined || until === undefined ? "" : `${clocks.time(from)} – ${clocks.time(until)}`,
  entryOf(seq),
  text
]

const openingRows = (opening: OpeningExplained, clocks: Clocks): ReadonlyArray<ReadonlyArray<string>> => [
  ...opening.steps.map((step) => reasonRow(step, clocks)),
  ...opening.weighed.map(({ seq, text }) => ["", entryOf(seq), `weighed: ${text}`])
]

const configLine = ({ config }: AlertExplanation | DoorExplanation, clocks: Clocks): ReadonlyArray<string> =>
  config === undefined
    ? []
    : [
        `configuration ${config.version} (#${config.seq}), applied by ${printable(config.by)} on ${clocks.full(config.at)}`
      ]

const conditionText = ({ alert }: AlertExplanation): string =>
  [
    alert.active ? "active" : "back to normal",
    alert.acknowledgedBy === undefined ? "not acknowledged" : `acknowledged by ${alert.acknowledgedBy}`,
    ...(alert.shelved === undefined ? [] : [`shelved by ${alert.shelved.by}`]),
    ...(alert.closed ? [`closed by ${alert.closedBy ?? "an officer"} as ${alert.outcome ?? "unknown"}`] : ["open"])
  ].join(", ")

const reasonRows = ({ reasons }: AlertExplanation, clocks: Clocks): ReadonlyArray<ReadonlyArray<string>> =>
  reasons.flatMap((reason) => [
    reasonRow(reason, clocks),
    ...(reason.timing === undefined ? [] : [["", "", `  (${reason.timing.text})`]])
  ])

/** An alert's explanation, for a terminal. */
export const alertLines = (told: AlertExplanation, timeZone: string): ReadonlyArray<string> => {
  const { alert, rule, timeline, opening, otherwise } = told
  const clocks = new Clocks(timeZone, alert.occurredAt)
  const numbers = Object.entries(rule.numbers).map(([name, value]) => `${name} ${value}`)
  return [
    `${paint("bold", alert.id)}  ${printable(alert.title)}  (priority ${alert.priority}; ${printable(conditionText(told))})`,
    `happened ${clocks.full(alert.occurredAt)}, raised ${clocks.time(alert.raisedAt)} by #${alert.raisedBy}`,
    `rule ${rule.id}: ${printable(rule.text)}`,
    ...(numbers.length === 0 ? [] : [`  with ${numbers.join(", ")}`]),
    ...configLine(told, clocks),
    ...section("What made it", reasonRows(told, clocks)),
    ...section("How the opening was judged", opening === undefined ? [] : openingRows(opening, clocks)),
    ...section(
      "What would have had to be otherwise",
      otherwise.map((one) => otherwiseRow(one, clocks))
    ),
    "",
    heading("What it has gone through"),
    ...timeline.map((entry) => `  ${clocks.entry(entry)}`)
  ]
}

const signs = { true: ["red", "✖"], false: ["green", "✔"] } as const

const ruleRows = (rule: RuleExplained, clocks: Clocks): ReadonlyArray<ReadonlyArray<string>> => {
  const [, sign] = signs[`${rule.fired}`]
  const outcome = rule.fired ? `fired${rule.alert === undefined ? "" : ` as ${rule.alert}`}` : "did not fire"
  const when = rule.at === undefined ? "" : clocks.time(rule.at)
  return [
    [`${sign} ${rule.rule}`, outcome, when, entryOf(rule.seq), rule.text],
    ...rule.otherwise.map((one) => {
      const [span = "", seq = "", text = ""] = otherwiseRow(one, clocks)
      return ["", "", "", seq, `${span === "" ? "" : `${span}: `}${text}`]
    })
  ]
}

const pointRows = ({ points }: DoorExplanation, clocks: Clocks): ReadonlyArray<ReadonlyArray<string>> =>
  points.map(({ role, point, value, since, seq, availability, unknownBecause }) => [
    role,
    point,
    value,
    since === undefined ? "" : `since ${clocks.time(since)}`,
    entryOf(seq),
    unknownBecause ?? `device ${availability}`
  ])

const openingsOf = (told: DoorExplanation, clocks: Clocks): ReadonlyArray<string> =>
  told.openings.flatMap((opening) => {
    const until = opening.until === undefined ? "still open" : `until ${clocks.time(opening.until)}`
    const held = opening.held ? ", held" : ""
    const title = `Opening of ${clocks.time(opening.at)} (#${opening.seq}), ${until}: ${opening.outcome}${held}`
    return section(title, openingRows(opening, clocks))
  })

/** A rule that heard nothing of the door is counted; the door's own are told all the same. */
const isTold = ({ rule, fired, near }: RuleExplained): boolean => fired || near > 0 || builtIn.has(rule)

const builtIn: ReadonlySet<string> = new Set(["door.forced", "door.unverified", "door.held", "door.probable-exit"])

const others = (count: number): ReadonlyArray<string> =>
  count === 0 ? [] : [`  and ${several(count, "rule")} that heard nothing of it, or did not listen: --json has all`]

/** A door's explanation at an instant, for a terminal. */
export const doorLines = (told: DoorExplanation, timeZone: string): ReadonlyArray<string> => {
  const { at, state } = told
  const clocks = new Clocks(timeZone, at)
  return [
    `${paint("bold", told.door)}  ${printable(told.name)}  at ${clocks.full(at)}`,
    `${state.standing} since ${clocks.time(state.since)}: ${printable(state.text)}; position ${state.position}, lock ${state.lock}, mode ${state.mode}`,
    ...configLine(told, clocks),
    ...section(
      "Not seen whole then",
      told.blind.map((reason) => reasonRow(reason, clocks))
    ),
    ...section(
      "Circumstances",
      told.circumstances.map((reason) => reasonRow(reason, clocks))
    ),
    ...section("Its points", pointRows(told, clocks)),
    ...section(
      "What was to fall due",
      told.pending.map(({ dueAt, text }) => [clocks.time(dueAt), text])
    ),
    ...openingsOf(told, clocks),
    ...section(
      "Its alerts around then",
      told.alerts.map(({ at: when, alert, condition, transition, by }) => [
        clocks.time(when),
        alert,
        condition,
        `${transition} by ${by}`
      ])
    ),
    ...section(
      "Its rules",
      told.rules.filter(isTold).flatMap((rule) => ruleRows(rule, clocks))
    ),
    ...others(told.rules.filter((rule) => !isTold(rule)).length)
  ]
}
