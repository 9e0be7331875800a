// How long an explanation takes in a long log, and how long the gateway's own thread stands still meanwhile.
// Run: node test/bench/explain.ts [passages]
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { Effect, Exit, Scope } from "effect"
import { fold, initial, nextDue } from "../../gateway/correlation/fold.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import { Campus } from "../../gateway/domain/campus.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import { openExplanations } from "../../gateway/explain/explanations.ts"
import { openForWriting } from "../../gateway/log/database.ts"
import { LogRecorder } from "../log/log-recorder.ts"
import { Schema } from "effect"

const passages = Number(process.argv[2] ?? 50_000)
const doorCount = 500
const dawn = Date.UTC(2026, 0, 5, 6)
const nth = Array.from({ length: doorCount }, (_, n) => n)

const campus = Schema.decodeUnknownSync(Campus)({
  site: { id: "bench", name: "Bench", timeZone: "UTC" },
  areas: [{ id: "hall", name: "Hall", kind: "building" }],
  devices: nth.map((n) => ({ id: `panel-${n}`, link: "mqtt", profile: "generic", address: `p${n}` })),
  doors: nth.map((n) => ({
    id: `door-${n}`,
    name: `Door ${n}`,
    area: "hall",
    position: `panel-${n}/contact`,
    accessPoints: [{ reader: `panel-${n}/reader`, direction: "in" }]
  })),
  cameras: []
})

const dataDir = mkdtempSync(join(tmpdir(), "gatehouse-bench-explain-"))
const database = openForWriting(join(dataDir, "gatehouse.db"), "bench", dawn)
const recorder = new LogRecorder(database, "bench")
let situation: Situation = initial
let seq = 0
let now = dawn

const enter = (fact: Fact): void => {
  const folded = fold(situation, seq + 1, fact)
  situation = folded.situation
  seq += recorder.append(seq + 1, fact.at, fact, folded.decisions)
}

const observed = (observation: Observation): void =>
  enter({ _tag: "Observed", at: now, link: LinkId.make("mqtt"), observation, receivedAt: now, occurredAt: now })

const pass = (to: number): void => {
  for (let due = nextDue(situation); due !== undefined && due <= to; due = nextDue(situation)) {
    now = Math.max(now, due)
    enter({ _tag: "TimePassed", at: now })
  }
  now = to
}

const of = (n: number) => ({ device: DeviceId.make(`panel-${n}`), origin: "change", source: "bench" }) as const

const position = (n: number, value: "open" | "closed"): void =>
  observed({ _tag: "Reading", ...of(n), point: "contact", reading: { kind: "position", value } })

const began = performance.now()
enter({ _tag: "GatewayStarted", at: now })
enter({ _tag: "ConfigApplied", at: now, version: "v1", campus, by: "bench" })
for (const n of nth) position(n, "closed")
for (let passage = 0; passage < passages; passage++) {
  const n = (passage * 7919) % doorCount
  // Every so often somebody opens a door without a right.
  if (passage % 50 !== 0) {
    observed({
      _tag: "Occurrence",
      ...of(n),
      point: "reader",
      occurrence: { _tag: "AccessGranted", credential: `C${n}` }
    })
  }
  pass(now + 800)
  position(n, "open")
  pass(now + 2000)
  position(n, "closed")
  pass(now + 400)
}
recorder.commit()
database.close()
console.log(
  `${seq} entries over ${((now - dawn) / 3_600_000).toFixed(0)} h, written in ${Math.round(performance.now() - began)} ms`
)

const scope = Scope.makeUnsafe()
const explanations = await Effect.runPromise(openExplanations(dataDir).pipe(Scope.provide(scope)))
for (const part of [0, 0.5, 1]) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const from = performance.now()
  const at = Math.round(dawn + 60_000 + (now - dawn - 60_000) * part)
  const told = await Effect.runPromise(explanations.ask({ _tag: "Door", id: "door-3", at }))
  delay.disable()
  console.log(
    `at ${part * 100} % of the log: ${Math.round(performance.now() - from)} ms, ${told?.facts ?? 0} facts folded; ` +
      `this thread stood still for ${(delay.max / 1e6).toFixed(1)} ms at most`
  )
}
const from = performance.now()
const report = await Effect.runPromise(explanations.ask({ _tag: "Doctor", from: dawn, to: now }))
const alarms = report.doors.reduce((sum, { happenings }) => sum + happenings.length, 0)
console.log(
  `the doctor over all of it: ${Math.round(performance.now() - from)} ms, ${report.facts} facts folded, ` +
    `${alarms} alarms at ${report.doors.length} doors (${report.leftOut} left out)`
)
await Effect.runPromise(Scope.close(scope, Exit.void))
rmSync(dataDir, { recursive: true, force: true })
