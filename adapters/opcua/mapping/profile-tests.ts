import { Schema } from "effect"
import type { Device } from "../../../gateway/domain/campus.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import { parametersOf } from "../../profile/parameters.ts"
import {
  type Came,
  firstReceivedAt,
  runTests,
  trialDevice,
  type TrialResult,
  usualAfterMs
} from "../../profile/trial.ts"
import { baseEventType } from "../nodes/event-types.ts"
import { makeOpcuaMapping, type OpcuaMapping } from "./normalize.ts"
import { browseNamePattern } from "../nodes/node-names.ts"
import { type Fillings, fillId, fillNode } from "./normalize-node.ts"
import { baseOf, fillingsOf } from "./normalize-sources.ts"
import { parameterProblems } from "./parameters.ts"
import { timeOf } from "../nodes/plain.ts"
import type { OpcuaProfile } from "./profile.ts"
import type { OpcuaTest } from "./profile-file.ts"
import { parseEventType, parseNode } from "./profile-node.ts"
import { OpcuaSettings } from "../settings.ts"
import type { Condition, EventSource, Heard, HeardEvent, NodeName, Plain, ValueSource } from "../sources.ts"

type Sent = NonNullable<OpcuaTest["before"]>[number]

/** What a link has where its configuration does not say. */
const usualSeverity = Schema.decodeUnknownSync(OpcuaSettings)({ endpoint: "opc.tcp://panel" }).severity

/** The time zone of tests. */
const timeZone = "UTC"

/** What each `*` of a source stands for at a node; `undefined` where the source does not lead to it. */
const matchedAt = (source: NodeName, node: NodeName): ReadonlyArray<string> | undefined => {
  if ("nodeId" in source || "nodeId" in node) {
    return "nodeId" in source && "nodeId" in node && source.nodeId === node.nodeId ? [] : undefined
  }
  if (source.path.length !== node.path.length) return undefined
  const matched: Array<string> = []
  for (const [nth, { uri, name }] of source.path.entries()) {
    const step = node.path[nth]
    if (step === undefined || step.uri !== uri || !browseNamePattern(name).test(step.name)) return undefined
    if (name.includes("*")) matched.push(step.name)
  }
  return matched
}

const textOf = (node: NodeName): string =>
  "nodeId" in node ? node.nodeId : `/${node.path.map(({ name }) => name).join("/")}`

/** A test's server: what it sends reaches those sources that lead to where it comes from. */
class TrialServer {
  readonly profile: OpcuaProfile
  readonly mapping: OpcuaMapping
  readonly #fillings: Fillings
  readonly #base: ReturnType<typeof baseOf>

  constructor(profile: OpcuaProfile, device: Device) {
    this.profile = profile
    this.mapping = makeOpcuaMapping(profile, device, { timeZone, severity: usualSeverity })
    this.#fillings = fillingsOf(profile, device, parametersOf(profile, device))
    this.#base = baseOf(profile, device)
  }

  node(text: string): NodeName | string {
    const template = parseNode(text, this.profile.namespaces)
    if (typeof template === "string") return template
    const placed = fillNode(template, this.#fillings, this.#base)
    if (typeof placed === "string") return placed
    return placed.captures.length > 0 ? `${text} must be one node` : placed.node
  }

  id(text: string): string {
    const template = parseEventType(text, this.profile.namespaces)
    const node = typeof template === "string" ? template : fillId(template, this.#fillings)
    return typeof node === "string" ? text : node.nodeId
  }

  reaching<S extends ValueSource | EventSource>(sources: ReadonlyArray<S>, node: NodeName) {
    return sources.flatMap((source) => {
      const matched = matchedAt(source.node, node)
      return matched === undefined ? [] : [{ key: source.key, matched, device: source.device, source }]
    })
  }

  /** What a test's message is heard as; in words why it cannot be. */
  heard(sent: Sent): ReadonlyArray<Heard> | string {
    const text = sent.node ?? sent.from ?? this.profile.notifier.text
    const node = this.node(text)
    if (typeof node === "string") return node
    const origin = sent.first === true ? "recovery" : "change"
    const from = { node: textOf(node), origin } as const
    const time = timeOf(sent.time === undefined ? undefined : new Date(sent.time))
    if (sent.node === undefined) {
      const reached = this.reaching(this.mapping.sources.events, node)
      return reached.map((item) => this.#event(sent, { ...from, ...item }, time))
    }
    const { status = "Good", value = null } = sent
    return this.reaching(this.mapping.sources.values, node).map(({ key, matched, device }) => ({
      _tag: "Value",
      ...from,
      key,
      matched,
      device,
      value: status.startsWith("Bad") ? null : (value as Plain),
      status: status.startsWith("Good") ? "good" : status.startsWith("Bad") ? "bad" : "uncertain",
      statusName: status,
      sourceTime: time,
      overflow: false
    }))
  }

  #event(
    sent: Sent,
    { key, matched, device, node, origin }: Pick<HeardEvent, "key" | "matched" | "device" | "node" | "origin">,
    time: number | undefined
  ): Heard {
    const { alarm, id = "00", severity = 0, message = "" } = sent
    const types = [...new Set([...[sent.event ?? []].flat().map((type) => this.id(type)), baseEventType])]
    const source = sent.source === undefined ? null : this.id(sent.source)
    const standard = { EventType: types[0] ?? null, EventId: id, SourceNode: source, Message: message }
    const fields = { ...standard, SourceName: sent.sourceName ?? null, ...(sent.fields as Record<string, Plain>) }
    const event = { key, matched, device, node, origin, eventId: id, types, time, severity, fields }
    if (alarm === undefined) return { _tag: "Event", ...event }
    const condition: Condition = {
      conditionId: this.id(alarm.id),
      branchId: alarm.branch === undefined ? undefined : this.id(alarm.branch),
      eventId: id,
      name: alarm.name ?? "",
      enabled: alarm.enabled ?? true,
      active: alarm.active ?? false,
      acked: alarm.acked ?? false,
      confirmed: alarm.confirmed,
      shelved: alarm.shelved ?? false,
      retain: alarm.retain ?? true,
      severity,
      message
    }
    return alarm.gone === true
      ? { _tag: "ConditionGone", key, matched, device, node, condition }
      : { _tag: "Condition", ...event, condition }
  }
}

const outcomes = ["unreadable", "mapped", "ignored"] as const

const run = (profile: OpcuaProfile, test: OpcuaTest): Came | string => {
  const { address = "/", invert, parameters } = test
  const device = trialDevice(profile.name, {
    address,
    ...(invert === undefined ? {} : { invert }),
    ...(parameters === undefined ? {} : { parameters })
  })
  const [problem] = parameterProblems(profile, device)
  if (problem !== undefined) return problem.message
  const server = new TrialServer(profile, device)
  let receivedAt = firstReceivedAt
  let came: Came = { observations: [], outcome: "ignored" }
  for (const [nth, sent] of [...(test.before ?? []), test].entries()) {
    if (nth > 0) receivedAt += sent.afterMs ?? usualAfterMs
    const heard = server.heard(sent)
    if (typeof heard === "string") return heard
    const all = heard.map((one) => server.mapping.normalize(one, receivedAt))
    // How a condition itself stands is the same for every profile: what it makes of its points is what a test expects.
    const observations: ReadonlyArray<Observation> = all
      .flatMap((one) => one.observations)
      .filter(({ _tag }) => _tag !== "PanelCondition")
    const met = outcomes.find((one) => all.some((normalized) => normalized.outcome === one)) ?? "ignored"
    const outcome = met === "mapped" && observations.length === 0 ? "ignored" : met
    came = { observations, outcome }
  }
  return came
}

/** Runs the tests that a profile carries. */
export const testProfile = (profile: OpcuaProfile): TrialResult =>
  runTests(profile.file.tests, (test) => run(profile, test))
