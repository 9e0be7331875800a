import { HashMap } from "effect"
import { describe, expect, it } from "vitest"
import { owedNotifications } from "../../gateway/correlation/escalation/owed-notifications.ts"
import type { EscalationPolicy } from "../../gateway/domain/escalation.ts"
import { ConsoleId } from "../../gateway/domain/console.ts"
import { PersonId } from "../../gateway/domain/ids.ts"
import { NotificationId, type NotificationOutcome, type RefusalScope } from "../../gateway/domain/notification.ts"
import { ScheduleRef } from "../../gateway/domain/schedule.ts"
import { dawn, Stage } from "./door-stage.ts"
import { escalatingCampus, hook, mail, policyOf, push, sms } from "./escalation-campus.ts"

const person = (id: string) => ({ person: PersonId.make(id) })

/** A stage on which officers are told, and what they are told is written down as `15.0 2:ada:sms queued`. */
class TellingStage extends Stage {
  constructor(policy: EscalationPolicy) {
    super(escalatingCampus(policy))
    this.at(0)
  }

  panics(): this {
    return this.happens("rex/button", { _tag: "PanicPressed" })
  }

  /** The newest notification of this name is sent, and this comes of it. */
  sends(name: string, outcome: NotificationOutcome, scope: RefusalScope = "channel"): this {
    const notification = this.idOfNotification(name)
    const channel = this.notifications.find(({ id }) => id === notification)!.channel
    this.enter({ _tag: "NotificationSent", notification, channel })
    const said = outcome === "refused" ? { scope, detail: "it says no" } : {}
    const retry = outcome === "later" ? { retryAt: this.now + 1000 } : {}
    this.enter({ _tag: "NotificationAnswered", notification, channel, outcome, ...said, ...retry })
    return this
  }

  receives(name: string): this {
    this.enter({ _tag: "NotificationReceived", notification: this.idOfNotification(name), channel: push })
    return this
  }

  idOfNotification(name: string): NotificationId {
    return this.notifications.findLast(({ id }) => id.endsWith(`:${name}`))?.id ?? NotificationId.make(`A-0:${name}`)
  }

  get told(): ReadonlyArray<string> {
    return this.notifications.map(({ id, state, at }) => {
      const second = ((at - dawn) / 1000).toFixed(3).replace(/0{1,2}$/, "")
      return `${second} ${id.slice(id.indexOf(":") + 1)} ${state}`
    })
  }

  get queued(): ReadonlyArray<string> {
    return this.told.filter((line) => line.endsWith(" queued"))
  }
}

const afterwards: EscalationPolicy["steps"] = [
  { afterSeconds: 0, to: [person("ben")] },
  { afterSeconds: 60, to: [person("cem")], by: [mail] }
]

describe("who is told of an alert", () => {
  it("is told step by step, each by the channel that reaches them first, until somebody answers", () => {
    const stage = new TellingStage(policyOf(afterwards)).panics().at(59.9)
    expect(stage.queued).toEqual(["0.0 1:ben:mail queued"])
    expect(stage.at(70).queued).toEqual(["0.0 1:ben:mail queued", "60.0 2:cem:mail queued"])
  })

  it("is told again in rounds, so often at most, and each round has keys of its own", () => {
    const stage = new TellingStage(policyOf(afterwards, { repeatSeconds: 60, repeatTimes: 1 })).panics()
    stage.sends("1:ben:mail", "handed-over").at(61).sends("2:cem:mail", "handed-over").at(1000)
    expect(stage.queued).toEqual([
      "0.0 1:ben:mail queued",
      "60.0 2:cem:mail queued",
      "120.0 1:ben:mail:2 queued",
      "180.0 2:cem:mail:2 queued"
    ])
  })

  it("is told once of what still waits, however many rounds begin meanwhile", () => {
    const stage = new TellingStage(policyOf(afterwards, { repeatSeconds: 60 })).panics().at(3600)
    expect(stage.queued).toEqual(["0.0 1:ben:mail queued", "60.0 2:cem:mail queued"])
  })

  it("are those of a role who are on shift, and all of the role where nobody is", () => {
    const steps: EscalationPolicy["steps"] = [{ afterSeconds: 0, to: [{ role: "officer", onShift: true }], by: [mail] }]
    expect(new TellingStage(policyOf(steps)).panics().queued).toEqual(["0.0 1:ben:mail queued"])
    const night = new TellingStage(policyOf(steps)).at(9 * 3600).panics()
    expect(night.queued).toEqual(["32400.0 1:ada:mail queued", "32400.0 1:ben:mail queued"])
  })

  it("is nobody who has left, and a channel itself where a step says so", () => {
    const to = [person("dag"), { everyone: "on-shift" as const }, { channel: hook }]
    const stage = new TellingStage(policyOf([{ afterSeconds: 0, to }])).panics()
    expect(stage.queued).toEqual(["0.0 1:ben:mail queued", "0.0 1:-:hook queued"])
  })

  it("is passed over while the step's schedule does not hold, and the steps behind it are not", () => {
    const steps: EscalationPolicy["steps"] = [
      { afterSeconds: 0, to: [person("ada")], during: ScheduleRef.make("night") },
      { afterSeconds: 15, to: [person("ben")] }
    ]
    expect(new TellingStage(policyOf(steps)).panics().at(60).queued).toEqual(["15.0 2:ben:mail queued"])
  })
})

describe("a console that nobody looks at while a critical alert waits", () => {
  const unwatched = (console: string) =>
    ({ _tag: "ConsoleUnwatched", console: ConsoleId.make(console), by: "Ada", why: "hidden" }) as const

  it("has the next step told at once, and those behind it keep their distance", () => {
    const steps: EscalationPolicy["steps"] = [...afterwards, { afterSeconds: 100, to: [person("ada")], by: [sms] }]
    const stage = new TellingStage(policyOf(steps)).panics().at(35)
    stage.enter(unwatched("c-1"))
    expect(stage.at(200).queued).toEqual(["0.0 1:ben:mail queued", "35.0 2:cem:mail queued", "75.0 3:ada:sms queued"])
  })

  it("hastens nothing that is answered, begins no new round, and does it once for several consoles", () => {
    const stage = new TellingStage(policyOf(afterwards, { repeatSeconds: 3600 })).panics().at(35)
    stage.enter(unwatched("c-1"))
    stage.enter(unwatched("c-2"))
    expect(stage.queued).toEqual(["0.0 1:ben:mail queued", "35.0 2:cem:mail queued"])
    const answered = new TellingStage(policyOf(afterwards)).panics().at(10).acknowledges("PanicPressed")
    answered.enter(unwatched("c-1"))
    expect(answered.at(100).queued).toEqual(["0.0 1:ben:mail queued"])
  })
})

describe("a channel that does not take a notification", () => {
  const toAda = policyOf([{ afterSeconds: 0, to: [person("ada")] }])

  it("is followed by the person's next one after 15 s, and goes on being tried", () => {
    const stage = new TellingStage(toAda).panics().at(5).sends("1:ada:push", "later").at(20)
    expect(stage.told).toEqual([
      "0.0 1:ada:push queued",
      "5.0 1:ada:push sending",
      "5.0 1:ada:push queued",
      "15.0 1:ada:sms queued"
    ])
  })

  it("is followed at once for somebody who has registered no device, which is no alert and says nothing of the channel", () => {
    const stage = new TellingStage(toAda).panics().at(1).sends("1:ada:push", "refused", "unregistered")
    expect(stage.queued).toEqual(["0.0 1:ada:push queued", "1.0 1:ada:sms queued"])
    expect(stage.alerts.map(({ condition }) => condition)).toEqual(["PanicPressed"])
    expect(HashMap.has(stage.situation.channels, push)).toBe(false)
  })

  it("is followed at once when it refuses it for good, and an alert says that the channel is broken", () => {
    const stage = new TellingStage(toAda).panics().at(5).sends("1:ada:push", "refused")
    expect(stage.told.slice(2, 4)).toEqual(["5.0 1:ada:push failed", "5.0 1:ada:sms queued"])
    expect(stage.alert("ChannelBroken")).toMatchObject({ key: "channel:push", priority: 2, active: true })
    expect(HashMap.toValues(stage.situation.channels)).toMatchObject([{ state: "broken", detail: "it says no" }])
  })

  it("is not waited for where it is known to be broken", () => {
    const stage = new TellingStage(toAda).panics().sends("1:ada:push", "refused").acknowledges("PanicPressed").at(100)
    const before = stage.notifications.length
    stage.panics().at(100.1)
    const told = stage.told.slice(before).filter((line) => line.includes("ada"))
    expect(told).toEqual(["100.0 1:ada:push:2 queued", "100.0 1:ada:sms:2 queued"])
  })

  it("is followed when its receipt does not come, and not when it does", () => {
    const without = new TellingStage(toAda).panics().sends("1:ada:push", "handed-over").at(30)
    expect(without.queued).toEqual(["0.0 1:ada:push queued", "15.0 1:ada:sms queued"])
    const withReceipt = new TellingStage(toAda).panics().sends("1:ada:push", "handed-over").at(3)
    expect(withReceipt.receives("1:ada:push").at(30).queued).toEqual(["0.0 1:ada:push queued"])
  })

  it("is followed when the network reports later that it has lost what it took, and only then", () => {
    const toCem = policyOf([{ afterSeconds: 0, to: [person("cem")] }])
    const stage = new TellingStage(toCem).panics().sends("1:cem:sms", "handed-over").at(40)
    expect(stage.queued).toEqual(["0.0 1:cem:sms queued"])
    const lost = { outcome: "refused", scope: "recipient", detail: "lost" } as const
    const notification = stage.idOfNotification("1:cem:sms")
    stage.enter({ _tag: "NotificationAnswered", notification, channel: sms, ...lost })
    expect(stage.told.slice(-2)).toEqual(["40.0 1:cem:sms failed", "40.0 1:cem:mail queued"])
    stage.enter({ _tag: "NotificationAnswered", notification, channel: sms, ...lost })
    expect(stage.queued).toHaveLength(2)
  })

  it("is broken after half a minute of failures, is no longer once it takes something, and says both", () => {
    const stage = new TellingStage(policyOf([{ afterSeconds: 0, to: [person("ben")] }])).panics()
    for (const second of [0, 10, 29]) stage.at(second).sends("1:ben:mail", "later")
    expect(stage.alert("ChannelBroken")).toBeUndefined()
    stage.at(31).sends("1:ben:mail", "later")
    expect(stage.alert("ChannelBroken")).toMatchObject({ active: true })
    stage.at(40).sends("1:ben:mail", "handed-over")
    expect(stage.alert("ChannelBroken")).toMatchObject({ active: false })
  })

  it("is well where it refuses one person only: it is their address that an alert is about", () => {
    const stage = new TellingStage(toAda).panics().sends("1:ada:push", "refused", "recipient")
    expect(stage.alert("ChannelBroken")).toBeUndefined()
    expect(stage.alert("AddressRefused")).toMatchObject({ key: "person:ada:push", active: true })
  })
})

describe("an answer", () => {
  const both = policyOf([
    { afterSeconds: 0, to: [person("ada"), person("ben")] },
    { afterSeconds: 60, to: [person("cem")] }
  ])

  it("calls off in the same step all that has not gone out, and says who has answered by which channel", () => {
    const stage = new TellingStage(both).panics().sends("1:ada:push", "handed-over").at(7)
    const before = stage.notifications.length
    stage.acknowledges("PanicPressed", "Ada")
    expect(stage.told.slice(before)).toEqual(["7.0 1:ada:push acknowledged", "7.0 1:ben:mail cancelled"])
    expect(stage.at(600).notifications).toHaveLength(before + 2)
  })

  it("keeps what is about to go from going", () => {
    const stage = new TellingStage(both).panics().at(1)
    const notification = stage.idOfNotification("1:ben:mail")
    stage.acknowledges("PanicPressed")
    const before = stage.notifications.length
    stage.enter({ _tag: "NotificationSent", notification, channel: mail })
    expect(stage.notifications).toHaveLength(before)
  })

  it("that is taken back has it all go on where it was", () => {
    const stage = new TellingStage(both).panics().sends("1:ada:push", "handed-over").at(55).acknowledges("PanicPressed")
    const before = stage.notifications.length
    stage.at(58).enter({ _tag: "AcknowledgementUndone", alert: stage.idOf("PanicPressed"), by: "officer" })
    const told = stage.at(61).told.slice(before)
    expect(told).toContain("58.0 1:ben:mail queued")
    expect(told).toContain("60.0 2:cem:sms queued")
    expect(told.some((line) => line.includes("1:ada:push:2"))).toBe(false)
  })

  it("of shelving or maintenance stops it as well, and its end has somebody asked anew", () => {
    const stage = new TellingStage(both).link({ _tag: "Rejected", reason: "wrong password" }).at(5)
    stage.enter({ _tag: "AlertShelved", alert: stage.idOf("LinkLost"), by: "officer", minutes: 1, reason: "known" })
    expect(stage.told.slice(-2)).toEqual(["5.0 1:ada:push cancelled", "5.0 1:ben:mail cancelled"])
    expect(stage.at(66).queued.slice(-2)).toEqual(["65.0 1:ada:push:2 queued", "65.0 1:ben:mail:2 queued"])
  })
})

describe("a restart", () => {
  it("sends again, with the same key, what was on its way, and makes up for the steps that fell due", () => {
    const stage = new TellingStage(policyOf(afterwards)).panics()
    const notification = stage.idOfNotification("1:ben:mail")
    stage.enter({ _tag: "NotificationSent", notification, channel: mail })
    const before = stage.notifications.length
    expect(stage.killedUntil(500).at(504).told.slice(before)).toEqual([
      "500.0 1:ben:mail queued",
      "503.0 2:cem:mail queued"
    ])
  })
})

describe("what waits to be sent", () => {
  it("goes with the newest call for life first, and noise behind it", () => {
    const stage = new TellingStage(policyOf([{ afterSeconds: 0, to: [person("ben")] }]))
    stage.link({ _tag: "Rejected", reason: "wrong password" }).at(1).panics().at(2)
    stage.happens("bridge/button", { _tag: "PanicPressed" })
    const order = owedNotifications(stage.situation).map(({ alert: { condition, raisedAt } }) => [
      condition,
      raisedAt - dawn
    ])
    expect(order).toEqual([
      ["PanicPressed", 2000],
      ["PanicPressed", 1000],
      ["LinkLost", 0]
    ])
  })

  it("expires only where its policy says so", () => {
    const steps: EscalationPolicy["steps"] = [{ afterSeconds: 0, to: [person("cem")], by: [sms] }]
    expect(new TellingStage(policyOf(steps)).panics().at(86_400).told).toEqual(["0.0 1:cem:sms queued"])
    const expiring = new TellingStage(policyOf(steps, { expireMinutes: 10 })).panics().at(86_400)
    expect(expiring.told).toEqual(["0.0 1:cem:sms queued", "600.0 1:cem:sms expired"])
  })
})

describe("another configuration", () => {
  it("has what goes by another policy told by it, and fails what can no longer be sent", () => {
    const stage = new TellingStage(policyOf([{ afterSeconds: 0, to: [person("ada")] }])).panics().at(5)
    const campus = escalatingCampus(
      policyOf([
        { afterSeconds: 0, to: [person("cem")] },
        { afterSeconds: 8, to: [{ channel: hook }] }
      ])
    )
    stage.configured({ ...campus, channels: campus.channels!.filter(({ id }) => id !== push) }, "v2").at(20)
    expect(stage.told).toEqual([
      "0.0 1:ada:push queued",
      "5.0 1:ada:push failed",
      "5.0 1:ada:sms queued",
      "8.0 2:-:hook queued"
    ])
  })
})
