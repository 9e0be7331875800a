import { writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { Effect, Exit, Scope } from "effect"
import { runGateway } from "../../gateway/app.ts"
import type { RunningGateway } from "../../gateway/cli/running.ts"
import { installed } from "../../gateway/installed.ts"
import { signedHeaders } from "../../gateway/notify/signature.ts"
import { loadSettings } from "../../gateway/settings/load-settings.ts"
import { temporaryDirectory } from "../road/peers.ts"

const root = resolve(import.meta.dirname, "../..")

/** The secret that every source of this campus signs with. */
export const secret = "the source's secret"

/** A campus of one hall, in which people can call for help. */
const site = (dataDir: string, hall: string): string => `site: { id: north, name: North campus, timeZone: UTC }
links: {}
api: { port: 0 }
dataDir: ${dataDir}
profilesDirectory: ${join(root, "config/profiles")}
rulesDirectory: ${join(root, "config/rules")}
packs: [emergency]
areas: [{ id: hall, name: "${hall}", kind: building }]
`

const usual = `people:
  - { id: r-alvarez, name: R. Alvarez, role: officer, addresses: { sms: "+1 555 010 0100" }, reach: [push, sms] }
  - { id: b-chen, name: B. Chen, role: supervisor, addresses: { sms: "+1 555 010 0101" }, reach: [push, sms] }
  - { id: v-ito, name: V. Ito, role: viewer, addresses: { sms: "+1 555 010 0102" }, reach: [push, sms] }
channels:
  sms: { kind: sms-http, settings: { http: { url: "http://127.0.0.1:1/", body: "{{text}}" } } }
  push: { kind: web-push, settings: { subject: "mailto:security@campus.edu", console: "https://gatehouse.campus.edu", services: [127.0.0.1] } }
  board: { kind: cap, settings: { sender: gatehouse@campus.edu } }
inbound:
  - { id: phone-app, name: Campus app, accepts: emergencies, secret: { env: TEST_INBOUND_SECRET }, kinds: [panic, lockdown] }
  - { id: sms, accepts: replies, channel: sms, secret: { env: TEST_INBOUND_SECRET }, token: { env: TEST_INBOUND_TOKEN }, from: From, text: Body }
`

/** Where a gateway runs, and with which campus. */
export interface CallingStage {
  /** The name of the hall. */
  readonly hall?: string
  /** Who and what is there besides, as it is written, in place of the usual people, channels and sources. */
  readonly rest?: string
  /** Left out: a new one, which goes when the gateway stops. */
  readonly directory?: ReturnType<typeof temporaryDirectory>
  /** The token of the first start, where this is a later one. */
  readonly token?: string | undefined
}

/** A whole gateway in this process, with sources outside that may call. */
export const startCallingGateway = async (
  more = "",
  { hall = "Science Hall", rest = usual, directory, token: before = "" }: CallingStage = {}
) => {
  process.env["TEST_INBOUND_SECRET"] = secret
  process.env["TEST_INBOUND_TOKEN"] = "a-token"
  const { path, dispose } = directory ?? temporaryDirectory("inbound")
  const file = join(path, "gatehouse.yaml")
  writeFileSync(file, site(path, hall) + rest + more)
  const scope = Scope.makeUnsafe()
  const settings = loadSettings([file], installed)
  const running: RunningGateway = await Effect.runPromise(runGateway(settings).pipe(Scope.provide(scope)))
  const token = running.firstToken ?? before
  const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${running.url}/api/v1${path}`, { method: "POST", body, headers })
  const get = async (path: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}` }
    return (await fetch(`${running.url}/api/v1${path}`, { headers })).json()
  }
  return {
    url: running.url,
    token,
    dataDir: path,
    /** A token that opens the console as this person. */
    tokenOf: (id: string): string => {
      const person = settings.campus.people?.find((one) => one.id === id)
      if (person === undefined) throw new Error(`there is no person ${id}`)
      return running.tokenOf(person)
    },
    post,
    get,
    /** Posts to a source, signed as it signs. `at`: when, epoch milliseconds. */
    signed: (source: string, body: object, at = Date.now()) => {
      const text = JSON.stringify(body)
      return post(`/inbound/${source}`, text, {
        "content-type": "application/json",
        ...signedHeaders(secret, text, at)
      })
    },
    alerts: async () =>
      ((await get("/alerts?state=all")) as { items: ReadonlyArray<Readonly<Record<string, unknown>>> }).items,
    /** The facts of one kind in the log, newest first. */
    facts: async (tag: string) => {
      const { items } = (await get("/log?limit=500")) as {
        items: ReadonlyArray<{ readonly fact?: Readonly<Record<string, unknown>> }>
      }
      return items.flatMap(({ fact }) => (fact?.["_tag"] === tag ? [fact] : []))
    },
    stop: async () => {
      await Effect.runPromise(Scope.close(scope, Exit.void))
      dispose()
    }
  }
}
