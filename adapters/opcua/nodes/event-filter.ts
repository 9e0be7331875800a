import type { EventFilter, NodeId } from "node-opcua"
import type { Live } from "../session/session.ts"
import { acknowledgeableConditionType, alarmConditionType, baseEventType, conditionType } from "./event-types.ts"
import { namespaceIndex, nodeIdOf } from "./node-names.ts"
import type { EventSource, NodeById, PathStep } from "../sources.ts"

/** Event types of OPC UA's own that a source tells beside what is asked of it (OPC 10000-9, 5.11; OPC 10000-5, 6.4.34). */
export const systemTypes = {
  refreshStart: "i=2787",
  refreshEnd: "i=2788",
  refreshRequired: "i=2789",
  queueOverflow: "i=3035"
} as const

interface Standard {
  readonly name: string
  readonly type: string
  readonly path: ReadonlyArray<string>
}

const of = (type: string, ...paths: ReadonlyArray<string>): ReadonlyArray<Standard> =>
  paths.map((name) => ({ name, type, path: name.split("/") }))

/**
 * What is asked for of every event. EventType comes first: open62541 tells of an overflow by an event with that one field.
 * `ConditionId` is the node of the condition itself (OPC 10000-9, 5.5.2).
 */
const eventFields = of(baseEventType, "EventType", "EventId", "Time", "SourceNode", "SourceName", "Message", "Severity")

const conditionFields: ReadonlyArray<Standard> = [
  { name: "ConditionId", type: conditionType, path: [] },
  ...of(conditionType, "BranchId", "ConditionName", "Retain", "EnabledState/Id", "Comment", "ClientUserId"),
  ...of(acknowledgeableConditionType, "AckedState/Id", "ConfirmedState/Id"),
  ...of(alarmConditionType, "ActiveState/Id", "ActiveState/TransitionTime", "ShelvingState/CurrentState/Id")
]

/** The names of the fields that every event brings, beside those a source selects. */
export const standardFields = [...eventFields, ...conditionFields].map(({ name }) => name)

/** A filter, and the names of its fields in their order. */
export interface Asked {
  readonly filter: EventFilter
  readonly fields: ReadonlyArray<string>
}

/** A source asks for what cannot be: the words are for people. */
export class FilterProblem extends Error {
  override readonly name = "FilterProblem"
}

const nodeOf = ({ library, namespaces }: Live, name: NodeById): NodeId => {
  const node = nodeIdOf(library, namespaces, name)
  if (typeof node === "string") throw new FilterProblem(node)
  return node
}

const browsePathOf = ({ namespaces }: Live, path: ReadonlyArray<PathStep>) =>
  path.map(({ uri, name }) => {
    const index = namespaceIndex(namespaces, uri)
    if (index === undefined) throw new FilterProblem(`the server has no namespace ${uri}`)
    return { namespaceIndex: index, name }
  })

const selectClauses = (live: Live, { select }: EventSource, withConditions: boolean) => {
  const { AttributeIds, SimpleAttributeOperand } = live.library
  const standard = withConditions ? [...eventFields, ...conditionFields] : eventFields
  const clauses = standard.map(
    ({ type, path }) =>
      new SimpleAttributeOperand({
        typeDefinitionId: type,
        browsePath: path.map((name) => ({ namespaceIndex: 0, name })),
        attributeId: path.length === 0 ? AttributeIds.NodeId : AttributeIds.Value
      })
  )
  const own = select.map(
    ({ path, type }) =>
      new SimpleAttributeOperand({
        typeDefinitionId: nodeOf(live, type ?? { nodeId: baseEventType }),
        browsePath: browsePathOf(live, path),
        attributeId: AttributeIds.Value
      })
  )
  return {
    clauses: [...clauses, ...own],
    fields: [...standard.map(({ name }) => name), ...select.map(({ name }) => name)]
  }
}

/** Where each field that is asked for of a source lies below its events, and below the conditions that they tell of. */
export const fieldPaths = (live: Live, { select }: EventSource) => [
  ...[...eventFields, ...conditionFields].map(({ name, path }) => ({
    name,
    path: path.map((step) => ({ namespaceIndex: 0, name: step }))
  })),
  ...select.map(({ name, path }) => ({ name, path: browsePathOf(live, path) }))
]

/** A where clause as a tree; on the wire its elements lie in a row and refer to later ones (OPC 10000-4, 7.7.1). */
type Clause =
  | { readonly type: NodeId }
  | { readonly severityAtLeast: number }
  | { readonly operator: "And" | "Or"; readonly left: Clause; readonly right: Clause }

const joined = (operator: "And" | "Or", clauses: ReadonlyArray<Clause>): Clause | undefined =>
  clauses.reduceRight<Clause | undefined>(
    (right, left) => (right === undefined ? left : { operator, left, right }),
    undefined
  )

const whereOf = (live: Live, { where }: EventSource): Clause | undefined => {
  const types = joined(
    "Or",
    (where.types ?? []).map((type): Clause => ({ type: nodeOf(live, type) }))
  )
  const severity: Clause | undefined =
    where.severityAtLeast === undefined ? undefined : { severityAtLeast: where.severityAtLeast }
  const wanted = joined(
    "And",
    [types, severity].filter((clause) => clause !== undefined)
  )
  if (wanted === undefined) return undefined
  const always = Object.values(systemTypes).map((nodeId): Clause => ({ type: nodeOf(live, { nodeId }) }))
  return joined("Or", [wanted, ...always])
}

interface Element {
  filterOperator: number
  filterOperands: ReadonlyArray<unknown>
}

/** Lays a tree out, root first. Answers where it begins. */
const layOut = ({ library }: Live, clause: Clause, elements: Array<Element>): number => {
  const { AttributeIds, DataType, ElementOperand, FilterOperator, LiteralOperand, SimpleAttributeOperand } = library
  const at = elements.length
  const element: Element = { filterOperator: 0, filterOperands: [] }
  elements.push(element)
  if ("type" in clause) {
    element.filterOperator = FilterOperator.OfType
    element.filterOperands = [new LiteralOperand({ value: { dataType: DataType.NodeId, value: clause.type } })]
  } else if ("severityAtLeast" in clause) {
    const severity = {
      typeDefinitionId: baseEventType,
      browsePath: [{ name: "Severity" }],
      attributeId: AttributeIds.Value
    }
    element.filterOperator = FilterOperator.GreaterThanOrEqual
    element.filterOperands = [
      new SimpleAttributeOperand(severity),
      new LiteralOperand({ value: { dataType: DataType.UInt16, value: clause.severityAtLeast } })
    ]
  } else {
    element.filterOperator = FilterOperator[clause.operator]
    const parts = [clause.left, clause.right].map((part) => layOut({ library } as Live, part, elements))
    element.filterOperands = parts.map((index) => new ElementOperand({ index }))
  }
  return at
}

/** What a source is asked for. Throws `FilterProblem`. */
export const eventFilterOf = (live: Live, source: EventSource, withConditions: boolean): Asked => {
  const { clauses, fields } = selectClauses(live, source, withConditions)
  const where = whereOf(live, source)
  const elements: Array<Element> = []
  if (where !== undefined) layOut(live, where, elements)
  const filter = new live.library.EventFilter({ selectClauses: clauses, whereClause: { elements: elements as never } })
  return { filter, fields }
}

/** Of events of one of OPC UA's own types nothing but what each is. */
export const ownFilterOf = (live: Live, type: string): Asked => {
  const { AttributeIds, EventFilter, SimpleAttributeOperand } = live.library
  const eventType = new SimpleAttributeOperand({
    typeDefinitionId: baseEventType,
    browsePath: [{ namespaceIndex: 0, name: "EventType" }],
    attributeId: AttributeIds.Value
  })
  const elements: Array<Element> = []
  layOut(live, { type: nodeOf(live, { nodeId: type }) }, elements)
  const filter = new EventFilter({ selectClauses: [eventType], whereClause: { elements: elements as never } })
  return { filter, fields: ["EventType"] }
}
