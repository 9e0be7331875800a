import type { DeviceId, EpochMs } from "../../gateway/domain/ids.ts"
import type { Abilities } from "../adapter.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import type { Writes } from "./commands/write-back.ts"

/** A node by its id: `nsu=<namespace URI>;s=…` (or `i=`, `g=`, `b=`), or `i=…` alone for OPC UA's own namespace. */
export interface NodeById {
  readonly nodeId: string
}

/** One step of a browse path: a browse name. `*` in a pattern's name stands for any characters. */
export interface PathStep {
  /** The namespace of the name; left out: OPC UA's own. */
  readonly uri?: string
  readonly name: string
}

/** A node by its browse path, from the Objects folder. With `*` in it, every node that it leads to. */
export interface NodeByPath {
  readonly path: ReadonlyArray<PathStep>
}

export type NodeName = NodeById | NodeByPath

/** What a variable's values are to be. `number` is any of the integers and floats, enumerations included. */
export type ValueKind = "boolean" | "number" | "string" | "any"

/** A variable to be watched. */
export interface ValueSource {
  /** The mapping's own name for it. */
  readonly key: string
  readonly node: NodeName
  readonly kind: ValueKind
  /** How often the server is to look; 0: at every change. */
  readonly samplingIntervalMs: number
  readonly queueSize: number
  /** Whose readings are unknown when values of it were lost; left out: those of every device of the link. */
  readonly device?: DeviceId
}

/** A field of an event: the browse path below the event, and the event type that has it where it is not a base one. */
export interface EventField {
  /** The mapping's own name for it. */
  readonly name: string
  readonly path: ReadonlyArray<PathStep>
  readonly type?: NodeById
}

/** An object whose events are to be heard. */
export interface EventSource {
  readonly key: string
  /** The notifier; the Server object (i=2253) hears everything of most servers. */
  readonly node: NodeName
  /** Fields beside those that are always asked for; see `standardFields`. */
  readonly select: ReadonlyArray<EventField>
  readonly where: {
    /** Only events of these types and of their subtypes; left out: all. */
    readonly types?: ReadonlyArray<NodeById>
    readonly severityAtLeast?: number
  }
  readonly device?: DeviceId
}

/** What a link asks its server for. */
export interface Sources {
  readonly values: ReadonlyArray<ValueSource>
  readonly events: ReadonlyArray<EventSource>
}

/**
 * A value as anybody can read it. 64-bit integers are numbers where that is exact, else text; dates are ISO text, byte
 * strings and event ids hexadecimal, node ids `nsu=…`, localized text its text.
 */
export type Plain = null | boolean | number | string | ReadonlyArray<Plain> | { readonly [name: string]: Plain }

/** Where a message came from: the source's key, and what each `*` of its path stood for. */
interface From {
  readonly key: string
  readonly matched: ReadonlyArray<string>
  readonly device: DeviceId | undefined
  /** The node, as `nsu=…`. */
  readonly node: string
}

/** `recovery`: what has been so for an unknown time. */
export type HeardOrigin = "change" | "recovery"

/** A variable's value. */
export interface HeardValue extends From {
  readonly _tag: "Value"
  /** `null` where the status is bad. */
  readonly value: Plain
  readonly status: "good" | "uncertain" | "bad"
  /** The status' own name, such as BadNoCommunication. */
  readonly statusName: string
  /** When the source says it became so. */
  readonly sourceTime: EpochMs | undefined
  /** The server threw values away before this one. The gap is told already. */
  readonly overflow: boolean
  readonly origin: HeardOrigin
}

/** Something that happened. */
export interface HeardEvent extends From {
  readonly _tag: "Event"
  /** Its own id, hexadecimal, unique for ever; `undefined` where the server gives none. */
  readonly eventId: string | undefined
  /** Its type and every type above it, as `nsu=…`, the most special first. */
  readonly types: ReadonlyArray<string>
  /** When the server says it happened. */
  readonly time: EpochMs | undefined
  /** 0 to 1000. */
  readonly severity: number
  readonly fields: Readonly<Record<string, Plain>>
  readonly origin: HeardOrigin
}

/** A state of a condition: OPC 10000-9. */
export interface HeardCondition extends Omit<HeardEvent, "_tag"> {
  readonly _tag: "Condition"
  readonly condition: Condition
}

/**
 * A condition that was interesting when we last heard of it, and that the server did not repeat when it was asked for
 * all: it is normal again, since an unknown time (OPC 10000-9, 5.5.7).
 */
export interface ConditionGone extends From {
  readonly _tag: "ConditionGone"
  /** As it was last heard. */
  readonly condition: Condition
}

/** A condition's state. It is one with the same id, and the same branch where it has one. */
export interface Condition {
  /** Its node, as `nsu=…`. */
  readonly conditionId: string
  /** A state of the past that still wants an answer, as `nsu=…`. */
  readonly branchId: string | undefined
  /** The id of this state: an answer is to this state and to no later one. */
  readonly eventId: string
  readonly name: string
  readonly enabled: boolean
  readonly active: boolean
  readonly acked: boolean
  /** `undefined` where the condition takes no confirmation. */
  readonly confirmed: boolean | undefined
  readonly shelved: boolean
  /** The server holds it for interesting still. */
  readonly retain: boolean
  readonly severity: number
  readonly message: string
}

/** What a server told, in its order. */
export type Heard = HeardValue | HeardEvent | HeardCondition | ConditionGone

/** All that the transport needs to know of what the messages mean. */
export interface Mapping {
  readonly sources: Sources
  /** Pure; what it does not want is left out. */
  readonly normalize: (heard: Heard) => ReadonlyArray<Observation>
  /**
   * Told after the server has said again what is so, each time it is reached anew: what proves that devices are there.
   * Also where nothing at all has changed meanwhile.
   */
  readonly reached: () => ReadonlyArray<Observation>
  /** What can be done to devices while the link holds. */
  readonly abilities: (writes: Writes) => ReadonlyMap<DeviceId, Abilities>
}
