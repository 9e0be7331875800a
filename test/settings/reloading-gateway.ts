import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { Effect, Exit, Logger, Scope } from "effect"
import mqtt, { type MqttClient } from "mqtt"
import { adapters } from "../../adapters/adapters.ts"
import { readAnew, runGateway } from "../../gateway/app.ts"
import type { Alert } from "../../gateway/domain/alert.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { installed } from "../../gateway/installed.ts"
import type { Entry } from "../../gateway/log/entry.ts"
import { besideOf, sourceOf } from "../../gateway/settings/config-source.ts"
import { loadSettings } from "../../gateway/settings/load-settings.ts"
import { freePort, listening, temporaryDirectory } from "../road/peers.ts"

type Named<Tag extends Fact["_tag"]> = Extract<Fact, { readonly _tag: Tag }>

/** A gateway on configuration files that a test writes, with its embedded broker and whoever speaks there. */
export const startReloading = async (doors: string, more: ReadonlyArray<string> = []) => {
  const directory = temporaryDirectory("reload")
  const [broker, port] = [await freePort(), await freePort()]
  const configDir = join(directory.path, "config")
  const write = (name: string, text: string): void => writeFileSync(join(configDir, name), text)
  const remove = (name: string): void => rmSync(join(configDir, name))
  const campus = (apiPort: number): string => `site: { id: north, name: North, timeZone: Europe/Berlin }
links:
  mqtt: { adapter: mqtt, settings: { broker: embedded, port: ${broker} } }
api: { port: ${apiPort} }
dataDir: ${join(directory.path, "var")}
profilesDirectory: ${resolve(import.meta.dirname, "../../config/profiles")}
areas: [{ id: hall, name: Hall, kind: building }]
${more.join("\n")}`
  mkdirSync(configDir)
  write("campus.yaml", campus(port))
  write("doors.yaml", doors)

  const hangUps = new Set<() => void>()
  const settings = loadSettings([configDir], installed)
  const source = sourceOf([configDir], besideOf(settings), {
    read: readAnew,
    onHangUp: (listener) => {
      hangUps.add(listener)
      return () => void hangUps.delete(listener)
    }
  })
  const scope = Scope.makeUnsafe()
  const running = await Effect.runPromise(
    runGateway(settings, adapters, source).pipe(Scope.provide(scope), Effect.provide(Logger.layer([])))
  )
  const heard: Array<Entry> = []
  const listeners = new Set<() => void>()
  running.subscribe((entries) => {
    heard.push(...entries)
    for (const listener of listeners) listener()
  })
  /** The first that is found among the entries behind `from`, those that are still to come included. */
  const first = <A>(find: (entry: Entry) => A | undefined, from = 0): Promise<A> =>
    new Promise((done) => {
      const look = (): void => {
        const found = heard
          .slice(from)
          .map(find)
          .find((one) => one !== undefined)
        if (found === undefined) return
        listeners.delete(look)
        done(found)
      }
      listeners.add(look)
      look()
    })
  await listening(broker)
  const client: MqttClient = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker}`, {
    protocolVersion: 4,
    clientId: "devices",
    reconnectPeriod: 100
  })
  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${running.url}/api/v1${path}`, {
      ...init,
      headers: { authorization: `Bearer ${running.firstToken}`, "content-type": "application/json" }
    })
    const text = await response.text()
    return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown> }
  }
  return {
    write,
    remove,
    campus,
    apiPort: port,
    url: running.url,
    token: running.firstToken ?? "",
    invitations: running.invitations,
    dataDir: join(directory.path, "var"),
    client,
    call,
    mark: () => heard.length,
    hangUp: () => {
      for (const listener of hangUps) listener()
    },
    say: (device: string, body: object) =>
      client.publishAsync(`zigbee2mqtt/${device}`, JSON.stringify(body), { qos: 1 }),
    fact: <Tag extends Fact["_tag"]>(tag: Tag, from = 0): Promise<Named<Tag>> =>
      first(
        (entry) => (entry._tag === "Fact" && entry.fact._tag === tag ? (entry.fact as Named<Tag>) : undefined),
        from
      ),
    alert: (is: (alert: Alert) => boolean, from = 0): Promise<Alert> =>
      first((entry) => (entry._tag === "Alert" && is(entry.change.alert) ? entry.change.alert : undefined), from),
    facts: (tag: Fact["_tag"]) =>
      heard.flatMap((entry) => (entry._tag === "Fact" && entry.fact._tag === tag ? [entry.fact] : [])),
    stop: async () => {
      await client.endAsync(true)
      await Effect.runPromise(Scope.close(scope, Exit.void))
      directory.dispose()
    }
  }
}
