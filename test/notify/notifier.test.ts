import { HashMap } from "effect"
import { afterEach, describe, expect, it } from "vitest"
import { EscalationId, type EscalationPolicy } from "../../gateway/domain/escalation.ts"
import { PersonId } from "../../gateway/domain/ids.ts"
import type { Sent } from "../../gateway/notify/channel.ts"
import { escalatingCampus, mail, policyOf, sms } from "../correlation/escalation-campus.ts"
import { away, NotifierStage, type Provider, taken } from "./notifier-stage.ts"

const cem: EscalationPolicy["steps"] = [{ afterSeconds: 0, to: [{ person: PersonId.make("cem") }], by: [mail, sms] }]

let stage: NotifierStage | undefined
afterEach(() => stage?.dispose())

const on = (providers: Readonly<Record<string, Provider>>, steps = cem): NotifierStage => {
  stage = new NotifierStage(escalatingCampus(policyOf(steps)), providers)
  return stage
}

const alertOf = (condition: string) =>
  HashMap.toValues(stage!.situation.alerts).find((one) => one.condition === condition)

describe("a provider that is away for an hour", () => {
  const until = 3600
  const down: Provider = (_, second) => (second < until ? away : taken)

  it("is followed by the next channel within 30 s, and gets what it missed when it is back", async () => {
    on({ mail: down, sms: () => taken })
      .panics()
      .at(until + 60)
    expect(stage!.by("sms")[0]).toBe("15.0 1:cem:sms")
    expect(stage!.by("mail").at(-1)).toMatch(/^36\d\d\.\d 1:cem:mail$/)
    expect(new Set(stage!.by("mail").map((line) => line.split(" ")[1]))).toContain("1:cem:mail")
    const kept = await stage!.entries()
    const last = kept.findLast((entry) => entry._tag === "Notification" && entry.notification.id.endsWith("1:cem:mail"))
    expect(last).toMatchObject({ notification: { state: "handed-over" } })
  })

  it("is an alert after half a minute, and no longer once it is back", () => {
    on({ mail: (_, second) => (second < 120 ? away : taken), sms: () => taken })
      .panics()
      .at(90)
    expect(alertOf("ChannelBroken")).toMatchObject({ key: "channel:mail", active: true })
    expect(stage!.at(180) && alertOf("ChannelBroken")).toMatchObject({ active: false })
  })

  it("is asked by one message at a time, so that neither it nor the log is flooded", async () => {
    on({ mail: down, sms: () => taken })
    for (const device of ["rex", "pir", "reader", "lock", "bridge"]) stage!.panics(device)
    stage!.at(until)
    expect(stage!.by("mail").length).toBeLessThan(until / 24 + 20)
    expect((await stage!.entries()).length).toBeLessThan(1500)
  })
})

describe("a provider that answers", () => {
  it.each<[string, Sent | undefined, number]>([
    ["that it wants no more for two minutes", { _tag: "TryLater", reason: "HTTP 429", afterMs: 120_000 }, 15],
    ["that the request is wrong", { _tag: "Refused", scope: "channel", reason: "HTTP 400" }, 0],
    ["never", undefined, 15],
    ["with a certificate that has expired", { _tag: "TryLater", reason: "CERT_HAS_EXPIRED" }, 15]
  ])("%s is followed by the second channel within 30 s", (_, answer, second) => {
    on({ mail: () => answer, sms: () => taken })
      .panics()
      .at(30)
    expect(stage!.by("sms")[0]).toBe(`${second.toFixed(1)} 1:cem:sms`)
  })

  it("with a time to wait is not asked before, whatever else is to go", () => {
    on({ mail: () => ({ _tag: "TryLater", reason: "HTTP 429", afterMs: 120_000 }), sms: () => taken })
    stage!.panics().at(50).panics("bridge").at(119)
    expect(stage!.by("mail")).toHaveLength(1)
    expect(stage!.at(125).by("mail").length).toBeGreaterThan(1)
  })

  it("with the address it was given keeps that out of the log", async () => {
    const refused: Sent = { _tag: "Refused", scope: "recipient", reason: "550 <cem@example.org> is unknown" }
    on({ mail: () => refused, sms: () => taken })
      .panics()
      .at(5)
    expect(stage!.attempts[0]?.message.recipient.address).toBe("cem@example.org")
    expect(alertOf("AddressRefused")?.why[0]?.text).toBe("550 <their address> is unknown")
    expect(JSON.stringify(await stage!.entries())).not.toContain("cem@example.org")
  })
})

describe("what is for people's lives", () => {
  it("does not wait behind a heap of other things that hang, be they by the same channel", () => {
    stage = new NotifierStage(
      {
        ...escalatingCampus(policyOf([{ afterSeconds: 0, to: [{ person: PersonId.make("cem") }], by: [sms] }])),
        routes: { critical: EscalationId.make("usual"), high: EscalationId.make("usual") }
      },
      { sms: ({ urgency }) => (urgency === "life-safety" ? taken : undefined) }
    )
    for (let nth = 0; nth < 50; nth++) stage.loses(`link-${nth}`)
    stage.at(5).panics().at(5.1)
    const calls = stage.attempts.filter(({ message }) => message.urgency === "life-safety")
    expect(calls.map(({ second }) => second)).toEqual([5])
  })

  it("goes on being tried until somebody answers, and not after", () => {
    on({ mail: () => away, sms: () => away })
      .panics()
      .at(1800)
    const tried = stage!.by("mail").length
    expect(tried).toBeGreaterThan(40)
    const { id } = alertOf("PanicPressed")!
    stage!.enter({ _tag: "AlertAcknowledged", alert: id, by: "Ada" }).at(1900)
    const after = stage!.attempts.filter(({ key, second }) => key.startsWith(`${id}:`) && second > 1800)
    expect(after).toEqual([])
  })

  it("is not sent where it was answered while the attempt before hung", () => {
    on({ mail: () => undefined, sms: () => taken })
      .panics()
      .at(5)
    stage!.enter({ _tag: "AlertAcknowledged", alert: alertOf("PanicPressed")!.id, by: "Ada" }).at(600)
    expect(stage!.by("mail")).toEqual(["0.0 1:cem:mail"])
    expect(stage!.by("sms")).toEqual([])
  })
})

describe("a message", () => {
  it("says what, where, when, which alert and where to answer, in words that fit", () => {
    on({ mail: () => taken })
      .panics()
      .at(1)
    const { message } = stage!.attempts[0]!
    expect(message).toMatchObject({
      kind: "alert",
      urgency: "life-safety",
      round: 1,
      recipient: { person: { name: "Cem" } }
    })
    expect(message.subject).toMatch(/^CRITICAL: Panic pressed.* \(A-\d+, .*East door\)$/)
    expect(message.text).toContain("When: 2026-03-02 10:00:00")
    expect(message.link).toBe(`https://gatehouse.example/#desk/${message.thread}`)
    expect(message.short.length).toBeLessThanOrEqual(160)
  })

  it("says so when it is late", () => {
    on({ mail: (_, second) => (second < 900 ? away : taken) })
      .panics()
      .at(960)
    const call = stage!.attempts.findLast(({ message }) => message.alert?.condition === "PanicPressed")
    expect(call?.message.text).toContain("raised at 10:00:00, told late")
  })
})
