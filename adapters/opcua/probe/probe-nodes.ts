import type { DataValue } from "node-opcua"
import { Effect } from "effect"
import type { Refused } from "../session/failures.ts"
import {
  findNodes,
  type Found as FoundNode,
  NotThere,
  readAttributes,
  variableProblems,
  wordsOf
} from "../nodes/nodes.ts"
import { several } from "../../probing/several.ts"
import { failed, type Found, leftOut, StepFailed } from "../../probing/steps.ts"
import { namespaceOf } from "../nodes/node-names.ts"
import type { OpcuaMapping } from "../mapping/normalize.ts"
import type { OpcuaProfile } from "../mapping/profile.ts"
import type { Live } from "../session/session.ts"
import type { NodeName, ValueSource } from "../sources.ts"
import { plainVariant, severityOf, type SomeVariant, timeOf } from "../nodes/plain.ts"
import type { TypeChains } from "../nodes/type-chains.ts"

/** A service of the server that ended in the middle of a step. */
export const brokeOff =
  (what: string) =>
  (refused: Refused): StepFailed =>
    failed(
      `${what}: ${refused.message}`,
      refused.status === undefined
        ? "the connection broke off: probe again, and look at the network and at the server's own log"
        : "the server refuses it: look at what this user may do there"
    )

/** The namespaces that a device's sources are in. */
const wantedNamespaces = ({ sources }: OpcuaMapping): ReadonlyArray<string> => {
  const ofNode = (node: NodeName): ReadonlyArray<string | undefined> =>
    "nodeId" in node ? [namespaceOf(node.nodeId)] : node.path.map(({ uri }) => uri)
  const types = sources.events.flatMap(({ where }) => where.types ?? [])
  const fields = sources.events.flatMap(({ select }) => select.flatMap(({ path }) => ofNode({ path })))
  const nodes = [...sources.values, ...sources.events].flatMap(({ node }) => ofNode(node))
  return [...new Set([...nodes, ...types.flatMap(ofNode), ...fields])].filter((uri) => uri !== undefined)
}

/** Whether the server has the namespaces of the device's profile. */
export const namespacesStep = (
  { namespaces }: Live,
  mapping: OpcuaMapping,
  { file }: OpcuaProfile
): Effect.Effect<Found<void>, StepFailed> => {
  const wanted = wantedNamespaces(mapping)
  const missing = wanted.filter((uri) => !namespaces.includes(uri))
  const facts = { wanted, missing, namespaces }
  const [first] = missing
  if (first === undefined) {
    const said =
      wanted.length === 0
        ? "the profile needs none but OPC UA's own"
        : `${wanted.join(", ")} ${wanted.length === 1 ? "is" : "are"} there`
    return Effect.succeed({ value: undefined, said, facts })
  }
  const own = namespaces.slice(1).join(", ") || "none but OPC UA's own"
  return Effect.fail(
    failed(
      `the server has no namespace ${missing.join(", ")}; it has ${own}`,
      Object.keys(file.parameters ?? {}).length === 0
        ? "take a profile of this product, or check the endpoint: discover opcua shows what fits"
        : "put the namespace right in the device's parameters, or check the endpoint",
      facts
    )
  )
}

/** A variable of the device, as it was found. */
export interface Variable {
  readonly source: ValueSource
  readonly found: FoundNode
  /** Why it cannot be heard; `undefined` where it can. */
  readonly problem: string | undefined
  /** What this user may do with it. */
  readonly access: string
}

/** OPC 10000-3, 8.57: bits of an access level. */
const accessWords = (level: unknown): string => {
  if (typeof level !== "number") return "access not told"
  const words = [...((level & 1) === 0 ? [] : ["read"]), ...((level & 2) === 0 ? [] : ["write"])]
  return words.length === 0 ? "no access" : words.join(" and ")
}

/** Each of a source's nodes, or in words why there is none. */
const lookAt = Effect.fnUntraced(function* (
  live: Live,
  chains: TypeChains,
  source: ValueSource
): Effect.fn.Return<ReadonlyArray<Variable> | string, Refused> {
  const found = yield* findNodes(live, source.node)
  if (found instanceof NotThere) return found.why
  const { AttributeIds } = live.library
  const problems = yield* variableProblems(
    live,
    chains,
    found.map(({ node }) => ({ node, kind: source.kind }))
  )
  const levels = yield* readAttributes(
    live,
    found.map(({ node }) => ({ nodeId: node, attributeId: AttributeIds.UserAccessLevel }))
  )
  return found.map((one, nth) => ({
    source,
    found: one,
    problem: problems[nth],
    access: accessWords(levels[nth]?.value?.value)
  }))
})

/** A source's line: `✔ /Doors/*` … with what is wrong with single nodes behind it. */
const lineOf = (source: ValueSource, looked: ReadonlyArray<Variable> | string): string => {
  const name = wordsOf(source.node)
  if (typeof looked === "string") return `✘ ${name}: ${looked}`
  const bad = looked.flatMap(({ found, problem }) => (problem === undefined ? [] : [`${found.name} ${problem}`]))
  const [first] = bad
  const kind = source.kind === "any" ? "" : `, ${source.kind}`
  const access = [...new Set(looked.map((one) => one.access))].join(" or ")
  if (first === undefined) return `✔ ${name}: ${several(looked.length, "variable")}${kind}; ${access}`
  const more = bad.length === 1 ? "" : `, and ${bad.length - 1} more`
  return `✘ ${name}: ${first}${more}, of ${several(looked.length, "variable")}`
}

/** What is there of a device's variables, and what is wrong with the others. */
export interface Looked {
  readonly variables: ReadonlyArray<Variable>
  readonly failure: StepFailed | undefined
}

/** Looks at each variable of the device's profile: that it is there, what it holds, what this user may do with it. */
export const lookAtNodes = Effect.fnUntraced(function* (
  live: Live,
  chains: TypeChains,
  { sources }: OpcuaMapping
): Effect.fn.Return<Found<Looked>, StepFailed> {
  const looked = yield* Effect.forEach(sources.values, (source) => lookAt(live, chains, source)).pipe(
    Effect.mapError(brokeOff("its variables were looked at"))
  )
  if (looked.length === 0) {
    return { ...leftOut("the profile has no variables"), value: { variables: [], failure: undefined } }
  }
  const details = sources.values.map((source, nth) => lineOf(source, looked[nth] ?? "not looked at"))
  const all = looked.flatMap((one) => (typeof one === "string" ? [] : one))
  const facts = {
    sources: sources.values.map((source, nth) => {
      const one = looked[nth]
      const nodes = typeof one === "object" ? one : []
      return {
        path: wordsOf(source.node),
        missing: typeof one === "string" ? one : null,
        nodes: nodes.map(({ found, problem = null, access }) => ({ node: found.name, problem, access }))
      }
    })
  }
  const good = all.filter(({ problem }) => problem === undefined)
  const wrong = details.filter((line) => line.startsWith("✘")).length
  const said = `${several(good.length, "variable")} of ${several(looked.length, "path")}`
  if (wrong === 0) return { value: { variables: good, failure: undefined }, said, details, facts }
  const failure = new StepFailed({
    said:
      good.length === 0
        ? "nothing of what the profile names is there"
        : `${wrong} of ${several(looked.length, "path")} lead to nothing that can be heard`,
    todo:
      good.length === 0
        ? "check the device's address and profile: discover opcua shows where which profile fits"
        : "compare the profile with what the server has (discover opcua), or ask for the right to read it",
    details,
    facts
  })
  return { value: { variables: good, failure }, said, details, facts }
})

/** A value as it was read, for people. */
export const valueWords = (value: DataValue, namespaces: ReadonlyArray<string>): string => {
  const status = severityOf(value.statusCode.value)
  const plain =
    status === "bad" ? value.statusCode.name : JSON.stringify(plainVariant(value.value as SomeVariant, namespaces))
  const at = timeOf(value.sourceTimestamp)
  return `${plain}${status === "uncertain" ? ` (${value.statusCode.name})` : ""}${at === undefined ? "" : `, since ${new Date(at).toISOString()}`}`
}

/** More commands than these are not looked at. */
const deedsMax = 100

/** Each takes several requests one after the other; small servers have few places for them. */
const deedsAtOnce = 8

const executableOf = (live: Live, nodes: ReadonlyArray<FoundNode>, attributeId: number) =>
  readAttributes(
    live,
    nodes.map(({ node }) => ({ nodeId: node, attributeId }))
  )

/** Why a command cannot be given, by what the server says of its node; nothing is called or written. */
const deedProblem = Effect.fnUntraced(function* (
  live: Live,
  mapping: OpcuaMapping,
  point: string,
  command: Parameters<OpcuaMapping["deed"]>[1]
): Effect.fn.Return<string | undefined, Refused> {
  const deed = mapping.deed(point, command)
  if (typeof deed === "string") return deed
  const name = deed._tag === "Call" ? deed.method : deed.variable
  const found = yield* findNodes(live, name)
  if (found instanceof NotThere) return found.why
  const { AttributeIds } = live.library
  const [value] = yield* executableOf(
    live,
    found,
    deed._tag === "Call" ? AttributeIds.UserExecutable : AttributeIds.UserAccessLevel
  )
  const said: unknown = value?.value?.value
  if (value === undefined || value.statusCode.isNotGood())
    return `${wordsOf(name)}: ${value?.statusCode.name ?? "no answer"}`
  const may = deed._tag === "Call" ? said === true : typeof said === "number" && (said & 2) !== 0
  return may ? undefined : `${wordsOf(name)} is not allowed to this user`
})

/** Whether the commands of the points that were heard could be given. None is given. */
export const commandsStep = Effect.fnUntraced(function* (
  live: Live,
  mapping: OpcuaMapping,
  points: ReadonlyArray<string>
): Effect.fn.Return<Found<void>, StepFailed> {
  if (!mapping.takesCommands) return leftOut("the profile has no commands")
  const all = points.flatMap((point) => mapping.commandsAt(point).map((command) => ({ point, command })))
  const deeds = all.slice(0, deedsMax)
  if (deeds.length === 0) return leftOut("no point that takes commands was heard")
  const problems = yield* Effect.forEach(
    deeds,
    ({ point, command }) => Effect.map(deedProblem(live, mapping, point, command), (why) => ({ point, command, why })),
    { concurrency: deedsAtOnce }
  ).pipe(Effect.mapError(brokeOff("the commands were looked at")))
  const bad = problems.filter(({ why }) => why !== undefined)
  const doors = new Set(deeds.map(({ point }) => point)).size
  const rest = all.length > deeds.length ? `; ${all.length - deeds.length} more were not looked at` : ""
  const facts = { commands: problems.map(({ point, command, why = null }) => ({ point, command, problem: why })) }
  if (bad.length === 0) {
    const said = `${several(deeds.length, "command")} of ${several(doors, "point")} are there and allowed; none was given${rest}`
    return { value: undefined, said, facts }
  }
  return {
    value: undefined,
    said: `${bad.length} of ${several(deeds.length, "command")} cannot be given${rest}`,
    details: bad.map(({ point, command, why }) => `✘ ${point} ${command}: ${why}`),
    facts,
    doubt: "give this user the right to them at the server, or take them out of a copy of the profile"
  }
})
