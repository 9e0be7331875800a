import { describe, expect, it } from "vitest"
import { campusOf } from "../correlation/door-stage.ts"
import { CommandedDoor, eastWithout } from "./commanded-door.ts"

describe("a command to a door", () => {
  it("is proved by the mode it sets, and not by its acceptance", () => {
    const door = CommandedDoor.closed().commands("LockDown").at(0.4).answers("accepted").at(2)
    expect(door.states).toEqual(["LockDown accepted"])
    door.mode("LockedDown").at(60)
    expect(door.states).toEqual(["LockDown proved"])
    expect(door.proof).toBe("LockedDown Closed")
    expect(door.happened("DoorCommandProved", "DoorCommandNotProved")).toEqual(["2.0 DoorCommandProved"])
    expect(door.story).toEqual([])
  })

  it("is proved by a repeated reading where the door was in that mode before", () => {
    const door = CommandedDoor.closed().commands("Lock").answers("accepted").at(3)
    expect(door.states).toEqual(["Lock accepted"])
    expect(door.mode("Locked").states).toEqual(["Lock proved"])
  })

  it("is proved by the mode and not by the lock where a door has both", () => {
    const door = CommandedDoor.closed().commands("Unlock").answers("accepted").at(1).lock("unlocked")
    expect(door.states).toEqual(["Unlock accepted"])
    expect(door.mode("Unlocked").states).toEqual(["Unlock proved"])
  })

  it("raises an alert that says what was commanded, by whom, and what is known, when nothing proves it in time", () => {
    const door = CommandedDoor.closed().commands("Lock", "Ada", "end of lectures").at(1).answers("accepted").at(10.9)
    expect(door.story).toEqual([])
    door.at(11)
    expect(door.story).toEqual(["11.0 CommandNotProved raised"])
    expect(door.states).toEqual(["Lock not-proved"])
    expect(door.alert("CommandNotProved")).toMatchObject({
      key: "door:east",
      priority: 2,
      title: "Lock not proved: East door"
    })
    expect(door.reasons("CommandNotProved")).toEqual([
      "0.0 Ada gave the command Lock: end of lectures",
      "1.0 The door's device accepted it",
      "-60.0 The last known mode of the door is Locked",
      "11.0 No reading has shown it done"
    ])
  })

  it("is not proved by another mode", () => {
    const door = CommandedDoor.closed().commands("LockDown").answers("accepted").at(1).mode("Blocked").at(10)
    expect(door.states).toEqual(["LockDown not-proved"])
    expect(door.alert("CommandNotProved")?.priority).toBe(1)
  })

  it("has the time that the door's configuration gives it", () => {
    const campus = campusOf({ times: { commandProofSeconds: 3 } })
    const door = CommandedDoor.closed(campus).commands("Lock").answers("accepted").at(2.9)
    expect(door.story).toEqual([])
    expect(door.at(3).story).toEqual(["3.0 CommandNotProved raised"])
  })

  it("that the device refuses is refused, and no alert: who gave it is told", () => {
    const door = CommandedDoor.closed().commands("Lock").at(1).answers("refused", "it is locked open").at(60)
    expect(door.states).toEqual(["Lock refused"])
    expect(door.followed[0]?.answer).toMatchObject({ outcome: "refused", detail: "it is locked open" })
    expect(door.story).toEqual([])
  })

  it("of which nobody knows whether it was heard can still be proved, and is missed when it is not", () => {
    const unheard = () => CommandedDoor.closed().commands("LockDown").at(10).answers("unknown", "no answer")
    expect(unheard().at(12).mode("LockedDown").at(60).states).toEqual(["LockDown proved"])
    const door = unheard().at(20)
    expect(door.story).toEqual(["20.0 CommandNotProved raised"])
    expect(door.reasons("CommandNotProved")[1]).toBe(
      "10.0 Nobody can say whether the door's device has heard it: no answer"
    )
  })

  it("that is never answered at all is missed as well", () => {
    const door = CommandedDoor.closed().commands("Lock").at(19.9)
    expect(door.story).toEqual([])
    expect(door.at(20).story).toEqual(["20.0 CommandNotProved raised"])
    // The record is made whole, and nothing more.
    expect(door.answers("accepted").at(60).states).toEqual(["Lock not-proved"])
    expect(door.story).toHaveLength(1)
  })

  it("may be shown done before its device has answered, and counts once that has accepted it", () => {
    const shown = () => CommandedDoor.closed().commands("Unlock").at(1).mode("Unlocked").at(2)
    expect(shown().states).toEqual(["Unlock sent"])
    const door = shown().answers("accepted")
    expect(door.states).toEqual(["Unlock proved"])
    expect(door.happened("DoorCommandProved")).toEqual(["1.0 DoorCommandProved"])
    expect(shown().answers("refused").at(60).states).toEqual(["Unlock refused"])
  })

  it("is answered once: a second answer changes nothing", () => {
    const door = CommandedDoor.closed().commands("Lock").answers("refused").answers("accepted").at(60)
    expect(door.states).toEqual(["Lock refused"])
    expect(door.story).toEqual([])
  })
})

describe("a reading proves a command", () => {
  const commanded = () => CommandedDoor.closed().at(100).commands("Lock").answers("accepted").at(102)

  it("only when it tells of a time after it: what was on its way says how the door was", () => {
    expect(commanded().mode("Locked", { deviceTime: 98, trusted: true }).states).toEqual(["Lock accepted"])
    expect(commanded().mode("Locked", { deviceTime: 101, trusted: true }).states).toEqual(["Lock proved"])
  })

  it("even when its device dates it by whole seconds", () => {
    const door = CommandedDoor.closed().at(100.7).commands("LockDown").answers("accepted").at(101)
    expect(door.mode("LockedDown", { deviceTime: 100, trusted: true }).states).toEqual(["LockDown proved"])
  })

  it("not when it is history, or a test", () => {
    expect(commanded().mode("Locked", { origin: "replayed" }).states).toEqual(["Lock accepted"])
    expect(commanded().mode("Locked", { test: true }).states).toEqual(["Lock accepted"])
  })

  it("not when a broker may have kept it from before, until the link has settled", () => {
    const door = commanded().link({ _tag: "Offline", reason: "reset" }).at(103).link({ _tag: "Online" })
    expect(door.mode("Locked", { origin: "recovery" }).states).toEqual(["Lock accepted"])
    expect(door.at(107).mode("Locked", { origin: "recovery" }).states).toEqual(["Lock proved"])
  })
})

describe("a command that was not proved", () => {
  const missed = () => CommandedDoor.closed().commands("LockDown").answers("accepted").at(11)

  it("stays so, and its alert returns to normal when the door shows it after all", () => {
    const door = missed().at(14).mode("LockedDown").at(20)
    expect(door.story).toEqual(["10.0 CommandNotProved raised", "14.0 CommandNotProved returned-to-normal"])
    expect(door.states).toEqual(["LockDown not-proved"])
    expect(door.proof).toBe("LockedDown Closed")
    expect(door.reasons("CommandNotProved").at(-1)).toMatch(
      /^14\.0 LockDown \(C-\d+\) is shown: the door's mode is LockedDown$/
    )
  })

  it("is answered for by a later one that is proved", () => {
    const door = missed().commands("Lock").answers("accepted").at(12).mode("Locked")
    expect(door.states).toEqual(["LockDown not-proved", "Lock proved"])
    expect(door.story.at(-1)).toBe("12.0 CommandNotProved returned-to-normal")
  })

  it("is not shown by what a later command did", () => {
    const door = missed().commands("Unlock").answers("accepted").at(12).mode("LockedDown")
    expect(door.followed[0]?.proof).toBeUndefined()
    expect(door.alert("CommandNotProved")?.active).toBe(true)
  })

  it("asks a person again each time", () => {
    const door = missed().acknowledges("CommandNotProved").commands("LockDown").answers("accepted").at(30)
    expect(door.alert("CommandNotProved")).toMatchObject({ acknowledged: false, count: 2 })
  })
})

describe("two commands to one door", () => {
  it("the later one that the device accepts stands for both", () => {
    const door = CommandedDoor.closed().commands("Unlock").answers("accepted").at(1)
    door.commands("LockDown").answers("accepted").at(2).mode("LockedDown").at(60)
    expect(door.states).toEqual(["Unlock overtaken", "LockDown proved"])
    expect(door.story).toEqual([])
  })

  it("the earlier one is still awaited when the later one is refused", () => {
    const door = CommandedDoor.closed().commands("Lock").answers("accepted").at(1)
    door.commands("Unlock").answers("refused").at(60)
    expect(door.states).toEqual(["Lock not-proved", "Unlock refused"])
    expect(door.story).toEqual(["10.0 CommandNotProved raised"])
  })

  it("of many only the newest stay in mind, and none that is awaited is forgotten", () => {
    const door = CommandedDoor.closed().commands("Lock").answers("accepted")
    for (let nth = 0; nth < 30; nth++) door.commands("Access").answers("refused")
    expect(door.states).toEqual(["Lock accepted", ...Array<string>(9).fill("Access refused")])
  })
})

describe("a command and a restart", () => {
  it("is still awaited after a kill, and missed when nothing proves it", () => {
    const door = CommandedDoor.closed().commands("Lock").answers("accepted").at(1).killedUntil(4)
    expect(door.states).toEqual(["Lock accepted"])
    expect(door.at(60).story).toEqual(["10.0 CommandNotProved raised"])
  })

  it("is proved by what the device tells when it is heard again", () => {
    const door = CommandedDoor.closed().commands("LockDown").killedUntil(5).answers("unknown", "the gateway stopped")
    door.at(6).mode("LockedDown", { origin: "recovery", deviceTime: 1, trusted: true }).at(60)
    expect(door.states).toEqual(["LockDown proved"])
    expect(door.story).toEqual([])
  })

  it("keeps its deadline when the configuration changes, and goes with its door", () => {
    const changed = CommandedDoor.closed().commands("Lock").answers("accepted").at(1).configured(campusOf(), "v2")
    expect(changed.at(60).story).toEqual(["10.0 CommandNotProved raised"])
    const gone = { ...campusOf(), doors: campusOf().doors.filter(({ id }) => id !== "east") }
    const without = CommandedDoor.closed().commands("Lock").answers("accepted").at(1).configured(gone, "v2").at(60)
    expect([without.followed, without.story]).toEqual([[], []])
  })

  it("to a door that the campus does not have changes nothing", () => {
    const door = new CommandedDoor(campusOf()).at(0)
    door
      .configured({ ...campusOf(), doors: [] }, "v2")
      .commands("Lock")
      .answers("accepted")
      .at(60)
    expect([door.followed, door.story]).toEqual([[], []])
  })
})

describe("a lockdown of an open door", () => {
  it("does not hide that it stands open: neither on the board, nor in its proof, nor from the held alert", () => {
    const door = CommandedDoor.closed().mode("Unlocked").at(10).opens().at(100)
    door.commands("LockDown").answers("accepted").at(101).mode("LockedDown")
    expect(door.proof).toBe("LockedDown Open")
    expect(door.door()).toMatchObject({ standing: "Open", position: "Open", mode: "LockedDown" })
    expect(door.at(132).story).toEqual(["131.0 DoorOpenTooLong raised"])
    expect(door.door().standing).toBe("Held")
  })

  it("leaves a forced door forced", () => {
    const door = CommandedDoor.closed().opens().at(5).commands("LockDown").answers("accepted").at(6).mode("LockedDown")
    expect(door.door().standing).toBe("Forced")
    expect(door.at(10).alert("DoorForcedOpen")?.active).toBe(true)
  })
})

describe("a door without a mode point", () => {
  const byLock = () => CommandedDoor.closed(eastWithout("mode"))

  it("is proved locked and unlocked by its lock", () => {
    expect(byLock().commands("Unlock").answers("accepted").at(1).lock("unlocked").states).toEqual(["Unlock proved"])
    expect(byLock().commands("Lock").answers("accepted").at(1).lock("locked").states).toEqual(["Lock proved"])
    const door = byLock().commands("Lock").answers("accepted").at(11)
    expect(door.reasons("CommandNotProved")[2]).toBe("10.0 Its lock is, as far as is known: Locked")
  })

  it("may be opened, and stand open, after a proved unlock, until its lock is locked again", () => {
    const door = byLock().commands("Unlock").answers("accepted").at(1).lock("unlocked").at(5).opens().at(300)
    expect(door.story).toEqual([])
    door.lock("locked").at(320).closes().at(330).opens().at(340)
    expect(door.story).toEqual(["331.5 DoorForcedOpen raised"])
  })

  it("is free too after an unlock that its lock shows late", () => {
    const door = byLock().commands("Unlock").answers("accepted").at(14).lock("unlocked").at(20).opens().at(300)
    expect(door.story).toEqual(["10.0 CommandNotProved raised", "14.0 CommandNotProved returned-to-normal"])
  })

  it("is held from when it is locked again while it stands open", () => {
    const door = byLock().commands("Unlock").answers("accepted").at(1).lock("unlocked").at(5).opens().at(100)
    expect(door.lock("locked").at(131).story).toEqual(["130.0 DoorOpenTooLong raised"])
  })

  it("is not made free by an unlock that only its device has accepted", () => {
    const door = byLock().commands("Unlock").answers("accepted").at(2).opens().at(4)
    expect(door.story).toEqual(["3.5 DoorForcedOpen raised"])
  })
})
