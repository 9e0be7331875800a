import type { Campus } from "../domain/campus.ts"
import type { EscalationPolicy, EscalationStep } from "../domain/escalation.ts"
import type { Person } from "../domain/person.ts"
import { channelsOf, escalationsOf } from "./channel-settings.ts"
import type { Config } from "./config.ts"
import { hint } from "./did-you-mean.ts"
import type { ChannelSettings, Installed } from "./load-settings.ts"
import type { Problem } from "./problem.ts"
import { isRaw, itemsOf, type Key, mapsOf, type Raw } from "./raw.ts"
import { scheduleRefsOf } from "./schedule-rules.ts"
import type { Sources } from "./sources.ts"
import type { WrittenRule } from "./written-rules.ts"

type Say = (path: ReadonlyArray<Key>, message: string, at?: "key" | "value", severity?: "error" | "warning") => void

/** Reads names off what is written, so that one wrong key does not hide the rest. */
const namesIn = (value: Raw) => ({
  channels: isRaw(value["channels"]) ? Object.keys(value["channels"]) : [],
  people: itemsOf(value, "people").map(([, { id }]) => String(id)),
  policies: itemsOf(value, "escalations").map(([, { id }]) => String(id)),
  schedules: scheduleRefsOf(value)
})

type Names = ReturnType<typeof namesIn>

const refer = (say: Say, path: ReadonlyArray<Key>, name: unknown, what: string, names: ReadonlyArray<string>): void => {
  if (typeof name === "string" && !names.includes(name)) say(path, `there is no ${what} "${name}"${hint(name, names)}`)
}

const targetKinds = ["person", "role", "everyone", "channel"] as const

const checkTarget = (path: ReadonlyArray<Key>, target: Raw, names: Names, say: Say): void => {
  const [first, second] = targetKinds.filter((kind) => target[kind] !== undefined)
  if (first === undefined) say(path, `this names nobody; write one of ${targetKinds.join(", ")}`)
  if (second !== undefined) say([...path, second], `this is both ${first} and ${second}; write two of them`, "key")
  if (target["onShift"] !== undefined && target["role"] === undefined)
    say([...path, "onShift"], 'onShift belongs to a role; for all who are on shift write "everyone: on-shift"', "key")
  refer(say, [...path, "person"], target["person"], "person", names.people)
  refer(say, [...path, "channel"], target["channel"], "channel", names.channels)
}

const checkStep = (path: ReadonlyArray<Key>, step: Raw, names: Names, say: Say): void => {
  for (const [nth, target] of mapsOf(step["to"])) checkTarget([...path, "to", nth], target, names, say)
  if (Array.isArray(step["by"]))
    for (const [nth, channel] of step["by"].entries())
      refer(say, [...path, "by", nth], channel, "channel", names.channels)
  refer(say, [...path, "during"], step["during"], "schedule", names.schedules)
}

const checkPolicies = (value: Raw, names: Names, say: Say): void => {
  const seen = new Set<unknown>()
  for (const [index, policy] of itemsOf(value, "escalations")) {
    const path = ["escalations", index]
    if (seen.has(policy["id"]))
      say([...path, "id"], `escalation "${String(policy["id"])}" is there twice; each id must be unique`)
    seen.add(policy["id"])
    if (policy["repeatTimes"] !== undefined && policy["repeatSeconds"] === undefined)
      say([...path, "repeatTimes"], "repeatTimes says how often it repeats, and there is no repeatSeconds", "key")
    let before = -Infinity
    for (const [nth, step] of mapsOf(policy["steps"])) {
      checkStep([...path, "steps", nth], step, names, say)
      const { afterSeconds } = step
      if (typeof afterSeconds !== "number") continue
      if (afterSeconds < before)
        say(
          [...path, "steps", nth, "afterSeconds"],
          `a step comes after the one before it (${before} s); put them in order`
        )
      before = Math.max(before, afterSeconds)
    }
  }
}

const checkRoutes = (value: Raw, names: Names, say: Say): void => {
  const notify = value["notify"]
  const routes = isRaw(notify) ? notify["routes"] : undefined
  const policies = names.policies.length === 0 && names.channels.length > 0 ? ["default"] : names.policies
  if (isRaw(routes))
    for (const [priority, policy] of Object.entries(routes))
      refer(say, ["notify", "routes", priority], policy, "escalation", policies)
}

/** How people are reached: by channels that there are, at addresses that these can use. */
const checkReach = (
  value: Raw,
  channels: Campus["channels"],
  { channels: catalogue = [] }: Installed,
  names: Names,
  say: Say
) => {
  for (const [index, person] of itemsOf(value, "people")) {
    const { reach, name } = person
    const addresses = isRaw(person["addresses"]) ? person["addresses"] : {}
    for (const id of Object.keys(addresses))
      refer(say, ["people", index, "addresses", id], id, "channel", names.channels)
    if (!Array.isArray(reach)) continue
    for (const [nth, id] of reach.entries()) {
      refer(say, ["people", index, "reach", nth], id, "channel", names.channels)
      const channel = channels?.find((one) => one.id === id)
      if (channel?.recipients !== "address") continue
      const address = addresses[channel.id]
      if (address === undefined)
        say(
          ["people", index, "reach", nth],
          `${String(name)} has no address for channel "${channel.id}"; add addresses: { ${channel.id}: … }`
        )
      const fault = catalogue.find(({ kind }) => kind === channel.kind)?.addressFault
      const why = typeof address === "string" ? fault?.(address) : undefined
      if (why !== undefined) say(["people", index, "addresses", channel.id], why)
    }
  }
}

/** Whom a step can reach at all, whoever is on shift, and by which channels. */
const reachOf = (campus: Campus, { to, by }: EscalationStep) => {
  const kindOf = new Map((campus.channels ?? []).map(({ id, kind }) => [id as string, kind]))
  const people = new Set<string>()
  const kinds = new Set<string>()
  const all = (campus.people ?? []).filter(({ disabled }) => disabled !== true)
  for (const { person, role, everyone, channel } of to) {
    if (channel !== undefined) kinds.add(kindOf.get(channel) ?? "")
    const isMeant = (one: Person) => one.id === person || one.role === role || everyone !== undefined
    for (const one of channel === undefined ? all.filter(isMeant) : []) {
      const ways = (by ?? one.reach ?? []).flatMap((id) => kindOf.get(id) ?? [])
      if (ways.length > 0) people.add(one.id)
      for (const kind of ways) kinds.add(kind)
    }
  }
  kinds.delete("")
  return { people, kinds }
}

const count = (n: number, word: string, several: string): string => `${n} ${n === 1 ? word : several}`

/** Two ways of different kinds and two people, so that no single failure makes it silent (EN 50136: dual path). */
const thinness = (campus: Campus, { id, steps }: EscalationPolicy): string | undefined => {
  const reached = steps.map((step) => reachOf(campus, step))
  const people = new Set(reached.flatMap((one) => [...one.people]))
  const kinds = new Set(reached.flatMap((one) => [...one.kinds]))
  if (people.size >= 2 && kinds.size >= 2) return undefined
  return (
    `escalation "${id}" is for critical alerts and reaches ${count(people.size, "person", "people")} by ` +
    `${count(kinds.size, "kind", "kinds")} of channel; two people and two kinds are needed, so that no single failure silences it`
  )
}

/** The policies that critical alerts go by, with the place that says so. */
const criticalRoutes = (campus: Campus, rules: ReadonlyArray<WrittenRule>) => {
  const named = rules.flatMap(({ rule, problem }) =>
    rule.alert?.priority === 1 && rule.alert.escalation !== undefined
      ? [
          {
            id: rule.alert.escalation as string,
            problem: (message: string) => problem(["alert", "escalation"], message)
          }
        ]
      : []
  )
  const critical = campus.routes?.critical
  return { named, critical }
}

/** What no schema can hold of channels, policies and routes: names, order, and whether a critical alert can reach people. */
export const checkEscalations = (
  sources: Sources,
  config: Config | undefined,
  channels: ReadonlyArray<ChannelSettings>,
  rules: ReadonlyArray<WrittenRule>,
  installed: Installed
): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  const say: Say = (path, message, at, severity) => void problems.push(sources.problem(path, message, at, severity))
  const { value } = sources
  const names = namesIn(value)
  const known = channelsOf(channels, installed)
  checkPolicies(value, names, say)
  checkRoutes(value, names, say)
  checkReach(value, known.channels, installed, names, say)
  if (config === undefined || problems.some(({ severity }) => severity === "error")) return problems
  const campus = { ...config, ...known, ...escalationsOf(config) } as unknown as Campus
  const policies = campus.escalations ?? []
  for (const { rule, problem } of rules) {
    const name = rule.alert?.escalation
    if (name !== undefined && !policies.some(({ id }) => id === name))
      problems.push(
        problem(
          ["alert", "escalation"],
          `there is no escalation "${name}"${hint(
            name,
            policies.map(({ id }) => id)
          )}`
        )
      )
  }
  const written = config.escalations.length > 0
  for (const [index, { id, steps }] of policies.entries()) {
    for (const [nth, step] of steps.entries()) {
      const { people, kinds } = reachOf(campus, step)
      if (written && people.size === 0 && kinds.size === 0)
        say(
          ["escalations", index, "steps", nth, "to"],
          `this step of "${id}" can reach nobody: none of them has a channel`
        )
    }
  }
  const { named, critical } = criticalRoutes(campus, rules)
  const routed = policies.find(({ id }) => id === critical)
  const thin = routed === undefined ? undefined : thinness(campus, routed)
  const place = isRaw(value["notify"]) ? ["notify", "routes", "critical"] : ["channels"]
  if (thin !== undefined) say(place, thin, place.length === 1 ? "key" : "value")
  for (const one of named) {
    const policy = policies.find(({ id }) => id === one.id)
    const why = policy === undefined || policy.id === critical ? undefined : thinness(campus, policy)
    if (why !== undefined) problems.push(one.problem(why))
  }
  if (known.channels !== undefined && routed === undefined)
    say(
      ["channels"],
      "no escalation is for critical alerts; name one in notify: { routes: { critical: … } }",
      "key",
      "warning"
    )
  return problems
}
