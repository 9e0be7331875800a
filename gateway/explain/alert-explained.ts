import { isDuring } from "../correlation/schedules.ts"
import type { Judgement } from "../correlation/door-verdict.ts"
import type { Alert, Reason } from "../domain/alert.ts"
import type { Campus } from "../domain/campus.ts"
import { type CompleteDoorTimes, defaultDoorTimes } from "../domain/door.ts"
import type { Fact } from "../domain/fact.ts"
import type { Entry } from "../log/entry.ts"
import { ruleOf } from "./alert-rule.ts"
import type { AlertExplanation, ConfigInForce, OpeningExplained, Otherwise } from "./explanation.ts"
import { openingsExplained } from "./opening-explained.ts"
import { whoIn } from "./who.ts"
import { spanOf } from "./span-words.ts"

/** What an alert is explained from. */
export interface AlertKnown {
  readonly alert: Alert
  /** Its own entries, oldest first. */
  readonly timeline: ReadonlyArray<Entry>
  readonly entry: (seq: number) => Entry | undefined
  readonly config: ConfigInForce | undefined
  readonly campus: Campus | undefined
  /** How openings of its door were judged; empty where it has none. */
  readonly judgements: ReadonlyArray<Judgement>
}

type Timing = NonNullable<AlertExplanation["reasons"][number]["timing"]>

const clockText = ({ clock }: Extract<Fact, { _tag: "Observed" }>): string => {
  if (clock === undefined) return "the device tells no time of its own: it counts from when it was heard"
  const offset =
    Math.abs(clock.offsetMs) < 1 ? "right" : `${spanOf(clock.offsetMs)} ${clock.offsetMs > 0 ? "ahead" : "behind"}`
  const quality = `its clock is ${offset}, give or take ${spanOf(clock.uncertaintyMs)}`
  return clock.trusted ? quality : `${quality}, and not trusted: it counts from when it was heard`
}

const timingOf = (fact: Fact): Timing | undefined => {
  if (fact._tag !== "Observed") return undefined
  const { occurredAt, receivedAt, clock, observation } = fact
  const deviceTime = "deviceTime" in observation ? observation.deviceTime : undefined
  const late = receivedAt - occurredAt
  return {
    occurredAt,
    receivedAt,
    ...(deviceTime === undefined ? {} : { deviceTime }),
    ...(clock === undefined ? {} : { clock }),
    text: `${late > 0 ? `heard ${spanOf(late)} after it happened; ` : ""}${clockText(fact)}`
  }
}

const reasonOf = (reason: Reason, entryAt: AlertKnown["entry"]): AlertExplanation["reasons"][number] => {
  const entry = reason.seq === undefined ? undefined : entryAt(reason.seq)
  if (entry === undefined) return reason
  const timing = entry._tag === "Fact" ? timingOf(entry.fact) : undefined
  return { ...reason, entry, ...(timing === undefined ? {} : { timing }) }
}

/** The opening that an alert is about: the newest that began by the time it speaks of. */
const openingOf = (alert: Alert, openings: ReadonlyArray<OpeningExplained>): OpeningExplained | undefined => {
  const said = new Set(alert.why.map(({ seq }) => seq))
  return openings.findLast(({ seq }) => said.has(seq)) ?? openings.findLast(({ at }) => at <= alert.occurredAt)
}

const ofDevice = (alert: Alert, numbers: Readonly<Record<string, number>>): ReadonlyArray<Otherwise> => {
  const seconds = numbers["offlineGraceSeconds"] ?? numbers["linkGraceSeconds"] ?? numbers["expectedIntervalSeconds"]
  if (seconds === undefined) return []
  const what = alert.rule === "supervision.link" ? "The link back online" : "A word of the device"
  return [
    {
      text: `${what} in this span would have kept it from being raised`,
      from: alert.occurredAt,
      until: alert.occurredAt + seconds * 1000
    }
  ]
}

/** How much longer a rule's window was than what met in it. */
const ofWindow = ({ why }: Alert, { withinSeconds }: Readonly<Record<string, number>>): ReadonlyArray<Otherwise> => {
  const told = why.filter(({ seq }) => seq !== undefined).map(({ at }) => at)
  if (withinSeconds === undefined || told.length < 2) return []
  const spanned = Math.max(...told) - Math.min(...told)
  const slackMs = withinSeconds * 1000 - spanned
  if (slackMs < 0) return []
  return [
    {
      text: `It all came within ${spanOf(spanned)}; ${spanOf(slackMs)} later it would not have met`,
      missedByMs: slackMs
    }
  ]
}

const otherwiseOf = (
  alert: Alert,
  opening: OpeningExplained | undefined,
  numbers: Readonly<Record<string, number>>
): ReadonlyArray<Otherwise> => {
  if (opening === undefined) return [...ofDevice(alert, numbers), ...ofWindow(alert, numbers)]
  return alert.condition === "DoorOpenTooLong" ? opening.otherwiseHeld : opening.otherwise
}

const aboutOpenings: ReadonlySet<Alert["condition"]> = new Set([
  "DoorForcedOpen",
  "UnverifiedOpening",
  "DoorOpenTooLong",
  "ProbableExit"
])

/** The times that the alert's door was judged by: its own, or those of its schedule. */
const timesInForce = (alert: Alert, campus: Campus | undefined): CompleteDoorTimes => {
  const door = campus?.doors.find(({ id }) => id === alert.door)
  if (campus === undefined || door === undefined) return defaultDoorTimes
  const at = alert.condition === "DoorOpenTooLong" ? alert.raisedAt : alert.occurredAt
  const during = door.timesDuring?.find(({ schedule }) => isDuring(campus, schedule, at))
  return { ...defaultDoorTimes, ...door.times, ...during?.times }
}

/** Why an alert fired: the facts with their times and clocks, the rule with its numbers, and what came near to preventing it. */
export const explainAlert = ({ alert, timeline, entry, config, campus, judgements }: AlertKnown): AlertExplanation => {
  const times = timesInForce(alert, campus)
  const rule = ruleOf(alert, campus, times)
  const openings = aboutOpenings.has(alert.condition)
    ? openingsExplained(judgements, { times, whoAt: (seq) => whoIn(entry(seq)) })
    : []
  const opening = openingOf(alert, openings)
  return {
    alert,
    reasons: alert.why.map((reason) => reasonOf(reason, entry)),
    timeline,
    rule,
    ...(config === undefined ? {} : { config }),
    ...(opening === undefined ? {} : { opening }),
    otherwise: otherwiseOf(alert, opening, rule.numbers)
  }
}
