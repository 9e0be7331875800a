import type { DataValue, NodeId } from "node-opcua"
import { Effect } from "effect"
import { type Known, knownConditions, sourceOf } from "./conditions.ts"
import { heardOf, rawEvent } from "../nodes/decode-event.ts"
import { fieldPaths } from "../nodes/event-filter.ts"
import { conditionType } from "../nodes/event-types.ts"
import type { Refused } from "../session/failures.ts"
import type { Hearing } from "./hearing.ts"
import { nameOfNode, nodeIdOf } from "../nodes/node-names.ts"
import { inBatches, readAttributes } from "../nodes/nodes.ts"
import type { SomeVariant } from "../nodes/plain.ts"
import type { Live } from "../session/session.ts"
import type { EventSource, HeardCondition } from "../sources.ts"
import type { Item } from "./subscription.ts"

/** A condition, where it was heard, and the node that it is. */
interface Place {
  readonly known: Known
  readonly item: Item & { readonly kind: "event" }
  readonly source: EventSource
  readonly node: NodeId
}

const placesOf = ({ live, mapping, remembered, subscription }: Hearing): ReadonlyArray<Place> => {
  const items = new Map([...subscription.items.values()].map((item) => [sourceOf(item), item]))
  return knownConditions(remembered.conditions).flatMap((known) => {
    const item = items.get(sourceOf(known))
    const source = mapping.sources.events.find(({ key }) => key === known.key)
    const node = nodeIdOf(live.library, live.namespaces, { nodeId: known.condition.conditionId })
    // A branch is of the past, and no node.
    const isOne = known.condition.branchId === undefined && typeof node !== "string"
    return isOne && item?.kind === "event" && source !== undefined ? [{ known, item, source, node }] : []
  })
}

/** The nodes of a condition's fields, by the fields' names; the condition itself is its `ConditionId`. */
const fieldNodes = Effect.fnUntraced(function* (live: Live, { item, source, node }: Place) {
  const { BrowsePath, resolveNodeId } = live.library
  const referenceTypeId = resolveNodeId("HierarchicalReferences")
  const wanted = fieldPaths(live, source).filter(({ name, path }) => item.fields.includes(name) && path.length > 0)
  const paths = wanted.map(({ path }) => {
    const elements = path.map((targetName) => ({
      referenceTypeId,
      isInverse: false,
      includeSubtypes: true,
      targetName
    }))
    return new BrowsePath({ startingNode: node, relativePath: { elements } })
  })
  const results = yield* inBatches(paths, (some) =>
    live.ask("the fields of a condition", (session) => session.translateBrowsePath([...some]))
  )
  return wanted.flatMap(({ name }, nth) => {
    const found = results[nth]?.targets?.[0]?.targetId as NodeId | undefined
    return found === undefined ? [] : [{ name, node: found }]
  })
})

/** A condition's state as its variables have it; `undefined` where they are not there or not to be read. */
const readCondition = Effect.fnUntraced(function* (
  { chains, live }: Hearing,
  place: Place
): Effect.fn.Return<HeardCondition | undefined, Refused> {
  const { key, matched, device, node } = place.known
  const { AttributeIds, DataType, NodeId: Node, Variant } = live.library
  const nodes = yield* fieldNodes(live, place)
  const values: ReadonlyArray<DataValue> = yield* readAttributes(
    live,
    nodes.map((field) => ({ nodeId: field.node, attributeId: AttributeIds.Value }))
  )
  const read = new Map<string, SomeVariant>()
  for (const [nth, { name }] of nodes.entries()) {
    const value = values[nth]
    if (value?.statusCode.isGood() === true) read.set(name, value.value as SomeVariant)
  }
  const type: unknown = read.get("EventType")?.value
  if (typeof read.get("Retain")?.value !== "boolean" || !(type instanceof Node)) return undefined
  read.set("ConditionId", new Variant({ dataType: DataType.NodeId, value: place.node }) as SomeVariant)
  const types = (yield* chains(type)).map((one) => nameOfNode(live.namespaces, one))
  const fields = place.item.fields
  const raw = rawEvent(
    fields,
    fields.map((name) => read.get(name) ?? null),
    live.namespaces
  )
  const heard = heardOf({ key, matched, device, node }, raw, types, "recovery")
  return heard._tag === "Condition" ? heard : undefined
})

/** How the conditions that are known stand now, as far as the server has them as nodes, and lets them be read. */
export const readKnownConditions = (hearing: Hearing): Effect.Effect<ReadonlyArray<HeardCondition>, Refused> =>
  Effect.forEach(placesOf(hearing), (place) => readCondition(hearing, place)).pipe(
    Effect.map((all) => all.filter((heard) => heard !== undefined)),
    // A server that answers and will not have it read is as one that has no such nodes.
    Effect.catch((refused) => (refused.status === undefined ? Effect.fail(refused) : Effect.succeed([])))
  )

/** Whether a source tells of conditions: it asks for some, or for everything. */
const tellsConditions = Effect.fnUntraced(function* ({ chains, live }: Hearing, { where }: EventSource) {
  if (where.types === undefined) return true
  for (const name of where.types) {
    const type = nodeIdOf(live.library, live.namespaces, name)
    if (typeof type === "string") continue
    const above = (yield* chains(type)).map((one) => nameOfNode(live.namespaces, one))
    if (above.includes(conditionType)) return true
  }
  return false
})

/** What is watched that tells of conditions. */
export const conditionItems = Effect.fnUntraced(function* (
  hearing: Hearing
): Effect.fn.Return<ReadonlyArray<Item>, Refused> {
  const telling = new Set<string>()
  for (const source of hearing.mapping.sources.events) {
    if (yield* tellsConditions(hearing, source)) telling.add(source.key)
  }
  return [...hearing.subscription.items.values()].filter(({ kind, key }) => kind === "event" && telling.has(key))
})
