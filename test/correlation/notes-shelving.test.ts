import { describe, expect, it } from "vitest"
import { commentOf } from "../../gateway/domain/panel-condition.ts"
import { besidesOf, type How, PanelStage, statesOf } from "./panel-stage.ts"

/** What the panel shows once it has taken Ada's note. */
const noted = (note: string, event = "e2"): How => ({ event, comment: commentOf("Ada", note) })

const tampered = (): PanelStage => new PanelStage().says("case").at(1)

const besides = (stage: PanelStage): ReadonlyArray<string> => besidesOf(stage.changes.at(-1)?.alert)

describe("an officer's note", () => {
  it("is owed to the panel's condition, and proved by the comment that it is told with", () => {
    const panel = tampered().notes("DoorTampered", "guard sent")
    expect(panel.owed).toMatchObject([{ kind: "comment", event: "e1", by: "Ada", note: "guard sent" }])
    const told = panel.sends().changes.length
    panel.came("accepted", "case", { kind: "comment" })
    expect(besides(panel)).toEqual(["comment sent"])
    expect(panel.changes).toHaveLength(told)
    panel.tells("case", noted("guard sent"))
    expect(besides(panel)).toEqual(["comment proved"])
    expect(panel.changes.at(-1)).toMatchObject({
      transition: "write-back",
      by: "Ada",
      note: "the note is shown by the panel"
    })
    expect(panel.owed).toEqual([])
  })

  it("stays here where the panel takes none", () => {
    const panel = new PanelStage().says("case", { commentable: false }).notes("DoorTampered", "guard sent")
    expect(panel.changes.at(-1)).toMatchObject({ transition: "noted", note: "guard sent" })
    expect(panel.owed).toEqual([])
  })

  it("goes out once for each time, those of one condition one after the other", () => {
    const panel = tampered().notes("DoorTampered", "guard sent").notes("DoorTampered", "guard is there")
    expect(panel.owed.map(({ note }) => note)).toEqual(["guard sent", "guard is there"])
    const [first, second] = panel.owed
    const otherwise = tampered().notes("DoorTampered", "guard sent").notes("DoorTampered", "guard is there")
    expect(besides(otherwise.sendsOne(second!))).toEqual(["comment owed", "comment sent"])
    panel.sendsOne(first!)
    // Its comment makes another state: the next one waits for it.
    expect(panel.owed).toEqual([])
    panel.tells("case", noted("guard sent"))
    expect(panel.owed).toMatchObject([{ note: "guard is there", event: "e2" }])
  })

  it("with the same words as the one before is not taken for it", () => {
    const panel = tampered().notes("DoorTampered", "checked").sends().tells("case", noted("checked")).at(2)
    panel.notes("DoorTampered", "checked")
    panel.tells("case", { ...noted("checked"), origin: "recovery" }).tells("case", noted("checked", "e3"))
    expect(besides(panel)).toEqual(["comment proved", "comment owed"])
    panel.sends().tells("case", { ...noted("checked", "e3"), origin: "recovery" })
    expect(besides(panel)).toEqual(["comment proved", "comment sent"])
    panel.tells("case", noted("checked", "e4"))
    expect(besides(panel)).toEqual(["comment proved", "comment proved"])
  })

  it("goes to the state that is when it is sent, however the condition has gone on", () => {
    const panel = tampered().notes("DoorTampered", "guard sent").says("case", { active: false, event: "e2" })
    expect(panel.owed).toMatchObject([{ kind: "comment", event: "e2" }])
    panel.sends().tells("case", { active: false, event: "e3" }).came("stale", "case", { kind: "comment", event: "e2" })
    expect(panel.owed).toMatchObject([{ kind: "comment", event: "e3" }])
  })

  it("that the panel takes for one of another state than the newest is not sent over and over", () => {
    const panel = tampered().notes("DoorTampered", "guard sent").tells("case", { event: "e2" }).sends()
    panel.came("stale", "case", { kind: "comment", event: "e2" })
    expect(besides(panel)).toEqual(["comment stale"])
    expect(panel.owed).toEqual([])
  })

  it("leaves an acknowledgement behind it one of the state that the officer saw", () => {
    const panel = tampered().notes("DoorTampered", "guard sent").sends().answers("DoorTampered", "seen")
    expect(panel.owed).toEqual([])
    panel.tells("case", noted("guard sent"))
    expect(panel.owed).toMatchObject([{ kind: "acknowledge", event: "e2" }])
    panel
      .sends()
      .tells("case", { ...noted("seen", "e3"), acked: true })
      .came("proved", "case", { event: "e2" })
    expect(statesOf(panel.alert("DoorTampered"))).toEqual(["case acknowledged proved"])
  })

  it("of somebody else at the panel is another state than the officer saw", () => {
    const panel = tampered().answers("DoorTampered").tells("case", { event: "e2", comment: "K. Lind: leave it" })
    expect(panel.states).toEqual(["case unacknowledged stale"])
  })

  it("is given up after a minute, and says what to do", () => {
    const panel = tampered().notes("DoorTampered", "guard sent").at(62)
    expect(besides(panel)).toEqual(["comment not-written-back"])
    expect(panel.changes.at(-1)?.note).toBe(
      "the note is not written back: the panel was away for 60 s; note it again to send it"
    )
  })

  it("that was accepted and is never told is not proved", () => {
    const panel = tampered().notes("DoorTampered", "guard sent").sends().came("accepted", "case", { kind: "comment" })
    expect(besides(panel.at(62))).toEqual(["comment not-proved"])
  })

  it("whose answer is lost is sent again only when the panel shows that it has not heard of it", () => {
    const lost = (): PanelStage => {
      const panel = tampered().notes("DoorTampered", "guard sent").sends().at(2).killedUntil(3)
      expect(besides(panel)).toEqual(["comment unknown"])
      return panel
    }
    expect(lost().owed).toEqual([])
    expect(besides(lost().tells("case", { ...noted("guard sent"), origin: "recovery" }))).toEqual(["comment proved"])
    expect(besides(lost().tells("case", { origin: "recovery" }))).toEqual(["comment owed"])
  })

  it("too many say that they are not sent, and leave no more in mind", () => {
    const panel = tampered()
    for (let nth = 1; nth <= 12; nth++) panel.notes("DoorTampered", `note ${nth}`)
    expect(besides(panel)).toEqual([...Array<string>(8).fill("comment owed"), "comment not-written-back"])
  })

  it("still goes to the panel when the alert is closed right behind it", () => {
    const panel = tampered().notes("DoorTampered", "guard sent").closesAlert("DoorTampered")
    expect(panel.owed.map(({ kind }) => kind)).toEqual(["acknowledge", "comment"])
  })
})

describe("shelving", () => {
  it("ends by itself, though the gateway was down then, and makes an active alert news", () => {
    const panel = tampered().shelves("DoorTampered", 5)
    expect(panel.alert("DoorTampered")?.shelved).toMatchObject({ by: "Ada" })
    panel.at(299).killedUntil(600).at(604)
    expect(panel.alert("DoorTampered")).not.toHaveProperty("shelved")
    expect(panel.changes.at(-1)).toMatchObject({ transition: "unshelved", by: "alerts.shelving" })
  })

  it("until it is normal again ends after its longest time all the same", () => {
    const panel = tampered().shelves("DoorTampered", 5, true).at(300)
    expect(panel.alert("DoorTampered")).toHaveProperty("shelved")
    panel.at(301)
    expect(panel.alert("DoorTampered")).not.toHaveProperty("shelved")
  })

  it("that is taken back or whose alert is closed leaves nothing due", () => {
    const panel = tampered().shelves("DoorTampered", 5).unshelves("DoorTampered").at(900)
    expect(panel.story.filter((line) => line.endsWith("unshelved"))).toEqual(["1.0 DoorTampered unshelved"])
    const closed = tampered().shelves("DoorTampered", 5).closesAlert("DoorTampered").at(900)
    expect(closed.story.filter((line) => line.endsWith("unshelved"))).toEqual([])
  })

  it("makes no alert of what a panel makes branches of meanwhile", () => {
    const panel = tampered().shelves("DoorTampered", 5)
    panel.tells("case", { branch: "b1", event: "e1b", origin: "change" })
    panel.says("case", { active: false, event: "e2" }).at(2).says("case", { event: "e3" })
    expect(panel.alerts).toHaveLength(1)
    expect(panel.alert("DoorTampered")).toMatchObject({ active: true, count: 2, shelved: { meanwhile: 1 } })
    expect(panel.story.filter((line) => line.endsWith("raised") || line.endsWith("reactivated"))).toEqual([
      "0.0 DoorTampered raised"
    ])
  })

  it("is written back with its end, and proved by the state of the panel's shelving", () => {
    const panel = tampered().shelves("DoorTampered", 5)
    expect(panel.owed).toMatchObject([{ kind: "shelve", until: panel.alert("DoorTampered")?.shelved?.until }])
    panel.sends().tells("case", { event: "e2", shelved: true }).came("proved", "case", { kind: "shelve" })
    expect(besides(panel)).toEqual(["shelve proved"])
    panel.unshelves("DoorTampered")
    expect(panel.owed).toMatchObject([{ kind: "unshelve" }])
    panel.sends().came("unknown", "case", { kind: "unshelve" }).tells("case", { event: "e3", shelved: false })
    expect(besides(panel)).toEqual(["shelve proved", "unshelve proved"])
  })

  it("leaves an acknowledgement on its way one of the state that the officer saw", () => {
    const panel = tampered().answers("DoorTampered").tells("case", { event: "e2", shelved: true })
    expect(panel.owed).toMatchObject([{ kind: "acknowledge", event: "e2" }])
    panel.tells("case", { event: "e3", shelved: true })
    expect(panel.states).toEqual(["case unacknowledged stale"])
  })

  it("is ended at the panel when the alert is closed", () => {
    const panel = tampered().shelves("DoorTampered", 5).sends()
    panel.tells("case", { event: "e2", shelved: true }).came("proved", "case", { kind: "shelve" })
    expect(panel.closesAlert("DoorTampered").owed.map(({ kind }) => kind)).toEqual(["acknowledge", "unshelve"])
  })

  it("until it is normal again is ended at the panel when its longest time is over", () => {
    const panel = tampered().shelves("DoorTampered", 5, true).sends()
    panel.tells("case", { event: "e2", shelved: true }).came("proved", "case", { kind: "shelve" }).at(301)
    expect(panel.owed).toMatchObject([{ kind: "unshelve", by: "Ada" }])
  })

  it("that has not gone out when it is taken back is not sent", () => {
    const panel = tampered().shelves("DoorTampered", 5).unshelves("DoorTampered")
    expect(panel.owed).toEqual([])
    expect(besides(panel)).toEqual(["shelve stale"])
  })

  it("until it is normal again is ended at the panel that does not end it by itself", () => {
    const panel = tampered().shelves("DoorTampered", 5, true).sends()
    panel.tells("case", { event: "e2", shelved: true }).came("proved", "case", { kind: "shelve" })
    const untold = panel.says("case", { event: "e3", active: false, shelved: true, retain: false })
    expect(untold.owed).toMatchObject([{ kind: "unshelve", by: "Ada" }])
    const conforming = tampered().shelves("DoorTampered", 5, true).sends()
    conforming.tells("case", { event: "e2", shelved: true }).came("proved", "case", { kind: "shelve" })
    expect(conforming.says("case", { event: "e3", active: false, shelved: false }).owed).toEqual([])
  })

  it("stays here where the panel shelves nothing", () => {
    expect(new PanelStage().says("case", { shelvable: false }).shelves("DoorTampered", 5).owed).toEqual([])
  })

  it("is refused for what is critical, and ends when a condition becomes so", () => {
    const panel = new PanelStage().says("panic").at(1).shelves("PanicPressed", 5)
    expect(panel.alert("PanicPressed")).not.toHaveProperty("shelved")
  })
})
