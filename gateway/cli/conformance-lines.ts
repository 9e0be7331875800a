import type { ConformanceSheet } from "../settings/conformance-sheet.ts"
import { paint, printable, several } from "./output.ts"
import type { ObservationCourse, Sighting } from "./probe-parts.ts"
import { lasting } from "./probe-lines.ts"
import { columns } from "./table.ts"

type Watching = Extract<ObservationCourse, { readonly _tag: "Watching" }>

/** How many doors or readers are named; a controller of a whole house has dozens. */
const namedMax = 8

const named = (names: ReadonlyArray<string>): string => {
  const rest = names.length - namedMax
  return printable(names.slice(0, namedMax).join(", ")) + (rest > 0 ? ` and ${rest} more` : "")
}

/** What the person at the device is asked to do, so that it has something to report. */
export const tasksFor = ({ doors, readers, hasMedia }: Watching): ReadonlyArray<string> => [
  ...(doors.length === 0
    ? []
    : [
        `open and close each door: ${named(doors)}`,
        "lock and unlock one, by key, button or the controller's own page",
        "hold one open past the controller's own time, then close it",
        "open one without a card, as if it were forced"
      ]),
  ...(readers.length === 0 ? [] : [`present a card that is let in, and one that is not: ${named(readers)}`]),
  ...(hasMedia ? ["walk through the picture, then cover the lens for a moment"] : []),
  "switch the inputs that are wired"
]

/** One new thing that was seen. */
export const sightingLine = ({ topic, point, said, state }: Sighting, at: Date): string => {
  const time = at.toTimeString().slice(0, 8)
  if (point === undefined) return `${time}  ${printable(topic)}  ${paint("yellow", "the profile makes nothing of it")}`
  const how = state === true ? paint("dim", " (its state)") : ""
  return `${time}  ${printable(point)}  ${paint("bold", printable(said ?? ""))}${how}  ${paint("dim", printable(topic))}`
}

const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([value, count]) => (count === 1 ? value : `${value} ×${count}`))
    .join(", ") || "–"

const pointLines = ({ points, occurrences }: ConformanceSheet): ReadonlyArray<string> => {
  const head = ["POINT", "KIND", "CAME TO BE", "WAS ALREADY"].map((text) => paint("bold", text))
  const rows = [
    ...points.map(({ point, kind, changes, states, missed }) => {
      const untold = Object.keys(missed).length === 0 ? "" : `; not told: ${countsText(missed)}`
      return [point, kind, `${countsText(changes)}${untold}`, countsText(states)]
    }),
    ...occurrences.map(({ point, word, count }) => [point, "happening", countsText({ [word]: count }), "–"])
  ]
  return rows.length === 0 ? ["the device reported nothing"] : columns([head, ...rows.map((row) => row.map(printable))])
}

const topicLines = ({ topics }: ConformanceSheet): ReadonlyArray<string> => {
  const seen = topics.filter(({ initial, later }) => initial + later > 0)
  const unoffered = seen.filter(({ offered }) => !offered).map(({ topic }) => topic)
  const silent = topics.length - seen.length
  return [
    `topics            ${seen.length} seen, ${silent} offered and not seen`,
    ...(unoffered.length === 0 ? [] : [`  not offered     ${printable(unoffered.join(", "))}`])
  ]
}

const reportWords = ["opening", "closing", "locking", "unlocking", "forced", "held", "mode"] as const

const doorKinds: ReadonlySet<string> = new Set(["position", "lock", "mode", "alarm"])

/** What was seen of its doors; nothing for a device that has none. */
const reportsLine = ({ reports, points }: ConformanceSheet): ReadonlyArray<string> => {
  if (!points.some(({ kind }) => doorKinds.has(kind))) return []
  const words = reportWords.map((word) => `${reports[word] ? paint("green", "✔") : paint("yellow", "✘")} ${word}`)
  return [`reports           ${words.join("  ")}`]
}

const stateWords = ({ subscription }: ConformanceSheet): string => {
  const { initialState, repeatsState } = subscription
  const first =
    initialState === "none" ? "not told to a new subscriber" : `told to a new subscriber, as ${initialState}`
  return `${first}; ${repeatsState ? "told again when asked" : "not told again when asked"}`
}

const leaseWords = ({ subscription }: ConformanceSheet): string => {
  const { leaseAskedMs, leaseGrantedMs, pullExtendsLease, renew } = subscription
  const granted = leaseGrantedMs === null ? "nothing told" : `${Math.round(leaseGrantedMs / 1000)} s granted`
  const pulls =
    pullExtendsLease === null ? "" : pullExtendsLease ? "; a pull extends it" : "; a pull does not extend it"
  return `${leaseAskedMs / 1000} s asked, ${granted}${pulls}; Renew ${renew === "works" ? "works" : "is refused"}`
}

const emptyWords = ({ subscription }: ConformanceSheet): string => {
  switch (subscription.answersEmptyEarly) {
    case null:
      return "none came"
    case true:
      return "come at once, whatever time is asked for"
    case false:
      return "come when the time asked for is over"
  }
}

const subscriberWords = ({ subscribers }: ConformanceSheet): string => {
  if (subscribers === null) return "not tried: none may be ended (unsubscribe: never)"
  const { taken, refusal, forgetsTheFirst } = subscribers
  const most = refusal === null ? `${taken}, and perhaps more` : `${taken}, then "${refusal}"`
  return `${most}, beside those there were${forgetsTheFirst ? "; it forgets the first to make room" : ""}`
}

const clockWords = ({ clock }: ConformanceSheet): string =>
  clock === null
    ? "not told"
    : `${(Math.abs(clock.offsetMs) / 1000).toFixed(1)} s ${clock.offsetMs < 0 ? "behind" : "ahead of"} ours, ± ${(clock.uncertaintyMs / 1000).toFixed(1)} s`

const pictureWords = ({ picture }: ConformanceSheet): string => {
  if (picture === null) return "none"
  return "failed" in picture ? picture.failed : `${Math.round(picture.bytes / 1000)} kB in ${lasting(picture.tookMs)}`
}

const oddWords = ({ subscription }: ConformanceSheet): ReadonlyArray<string> => {
  const { lostSubscriptions, unreadable } = subscription
  return [
    ...(lostSubscriptions > 0 ? [`it forgot ${several(lostSubscriptions, "subscription")} meanwhile`] : []),
    ...(unreadable > 0 ? [`${several(unreadable, "message")} could not be read`] : [])
  ]
}

/** A whole sheet, as a person reads it. */
export const sheetLines = (sheet: ConformanceSheet): ReadonlyArray<string> => {
  const { manufacturer, model, firmware } = sheet.product
  const facts: ReadonlyArray<readonly [string, string]> = [
    ["state", stateWords(sheet)],
    ["lease", leaseWords(sheet)],
    ["empty answers", emptyWords(sheet)],
    ["subscribers", subscriberWords(sheet)],
    ["clock", clockWords(sheet)],
    ["back after", sheet.reconnectMs === null ? "not measured" : lasting(sheet.reconnectMs)],
    ["picture", pictureWords(sheet)]
  ]
  return [
    "",
    paint(
      "bold",
      printable(`${manufacturer} ${model}, firmware ${firmware}, observed for ${lasting(sheet.observedSeconds * 1000)}`)
    ),
    ...pointLines(sheet),
    "",
    ...topicLines(sheet),
    ...reportsLine(sheet),
    ...facts.map(([name, words]) => `${name.padEnd(16)}  ${printable(words)}`),
    ...oddWords(sheet).map((words) => paint("yellow", words))
  ]
}
