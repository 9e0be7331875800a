import { booleanType, rebirthRequest, type WireMetric, type WirePayload } from "./decode-sparkplug.ts"

/** What the topic says: `spBv1.0/{group}/{type}/{path...}`, where the path is a node or a node and its device. */
export interface SparkplugTopic {
  readonly namespace: string
  readonly group: string
  readonly type: string
  readonly path: string
}

/** A metric with its name, as a profile sees it. */
export interface Metric {
  readonly name: string
  readonly type: "Boolean" | "Other"
  readonly value: WireMetric["value"] | null
  readonly bad: boolean
  readonly historical: boolean
  readonly timestamp: number | undefined
}

export interface SparkplugMessage {
  readonly timestamp: number | undefined
  readonly metrics: ReadonlyArray<Metric>
  /** Messages of the node that did not come, by its sequence numbers. */
  readonly missed: number
  /** A death of a session that is over already: the node has been born again since. */
  readonly stale: boolean
}

export interface Resolved {
  readonly value: SparkplugMessage
  readonly faults: ReadonlyArray<string>
  readonly asks: ReadonlyArray<{ readonly topic: string; readonly payload: Uint8Array }>
}

interface Known {
  readonly name: string
  readonly boolean: boolean
}

interface Node {
  bdSeq: bigint | undefined
  seq: number | undefined
  /** By alias; aliases are unique over a node and its devices (Sparkplug 3.0, tck-id-payloads-alias-uniqueness). */
  readonly aliases: Map<bigint, Known & { readonly path: string }>
  /** Path and name of the metrics that are boolean, for values that come as null and without their type. */
  readonly booleans: Set<string>
  askedAt: number
}

/** Beyond these the oldest is forgotten; its next message asks for a rebirth. */
const nodesMax = 500
const aliasesMax = 10_000

/** So many unknown metrics of one message are told by number; they all need the same rebirth. */
const faultsMax = 5

/** A node is asked for its births at most so often: one that cannot answer must not be flooded. */
const askEveryMs = 60_000

/** What births have taught of the edge nodes. One of it belongs to one link; it is bounded and asks no clock. */
export class SparkplugNodes {
  readonly #nodes = new Map<string, Node>()

  #node(id: string): Node {
    const known = this.#nodes.get(id)
    if (known !== undefined) return known
    const [oldest] = this.#nodes.keys()
    if (this.#nodes.size >= nodesMax && oldest !== undefined) this.#nodes.delete(oldest)
    const made: Node = {
      bdSeq: undefined,
      seq: undefined,
      aliases: new Map(),
      booleans: new Set(),
      askedAt: Number.NEGATIVE_INFINITY
    }
    this.#nodes.set(id, made)
    return made
  }

  /** A payload in the light of what was learnt, and learning from it. `at` is when it was received. */
  resolve(topic: SparkplugTopic, payload: WirePayload, at: number): Resolved {
    const [name] = topic.path.split("/")
    const node = this.#node(`${topic.group}/${name}`)
    const stale = topic.type === "NDEATH" && endsAnother(node, payload)
    if (!stale) {
      renew(node, topic, payload)
      if (topic.type.endsWith("BIRTH")) for (const metric of payload.metrics) learn(node, topic.path, metric, "")
    }
    // A will was written when the node connected: its time is that, and its metrics tell no more than whose it is.
    if (topic.type === "NDEATH")
      return { value: { timestamp: undefined, metrics: [], missed: 0, stale }, faults: [], asks: [] }
    const missed = countMissed(node, topic.type, payload.seq)
    const faults = new Set<string>()
    const metrics = payload.metrics.flatMap((metric) => nameOf(node, topic.path, metric, "", faults))
    const ask = (missed > 0 || faults.size > 0) && at - node.askedAt >= askEveryMs
    if (ask) node.askedAt = at
    const asked = { topic: `${topic.namespace}/${topic.group}/NCMD/${name}`, payload: rebirthRequest(at) }
    return {
      value: { timestamp: payload.timestamp, metrics, missed, stale },
      faults: [...faults],
      asks: ask ? [asked] : []
    }
  }
}

/** Some write it into a will by its alias alone. */
const bdSeqOf = ({ metrics }: WirePayload, aliases: Node["aliases"]): bigint | undefined => {
  const nameIn = ({ name, alias }: WireMetric) => name ?? (alias === undefined ? undefined : aliases.get(alias)?.name)
  const value = metrics.find((metric) => nameIn(metric) === "bdSeq")?.value
  return typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value))
    ? BigInt(value)
    : undefined
}

/** A will that the broker sends late must not end the session that has begun since (tck-id-payloads-ndeath-bdseq). */
const endsAnother = (node: Node, payload: WirePayload): boolean => {
  const bdSeq = bdSeqOf(payload, node.aliases)
  return node.bdSeq !== undefined && bdSeq !== undefined && node.bdSeq !== bdSeq
}

const forget = (node: Node, path?: string): void => {
  for (const [alias, known] of node.aliases) if (path === undefined || known.path === path) node.aliases.delete(alias)
  for (const key of node.booleans) if (path === undefined || key.startsWith(`${path} `)) node.booleans.delete(key)
}

/** Births and deaths end what was learnt before them. */
const renew = (node: Node, { type, path }: SparkplugTopic, payload: WirePayload): void => {
  if (type === "NBIRTH" || type === "NDEATH") {
    forget(node)
    node.seq = undefined
    node.bdSeq = type === "NBIRTH" ? bdSeqOf(payload, node.aliases) : undefined
  } else if (type === "DBIRTH" || type === "DDEATH") forget(node, path)
}

/** What a birth teaches of a metric, and of those of a template within it: their names begin with its own. */
const learn = (node: Node, path: string, metric: WireMetric, within: string): void => {
  if (metric.name === undefined) return
  const { alias, datatype, value, members = [] } = metric
  const name = `${within}${metric.name}`
  const boolean = datatype === booleanType || typeof value === "boolean"
  if (alias !== undefined && node.aliases.size < aliasesMax) node.aliases.set(alias, { name, boolean, path })
  if (boolean && node.booleans.size < aliasesMax) node.booleans.add(`${path} ${name}`)
  for (const member of members) learn(node, path, member, `${name}/`)
}

/** Sequence numbers go from 0 to 255 and begin with the node's birth; the same one again is a copy. */
const countMissed = (node: Node, type: string, seq: number | undefined): number => {
  if (seq === undefined || type.endsWith("CMD")) return 0
  const before = node.seq
  node.seq = seq
  if (before === undefined || before === seq || type === "NBIRTH") return 0
  return (seq - before - 1 + 256) % 256
}

/** What an instance of a template says of itself holds of its metrics, unless they say it. */
const inherit = (member: WireMetric, { timestamp, historical, bad }: WireMetric): WireMetric => ({
  ...(timestamp === undefined ? {} : { timestamp }),
  ...member,
  historical: member.historical || historical,
  bad: member.bad || bad
})

/** A metric under its name, or those of a template under theirs. */
const nameOf = (
  node: Node,
  path: string,
  metric: WireMetric,
  within: string,
  faults: Set<string>
): ReadonlyArray<Metric> => {
  const known = metric.alias === undefined ? undefined : node.aliases.get(metric.alias)
  const name = metric.name === undefined ? known?.name : `${within}${metric.name}`
  if (name === undefined) {
    if (faults.size < faultsMax)
      faults.add(`its metric ${metric.alias ?? "without a name"} is not known: the node needs a rebirth`)
    return []
  }
  if (metric.members !== undefined)
    return metric.members.flatMap((member) => nameOf(node, path, inherit(member, metric), `${name}/`, faults))
  const boolean =
    typeof metric.value === "boolean" ||
    metric.datatype === booleanType ||
    (metric.datatype === undefined && (known?.boolean === true || node.booleans.has(`${path} ${name}`)))
  // An integer whose type only the birth told is the boolean it was born as.
  const value = boolean && typeof metric.value === "number" ? metric.value !== 0 : metric.value
  return [
    {
      name,
      type: boolean ? "Boolean" : "Other",
      value: value ?? null,
      bad: metric.bad || value === undefined,
      historical: metric.historical,
      timestamp: metric.timestamp
    }
  ]
}
