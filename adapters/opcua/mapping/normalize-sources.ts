import type { Device } from "../../../gateway/domain/campus.ts"
import type { Parameters } from "../../profile/parameters.ts"
import { baseEventType } from "../nodes/event-types.ts"
import { fillId, type Fillings, fillNode, type NodePattern, patternOf, type Placed } from "./normalize-node.ts"
import type { OpcuaProfile } from "./profile.ts"
import type { Listening, Listens } from "./profile-listens.ts"
import { type NodeTemplate, parsePath, placesOf, type StepTemplate } from "./profile-node.ts"
import type { EventField, EventSource, ValueKind, ValueSource } from "../sources.ts"

/** A mapping of events, with the types it is for and the nodes they may be about; no nodes: any. */
export interface Fitted<M> {
  readonly mapping: M
  readonly types: ReadonlySet<string>
  readonly sources: ReadonlyArray<NodePattern>
}

type Item<Section extends "readings" | "occurrences" | "gaps" | "availability"> = OpcuaProfile[Section][number]

/** A variable, or all that a path leads to, and the mappings that listen to it. */
export interface Watched {
  readonly source: ValueSource
  readonly placed: Placed
  readonly readings: ReadonlyArray<Item<"readings">>
  readonly occurrences: ReadonlyArray<Item<"occurrences">>
  readonly gaps: ReadonlyArray<Item<"gaps">>
  readonly availability: ReadonlyArray<Item<"availability">>
}

/** A notifier, and the mappings that listen to it. */
export interface Listened {
  readonly source: EventSource
  readonly placed: Placed
  readonly readings: ReadonlyArray<Fitted<Item<"readings">>>
  readonly occurrences: ReadonlyArray<Fitted<Item<"occurrences">>>
  readonly gaps: ReadonlyArray<Fitted<Item<"gaps">>>
  readonly availability: ReadonlyArray<Fitted<Item<"availability">>>
}

/** What one device is asked for. */
export interface DeviceSources {
  readonly values: ReadonlyMap<string, Watched>
  readonly events: ReadonlyMap<string, Listened>
  /** What cannot be asked for, and why: for people. */
  readonly problems: ReadonlyArray<string>
}

/** Values that a server queues for each variable where the profile does not say. */
const usualQueueSize = 10

/** Alarms are asked when their state began, beside what is always asked (OPC 10000-9, 5.2 and 5.8.2). */
const transitionTime: EventField = {
  name: "ActiveState/TransitionTime",
  path: [{ name: "ActiveState" }, { name: "TransitionTime" }],
  type: { nodeId: "i=2915" }
}

const isOpen = (part: StepTemplate["name"][number]): boolean => typeof part !== "string"

/** The steps that a device's address names, from the Objects folder on; in words why paths cannot go on from it. */
export const baseOf = (profile: OpcuaProfile, { address }: Device): ReadonlyArray<StepTemplate> | string => {
  if (!address.startsWith("/")) {
    return `the device's address "${address}" is no browse path for it to go on from: write one that begins with "/"`
  }
  const path = parsePath(address, profile.namespaces)
  if (typeof path === "string") return `the device's address "${address}": ${path}`
  const known = new Set(Object.keys(profile.file.parameters ?? {}))
  return placesOf(path).some((place) => !known.has(place)) || path.steps.some(({ name }) => name.some(isOpen))
    ? `the device's address "${address}" must lead to one node`
    : path.steps
}

const literalOf = (name: StepTemplate["name"]): string =>
  name.map((part) => (typeof part === "string" ? part : "")).join("")

/** What is filled into the places of a device's nodes. */
export const fillingsOf = (profile: OpcuaProfile, device: Device, parameters: Parameters): Fillings => {
  const base = baseOf(profile, device)
  const names = typeof base === "string" ? [] : base.map(({ name }) => literalOf(name))
  return { ...parameters, address: device.address, path: names.map((name) => `/${name}`).join("") }
}

const merged = (one: ValueKind, other: ValueKind): ValueKind => (one === other ? one : "any")

/** Gathers the sources of one device. */
class Gathering {
  readonly profile: OpcuaProfile
  readonly device: Device
  readonly fillings: Fillings
  readonly base: ReadonlyArray<StepTemplate> | string
  readonly problems: Array<string> = []

  constructor(profile: OpcuaProfile, device: Device, parameters: Parameters) {
    this.profile = profile
    this.device = device
    this.fillings = fillingsOf(profile, device, parameters)
    this.base = baseOf(profile, device)
  }

  problem(text: string, why: string): undefined {
    const words = `${text}: ${why}`
    if (!this.problems.includes(words)) this.problems.push(words)
  }

  placed(node: NodeTemplate): Placed | undefined {
    const placed = fillNode(node, this.fillings, this.base)
    return typeof placed === "string" ? this.problem(node.text, placed) : placed
  }

  fields(): ReadonlyArray<EventField> {
    return this.profile.fields.flatMap(({ name, path }): ReadonlyArray<EventField> => {
      const placed = fillNode(path, this.fillings, [])
      if (typeof placed === "string") this.problem(path.text, placed)
      return typeof placed !== "string" && "path" in placed.node ? [{ name, path: placed.node.path }] : []
    })
  }

  fitted<M extends Listening>(mapping: M): Fitted<M> | undefined {
    const { listens } = mapping
    if (listens._tag === "Value") return undefined
    const types = listens.types.map((type) => ({ type, node: fillId(type, this.fillings) }))
    const sources = listens.sources.map((source) => ({ source, pattern: patternOf(source, this.fillings) }))
    const wrong = [
      ...types.map(({ type, node }) => [type.text, node] as const),
      ...sources.map(({ source, pattern }) => [source.text, pattern] as const)
    ].flatMap(([text, one]) => (typeof one === "string" ? [[text, one] as const] : []))[0]
    if (wrong !== undefined) return this.problem(...wrong)
    return {
      mapping,
      types: new Set(types.map(({ node }) => (typeof node === "string" ? "" : node.nodeId))),
      sources: sources.flatMap(({ pattern }) => (typeof pattern === "string" ? [] : [pattern]))
    }
  }

  values(): ReadonlyMap<string, Watched> {
    const { profile, device } = this
    const { samplingMs = 0, queueSize = usualQueueSize } = profile.file
    type Value = Extract<Listens, { _tag: "Value" }>
    const nodes = new Map<string, Value>()
    const all = [...profile.readings, ...profile.occurrences, ...profile.gaps, ...profile.availability]
    for (const { listens } of all) {
      if (listens._tag !== "Value") continue
      const before = nodes.get(listens.node.text)
      nodes.set(listens.node.text, { ...listens, type: merged(before?.type ?? listens.type, listens.type) })
    }
    const watched = new Map<string, Watched>()
    for (const [text, { node, type }] of nodes) {
      const placed = this.placed(node)
      if (placed === undefined) continue
      const key = `${device.id} ${text}`
      const here = ({ listens }: Listening): boolean => listens._tag === "Value" && listens.node.text === text
      watched.set(key, {
        source: { key, node: placed.node, kind: type, samplingIntervalMs: samplingMs, queueSize, device: device.id },
        placed,
        readings: profile.readings.filter(here),
        occurrences: profile.occurrences.filter(here),
        gaps: profile.gaps.filter(here),
        availability: profile.availability.filter(here)
      })
    }
    return watched
  }

  events(): ReadonlyMap<string, Listened> {
    const { profile, device } = this
    const all = [...profile.readings, ...profile.occurrences, ...profile.gaps, ...profile.availability]
    const notifiers = new Map(
      all.flatMap(({ listens }) => (listens._tag === "Value" ? [] : [[listens.notifier.text, listens.notifier]]))
    )
    const fields = notifiers.size === 0 ? [] : this.fields()
    const listened = new Map<string, Listened>()
    for (const [text, notifier] of notifiers) {
      const placed = this.placed(notifier)
      if (placed === undefined) continue
      const key = `${device.id} events of ${text}`
      const fit = <M extends Listening>(mappings: ReadonlyArray<M>): ReadonlyArray<Fitted<M>> =>
        mappings.flatMap((mapping) => {
          const { listens } = mapping
          const here = listens._tag !== "Value" && listens.notifier.text === text
          return here ? (this.fitted(mapping) ?? []) : []
        })
      const mappings = {
        readings: fit(profile.readings),
        occurrences: fit(profile.occurrences),
        gaps: fit(profile.gaps),
        availability: fit(profile.availability)
      }
      listened.set(key, { source: this.eventSource(key, placed, fields, mappings), placed, ...mappings })
    }
    return listened
  }

  eventSource(
    key: string,
    { node }: Placed,
    fields: ReadonlyArray<EventField>,
    { readings, occurrences, gaps, availability }: Omit<Listened, "source" | "placed">
  ): EventSource {
    const all: ReadonlyArray<Fitted<Listening>> = [...readings, ...occurrences, ...gaps, ...availability]
    const types = [...new Set(all.flatMap((fitted) => [...fitted.types]))]
    const hasAlarms = all.some(({ mapping }) => mapping.listens._tag === "Alarm")
    const { severityAtLeast } = this.profile.file
    return {
      key,
      node,
      select: [...fields, ...(hasAlarms ? [transitionTime] : [])],
      where: {
        ...(types.includes(baseEventType) ? {} : { types: types.map((nodeId) => ({ nodeId })) }),
        ...(severityAtLeast === undefined ? {} : { severityAtLeast })
      },
      device: this.device.id
    }
  }
}

/** What a device is asked for by its profile, and what cannot be asked for. */
export const sourcesOf = (profile: OpcuaProfile, device: Device, parameters: Parameters): DeviceSources => {
  const gathering = new Gathering(profile, device, parameters)
  const values = gathering.values()
  const events = gathering.events()
  return { values, events, problems: gathering.problems }
}
