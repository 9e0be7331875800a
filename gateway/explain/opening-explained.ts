import { debounceOf } from "../correlation/door-timers.ts"
import type { Judgement, OpeningVerdict } from "../correlation/door-verdict.ts"
import type { Reason } from "../domain/alert.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { OpeningExplained, OpeningOutcome, Otherwise } from "./explanation.ts"
import { relativeTo, spanOf } from "./span-words.ts"
import { type Telling, weighedOf, whatWouldCover } from "./weighed.ts"

type Of<Tag extends OpeningVerdict["_tag"]> = Extract<OpeningVerdict, { _tag: Tag }>

const coverText = (
  { cover }: { readonly cover: Of<"Covered">["cover"] },
  openedAt: EpochMs,
  { whoAt }: Telling
): string => {
  if (cover.by === "mode" || cover.by === "schedule") return cover.text
  const who = cover.by === "grant" ? whoAt(cover.seq) : undefined
  return `${cover.text}${who === undefined ? "" : `, to ${who},`} ${relativeTo(cover.at, openedAt)} (entry ${cover.seq})`
}

const stepText = (verdict: OpeningVerdict, openedAt: EpochMs, telling: Telling): string => {
  switch (verdict._tag) {
    case "Covered":
      return `It is rightful: ${coverText(verdict, openedAt, telling)}`
    case "Waits":
      return `Nothing explains it yet; what is on its way may, for ${spanOf(verdict.until - openedAt)} after it`
    case "Relatched":
      return `It opened ${spanOf(openedAt - verdict.closedAt)} after a rightful opening closed: it had not latched, and the opening before goes on`
    case "Bounced":
      return `Its contact had been closed for ${spanOf(openedAt - verdict.closedAt)} only: bounce, and the opening before goes on`
    case "TooShort":
      return `It was open for ${spanOf(verdict.lastedMs)} only: bounce of the contact, and no opening`
    case "FoundOpen":
      return verdict.before === undefined
        ? "It was found open after it had been out of sight: what happened meanwhile is not known, so it is never called forced"
        : "It was found open again soon after it was lost from sight: it is taken to have stayed open"
    case "Forced":
      return "Its grace is over, and nothing explains it: forced"
    case "Unverified":
      return `Its grace is over, and nothing explains it; but not all that might was heard, so it is not called forced: ${verdict.unheard.map(({ text }) => text).join("; ")}`
    case "ReportedForced":
      return "The door's controller calls it forced"
    case "CoveredLate":
      return `${verdict.judged ? "Too late for the alert, it is explained" : "It is rightful after all"}: ${coverText(verdict, openedAt, telling)}`
    case "Held":
      return `It has been open for ${spanOf(verdict.allowedMs)} since it might not stand open: held`
    case "Closed":
      return `It closed after ${spanOf(verdict.lastedMs)}${verdict.timed ? `; it might have been open for ${spanOf(verdict.allowedMs)}` : "; its mode let it stand open"}`
  }
}

const outcomes: Readonly<Record<OpeningVerdict["_tag"], OpeningOutcome | undefined>> = {
  Covered: "covered",
  Waits: "waiting",
  Relatched: "relatch",
  Bounced: "bounce",
  TooShort: "bounce",
  FoundOpen: "found-open",
  Forced: "forced",
  Unverified: "unverified",
  ReportedForced: "reported-forced",
  CoveredLate: "covered-late",
  Held: undefined,
  Closed: undefined
}

const closingOf = (judgements: ReadonlyArray<Judgement>): Judgement | undefined =>
  judgements.findLast(({ verdict }) => verdict._tag === "Closed" || verdict._tag === "TooShort")

/** How near an opening came to being held, or by how much it was. */
const aboutHeld = (judgements: ReadonlyArray<Judgement>): ReadonlyArray<Otherwise> => {
  const held = judgements.find(({ verdict }) => verdict._tag === "Held")
  const closed = closingOf(judgements)
  if (held?.verdict._tag === "Held") {
    const { since, allowedMs } = held.verdict
    const late = closed === undefined ? "" : `. It closed ${spanOf(closed.at - since - allowedMs)} too late`
    return [
      {
        text: `A closing in this span would have ended it in time${late}`,
        from: since,
        until: since + allowedMs,
        ...(closed === undefined ? {} : { missedByMs: Math.max(0, closed.at - since - allowedMs) })
      }
    ]
  }
  if (closed?.verdict._tag !== "Closed" || !closed.verdict.timed) return []
  const { lastedMs, allowedMs } = closed.verdict
  if (lastedMs >= allowedMs) return []
  return [
    {
      text: `Open for ${spanOf(allowedMs)} it would have been held: it closed ${spanOf(allowedMs - lastedMs)} before that`,
      missedByMs: allowedMs - lastedMs
    }
  ]
}

const weighs: ReadonlySet<OpeningVerdict["_tag"]> = new Set(["Waits", "Forced", "Unverified"])
const unexplained: ReadonlySet<OpeningVerdict["_tag"]> = new Set(["Forced", "Unverified", "ReportedForced"])

/** What would have made it forced, where something made it rightful. */
const aboutForced = (judgements: ReadonlyArray<Judgement>, telling: Telling): ReadonlyArray<Otherwise> => {
  const { times } = telling
  const weighing = judgements.findLast(({ verdict: { _tag } }) => weighs.has(_tag))
  const decided = judgements.findLast(({ verdict }) => (outcomes[verdict._tag] ?? "waiting") !== "waiting")
  if (decided === undefined || unexplained.has(decided.verdict._tag)) {
    return weighing === undefined ? [] : whatWouldCover(weighing.grounds, weighing.opening.at, telling)
  }
  const { verdict, opening } = decided
  const without = "Without it, and with no other right, the opening would have been forced"
  switch (verdict._tag) {
    case "Covered":
    case "CoveredLate":
      return [{ text: `${without}: ${coverText(verdict, opening.at, telling)}`, ...seqOf(verdict.cover.seq) }]
    case "Relatched": {
      const slackMs = times.relatchMs - (opening.at - verdict.closedAt)
      return [
        { text: `Had it opened ${spanOf(slackMs)} later it would have been judged by itself`, missedByMs: slackMs }
      ]
    }
    case "TooShort":
      return [
        {
          text: `Open for ${debounceOf(times)} ms it would have been an opening`,
          missedByMs: debounceOf(times) - verdict.lastedMs
        }
      ]
    case "FoundOpen":
      return [{ text: "Only an opening that is seen from a closed door can be forced" }]
    default:
      return []
  }
}

const seqOf = (seq: number): { readonly seq?: number } => (seq === 0 ? {} : { seq })

const reasonOf = ({ at, seq, verdict, opening }: Judgement, telling: Telling): Reason => ({
  at,
  ...(seq === undefined ? {} : { seq }),
  text: stepText(verdict, opening.at, telling)
})

/** An opening out of all that was judged of it, oldest first. */
const explained = (judgements: ReadonlyArray<Judgement>, telling: Telling): OpeningExplained | undefined => {
  const first = judgements[0]
  if (first === undefined) return undefined
  const { at, seq, earliest } = first.opening
  const decided = judgements.findLast(({ verdict }) => outcomes[verdict._tag] !== undefined) ?? first
  const closed = closingOf(judgements)
  const weighing = judgements.findLast(({ grounds }) => grounds.length > 0)
  return {
    at,
    seq,
    ...(earliest === undefined ? {} : { from: earliest }),
    ...(closed === undefined ? {} : { until: closed.at }),
    outcome: outcomes[decided.verdict._tag] ?? "waiting",
    held: judgements.some(({ verdict }) => verdict._tag === "Held"),
    text: stepText(decided.verdict, at, telling),
    steps: judgements.map((judgement) => reasonOf(judgement, telling)),
    weighed: (weighing?.grounds ?? []).map((ground) => weighedOf(ground, at, telling.whoAt)),
    otherwise: aboutForced(judgements, telling),
    otherwiseHeld: aboutHeld(judgements)
  }
}

/** The openings that judgements of one door tell of, oldest first. */
export const openingsExplained = (
  judgements: ReadonlyArray<Judgement>,
  telling: Telling
): ReadonlyArray<OpeningExplained> => {
  const bySeq = Map.groupBy(judgements, ({ opening }) => opening.seq)
  return [...bySeq.values()].flatMap((of) => explained(of, telling) ?? []).sort((a, b) => a.at - b.at || a.seq - b.seq)
}
