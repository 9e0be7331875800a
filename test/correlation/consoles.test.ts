import { describe, expect, it } from "vitest"
import { fold, initial } from "../../gateway/correlation/fold.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import { freeze, thaw } from "../../gateway/correlation/snapshot.ts"
import { ConsoleId, silenceMs } from "../../gateway/domain/console.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { gapsOf } from "../../gateway/gaps/list.ts"
import { Stage } from "./door-stage.ts"

const of = { console: ConsoleId.make("c-1"), by: "R. Alvarez" }

const after = (situation: Situation, ...facts: ReadonlyArray<Fact>): Situation =>
  facts.reduce((now, fact) => fold(now, now.seq + 1, fact).situation, situation)

const gapsAt = (situation: Situation, at: number) =>
  gapsOf({ at, situation, links: [], warnings: [], registered: new Set(), store: { accepting: true } }).filter(
    ({ kind }) => kind.startsWith("console-")
  )

describe("a console", () => {
  it("is a gap while an officer has it silent, for a minute at most, whatever was asked for", () => {
    const silent = after(initial, { _tag: "AlarmSilenced", at: 1_000, ...of, until: 9_999_999 })
    expect(gapsAt(silent, 2_000)).toMatchObject([{ kind: "console-silenced", owner: "R. Alvarez", until: 61_000 }])
    expect(gapsAt(silent, 1_000 + silenceMs)).toEqual([])
  })

  it("that nobody looks at is a gap while a critical alert waits, and only then", () => {
    const forced = Stage.closedDoor().at(3).opens().at(10)
    const { situation } = forced
    const unwatched = after(situation, { _tag: "ConsoleUnwatched", at: situation.at, ...of, why: "hidden" })
    expect(gapsAt(unwatched, situation.at)).toMatchObject([{ kind: "console-unwatched", owner: "R. Alvarez" }])
    const quiet = after(initial, { _tag: "ConsoleUnwatched", at: 1_000, ...of, why: "gone" })
    expect(gapsAt(quiet, 1_000)).toEqual([])
    const watched = after(unwatched, { _tag: "ConsoleWatched", at: situation.at, ...of })
    expect(watched.consoles).toEqual([])
  })

  it("with which something is amiss is known again from a snapshot", () => {
    const silent = after(initial, { _tag: "AlarmSilenced", at: 1_000, ...of, until: 61_000 })
    expect(thaw(freeze(silent)).consoles).toEqual(silent.consoles)
  })
})
