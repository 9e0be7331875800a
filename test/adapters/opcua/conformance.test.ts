import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll } from "vitest"
import type { Adapter } from "../../../adapters/adapter.ts"
import { opcua } from "../../../adapters/opcua/adapter.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import { inThread } from "../../../gateway/links/thread/in-thread.ts"
import { conforms } from "../../adapter-conformance.ts"
import { freePort, temporaryDirectory } from "../../road/peers.ts"
import type { Peer } from "../start-link.ts"
import { type Simulator, startSimulator } from "./simulator.ts"

const directory = temporaryDirectory("opcua-conformance")
const user = { name: "gatehouse", password: "kreidefelsen" }

/**
 * Events alone, so that what a test hears is what the test has said: first values would come first. The server speaks for
 * the device, and says nothing of it.
 */
const profile = `description: events of a panel
protocol: opcua
namespaces: { p: "urn:gatehouse:access-panel" }
notifier: p:Doors
fields: { credential: "p:Credential", reader: "p:Reader" }
occurrences:
  - { event: "p;s=AccessDeniedEventType", point: reader, word: AccessDenied, fields: { credential: { path: credential }, reason: { is: Other } } }
readings:
  - { event: "p;s=DuressEventType", point: nobody, kind: input, path: reader, values: { readable: "on" } }
availability:
  - { event: "p;s=DoorsEventType", is: offline }
tests: []
`

const secret = (text: string): { readonly file: string } => {
  const file = join(directory.path, text)
  writeFileSync(file, `${text}\n`)
  return { file }
}

const options = { pki: join(directory.path, "panel"), doors: [{ token: "front", name: "Front door" }] }

let port = 0
let simulator: Simulator
let stopped = false

/** One server for all tests, unless one of them has it vanish. */
const serve = async (): Promise<void> => {
  port = await freePort()
  stopped = false
  simulator = await startSimulator({
    port,
    pki: options.pki,
    applicationUri: "urn:test:simulated-panel",
    panels: [{ id: "panel", path: [], doors: options.doors, readers: [{ token: "front-in", door: "front" }] }],
    users: [user],
    trustsEverybody: true
  })
}

beforeAll(async () => {
  await serve()
  mkdirSync(join(directory.path, "profiles"))
  writeFileSync(join(directory.path, "profiles/events.yaml"), profile)
  const trusted = join(directory.path, "pki/trusted/certs")
  mkdirSync(trusted, { recursive: true })
  copyFileSync(join(options.pki, "own/certs/certificate.pem"), join(trusted, "panel.pem"))
}, 60_000)
afterAll(async () => {
  await simulator.kill()
  directory.dispose()
})

let peers = 0

const openPeer = async (): Promise<Peer> => {
  if (stopped) await serve()
  const settings = {
    endpoint: `opc.tcp://127.0.0.1:${port}`,
    user: { username: user.name, password: secret(user.password) },
    pki: join(directory.path, "pki"),
    state: join(directory.path, `state-${++peers}`)
  }
  return {
    settings,
    wrongSettings: { ...settings, user: { username: user.name, password: secret("wrong") } },
    devices: [{ id: DeviceId.make("panel"), link: LinkId.make("link"), profile: "events", address: "/" }],
    profilesDirectory: join(directory.path, "profiles"),
    say: (word) => simulator.present("front-in", word, false),
    babble: () => simulator.tell({ _tag: "Duress", reader: "front-in", card: { number: "1" } }),
    hush: () => Promise.resolve(),
    vanish: async () => {
      await simulator.kill()
      stopped = true
    },
    stop: () => Promise.resolve()
  }
}

const adapter = opcua as unknown as Adapter<unknown>

conforms("opcua at a secured panel", adapter, openPeer, { vanish: true, refuse: true })

const scope = Scope.makeUnsafe()
let threaded: Adapter<unknown>
beforeAll(async () => {
  const options = { now: Date.now, pointsOf: () => [] }
  threaded = await Effect.runPromise(inThread(adapter, options).pipe(Scope.provide(scope)))
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

conforms(
  "opcua on a thread of its own",
  { ...adapter, link: (settings, context) => threaded.link(settings, context) },
  openPeer,
  { vanish: true, refuse: true }
)
