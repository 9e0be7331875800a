// How long the gateway's own thread stands still while a large configuration is read anew, and how long until it is in force.
// Run: node test/bench/reload.ts [doors] [here]   ("here": read on the gateway's own thread, as it was before)
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { Effect, Exit, Logger, Scope } from "effect"
import { adapters } from "../../adapters/adapters.ts"
import { readAnew, runGateway } from "../../gateway/app.ts"
import { installed } from "../../gateway/installed.ts"
import { besideOf, sourceOf } from "../../gateway/settings/config-source.ts"
import { checkSettings, loadSettings } from "../../gateway/settings/load-settings.ts"
import { toldOf } from "../../gateway/settings/told-settings.ts"
import { freePort } from "../road/peers.ts"

const doors = Number(process.argv[2] ?? 5000)
const here = process.argv[3] === "here"
const directory = mkdtempSync(join(tmpdir(), "gatehouse-bench-reload-"))
const configDir = join(directory, "config")
mkdirSync(configDir)

const nth = Array.from({ length: doors }, (_, n) => n)
writeFileSync(
  join(configDir, "campus.yaml"),
  `site: { id: bench, name: Bench, timeZone: UTC }
links:
  mqtt: { adapter: mqtt, settings: { broker: embedded, port: ${await freePort()} } }
api: { port: ${await freePort()} }
dataDir: ${join(directory, "var")}
profilesDirectory: ${resolve(import.meta.dirname, "../../config/profiles")}
rulesDirectory: ${resolve(import.meta.dirname, "../../config/rules")}
areas: [{ id: hall, name: Hall, kind: building }]
packs: [door, access, supervision]
`
)
writeFileSync(
  join(configDir, "devices.yaml"),
  `devices:\n${nth.map((n) => `  - { id: panel-${n}, link: mqtt, profile: generic, address: p${n} }`).join("\n")}\n`
)
const writeDoors = (heldOpenSeconds: number): void =>
  writeFileSync(
    join(configDir, "doors.yaml"),
    `doors:\n${nth
      .map(
        (n) =>
          `  - id: door-${n}\n    name: Door ${n}\n    area: hall\n    position: panel-${n}/contact\n    rex: [panel-${n}/rex]\n` +
          `    accessPoints: [{ reader: panel-${n}/reader, direction: in }]\n    times: { heldOpenSeconds: ${n === 0 ? heldOpenSeconds : 45} }`
      )
      .join("\n")}\n`
  )
writeDoors(45)

const settings = loadSettings([configDir], installed)
const source = sourceOf([configDir], besideOf(settings), {
  read: here ? (paths) => Effect.sync(() => toldOf(checkSettings(paths, installed))) : readAnew,
  onHangUp: () => () => {}
})
const scope = Scope.makeUnsafe()
const running = await Effect.runPromise(
  runGateway(settings, adapters, source).pipe(Scope.provide(scope), Effect.provide(Logger.layer([])))
)

let last = performance.now()
let stalls: Array<number> = []
const ticker = setInterval(() => {
  const now = performance.now()
  stalls.push(now - last - 5)
  last = now
}, 5)

for (const seconds of [60, 75, 90]) {
  const applied = new Promise<void>((done) => {
    const stop = running.subscribe((entries) => {
      if (!entries.some((entry) => entry._tag === "Fact" && entry.fact._tag === "ConfigApplied")) return
      stop()
      done()
    })
  })
  stalls = []
  const began = performance.now()
  writeDoors(seconds)
  await applied
  const took = performance.now() - began
  const longest = [...stalls].sort((a, b) => b - a).slice(0, 4)
  console.log(
    `${doors} doors, read ${here ? "here" : "on a thread"}: in force after ${(took / 1000).toFixed(1)} s, ` +
      `longest stalls ${longest.map((ms) => `${Math.round(ms)} ms`).join(", ")}`
  )
}
clearInterval(ticker)
await Effect.runPromise(Scope.close(scope, Exit.void))
rmSync(directory, { recursive: true, force: true })
