import { Effect } from "effect"
import { LinkLost } from "../adapter.ts"
import { Broken } from "./failures.ts"
import { type Hearing, heardValue, observationsOf } from "./hearing.ts"
import { addItems, type SourceProblem, unwatched } from "./items.ts"
import { nodeIdOf } from "./node-names.ts"
import { readAttributes } from "./nodes.ts"
import { keep } from "./reporting.ts"
import { keepProblems, type Linked } from "./subscribe.ts"
import type { Item } from "./subscription.ts"

/** OPC 10000-9, 5.5.7: the method by which conditions are repeated, and the type that has it. */
const conditionRefresh = "i=3875"
const conditionType = "i=2782"

/** What the server is asked for again is not asked for more often, whatever runs over. */
const atMostEveryMs = 1000

/** What the server did not have is looked for again this often: it may have started before its panel. */
const lookAgainEveryMs = 60_000

/** Has the server say again what is so. */
export interface Refresh {
  /** Something was lost: what is so must be said again. */
  readonly isDue: () => void
  /** To be run when nothing more waits at the server. */
  readonly ifDue: Effect.Effect<void, Broken | LinkLost>
}

/** The values as they are now, and reports them as what has been so. */
const readValues = Effect.fnUntraced(function* ({ context, mapping }: Linked, { live, subscription }: Hearing) {
  const items = [...subscription.items.values()].flatMap((item) => {
    const node = item.kind === "value" ? nodeIdOf(live.library, live.namespaces, { nodeId: item.node }) : "no value"
    return typeof node === "string" ? [] : [{ item, node }]
  })
  const { Value } = live.library.AttributeIds
  const values = yield* readAttributes(
    live,
    items.map(({ node }) => ({ nodeId: node, attributeId: Value }))
  )
  const heard = items.flatMap(({ item }, nth) => {
    const value = values[nth]
    return value === undefined ? [] : [heardValue(item, value, live.namespaces, "recovery")]
  })
  yield* keep(context, observationsOf(mapping, heard).observations)
})

const refreshConditions = ({ context }: Linked, { live, subscription }: Hearing) =>
  live
    .ask("a refresh of the conditions", (session) =>
      session.call({
        objectId: conditionType,
        methodId: conditionRefresh,
        inputArguments: [{ dataType: live.library.DataType.UInt32, value: subscription.id }]
      })
    )
    .pipe(
      Effect.flatMap(({ statusCode }) => {
        if (statusCode.isGood()) return Effect.void
        // Servers without conditions have no such method; others are busy with the last one.
        context.count("refresh_refused")
        return Effect.logDebug(`link ${context.link}: the server does not refresh conditions (${statusCode.name})`)
      })
    )

/**
 * After each connection, and whenever something was lost, the server says again what is so: values are read, conditions
 * refreshed. Of a new subscription the first values come by themselves.
 */
export const makeRefresh = (
  linked: Linked,
  hearing: Hearing,
  fresh: boolean,
  problems: ReadonlyArray<SourceProblem>
): Refresh => {
  const { context, mapping, settings } = linked
  const { chains, live, subscription } = hearing
  let due = true
  let values = !fresh
  let refreshedAt = Number.NEGATIVE_INFINITY
  let lookedAt = performance.now()
  const hears = ({ kind }: Item): boolean => kind === "event"

  const refreshNow = Effect.gen(function* () {
    due = false
    refreshedAt = performance.now()
    if (values) yield* readValues(linked, hearing)
    values = true
    if ([...subscription.items.values()].some(hears)) yield* refreshConditions(linked, hearing)
    yield* keep(context, mapping.reached())
  })

  // What is told once of a source is not told again with each look.
  const told = new Set(problems.map(({ why }) => why))
  const lookAgain = Effect.gen(function* () {
    lookedAt = performance.now()
    const missing = unwatched(mapping.sources, subscription)
    if (missing.values.length + missing.events.length === 0) return
    const still = yield* addItems(live, chains, subscription, missing, settings.queueSize)
    const news = still.filter(({ why }) => !told.has(why))
    for (const { why } of news) told.add(why)
    yield* keepProblems(linked, news)
    linked.remembered.itemsChanged()
  })

  const ifDue = Effect.gen(function* () {
    const now = performance.now()
    if (due && now - refreshedAt >= atMostEveryMs) yield* refreshNow
    if (now - lookedAt >= lookAgainEveryMs) yield* lookAgain
  }).pipe(
    Effect.catchTags({
      // A server that says no is still there; what it did not say again is asked for with the next refresh.
      Refused: (refused) => {
        if (refused.status === undefined) return Effect.fail(new Broken({ reason: refused.message }))
        context.count("refresh_refused")
        return Effect.void
      },
      NotKept: ({ reason }) => Effect.fail(new LinkLost({ reason: `what is so was not kept: ${reason}` }))
    })
  )
  return { isDue: () => void (due = true), ifDue }
}
