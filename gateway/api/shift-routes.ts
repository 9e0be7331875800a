import { Effect, HashMap, Schema } from "effect"
import { onShiftAt, signedOnAt } from "../correlation/shift.ts"
import { type Alert } from "../domain/alert.ts"
import { HandOverReport } from "../domain/hand-over.ts"
import { HandOver, ShiftNote, ShiftStanding } from "../domain/shift.ts"
import { SoundTest } from "../domain/sound-test.ts"
import { endpoint, type Call, type Endpoint } from "./endpoint.ts"
import { handOverPage } from "./hand-over-page.ts"
import { handOverReportOf } from "./hand-over-report.ts"
import { notFound, Problem } from "./problem.ts"
import { prose } from "./shapes.ts"
import type { Sources, TaggedFailure } from "./sources.ts"

/** Who works now, and what is to be handed over. */
export const ShiftAnswer = Schema.Struct({
  on: Schema.Array(
    Schema.Struct({
      ...ShiftStanding.fields,
      inHand: Schema.Finite.annotate({ description: "How many open alerts they have in hand, or acknowledged" })
    })
  ),
  byPlan: Schema.Array(Schema.String).annotate({ description: "Who is expected by plan and has not signed on" }),
  handOvers: Schema.Array(HandOver).annotate({ description: "The newest, newest first" }),
  notes: Schema.Array(ShiftNote).annotate({ description: "Written since the last hand-over, oldest first" })
}).annotate({ identifier: "Shift" })

export const HandOverAnswer = Schema.Struct({ handOver: HandOver, report: HandOverReport }).annotate({
  identifier: "SignedHandOver"
})

const BeginBody = Schema.Struct({
  sound: SoundTest,
  relieves: Schema.optionalKey(
    Schema.Array(Schema.NonEmptyString).annotate({
      description: "Names of those who leave: their shifts end, and their open alerts are the caller's"
    })
  )
})
const EndBody = Schema.Struct({ reason: Schema.optionalKey(prose("a reason")) })
const EndOtherBody = Schema.Struct({ name: Schema.NonEmptyString, reason: prose("a reason") })
const NoteBody = Schema.Struct({ note: prose("a note") })
const HandOverBody = Schema.Struct({
  note: Schema.optionalKey(prose("a note")),
  afterwards: Schema.optionalKey(Schema.Literal("sign-off")).annotate({ description: "Absent: they stay on shift" })
})

/** Who never signed on hands over so much: the longest that a session lasts. */
const usualPeriodMs = 12 * 3_600_000
/** Alerts that were raised so long before the period may have been closed in it. */
const lookBackMs = 7 * 86_400_000
const alertsAtMost = 10_000
const alertsPage = 500
const handOversTold = 20
const incidentsAtMost = 200

const notOnShift = (name: string): Problem =>
  new Problem({
    kind: "not-on-shift",
    title: "Nobody of this name is on shift",
    status: 409,
    detail: `${name} is not on shift.`
  })

const noPerson = (name: string): Problem =>
  new Problem({
    kind: "not-a-person",
    title: "Only people work shifts",
    status: 409,
    detail: `${name} is a machine's token; people sign in as themselves.`
  })

const signedAlready = (detail: string): Problem =>
  new Problem({ kind: "signed-already", title: "It is signed already", status: 409, detail })

/** The newest alerts back to `since`, as many as a report counts. */
const alertsSince = ({ alerts }: Sources, since: number): Effect.Effect<ReadonlyArray<Alert>, TaggedFailure> =>
  Effect.gen(function* () {
    const found: Array<Alert> = []
    let before: number | undefined
    while (found.length < alertsAtMost) {
      const page = yield* alerts.list({ limit: alertsPage, ...(before === undefined ? {} : { before }) })
      found.push(...page)
      const last = page.at(-1)
      if (last === undefined || page.length < alertsPage || last.raisedAt < since) break
      before = last.raisedBy
    }
    return found
  })

const reportOf = (sources: Sources, by: string): Effect.Effect<HandOverReport, TaggedFailure> =>
  Effect.gen(function* () {
    const to = sources.now()
    const standing = signedOnAt(sources.intake.situation(), to).find(({ name }) => name === by)
    const from = standing?.since ?? to - usualPeriodMs
    const alerts = yield* alertsSince(sources, from - lookBackMs)
    const incidents = yield* sources.log.incidents({ limit: incidentsAtMost })
    const situation = sources.intake.situation()
    return handOverReportOf({ situation, gaps: sources.gaps.list(), alerts, incidents, from, to })
  })

const shiftOf = ({ intake, now }: Sources): typeof ShiftAnswer.Type => {
  const situation = intake.situation()
  const at = now()
  const owners = HashMap.toValues(situation.alerts).map((alert) => alert.claimed?.by ?? alert.acknowledgedBy)
  const on = signedOnAt(situation, at)
  const { handOvers, notes } = situation.shift
  const last = handOvers.at(-1)?.at ?? 0
  return {
    on: on.map((one) => ({ ...one, inHand: owners.filter((owner) => owner === one.name).length })),
    byPlan: onShiftAt(situation, at).flatMap(({ because, person }) => (because === "plan" ? [person.name] : [])),
    handOvers: handOvers.slice(-handOversTold).toReversed(),
    notes: notes.filter((note) => note.at > last)
  }
}

/** People work shifts; where none are configured, whoever signed in by a name does. */
const worker = (sources: Sources, { caller }: Pick<Call<unknown, unknown>, "caller">) =>
  Effect.suspend(() => {
    const { name, person } = caller
    if (person === undefined && sources.people().length > 0) return Effect.fail(noPerson(name))
    return Effect.succeed({ by: name, ...(person === undefined ? {} : { person }) })
  })

const oneHandOver = ({ intake, log }: Sources, id: string): Effect.Effect<typeof HandOverAnswer.Type, TaggedFailure> =>
  Effect.gen(function* () {
    const handOver = intake.situation().shift.handOvers.find((one) => one.id === id)
    const entry = handOver === undefined ? undefined : yield* log.entry(handOver.seq)
    if (handOver === undefined || entry?._tag !== "Fact" || entry.fact._tag !== "HandedOver")
      return yield* notFound(
        "unknown-hand-over",
        `There is no hand-over ${id.slice(0, 64)}, or it is too old; the log has it.`
      )
    return { handOver, report: entry.fact.report }
  })

/** How people come on shift and go off it. */
const turnRoutes = (sources: Sources): ReadonlyArray<Endpoint> => {
  const { intake, now } = sources
  const isOn = (name: string) => signedOnAt(intake.situation(), now()).some((one) => one.name === name)
  const answer = () => shiftOf(sources)
  return [
    endpoint({
      method: "get",
      path: "/shift",
      right: "see",
      summary: "Who is on shift, who is expected, and the newest hand-overs",
      answer: ShiftAnswer,
      handle: () => Effect.sync(answer)
    }),
    endpoint({
      method: "post",
      path: "/shift/begin",
      right: "work-shift",
      summary: "Sign on, with what came of the sound test, and take over from whoever leaves",
      body: BeginBody,
      answer: ShiftAnswer,
      problems: [409],
      handle: Effect.fnUntraced(function* (call) {
        const who = yield* worker(sources, call)
        const { sound, relieves = [] } = call.body
        const stranger = relieves.find((name: string) => !isOn(name))
        if (stranger !== undefined) return yield* notOnShift(stranger)
        yield* intake.enter({ _tag: "ShiftBegan", ...who, sound, ...(relieves.length === 0 ? {} : { relieves }) })
        return answer()
      })
    }),
    endpoint({
      method: "post",
      path: "/shift/end",
      right: "work-shift",
      summary: "Sign off",
      body: EndBody,
      answer: ShiftAnswer,
      problems: [409],
      handle: Effect.fnUntraced(function* ({ by, body: { reason } }) {
        if (!isOn(by)) return yield* notOnShift(by)
        yield* intake.enter({ _tag: "ShiftEnded", by, ...(reason === undefined ? {} : { reason }) })
        return answer()
      })
    }),
    endpoint({
      method: "post",
      path: "/shift/end-other",
      right: "lead-shift",
      summary: "End the shift of somebody who left without signing off",
      body: EndOtherBody,
      answer: ShiftAnswer,
      problems: [409],
      handle: Effect.fnUntraced(function* ({ by, body: { name, reason } }) {
        if (!isOn(name)) return yield* notOnShift(name)
        yield* intake.enter({ _tag: "ShiftEnded", by, whose: name, reason })
        return answer()
      })
    })
  ]
}

/** Shifts: who works, and what one leaves to the next. */
export const shiftRoutes = (sources: Sources): ReadonlyArray<Endpoint> => {
  const { intake } = sources
  return [
    ...turnRoutes(sources),
    endpoint({
      method: "post",
      path: "/shift/notes",
      right: "work-shift",
      summary: "Note something for the hand-over",
      body: NoteBody,
      answer: ShiftAnswer,
      handle: ({ by, body: { note } }) =>
        Effect.map(intake.enter({ _tag: "ShiftNoted", by, note }), () => shiftOf(sources))
    }),
    endpoint({
      method: "get",
      path: "/shift/hand-over",
      right: "see",
      summary: "What the caller's shift would hand over now, filled from the log",
      answer: HandOverReport,
      handle: ({ by }) => reportOf(sources, by)
    }),
    endpoint({
      method: "post",
      path: "/shift/hand-over",
      right: "work-shift",
      summary: "Sign what one hands over; it is kept as it is now. Whoever comes signs it too",
      body: HandOverBody,
      answer: HandOverAnswer,
      problems: [409],
      handle: Effect.fnUntraced(function* (call) {
        const who = yield* worker(sources, call)
        const { note, afterwards } = call.body
        if (note !== undefined) yield* intake.enter({ _tag: "ShiftNoted", by: who.by, note })
        const report = yield* reportOf(sources, who.by)
        const { seq } = yield* intake.enter({ _tag: "HandedOver", ...who, report })
        if (afterwards === "sign-off") yield* intake.enter({ _tag: "ShiftEnded", by: who.by })
        return yield* oneHandOver(sources, `H-${seq}`)
      })
    }),
    endpoint({
      method: "get",
      path: "/shift/hand-overs/{id}",
      right: "see",
      summary: "A hand-over as it was signed",
      answer: HandOverAnswer,
      problems: [404],
      handle: ({ param }) => oneHandOver(sources, param("id"))
    }),
    endpoint({
      method: "get",
      path: "/shift/hand-overs/{id}/page",
      right: "see",
      summary: "The same as a page to print",
      media: "text/html",
      problems: [404],
      handle: Effect.fnUntraced(function* ({ param, response }) {
        const signed = yield* oneHandOver(sources, param("id"))
        const { html, policy } = handOverPage(signed, intake.situation().campus)
        response
          .status(200)
          .type("html")
          .set("Cache-Control", "no-store")
          .set("Content-Security-Policy", policy)
          .send(html)
      })
    }),
    endpoint({
      method: "post",
      path: "/shift/hand-overs/{id}/sign",
      right: "work-shift",
      summary: "Sign that one has read a hand-over and takes over",
      answer: HandOverAnswer,
      problems: [404, 409],
      handle: Effect.fnUntraced(function* (call) {
        const who = yield* worker(sources, call)
        const { handOver } = yield* oneHandOver(sources, call.param("id"))
        if (handOver.by === who.by) return yield* signedAlready("Somebody else takes over; this is your own hand-over.")
        if (handOver.signed.some(({ by }) => by === who.by)) return yield* signedAlready(`${who.by} has signed it.`)
        yield* intake.enter({ _tag: "HandOverSigned", ...who, handOver: handOver.seq })
        return yield* oneHandOver(sources, handOver.id)
      })
    })
  ]
}
