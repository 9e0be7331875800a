import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import Database from "better-sqlite3"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import { readSettings } from "../../gateway/app.ts"
import { Intake } from "../../gateway/intake/intake.ts"
import { IntakeLive } from "../../gateway/intake/intake-layer.ts"
import { chance } from "../../simulators/campus/people.ts"
import { ended, temporaryDirectory } from "../road/peers.ts"
import { headerOf, type Received, startHook, startMailServer } from "./receivers.ts"

export interface OutboxOptions {
  readonly kills: number
  readonly seed: number
}

/** What a run came to. */
export interface OutboxRun {
  readonly kills: number
  /** The keys of all notifications that the fold owed. */
  readonly owed: ReadonlyArray<string>
  /** Those that the log says were handed over. */
  readonly handedOver: ReadonlyArray<string>
  /** How often each key came to a receiver, mails and posts together. */
  readonly received: ReadonlyMap<string, number>
  /** What a mail's own id was, by its key: one for all copies. */
  readonly mailIds: ReadonlyMap<string, ReadonlySet<string>>
}

const root = resolve(import.meta.dirname, "../..")

const configOf = (directory: string, ports: { readonly mail: number; readonly hook: number }): string => {
  const file = join(directory, "gatehouse.yaml")
  mkdirSync(join(directory, "data"), { recursive: true })
  writeFileSync(
    file,
    `site: { id: outbox, name: Outbox, timeZone: UTC }
links: {}
api: { host: 127.0.0.1, port: 0 }
dataDir: ${join(directory, "data")}
profilesDirectory: ${join(root, "config/profiles")}
channels:
  mail: { kind: email, settings: { host: 127.0.0.1, port: ${ports.mail}, tls: none, from: desk@example.org } }
  hook: { kind: webhook, settings: { url: "http://127.0.0.1:${ports.hook}/" } }
people:
  - { id: ada, name: Ada, role: officer, reach: [mail], addresses: { mail: ada@example.org } }
  - { id: ben, name: Ben, role: officer, reach: [mail], addresses: { mail: ben@example.org } }
escalations:
  - { id: all, steps: [{ afterSeconds: 0, to: [{ role: officer }, { channel: hook }] }] }
notify: { routes: { critical: all } }
`
  )
  return file
}

/** Puts so many critical alerts into the log of a gateway that does not run yet; each owes three notifications. */
const seedAlerts = async (config: string, alerts: number): Promise<ReadonlyArray<string>> => {
  const { campus, configVersion: version, dataDir } = readSettings([config])
  const scope = Scope.makeUnsafe()
  const store = IntakeLive({ file: join(dataDir, "gatehouse.db"), site: campus.site.id, now: Date.now })
  const intake = Context.get(await Effect.runPromise(Layer.build(store).pipe(Scope.provide(scope))), Intake)
  const enter = (fact: Parameters<typeof intake.enter>[0]) => Effect.runPromise(intake.enter(fact))
  const owed: Array<string> = []
  await enter({ _tag: "ConfigApplied", version, campus, by: "test" })
  for (let nth = 0; nth < alerts; nth++) {
    const { decisions } = await enter({
      _tag: "Observed",
      link: LinkId.make("mqtt"),
      observation: {
        _tag: "Occurrence",
        device: DeviceId.make(`button-${nth}`),
        point: "button",
        origin: "change",
        source: "test",
        occurrence: { _tag: "PanicPressed" }
      },
      receivedAt: Date.now(),
      occurredAt: Date.now()
    })
    for (const decision of decisions) if (decision._tag === "Notification") owed.push(decision.notification.id)
  }
  await Effect.runPromise(Scope.close(scope, Exit.void))
  return owed
}

const handedOverIn = (dataDir: string): ReadonlyArray<string> => {
  const database = new Database(join(dataDir, "gatehouse.db"), { readonly: true })
  try {
    const rows = database
      .prepare<[], { readonly id: string }>(
        `SELECT DISTINCT json_extract(body, '$.notification.id') AS id FROM entry
         WHERE kind = 'Notification' AND json_extract(body, '$.notification.state') = 'handed-over'`
      )
      .all()
    return rows.map(({ id }) => id).sort()
  } finally {
    database.close()
  }
}

/** Gateways, of which the next one loads while the one before still runs. */
const gateways = (config: string) => {
  const load = () =>
    spawn(process.execPath, [join(root, "test/notify/outbox-gateway.ts"), config], {
      cwd: root,
      stdio: ["pipe", "ignore", "ignore"]
    })
  let spare = load()
  return {
    start: (): ChildProcess => {
      const started = spare
      started.stdin.end("go")
      spare = load()
      return started
    },
    end: async (): Promise<void> => {
      spare.kill("SIGKILL")
      await ended(spare)
    }
  }
}

/**
 * Kills a gateway, again and again, after a receiver has its message and before the gateway can know: by then the message
 * is sent, and not marked. Between two kills it gets some messages through. Then it runs until nothing is owed.
 */
export const outboxRun = async ({ kills, seed }: OutboxOptions): Promise<OutboxRun> => {
  const random = chance(seed)
  const directory = temporaryDirectory("outbox")
  const received = new Map<string, number>()
  const mailIds = new Map<string, Set<string>>()
  let [child, dying]: [ChildProcess | undefined, ChildProcess | undefined] = [undefined, undefined]
  let [killed, before, toKill] = [0, 0, kills]
  /** Whether the message is answered; if not, its gateway is dead before it could be. */
  const takes = ({ key, text }: Received): boolean => {
    received.set(key, (received.get(key) ?? 0) + 1)
    const id = headerOf(text, "Message-ID")
    if (id !== "") mailIds.set(key, (mailIds.get(key) ?? new Set()).add(id))
    if (child !== dying && (toKill === 0 || before-- > 0)) return true
    if (child !== undefined && child !== dying) {
      dying = child
      killed++
      toKill--
      // What was answered before is marked by then, some of it.
      const doomed = child
      setTimeout(() => doomed.kill("SIGKILL"), random() * 40)
    }
    return false
  }
  const never = new Promise<never>(() => {})
  const mail = await startMailServer((one) => (takes(one) ? Promise.resolve(undefined) : never))
  const hook = await startHook((one) => Promise.resolve(takes(one) ? { status: 204 } : undefined))
  const config = configOf(directory.path, { mail: mail.port, hook: hook.port })
  const owed = await seedAlerts(config, Math.ceil(kills / 2) + 2)
  const { dataDir } = readSettings([config])
  const next = gateways(config)
  while (toKill > 0) {
    before = Math.floor(random() * 3)
    child = next.start()
    await ended(child)
  }
  child = next.start()
  const giveUpAt = Date.now() + 60_000
  while (handedOverIn(dataDir).length < owed.length && Date.now() < giveUpAt)
    await new Promise((later) => setTimeout(later, 50))
  child.kill("SIGTERM")
  await Promise.all([ended(child), next.end()])
  const handedOver = handedOverIn(dataDir)
  await Promise.all([mail.close(), hook.close()])
  directory.dispose()
  return { kills: killed, owed: [...owed].sort(), handedOver, received, mailIds }
}
