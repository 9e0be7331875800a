import { HashMap, Option } from "effect"
import type { ChannelStanding } from "../../domain/escalation.ts"
import type { Fact } from "../../domain/fact.ts"
import type { ChannelId } from "../../domain/ids.ts"
import { personOfNotification } from "../../domain/notification.ts"
import type { Draft } from "../draft.ts"

/** The facts that tell how a channel does. */
type Telling = Extract<Fact, { readonly _tag: "NotificationAnswered" | "ChannelTested" }>

/** A channel that has taken nothing so often in a row, and for so long, is broken: a provider may stumble once (ours). */
const brokenAfter = { failures: 3, ms: 30_000 } as const

export const standingOf = (draft: Draft, channel: ChannelId): ChannelStanding =>
  Option.getOrElse(HashMap.get(draft.situation.channels, channel), (): ChannelStanding => ({
    state: "unproved",
    since: draft.now,
    failures: 0
  }))

/** It has answered; where it refused one recipient, nothing has gone through it. */
const working = (draft: Draft, before: ChannelStanding, { _tag, outcome }: Telling): ChannelStanding => {
  const { detail: _detail, ...rest } = before
  return {
    ...rest,
    state: "working",
    since: before.state === "working" ? before.since : draft.now,
    failures: 0,
    ...(outcome === "handed-over" ? { lastSuccessAt: draft.now } : {}),
    ...(outcome === "handed-over" && _tag === "ChannelTested" ? { testedAt: draft.now } : {})
  }
}

const failed = (draft: Draft, before: ChannelStanding, { outcome, detail }: Telling): ChannelStanding => {
  const failures = before.failures + 1
  const wasFailing = before.state === "failing" || before.state === "broken"
  const since = wasFailing ? before.since : draft.now
  const isBroken =
    before.state === "broken" ||
    outcome === "refused" ||
    (failures >= brokenAfter.failures && draft.now - since >= brokenAfter.ms)
  return {
    ...before,
    state: isBroken ? "broken" : "failing",
    since,
    failures,
    lastFailureAt: draft.now,
    ...(detail === undefined ? {} : { detail })
  }
}

const tellBroken = (draft: Draft, channel: ChannelId, before: ChannelStanding, after: ChannelStanding): void => {
  if ((before.state === "broken") === (after.state === "broken")) return
  const about = { condition: "ChannelBroken", key: `channel:${channel}`, at: draft.now } as const
  if (after.state !== "broken") {
    const why = [{ at: draft.now, seq: draft.seq, text: "It takes messages again" }]
    return draft.finding({ _tag: "ConditionNormal", ...about, why })
  }
  draft.finding({
    _tag: "ConditionActive",
    ...about,
    rule: "notify.channel",
    priority: 2,
    title: `Channel ${channel} takes no messages`,
    why: [{ at: draft.now, seq: draft.seq, text: after.detail ?? "it has refused a message" }],
    evidence: false
  })
}

/** Somebody cannot be reached by a channel that is well otherwise: their address is wrong, or their device gone. */
const tellAddress = (draft: Draft, fact: Telling): void => {
  const person = fact._tag === "NotificationAnswered" ? personOfNotification(fact.notification) : undefined
  if (person === undefined || fact.outcome === "later") return
  const about = { condition: "AddressRefused", key: `person:${person}:${fact.channel}`, at: draft.now } as const
  if (fact.outcome === "handed-over") {
    const why = [{ at: draft.now, seq: draft.seq, text: "A message has been taken for them" }]
    return draft.finding({ _tag: "ConditionNormal", ...about, why })
  }
  if (fact.scope !== "recipient" || draft.isActive(about.condition, about.key)) return
  const name = draft.situation.campus?.people?.find(({ id }) => id === person)?.name ?? person
  draft.finding({
    _tag: "ConditionActive",
    ...about,
    rule: "notify.address",
    priority: 3,
    title: `${name} cannot be reached by channel ${fact.channel}`,
    why: [{ at: draft.now, seq: draft.seq, text: fact.detail ?? "their address is refused" }],
    evidence: false
  })
}

/** What came of a message says how its channel does. */
export const channelTold = (draft: Draft, fact: Telling): void => {
  const { channel } = fact
  if (draft.situation.campus?.channels?.some(({ id }) => id === channel) !== true) return
  // That somebody has registered no device is a gap, and not this channel's doing.
  if (fact.scope === "unregistered") return
  const before = standingOf(draft, channel)
  const isTaken = fact.outcome === "handed-over" || (fact.outcome === "refused" && fact.scope === "recipient")
  const after = isTaken ? working(draft, before, fact) : failed(draft, before, fact)
  draft.situation.channels = HashMap.set(draft.situation.channels, channel, after)
  tellBroken(draft, channel, before, after)
  tellAddress(draft, fact)
}

/** Channels that are no longer configured are forgotten, and what was broken of them is over. */
export const reviseChannels = (draft: Draft): void => {
  const known = new Set(draft.situation.campus?.channels?.map(({ id }) => id as string))
  const gone = [...HashMap.keys(draft.situation.channels)].filter((id) => !known.has(id)).sort()
  for (const id of gone) {
    draft.situation.channels = HashMap.remove(draft.situation.channels, id)
    const why = [{ at: draft.now, text: "It is no longer configured" }]
    draft.finding({ _tag: "ConditionNormal", condition: "ChannelBroken", key: `channel:${id}`, at: draft.now, why })
  }
}
